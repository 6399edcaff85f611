"""Fills a database through the product's own functions, with a simple reader instead of a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.domain.crawl import CrawlOutcome, SourcePlan
from monitor.domain.policy import TriagePolicy
from monitor.domain.ports import Clock
from monitor.domain.triage import triage
from monitor.domain.types import Found, Kind, Label, Mention, ScoreRequest, Sentiment
from monitor.store import queue
from monitor.store.database import Database
from monitor.store.intake import Intake
from monitor.store.tasks import open_task

SOURCES = ("shop-reviews", "blog-comments", "forum")
URL = "https://shop.example/item"


def found(number: int, text: str, **facts: object) -> Found:
    """An item with sensible defaults."""
    return replace(
        Found(external_id=f"item-{number}", text=text, url=f"{URL}/{number}", kind=Kind.REVIEW),
        **facts,
    )


def plan(name: str, brand: str = "Aurora") -> SourcePlan:
    return SourcePlan(
        name=name, kind="feed", brand=brand, url=f"https://{name}.example", every_s=60
    )


def configure(database: Database, now: datetime, names: Sequence[str] = SOURCES) -> None:
    with database.write() as tx:
        queue.sync_sources(tx, [plan(name) for name in names], now=now)


def hear(
    database: Database,
    clock: Clock,
    items: Sequence[Found],
    *,
    source: str = "shop-reviews",
    brand: str = "Aurora",
) -> list[int]:
    """Store, read and triage items; return the ids of the tasks that were opened."""
    Intake(database, clock).import_items(source, brand, items, baseline=False)
    with database.write() as tx:
        waiting = queue.unscored(tx, 1000)
        scored = [(mention, ScoreRequest(text=mention.text), read(mention)) for mention in waiting]
        queue.save_scores(tx, scored, now=clock())
        opened = [_open(tx, mention, sentiment, clock()) for mention, _, sentiment in scored]
    return [task_id for task_id in opened if task_id is not None]


def read(mention: Mention) -> Sentiment:
    """Read the stars, and a text without stars as a complaint."""
    stars = mention.rating if mention.rating is not None else 1.5
    neg = max(0.02, min(0.96, (5 - stars) / 4.2))
    pos = (1 - neg) * 0.8
    label = Label.NEG if neg > 0.6 else Label.MIX if neg > 0.35 else Label.POS
    return Sentiment(
        label=label,
        probs={"neg": neg, "neu": 1 - neg - pos, "pos": pos},
        lang=mention.lang or "und",
        model="earshot-mini-1",
        intents={"refund": 0.9} if "refund" in mention.text else {},
    )


def finish_crawl(
    database: Database, clock: Clock, name: str, outcome: CrawlOutcome, owner: str = "test"
) -> None:
    """Claim a source and end its crawl."""
    with database.write() as tx:
        queue.claim_sources(tx, owner=owner, now=clock(), lease_s=60, names=[name], due_only=False)
    Intake(database, clock).finish(plan(name), owner, outcome)


def _open(tx, mention: Mention, sentiment: Sentiment, now: datetime) -> int | None:
    decided = triage(mention, sentiment, TriagePolicy(), now)
    if decided is None:
        return None
    return open_task(tx, mention, sentiment.lang, decided, now=now)


def later(now: datetime, **span: float) -> datetime:
    return now + timedelta(**span)
