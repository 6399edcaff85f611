"""How the fake Slack is told to misbehave, and Slack's own limits on a message."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Script:
    """What happens to one call instead of the normal thing."""

    status: int = 200
    body: str | None = None
    """A raw body; None: the normal JSON answer."""
    headers: dict[str, str] = field(default_factory=dict)
    error: str = ""
    accept: bool = True
    """Whether the call takes effect."""
    reset: bool = False
    """Break the connection instead of answering."""
    slow_s: float = 0.0
    """Wait before answering."""
    late_s: float = 0.0
    """Take effect so long after the connection is gone."""


def refuse(error: str, status: int = 200, **headers: str) -> Script:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Script(status=status, error=error, accept=False, headers=named)


def limited(retry_after: str | None) -> Script:
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Script(status=429, error="ratelimited", accept=False, headers=headers)


def raw(status: int, body: str, *, accept: bool = False, **headers: str) -> Script:
    return Script(status=status, body=body, accept=accept, headers=headers)


ACCEPT_THEN_RESET = Script(reset=True)
RESET = Script(reset=True, accept=False)


class Refused(Exception):
    def __init__(self, error: str) -> None:
        self.error = error
        super().__init__(error)


_TEXT_LIMITS = {"header": 150, "section": 3000, "context": 3000}


def check_message(params: Json) -> None:
    """Apply Slack's documented limits, and the undocumented one on the total."""
    blocks = params.get("blocks") or []
    if not params.get("text") and not blocks:
        raise Refused("no_text")
    if len(str(params.get("text", ""))) > 40_000:
        raise Refused("msg_too_long")
    if len(json.dumps(params.get("metadata") or {})) > 8_000:
        raise Refused("metadata_too_large")
    texts = [_block_text(block) for block in blocks]
    if len(blocks) > 50:
        raise Refused("invalid_blocks")
    if sum(map(len, texts)) > 13_200:
        raise Refused("msg_blocks_too_long")


def _block_text(block: Json) -> str:
    kind = block.get("type")
    if kind not in _TEXT_LIMITS:
        raise Refused("invalid_blocks")
    elements = block["elements"] if kind == "context" else [block["text"]]
    if not 1 <= len(elements) <= 10:
        raise Refused("invalid_blocks")
    for element in elements:
        allowed = {"plain_text"} if kind == "header" else {"plain_text", "mrkdwn"}
        if element["type"] not in allowed or not 1 <= len(element["text"]) <= _TEXT_LIMITS[kind]:
            raise Refused("invalid_blocks")
    return "".join(element["text"] for element in elements)
