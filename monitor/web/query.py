"""The inbox filters as they stand in the address of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import urlencode

from monitor.domain.lifecycle import DONE_STATES, OPEN_STATES
from monitor.domain.types import Priority, TaskState
from monitor.store.views import InboxFilter

PAGE_SIZE = 25
LARGEST_PAGE = 4000
"""Deeper pages are not asked for by people, and cost the database."""
LONGEST_SEARCH = 200
STATE_GROUPS: Mapping[str, frozenset[TaskState]] = {
    "open": OPEN_STATES,
    "done": DONE_STATES,
    "all": OPEN_STATES | DONE_STATES,
} | {state.value: frozenset({state}) for state in TaskState}


LARGEST_ID = 2**63 - 1


class QueryParameters(Protocol):
    """What Starlette's query parameters offer."""

    def get(self, key: str, default: str) -> str:
        """Return the last value."""

    def getlist(self, key: str) -> list[str]:
        """Return all values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxQuery:
    """Filters and page. Everything unknown in an address falls back to its default."""

    state: str = "open"
    priorities: tuple[str, ...] = ()
    brand: str = ""
    lang: str = ""
    source: str = ""
    owner: str = ""
    """A name, or "me"."""
    q: str = ""
    page: int = 1

    @classmethod
    def parse(cls, parameters: QueryParameters) -> InboxQuery:
        """Read the filters of an address."""
        state = parameters.get("state", "open")
        wished = parameters.getlist("priority")
        page = parameters.get("page", "1")
        return cls(
            state=state if state in STATE_GROUPS else "open",
            priorities=tuple(p.value for p in Priority if p.value in wished),
            brand=_plain(parameters.get("brand", "")),
            lang=_plain(parameters.get("language", ""))[:12],
            source=_plain(parameters.get("source", "")),
            owner=_plain(parameters.get("owner", "")),
            q=_plain(parameters.get("q", "")).strip(),
            page=min(max(1, int(page)), LARGEST_PAGE) if page.isascii() and page.isdigit() else 1,
        )

    def filter(self, person: str) -> InboxFilter:
        """Return the filter of the store; `person` is who "me" is."""
        return InboxFilter(
            states=STATE_GROUPS[self.state],
            priorities=frozenset(Priority(value) for value in self.priorities),
            brand=self.brand,
            lang=self.lang,
            source=self.source,
            owner=person if self.owner == "me" else self.owner,
            q=self.q,
        )

    @property
    def offset(self) -> int:
        """How many tasks come before this page."""
        return (self.page - 1) * PAGE_SIZE

    @property
    def narrowed(self) -> bool:
        """Whether any filter is set."""
        return replace(self, page=1) != InboxQuery()

    @property
    def more(self) -> bool:
        """Whether a filter is set that a small screen folds away."""
        return self.state != "open" or any((self.brand, self.lang, self.source, self.owner))

    def address(self, **changes: object) -> str:
        """Return the address of the inbox with some filters changed; page 1 unless named."""
        other = replace(self, **({"page": 1} | changes))  # type: ignore[arg-type]
        pairs = [("state", other.state if other.state != "open" else "")]
        pairs += [("priority", value) for value in other.priorities]
        pairs += [("brand", other.brand), ("language", other.lang), ("source", other.source)]
        pairs += [("owner", other.owner), ("q", other.q)]
        pairs += [("page", str(other.page) if other.page > 1 else "")]
        query = urlencode([(name, value) for name, value in pairs if value])
        return f"/inbox?{query}" if query else "/inbox"


def _plain(value: str) -> str:
    """Cut to a sensible length; PostgreSQL takes no NUL and no lone surrogate."""
    encodable = value.encode("utf-8", "replace").decode()
    return encodable.replace("\x00", "")[:LONGEST_SEARCH]
