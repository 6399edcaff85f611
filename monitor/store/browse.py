"""Lists for the pages and the API beyond the inbox: mentions in order, and what can be chosen."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Column, Connection, func, select

from monitor.domain.types import Mention
from monitor.store.queue import mention_from_row
from monitor.store.tables import mentions, sources, tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionFilter:
    """Which mentions to list. Empty means "all"; `after` is the last id already seen."""

    after: int = 0
    source: str = ""
    brand: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of the inbox can be set to."""

    brands: tuple[str, ...]
    langs: tuple[str, ...]
    sources: tuple[str, ...]
    owners: tuple[str, ...]


def list_mentions(tx: Connection, wanted: MentionFilter, *, limit: int) -> list[Mention]:
    """Return mentions by rising id, so that the last id is the place to go on from."""
    query = select(mentions).where(mentions.c.id > wanted.after).order_by(mentions.c.id)
    equal = {
        mentions.c.source: wanted.source,
        mentions.c.brand: wanted.brand,
        mentions.c.lang: wanted.lang,
    }
    for column, value in equal.items():
        if value:
            query = query.where(column == value)
    return [mention_from_row(row) for row in tx.execute(query.limit(limit))]


def choices(tx: Connection) -> Choices:
    """Return the values that occur, sorted."""
    return Choices(
        brands=_values(tx, tasks.c.brand),
        langs=_values(tx, tasks.c.lang),
        sources=_values(tx, sources.c.name),
        owners=_values(tx, tasks.c.owner),
    )


def newest_change(tx: Connection) -> str:
    """Return a mark that differs after every change of any task."""
    marks = (func.count(), func.sum(tasks.c.version), func.max(tasks.c.changed_at))
    return " ".join(str(mark) for mark in tx.execute(select(*marks).select_from(tasks)).one())


def _values(tx: Connection, column: Column[str]) -> tuple[str, ...]:
    rows = tx.execute(select(column).distinct().where(column.is_not(None)).order_by(column))
    return tuple(value for (value,) in rows if value)
