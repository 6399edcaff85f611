from __future__ import annotations

import pytest

from monitor.domain.crawl import CrawlOutcome, SourcePlan
from monitor.domain.types import Found
from monitor.store import queue
from monitor.store.intake import Intake

FIRST, SECOND = Found(external_id="1", text="old"), Found(external_id="2", text="new")


@pytest.mark.parametrize("alert_old", [False, True])
def test_what_the_first_crawl_finds_is_silent_unless_asked(database, clock, alert_old) -> None:
    plan = SourcePlan(name="shop", kind="feed", brand="Aurora", alert_old=alert_old)
    intake = Intake(database, clock)
    outcome = CrawlOutcome(ok=True, reason="finished", health="healthy")
    for item in (FIRST, SECOND):
        with database.write() as tx:
            queue.sync_sources(tx, [plan], now=clock())
            queue.claim_sources(tx, owner="me", now=clock(), lease_s=60, due_only=False)
        intake.save_page(plan, "me", [item])
        intake.finish(plan, "me", outcome)
    with database.read() as tx:
        silent = {mention.text: mention.baseline for mention in queue.unscored(tx, 10)}
    assert silent == {"old": not alert_old, "new": False}


def test_a_crawl_that_we_ended_ourselves_is_no_failure_of_the_source(database, clock) -> None:
    plan = SourcePlan(name="shop", kind="feed", brand="Aurora")
    with database.write() as tx:
        queue.sync_sources(tx, [plan], now=clock())
        queue.claim_sources(tx, owner="me", now=clock(), lease_s=60)
    stopped = CrawlOutcome(ok=False, reason="stopped", health="healthy")
    Intake(database, clock).finish(plan, "me", stopped)
    with database.write() as tx:
        assert queue.claim_sources(tx, owner="next", now=clock(), lease_s=60) == ["shop"]
