"""Where found items become rows: the only part of the store that spiders know.

One page is one transaction: its items, the cursor and the validators are stored together or not
at all, and only while the writer holds the lease of the source. Storing a page again changes
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, select, text, update

from monitor.domain.crawl import CrawlOutcome, Json, Saved, SourcePlan, SourceState
from monitor.domain.errors import BadItem, LeaseLost
from monitor.domain.ports import Clock
from monitor.domain.types import Found
from monitor.store.database import Database, insert, open_database
from monitor.store.incoming import (
    Changes,
    Content,
    Known,
    Stamp,
    compare,
    fingerprint,
    latest,
    storable,
    utc,
)
from monitor.store.source_runs import end_crawl
from monitor.store.tables import quarantine, sources

log = structlog.get_logger("earshot.store")

LONGEST_EXCERPT = 4000
MOST_VALIDATORS = 500
"""Per source; the ones stored last are kept."""

_LONGEST_REASON = 400

# Written for the driver, because the compiler of SQLAlchemy costs a third of the rate here.
_HEAD = ("source", "brand", "baseline", "collected_at", "changed_at", "revision")
_COLUMNS = (*_HEAD, *Content._fields)
_INSERT = (
    f"INSERT INTO mentions ({', '.join(_COLUMNS)}) "  # noqa: S608 - names of our own columns
    f"VALUES ({', '.join('?' * len(_COLUMNS))})"
)
_COPY = f"COPY mentions ({', '.join(_COLUMNS)}) FROM STDIN"
_LEASED = "SELECT baseline_done FROM sources WHERE name = ? AND lease_owner = ? AND lease_until > ?"
_KNOWN = {
    "sqlite": (
        "SELECT external_id, id, text_hash, deleted_at IS NOT NULL FROM mentions "
        "WHERE source = ? AND external_id IN (SELECT value FROM json_each(?))"
    ),
    # One look into the unique index for each id. Left to itself the planner reads all rows of a
    # source while it has no statistics, which is the case all through the first run.
    "postgresql": (
        "SELECT wanted.id, found.id, found.text_hash, found.deleted_at IS NOT NULL "
        "FROM (SELECT ?::text AS source, unnest(?::text[]) AS id) AS wanted CROSS JOIN LATERAL "
        "(SELECT * FROM mentions WHERE mentions.source = wanted.source "
        "AND mentions.external_id = wanted.id LIMIT 1) AS found"
    ),
}
_ARCHIVE = (
    "INSERT INTO revisions (mention_id, revision, title, text, rating, seen_at) "
    "SELECT id, revision, title, text, rating, changed_at FROM mentions WHERE id = ? "
    "ON CONFLICT DO NOTHING"
)
_REPLACED = ("title", "text", "text_hash", "rating")
_KEPT_IF_MISSING = ("url", "author", "author_id", "rating_scale", "lang", "subject", "reach")
_EDITABLE = (*_REPLACED, *_KEPT_IF_MISSING)
_ASSIGNMENTS = (
    *(f"{name} = ?" for name in _REPLACED),
    *(f"{name} = COALESCE(?, {name})" for name in _KEPT_IF_MISSING),
)
_EDIT = (
    f"UPDATE mentions SET {', '.join(_ASSIGNMENTS)}, revision = revision + 1, "  # noqa: S608 - as above
    "changed_at = ?, baseline = baseline AND ?, score_failures = 0, deleted_at = NULL WHERE id = ?"
)
_ERASE = (
    "UPDATE mentions SET text = '', title = NULL, url = NULL, author = NULL, author_id = NULL, "
    "text_hash = '', changed_at = ?, deleted_at = ? WHERE id = ?"
)
_ERASE_REVISIONS = "UPDATE revisions SET text = '', title = NULL WHERE mention_id = ?"


class Intake:
    """Stores what spiders find. Safe to share between threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @classmethod
    def open(cls, url: str, clock: Clock) -> Intake:
        """Open a database of one's own, to be closed with `close`."""
        return cls(open_database(url), clock)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def load(self, source: str, owner: str) -> SourceState:
        """Return what is remembered of a source. Raises LeaseLost."""
        query = select(sources.c.cursor, sources.c.validators, sources.c.baseline_done).where(
            sources.c.name == source,
            sources.c.lease_owner == owner,
            sources.c.lease_until > self._clock(),
        )
        with self._database.read() as tx:
            row = tx.execute(query).one_or_none()
        if row is None:
            raise _lost(source)
        return SourceState(
            cursor=row.cursor, validators=row.validators, baseline=not row.baseline_done
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
        """Store one page, its cursor and its validators in one transaction.

        `cursor` replaces the stored one; `validators` are added to the stored ones by URL, a value
        of None takes one away. Raises LeaseLost or StoreUnavailable; nothing was written then.
        """
        with self._database.write() as tx:
            # Old news alerts nobody, unless the operator wants it told.
            baseline = self._lock(tx, plan.name, owner) and not plan.alert_old
            saved = self._store(tx, plan.name, plan.brand, items, baseline=baseline)
            _remember(tx, plan.name, cursor, validators)
        return saved

    def import_items(
        self, source: str, brand: str, items: Sequence[Found], *, baseline: bool
    ) -> Saved:
        """Store items that a person brings; needs no lease. `baseline` items alert nobody."""
        with self._database.write() as tx:
            _wait_for_others(tx, source)
            return self._store(tx, source, brand, items, baseline=baseline)

    def quarantine(self, source: str, faults: Sequence[BadItem]) -> None:
        """Keep unusable items for a person to look at. A fault that is known is not repeated."""
        if not faults:
            return
        now = self._clock()
        rows = [
            {
                "source": source,
                "at": now,
                "reason": storable(fault.reason)[:_LONGEST_REASON],
                "excerpt": storable(fault.excerpt)[:LONGEST_EXCERPT],
                "excerpt_hash": fingerprint(fault.reason, fault.excerpt),
            }
            for fault in faults
        ]
        with self._database.write() as tx:
            tx.execute(insert(tx, quarantine).on_conflict_do_nothing(), rows)

    def finish(self, plan: SourcePlan, owner: str, outcome: CrawlOutcome) -> None:
        """Record how a crawl ended and release the lease. Raises LeaseLost."""
        with self._database.write() as tx:
            mine = (sources.c.name == plan.name) & (sources.c.lease_owner == owner)
            query = select(sources).where(mine).with_for_update()
            row = tx.execute(query).mappings().one_or_none()
            if row is None:
                raise _lost(plan.name)
            end_crawl(tx, dict(row) | {"every_s": plan.every_s}, outcome, now=self._clock())

    def _lock(self, tx: Connection, source: str, owner: str) -> bool:
        """Hold the leased source to the end of the transaction; return whether this is baseline."""
        is_sqlite = tx.dialect.name == "sqlite"  # whose write transactions are alone anyway
        statement = _for_driver(tx, _LEASED if is_sqlite else f"{_LEASED} FOR UPDATE")
        now = _stamp_for(tx)(self._clock())
        row = tx.exec_driver_sql(statement, (source, owner, now)).one_or_none()
        if row is None:
            raise _lost(source)
        return not row[0]

    def _store(
        self, tx: Connection, source: str, brand: str, items: Sequence[Found], *, baseline: bool
    ) -> Saved:
        if not items:
            return Saved()
        stamp = _stamp_for(tx)
        found = latest(items, stamp)
        known = _known(tx, source, list(found))
        changes = compare(found, known, total=len(items))
        now = stamp(self._clock())
        head = (source, brand, baseline, now, now, 1)
        _add(tx, [(*head, *content) for content in changes.new])
        _edit(tx, changes, now, baseline=baseline)
        _erase(tx, changes, now)
        _warn_of_naive_times(source, items)
        return Saved(
            new=len(changes.new),
            edited=len(changes.edited),
            deleted=len(changes.deleted),
            known=changes.known,
        )


def _lost(source: str) -> LeaseLost:
    return LeaseLost(f'The source "{source}" is read by another process now; nothing was written.')


def _wait_for_others(tx: Connection, source: str) -> None:
    """Let nobody else store items of this source until the transaction ends."""
    if tx.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:source, 0))")
        tx.execute(lock, {"source": source})
        tx.execute(select(sources.c.name).where(sources.c.name == source).with_for_update())


