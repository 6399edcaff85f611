"""Plans, items and short ways to look into the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from monitor.domain.crawl import SourcePlan
from monitor.domain.types import Found, Label, Mention, ScoreRequest, Sentiment
from monitor.store import queue
from monitor.store.database import Database
from monitor.store.tables import mentions, revisions, sources
from tests.twins.clock import ManualClock

PLAN = SourcePlan(name="shop", kind="feed", brand="Acme", url="https://shop.example/feed")
PUBLISHED = datetime(2026, 2, 27, 18, 30, tzinfo=UTC)


def found(external_id: str = "1", text: str = "Lovely teapot", **facts: Any) -> Found:
    return Found(external_id=external_id, text=text, **facts)


def leased(
    database: Database, clock: ManualClock, owner: str = "me", plan: SourcePlan = PLAN
) -> None:
    """Configure a source and lease it for an hour."""
    with database.write() as tx:
        queue.sync_sources(tx, [plan], now=clock())
        assert queue.claim_sources(
            tx, owner=owner, now=clock(), lease_s=3600, names=[plan.name], due_only=False
        )


def stored(database: Database) -> list[dict[str, Any]]:
    """All mentions in the order of their ids."""
    with database.read() as tx:
        return [dict(row) for row in tx.execute(select(mentions).order_by("id")).mappings()]


def older(database: Database) -> list[tuple[int, str]]:
    """All older texts as (revision, text)."""
    query = select(revisions.c.revision, revisions.c.text).order_by("mention_id", "revision")
    with database.read() as tx:
        return [(row.revision, row.text) for row in tx.execute(query)]


def source_row(database: Database, name: str = "shop") -> dict[str, Any]:
    with database.read() as tx:
        return dict(tx.execute(select(sources).where(sources.c.name == name)).mappings().one())


def scored(
    mention: Mention, label: Label = Label.NEG, model: str = "m-1"
) -> tuple[Mention, ScoreRequest, Sentiment]:
    sentiment = Sentiment(
        label=label,
        probs={"neg": 0.8, "neu": 0.1, "pos": 0.1},
        lang="en",
        model=model,
        risks={"legal": 0.5},
    )
    return mention, ScoreRequest(text=mention.text), sentiment
