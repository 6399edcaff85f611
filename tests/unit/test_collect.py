from __future__ import annotations

import json
import signal
import sys
import textwrap
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.domain.crawl import CrawlOutcome, CrawlPlan, SourcePlan
from monitor.jobs import collect
from monitor.jobs.crawl_process import STOPPED, CrawlLimits, CrawlProcesses
from monitor.store import queue
from monitor.store.intake import Intake
from monitor.store.tables import runs, sources
from tests.unit.jobs_context import context

PLANS = {
    name: SourcePlan(name=name, kind="feed", brand="Aurora", url=f"http://127.0.0.1/{name}")
    for name in ("forum", "shop")
}


def ready(database, clock, crawl):
    with database.write() as tx:
        queue.sync_sources(tx, list(PLANS.values()), now=clock())
    return context(database, clock, crawl=crawl, sources=PLANS)


def test_due_sources_are_crawled_in_one_process(database, clock) -> None:
    seen: list[CrawlPlan] = []

    def crawl(plan: CrawlPlan) -> int:
        seen.append(plan)
        intake = Intake(database, clock)
        for source in plan.sources:
            outcome = CrawlOutcome(ok=True, reason="finished", health="healthy")
            intake.finish(source, plan.owner, outcome)
        return 0

    ctx = ready(database, clock, crawl)
    assert collect.run(ctx) == 2
    assert sorted(source.name for source in seen[0].sources) == ["forum", "shop"]
    assert collect.run(ctx) == 0, "nothing is due right after"


def test_a_crawl_process_that_dies_puts_its_sources_off(database, clock) -> None:
    ctx = ready(database, clock, lambda _plan: -signal.SIGKILL)
    collect.run(ctx)
    with database.read() as tx:
        rows = tx.execute(select(sources)).all()
        reasons = tx.execute(select(runs.c.reason)).scalars().all()
    assert all(row.failures == 1 and row.next_due > clock() for row in rows)
    assert all(row.lease_owner is None for row in rows)
    assert set(reasons) == {"killed by signal 9"}


def test_a_crawl_that_was_asked_to_end_blames_nobody(database, clock) -> None:
    ctx = ready(database, clock, lambda _plan: STOPPED)
    collect.run(ctx)
    with database.read() as tx:
        rows = tx.execute(select(sources)).all()
    assert all(row.failures == 0 and row.next_due <= clock() for row in rows)
    assert all(row.lease_owner is None for row in rows)


def test_a_running_source_is_not_crawled_twice(database, clock) -> None:
    inner: list[int] = []

    def crawl(_plan: CrawlPlan) -> int:
        inner.append(collect.run(ctx))
        return 0

    ctx = ready(database, clock, crawl)
    collect.run(ctx)
    assert inner == [0]


def test_named_sources_are_crawled_before_they_are_due(database, clock) -> None:
    names: list[str] = []

    def crawl(plan: CrawlPlan) -> int:
        names.extend(source.name for source in plan.sources)
        return 0

    ctx = ready(database, clock, crawl)
    collect.run(ctx)
    names.clear()
    collect.run(ctx, names=["shop"], due_only=False)
    assert names == ["shop"]


def program(folder: Path, body: str) -> tuple[str, ...]:
    path = folder / "crawl.py"
    path.write_text(textwrap.dedent(body), encoding="utf-8")
    return (sys.executable, str(path))


def plan() -> CrawlPlan:
    return CrawlPlan(database_url="", owner="x", sources=(PLANS["shop"],))


def test_the_plan_reaches_the_process(tmp_path) -> None:
    command = program(
        tmp_path, f"import sys; open({str(tmp_path / 'plan')!r}, 'w').write(sys.stdin.read())"
    )
    assert CrawlProcesses(command).run(plan()) == 0
    assert json.loads((tmp_path / "plan").read_text())["sources"][0]["name"] == "shop"


@pytest.mark.parametrize("keep_warm", [False, True])
def test_a_hanging_process_is_ended_by_force(tmp_path, keep_warm) -> None:
    command = program(
        tmp_path,
        """
        import signal, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.stdin.read()
        time.sleep(60)
        """,
    )
    limits = CrawlLimits(deadline_s=1.0, grace_s=0.3)
    processes = CrawlProcesses(command, limits=limits, keep_warm=keep_warm)
    started = time.monotonic()
    assert processes.run(plan()) == -signal.SIGKILL
    processes.close()
    assert time.monotonic() - started < 10


def test_a_warm_process_waits_for_the_next_plan(tmp_path) -> None:
    command = program(tmp_path, "import os, sys; sys.stdin.read(); sys.exit(os.getpid() % 100 + 1)")
    processes = CrawlProcesses(command, keep_warm=True)
    processes.run(plan())
    spare = processes._spare
    assert spare is not None
    assert processes.run(plan()) == spare.pid % 100 + 1
    processes.close()
