"""For each kind of channel: how to build it against its twin, and how to make the twin fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from alerts.channels import console as console_module
from tests.twins.fake_slack import FakeSlack, limited, refuse
from tests.twins.fake_smtp import FakeSmtp, Trouble
from tests.twins.webhook_receiver import SECRET, WebhookReceiver

TO = "care@shop.example"


@dataclass(frozen=True)
class Rig:
    """One kind of channel and the place it delivers to."""

    options: dict[str, object]
    secrets: tuple[str, ...]
    delivered: Callable[[], list[Any]]
    """What the other side accepted, by identity: equal for a repeat of the same key."""
    refuse: Callable[[], None]
    delay: Callable[[], None]
    wait_s: float | None
    """The wait that `delay` asks for."""


@contextmanager
def slack() -> Iterator[Rig]:
    with FakeSlack() as server:
        yield Rig(
            options={
                "channel": "#care",
                "bot_token": "xoxb-very-secret",
                "base_url": server.base_url,
                "allow": [server.address],
            },
            secrets=("xoxb-very-secret",),
            delivered=lambda: [post["client_msg_id"] for post in server.posts],
            refuse=lambda: server.script("chat.postMessage", refuse("channel_not_found")),
            delay=lambda: server.script("chat.postMessage", limited("17")),
            wait_s=17,
        )


@contextmanager
def email() -> Iterator[Rig]:
    with FakeSmtp() as server:
        yield Rig(
            options={
                "to": [TO],
                "sender": "earshot@shop.example",
                "smtp_url": server.url.replace("//", "//robot:very-secret@"),
            },
            secrets=("very-secret",),
            delivered=lambda: [mail["Message-ID"] for mail in server.mails],
            refuse=lambda: server.troubles.append(Trouble(recipients={TO: "550 no"})),
            delay=lambda: server.troubles.append(Trouble(recipients={TO: "451 later"})),
            wait_s=None,
        )


@contextmanager
def webhook() -> Iterator[Rig]:
    with WebhookReceiver() as server:
        yield Rig(
            options={
                "url_secret": server.url + "&token=very-secret",
                "signing_secret": SECRET,
                "allow": [server.address],
            },
            secrets=("very-secret", SECRET),
            delivered=lambda: [headers["Earshot-Delivery"] for headers in server.headers],
            refuse=lambda: server.answers.append((404, {})),
            delay=lambda: server.answers.append((503, {"Retry-After": "17"})),
            wait_s=17,
        )


@contextmanager
def console() -> Iterator[Rig]:
    page = _Page()
    # pytest puts its own standard output back between a fixture and its test
    with patch.object(console_module, "sys", SimpleNamespace(stdout=page)):
        yield Rig(
            options={},
            secrets=(),
            delivered=lambda: [card for card in page.text.split("╭") if card],
            refuse=page.break_pipe,
            delay=page.break_pipe,
            wait_s=None,
        )


RIGS = {"slack": slack, "email": email, "webhook": webhook, "console": console}


class _Page:
    """A standard output that may be gone."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.text = ""
        self._broken = False

    def break_pipe(self) -> None:
        self._broken = True

    def isatty(self) -> bool:
        return False

    def write(self, text: str) -> None:
        if self._broken:
            self._broken = False
            raise BrokenPipeError
        self.text += text

    def flush(self) -> None:
        pass
