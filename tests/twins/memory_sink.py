"""The store as a crawl sees it, in memory: same promises, no rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.domain.crawl import CrawlOutcome, Json, Saved, SourcePlan, SourceState
from monitor.domain.errors import BadItem
from monitor.domain.types import Found


@dataclass
class MemorySink:
    """Keeps the last text of every item, tombstones, the cursor and the validators."""

    items: dict[str, Found] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    cursor: dict[str, Any] = field(default_factory=dict)
    validators: dict[str, Any] = field(default_factory=dict)
    faults: list[BadItem] = field(default_factory=list)
    pages: int = 0

    def load(self, source: str, owner: str) -> SourceState:
        return SourceState(
            cursor=dict(self.cursor), validators=dict(self.validators), baseline=not self.items
        )

    def save_page(
        self,
        plan: SourcePlan,
        owner: str,
        items: Sequence[Found],
        *,
        cursor: Json | None = None,
        validators: Json | None = None,
    ) -> Saved:
        self.pages += 1
        saved = Saved()
        for item in items:
            saved += self._keep(item)
        self.cursor = self.cursor if cursor is None else dict(cursor)
        self.validators |= validators or {}
        return saved

    def _keep(self, item: Found) -> Saved:
        name, before = item.external_id, self.items.get(item.external_id)
        if item.deleted:
            known = name in self.items and name not in self.deleted
            self.deleted |= {name} if known else set()
            return Saved(deleted=int(known))
        self.items[name] = item
        if before is None:
            return Saved(new=1)
        return Saved(known=1) if before.text == item.text else Saved(edited=1)

    def quarantine(self, source: str, faults: Sequence[BadItem]) -> None:
        self.faults += faults

    def finish(self, plan: SourcePlan, owner: str, outcome: CrawlOutcome) -> None:
        pass

    def close(self) -> None:
        pass
