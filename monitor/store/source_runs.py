"""The end of one crawl of one source: its next time, its health, its line in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, update

from monitor.domain.backoff import after_failure_s, after_success_s
from monitor.domain.crawl import CrawlOutcome
from monitor.store.incoming import storable
from monitor.store.tables import runs, sources

_LONGEST_HEALTH_REASON = 400
LONGEST_RUN_REASON = 200


def end_crawl(
    tx: Connection, source: Mapping[str, Any], outcome: CrawlOutcome, *, now: datetime
) -> None:
    """Record how the crawl of `source` (its row) ended, and release its lease."""
    columns = _schedule(source, outcome, now)
    is_well = outcome.ok and outcome.health == "healthy"
    columns |= {
        "lease_owner": None,
        "lease_until": None,
        "health": outcome.health,
        "health_reason": None if is_well else storable(outcome.reason)[:_LONGEST_HEALTH_REASON],
    }
    if outcome.saved.new:
        columns["last_new"] = now
    tx.execute(update(sources).where(sources.c.name == source["name"]).values(columns))
    tx.execute(
        insert(runs).values(
            job="crawl",
            source=source["name"],
            started_at=source["last_started"] or now,
            finished_at=now,
            ok=outcome.ok,
            reason=storable(outcome.reason)[:LONGEST_RUN_REASON],
            counts=_counts(outcome),
        )
    )


def _schedule(source: Mapping[str, Any], outcome: CrawlOutcome, now: datetime) -> dict[str, Any]:
    if outcome.ok:
        return _succeeded(source, outcome, now)
    if outcome.health == "healthy":  # we ended it ourselves: the source is not to blame
        return {"next_due": now}
    return _failed(source, outcome, now)


def _succeeded(source: Mapping[str, Any], outcome: CrawlOutcome, now: datetime) -> dict[str, Any]:
    delay = after_success_s(source["name"], source["every_s"], asked_s=outcome.retry_after_s)
    return {
        "failures": 0,
        "last_success": now,
        "baseline_done": True,
        "next_due": now + timedelta(seconds=delay),
    }


def _failed(source: Mapping[str, Any], outcome: CrawlOutcome, now: datetime) -> dict[str, Any]:
    failures = source["failures"] + 1
    delay = after_failure_s(source["name"], failures, asked_s=outcome.retry_after_s)
    return {"failures": failures, "next_due": now + timedelta(seconds=delay)}


def _counts(outcome: CrawlOutcome) -> dict[str, int]:
    return {
        "new": outcome.saved.new,
        "edited": outcome.saved.edited,
        "deleted": outcome.saved.deleted,
        "known": outcome.saved.known,
        "pages": outcome.pages,
        "not_modified": outcome.not_modified,
        "quarantined": outcome.quarantined,
    }
