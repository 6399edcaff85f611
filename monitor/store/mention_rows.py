"""The statements that store a page, written for the driver.

Everywhere else SQLAlchemy writes the SQL; here its compiler would cost a third of the rate. Other
writers are kept out before anything is looked up, so nothing here needs ON CONFLICT.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.store.incoming import Content, Known

_HEAD = ("source", "brand", "baseline", "collected_at", "changed_at", "revision")
COLUMNS = (*_HEAD, *Content._fields)
INSERT = (
    f"INSERT INTO mentions ({', '.join(COLUMNS)}) "  # noqa: S608 - names of our own columns
    f"VALUES ({', '.join('?' * len(COLUMNS))})"
)
_COPY = f"COPY mentions ({', '.join(COLUMNS)}) FROM STDIN"
_LEASED = "SELECT baseline_done FROM sources WHERE name = ? AND lease_owner = ? AND lease_until > ?"
_KNOWN_SQLITE = (
    "SELECT external_id, id, text_hash, deleted_at IS NOT NULL FROM mentions "
    "WHERE source = ? AND external_id IN (SELECT value FROM json_each(?))"
)
# One look into the unique index for each id. Left to itself the planner reads all rows of a source
# while it has no statistics, which is the case all through the first run.
_KNOWN_POSTGRESQL = (
    "SELECT wanted.id, found.id, found.text_hash, found.deleted_at IS NOT NULL "
    "FROM (SELECT ?::text AS source, unnest(?::text[]) AS id) AS wanted CROSS JOIN LATERAL "
    "(SELECT * FROM mentions WHERE mentions.source = wanted.source "
    "AND mentions.external_id = wanted.id LIMIT 1) AS found"
)
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


class MentionRows:
    """Reads and writes mentions inside an open write transaction."""

    def __init__(self, tx: Connection) -> None:
        self._is_sqlite = tx.dialect.name == "sqlite"
        self._cursor: Any = tx.connection.cursor()

    def stamp(self, moment: datetime) -> object:
        """Return an aware UTC time as the driver takes it, equal to what SQLAlchemy writes."""
        return moment.isoformat(" ", "microseconds")[:26] if self._is_sqlite else moment

    def hold_leased(self, source: str, owner: str, now: datetime) -> bool | None:
        """Keep others out of a source that `owner` has leased.

        Returns whether this is its first run, None when the lease is lost.
        """
        statement = _LEASED if self._is_sqlite else f"{_LEASED} FOR UPDATE"
        row = self._run(statement, (source, owner, self.stamp(now))).fetchone()
        return None if row is None else not row[0]

    def hold(self, source: str) -> None:
        """Keep others out of a source without a lease. A write to SQLite is alone anyway."""
        if not self._is_sqlite:
            self._run("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", (source,))
            self._run("SELECT name FROM sources WHERE name = ? FOR UPDATE", (source,))

    def known(self, source: str, ids: list[str]) -> dict[str, Known]:
        """Return what is stored of these external ids."""
        if self._is_sqlite:
            rows = self._run(_KNOWN_SQLITE, (source, json.dumps(ids)))
        else:
            rows = self._run(_KNOWN_POSTGRESQL, (source, ids))
        return {row[0]: Known(row[1], row[2], bool(row[3])) for row in rows}

    def add(
        self, source: str, brand: str, new: Sequence[Content], now: datetime, *, baseline: bool
    ) -> None:
        """Store new mentions."""
        head = (source, brand, baseline, self.stamp(now), self.stamp(now), 1)
        rows = [(*head, *content) for content in new]
        if self._is_sqlite:
            self._many(INSERT, rows)
        elif rows:
            with self._cursor.copy(_COPY) as copy:
                for row in rows:
                    copy.write_row(row)

    def edit(self, edited: Sequence[tuple[int, Content]], now: datetime, *, baseline: bool) -> None:
        """Keep the present text as an older revision and put the new one in its place.

        What is edited after the first run is news, even of an item that was old stock.
        """
        self._many(_ARCHIVE, [(mention_id,) for mention_id, _ in edited])
        tail = (self.stamp(now), baseline)
        rows = [
            (*(getattr(content, name) for name in _EDITABLE), *tail, mention_id)
            for mention_id, content in edited
        ]
        self._many(_EDIT, rows)

    def erase(self, deleted: Sequence[int], now: datetime) -> None:
        """Leave tombstones: ids, dates and scores stay for the counts, the words go."""
        moment = self.stamp(now)
        self._many(_ERASE, [(moment, moment, mention_id) for mention_id in deleted])
        self._many(_ERASE_REVISIONS, [(mention_id,) for mention_id in deleted])

    def _run(self, statement: str, values: tuple[Any, ...]) -> Any:
        return self._cursor.execute(self._for_driver(statement), values)

    def _many(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            self._cursor.executemany(self._for_driver(statement), rows)

    def _for_driver(self, statement: str) -> str:
        return statement if self._is_sqlite else statement.replace("?", "%s")
