"""`python -m spiders`: one crawl process.

Reads a CrawlPlan as JSON from standard input and crawls its sources. Without a database address it
is a dry run: mentions go to standard output, one JSON object a line, and nothing is stored.
Standard error carries one JSON object a line: progress where the plan asks for it, outcomes and
faults. Exit code 0 means that every outcome was recorded, also when sources failed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import structlog

from monitor.domain import faults
from monitor.domain.crawl import CrawlPlan
from spiders.sinks import DryRun, Sink


def main() -> int:
    """Run the plan on standard input; return the exit code."""
    plan = CrawlPlan.from_json(sys.stdin.read())
    _log_to_stderr()
    sink = _sink(plan)
    try:
        with ThreadPoolExecutor(1, thread_name_prefix="writer") as writer:
            return _crawl(plan, sink, writer)
    finally:
        sink.close()


def _crawl(plan: CrawlPlan, sink: Sink, writer: ThreadPoolExecutor) -> int:
    from spiders.crawl import Surroundings  # noqa: PLC0415 - brings Scrapy's dependencies
    from spiders.process import CrawlProcess  # noqa: PLC0415 - brings Scrapy

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
    from monitor.store.intake import Intake  # noqa: PLC0415 - a dry run needs no database

    return Intake.open(plan.database_url, _now)


def _now() -> datetime:
    return datetime.now(UTC)


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


class _Reporter:
    """Writes events as log lines; progress only where a parent process reads it."""

    def __init__(self, *, progress: bool) -> None:
        self._progress = progress
        self._log = structlog.get_logger("earshot.spiders")

    def __call__(self, event: str, source: str, facts: Mapping[str, object]) -> None:
        if event != "progress" or self._progress:
            self._log.info(event, source=source, **facts)


if __name__ == "__main__":
    sys.exit(main())
