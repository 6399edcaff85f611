"""A job context over a real database, with a scripted engine and no crawl."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.domain.crawl import CrawlPlan, NetworkPolicy
from monitor.domain.delivery import DeliveryPolicy
from monitor.domain.errors import EngineError
from monitor.domain.policy import ChannelRule, Policy
from monitor.domain.types import Found, Label, ScoreRequest, Sentiment
from monitor.jobs.context import Context
from monitor.store.database import Database
from monitor.store.intake import Intake
from tests.twins.clock import ManualClock


@dataclass
class WordEngine:
    """Labels by one word: "bad" is negative, "POISON" breaks the engine, all else is positive."""

    model: str = "words-1"
    asked: list[ScoreRequest] = field(default_factory=list)

    def score(self, requests: Sequence[ScoreRequest]) -> list[Sentiment]:
        self.asked += requests
        if any("POISON" in request.text for request in requests):
            raise EngineError("cannot read this")
        return [self._read(request.text) for request in requests]

    def _read(self, text: str) -> Sentiment:
        label = Label.NEG if "bad" in text else Label.POS
        probs = {"neg": 0.05, "neu": 0.05, "pos": 0.05, label.value: 0.9}
        return Sentiment(label=label, probs=probs, lang="en", model=self.model, needs_reply=0.0)

    def close(self) -> None:
        pass


def no_crawl(plan: CrawlPlan) -> int:
    raise AssertionError("no crawl was expected")


def context(
    database: Database,
    clock: ManualClock,
    *,
    engine: WordEngine | None = None,
    crawl: Callable[[CrawlPlan], int] = no_crawl,
    **changes: Any,
) -> Context:
    reader = engine or WordEngine()
    values: dict[str, Any] = {
        "owner": "test",
        "channels": {},
        "policy": Policy(channels=(ChannelRule(channel="care"),)),
        "delivery": DeliveryPolicy(),
        "sources": {},
        "network": NetworkPolicy(),
        "crawl_lease_s": 60.0,
        "link": lambda task_id: f"http://127.0.0.1/tasks/{task_id}",
    }
    return Context(
        database=database,
        clock=clock,
        engine=lambda: reader,
        crawl=crawl,
        **{**values, **changes},
    )


def heard(database: Database, clock: ManualClock, *items: Found, baseline: bool = False) -> None:
    """Store items as if a person had imported them."""
    Intake(database, clock).import_items("shop", "Aurora", items, baseline=baseline)