def _remember(tx: Connection, source: str, cursor: Json | None, added: Json | None) -> None:
    changed: dict[str, Any] = {}
    if cursor is not None:
        changed["cursor"] = dict(cursor)
    if added is not None:
        stored = select(sources.c.validators).where(sources.c.name == source)
        changed["validators"] = _merged(tx.execute(stored).scalar_one(), added)
    if changed:
        tx.execute(update(sources).where(sources.c.name == source).values(changed))


def _merged(stored: Json, added: Json) -> dict[str, Any]:
    kept = {url: value for url, value in stored.items() if url not in added}
    merged = kept | {url: value for url, value in added.items() if value is not None}
    return dict(list(merged.items())[-MOST_VALIDATORS:])


def _stamp_for(tx: Connection) -> Stamp:
    return _sqlite_stamp if tx.dialect.name == "sqlite" else _same


def _sqlite_stamp(moment: datetime) -> str:
    # As SQLAlchemy writes it: UTC without an offset, always with microseconds.
    return moment.isoformat(" ", "microseconds")[:26]


def _same(moment: datetime) -> datetime:
    return moment


def _known(tx: Connection, source: str, ids: list[str]) -> Mapping[str, Known]:
    wanted = json.dumps(ids) if tx.dialect.name == "sqlite" else ids
    statement = _for_driver(tx, _KNOWN[tx.dialect.name])
    rows = tx.exec_driver_sql(statement, (source, wanted))
    return {row[0]: Known(row[1], row[2], bool(row[3])) for row in rows}


def _edit(tx: Connection, changes: Changes, now: object, *, baseline: bool) -> None:
    """Keep the present text as an older revision and put the new one in its place.

    What is edited after the first run is news, even of an item that was old stock.
    """
    _many(tx, _ARCHIVE, [(mention_id,) for mention_id, _ in changes.edited])
    rows = [
        (*(getattr(content, name) for name in _EDITABLE), now, baseline, mention_id)
        for mention_id, content in changes.edited
    ]
    _many(tx, _EDIT, rows)


def _erase(tx: Connection, changes: Changes, now: object) -> None:
    """Leave a tombstone: id, dates and scores stay for the counts, the words go."""
    _many(tx, _ERASE, [(now, now, mention_id) for mention_id in changes.deleted])
    _many(tx, _ERASE_REVISIONS, [(mention_id,) for mention_id in changes.deleted])


def _add(tx: Connection, rows: list[tuple[Any, ...]]) -> None:
    # No ON CONFLICT: whoever comes here holds the source, and has looked what is known.
    if tx.dialect.name == "sqlite":
        _many(tx, _INSERT, rows)
    elif rows:
        cursor: Any = tx.connection.cursor()
        with cursor, cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row(row)


def _many(tx: Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        tx.exec_driver_sql(_for_driver(tx, statement), rows)


def _for_driver(tx: Connection, statement: str) -> str:
    return statement if tx.dialect.name == "sqlite" else statement.replace("?", "%s")


def _warn_of_naive_times(source: str, items: Sequence[Found]) -> None:
    naive = sum(item.published_at is not None and utc(item.published_at) is None for item in items)
    if naive:
        log.warning("times_without_zone", source=source, items=naive)
