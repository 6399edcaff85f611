"""Where a crawl puts what it found: the store, or standard output on a dry run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TextIO

from monitor.domain.crawl import CrawlOutcome, Json, Saved, SourcePlan, SourceState
from monitor.domain.errors import BadItem
from monitor.domain.ports import Clock
from monitor.domain.types import Found


class Sink(Protocol):
    """What a crawl needs from `monitor.store.intake.Intake`."""

    def load(self, source: str, owner: str) -> SourceState:
        """Return what is remembered of a source. Raises LeaseLost."""

    def save_page(
        self,
        plan: SourcePlan,
        owner: str,
        items: Sequence[Found],
        *,
        cursor: Json | None = None,
        validators: Json | None = None,
    ) -> Saved:
        """Store items, cursor and validators in one transaction. Raises LeaseLost."""

    def quarantine(self, source: str, faults: Sequence[BadItem]) -> None:
        """Keep items that could not be used."""

    def finish(self, plan: SourcePlan, owner: str, outcome: CrawlOutcome) -> None:
        """Record how the crawl ended. Raises LeaseLost."""

    def close(self) -> None:
        """Free connections."""


class DryRun:
    """Stores nothing: prints each mention once, as one JSON object a line."""

    def __init__(self, out: TextIO, clock: Clock) -> None:
        self._out, self._clock = out, clock
        self._seen: set[tuple[str, str]] = set()

    def load(self, source: str, owner: str) -> SourceState:  # noqa: ARG002 - the sink's signature
        """Every dry run is a first run."""
        return SourceState(cursor={}, validators={}, baseline=True)

    def save_page(
        self,
        plan: SourcePlan,
        owner: str,  # noqa: ARG002 - the sink's signature
        items: Sequence[Found],
        *,
        cursor: Json | None = None,  # noqa: ARG002 - the sink's signature
        validators: Json | None = None,  # noqa: ARG002 - the sink's signature
    ) -> Saved:
        """Print the items not printed before."""
        fresh = [item for item in items if (plan.name, item.external_id) not in self._seen]
        self._seen.update((plan.name, item.external_id) for item in fresh)
        for item in fresh:
            line = as_mention(plan.name, item, self._clock())
            self._out.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._out.flush()
        return Saved(new=len(fresh), known=len(items) - len(fresh))

    def quarantine(self, source: str, faults: Sequence[BadItem]) -> None:
        """Nothing is kept; the count is part of the outcome."""

    def finish(self, plan: SourcePlan, owner: str, outcome: CrawlOutcome) -> None:
        """Nothing to record."""

    def close(self) -> None:
        """Nothing to free."""


def as_mention(source: str, item: Found, now: datetime) -> dict[str, object]:
    """Return the public fields of a mention, in the order of the documentation."""
    published = item.published_at.isoformat() if item.published_at else None
    return {
        "source": source,
        "external_id": item.external_id,
        "url": item.url,
        "title": item.title,
        "text": item.text,
        "author": item.author,
        "rating": item.rating,
        "rating_scale": item.rating_scale,
        "lang": item.lang,
        "published_at": published,
        "collected_at": now.isoformat(),
        "parent_id": item.parent_id,
        "reach": item.reach,
        "revision": 1,
        "deleted": item.deleted,
    }
