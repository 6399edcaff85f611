"""`python -m spiders`: one crawl process.

Reads a CrawlPlan as JSON from standard input and crawls its sources. Without a database address it
is a dry run: mentions go to standard output, one JSON object a line, and nothing is stored.
Standard error carries one JSON object a line: progress where the plan asks for it, outcomes and
faults. Exit code 0 means that every outcome was recorded, also when sources failed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import structlog

from monitor import logs
from monitor.domain import faults
from monitor.domain.crawl import CrawlPlan
from monitor.store.intake import Intake
from spiders.crawl import Surroundings
from spiders.process import CrawlProcess
from spiders.sinks import DryRun, Sink


def main() -> int:
    """Wait for the plan on standard input and run it; return the exit code.

    Everything heavy is imported before the wait, so that a process kept waiting starts at once.
    An end of input without a plan means that nobody needs this process any more.
    """
    logs.set_up(os.environ)
    document = sys.stdin.read()
    if not document:
        return 0
    plan = CrawlPlan.from_json(document)
    sink = _sink(plan)
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="writer") as writer:
            return _crawl(plan, sink, writer)
    finally:
        sink.close()


def _crawl(plan: CrawlPlan, sink: Sink, writer: ThreadPoolExecutor) -> int:
    around = Surroundings(
        sink=sink,
        writer=writer,
        owner=plan.owner,
        network=plan.network,
        clock=_now,
        fault=faults.from_environment(os.environ),
        report=_Reporter(progress=plan.progress),
    )
    return 0 if CrawlProcess(plan.sources, around).run() else 1


def _sink(plan: CrawlPlan) -> Sink:
    if not plan.database_url:
        return DryRun(sys.stdout, _now)
    return Intake.open(plan.database_url, _now)


def _now() -> datetime:
    return datetime.now(UTC)


class _Reporter:
    """Writes events as log lines, and progress as JSON where a parent process reads it.

    An ordinary crawl that brought nothing is worth a line only at debug level.
    """

    def __init__(self, *, progress: bool) -> None:
        self._progress = progress
        self._log = structlog.get_logger("earshot.spiders")

    def __call__(self, event: str, source: str, facts: Mapping[str, object]) -> None:
        if event == "progress":
            self._tell(source, facts)
        elif facts.get("health") == "healthy" and not _changed(facts):
            self._log.debug(event, source=source, **facts)
        else:
            self._log.info(event, source=source, **facts)

    def _tell(self, source: str, facts: Mapping[str, object]) -> None:
        if self._progress:
            sys.stderr.write(json.dumps({"event": "progress", "source": source, **facts}) + "\n")
            sys.stderr.flush()


def _changed(facts: Mapping[str, object]) -> bool:
    saved = facts.get("saved")
    return isinstance(saved, dict) and any(saved.get(kind) for kind in ("new", "edited", "deleted"))


if __name__ == "__main__":
    sys.exit(main())
