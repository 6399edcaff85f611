"""Where found items become rows: the only part of the store that spiders know.

One page is one transaction: its items, the cursor and the validators are stored together or not
at all, and only while the writer holds the lease of the source. Storing a page again changes
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, select, update

from monitor.domain.crawl import CrawlOutcome, Json, Saved, SourcePlan, SourceState
from monitor.domain.errors import BadItem, LeaseLost
from monitor.domain.ports import Clock
from monitor.domain.types import Found
from monitor.store.database import Database, insert, open_database
from monitor.store.incoming import compare, fingerprint, page_of, storable
from monitor.store.mention_rows import MentionRows
from monitor.store.source_runs import end_crawl
from monitor.store.tables import quarantine, sources

log = structlog.get_logger("earshot.store")

LONGEST_EXCERPT = 4000
MOST_VALIDATORS = 500
"""Per source; the ones stored last are kept."""

_LONGEST_REASON = 400


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
            rows = MentionRows(tx)
            is_first_run = rows.hold_leased(plan.name, owner, self._clock())
            if is_first_run is None:
                raise _lost(plan.name)
            # Old news alerts nobody, unless the operator wants it told.
            baseline = is_first_run and not plan.alert_old
            saved = self._store(rows, plan.name, plan.brand, items, baseline=baseline)
            _remember(tx, plan.name, cursor, validators)
        return saved

    def import_items(
        self, source: str, brand: str, items: Sequence[Found], *, baseline: bool
    ) -> Saved:
        """Store items that a person brings; needs no lease. `baseline` items alert nobody."""
        with self._database.write() as tx:
            rows = MentionRows(tx)
            rows.hold(source)
            return self._store(rows, source, brand, items, baseline=baseline)

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

    def _store(
        self,
        rows: MentionRows,
        source: str,
        brand: str,
        items: Sequence[Found],
        *,
        baseline: bool,
    ) -> Saved:
        if not items:
            return Saved()
        _warn_of_naive_times(source, items)
        page = page_of(items, rows.stamp)
        changes = compare(page, rows.known(source, list(page.found)))
        now = self._clock()
        rows.add(source, brand, changes.new, now, baseline=baseline)
        rows.edit(changes.edited, now, baseline=baseline)
        rows.erase(changes.deleted, now)
        return Saved(
            new=len(changes.new),
            edited=len(changes.edited),
            deleted=len(changes.deleted),
            known=changes.known,
        )


def _lost(source: str) -> LeaseLost:
    return LeaseLost(f'The source "{source}" is read by another process now; nothing was written.')


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


def _warn_of_naive_times(source: str, items: Sequence[Found]) -> None:
    times = (item.published_at for item in items)
    naive = sum(moment is not None and moment.tzinfo is None for moment in times)
    if naive:
        log.warning("times_without_zone", source=source, items=naive)
