"""A crawl that stores nothing: the crawl process gets no database and prints what it finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from monitor.bootstrap.adapters import CRAWL_COMMAND
from monitor.domain.crawl import CrawlPlan
from monitor.domain.errors import SourceUnavailable

DEADLINE_S = 300.0
_TOLD_AS_JSON = {"EARSHOT_LOG": "json", "EARSHOT_LOG_LEVEL": "info"}
"""How each source ended is read from the log lines of the crawl process."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a dry run found, and how each source ended."""

    mentions: list[dict[str, Any]]
    """Empty when the lines went through to standard output."""
    refusals: dict[str, str]
    """Source -> why it could not be read."""
    code: int


def dry_run(plan: CrawlPlan, *, through: bool = False) -> Tried:
    """Run the crawl process; with `through` its lines go straight to standard output.

    Raises SourceUnavailable when it takes longer than five minutes.
    """
    sys.stdout.flush()
    try:
        ended = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            CRAWL_COMMAND,
            input=plan.to_json(),
            stdout=None if through else subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, **_TOLD_AS_JSON},
            timeout=DEADLINE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SourceUnavailable(f"The crawl took longer than {DEADLINE_S:.0f} s.") from None
    lines = [] if through else list(_objects(ended.stdout))
    return Tried(lines, _refusals(ended.stderr), ended.returncode)


def _refusals(report: str) -> dict[str, str]:
    ends = [event for event in _objects(report) if event.get("event") == "crawl.finished"]
    return {end["source"]: str(end["reason"]) for end in ends if not end["ok"]}


def _objects(text: str) -> Iterator[dict[str, Any]]:
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue  # a library's own words between the lines of the crawl process
        if isinstance(found, dict):
            yield found
