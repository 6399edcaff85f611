"""What is to be done next, and by whom: sources to crawl, mentions to score, leases, slots, runs.

Every function works inside the transaction that the caller opened. Work is taken by conditional
writes, never by looking first: of two processes exactly one gets it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, or_, select, update
from sqlalchemy import insert as plain_insert

from monitor.domain.crawl import CrawlOutcome, SourcePlan
from monitor.domain.types import Kind, Mention, ScoreRequest, Sentiment
from monitor.store.database import insert
from monitor.store.incoming import storable
from monitor.store.source_runs import LONGEST_RUN_REASON, end_crawl
from monitor.store.tables import leases, mentions, runs, sentiments, slots, sources

MOST_SCORE_FAILURES = 5
"""A mention that failed this often is left alone until its text changes."""

_BROKEN_AFTER = 3
"""Crashes in a row after which a source is called broken."""

_LONGEST_LANG = 12
_LONGEST_WHY = 40


# --- Sources ------------------------------------------------------------------------------------


def sync_sources(tx: Connection, plans: Sequence[SourcePlan], *, now: datetime) -> None:
    """Make the table agree with the configuration.

    A new or changed source is due at once and its failures are forgotten; its cursor stays. A
    source that is no longer configured is disabled, not deleted: its memory is there if it returns.
    """
    stored = {
        row.name: row
        for row in tx.execute(select(sources.c.name, sources.c.config_hash, sources.c.enabled))
    }
    for plan in plans:
        known = stored.get(plan.name)
        digest = _config_hash(plan)
        if known is None:
            tx.execute(insert(tx, sources).on_conflict_do_nothing(), _new_source(plan, digest, now))
        elif known.config_hash != digest or not known.enabled:
            _reconfigure(tx, plan, digest, now)
    gone = set(stored) - {plan.name for plan in plans}
    if gone:
        tx.execute(update(sources).where(sources.c.name.in_(sorted(gone))).values(enabled=False))


def claim_sources(
    tx: Connection,
    *,
    owner: str,
    now: datetime,
    lease_s: float,
    names: Sequence[str] | None = None,
    due_only: bool = True,
    lane: str | None = None,
) -> list[str]:
    """Lease sources that nobody else is reading; return their names, the longest due first.

    `due_only` leaves out what is not due yet or paused. Disabled sources are never claimed.
    """
    free = or_(sources.c.lease_until.is_(None), sources.c.lease_until <= now)
    conditions = [sources.c.enabled, free]
    if due_only:
        conditions += [sources.c.next_due <= now, sources.c.paused_reason.is_(None)]
    if names is not None:
        conditions.append(sources.c.name.in_(names))
    if lane is not None:
        conditions.append(sources.c.lane == lane)
    chosen = select(sources.c.name).where(*conditions).with_for_update(skip_locked=True)
    claim = (
        update(sources)
        .where(sources.c.name.in_(chosen))
        .values(lease_owner=owner, lease_until=now + timedelta(seconds=lease_s), last_started=now)
        .returning(sources.c.name, sources.c.next_due)
    )
    claimed = sorted(tx.execute(claim), key=lambda row: (row.next_due, row.name))
    return [row.name for row in claimed]


def fail_leased(tx: Connection, owner: str, reason: str, *, now: datetime) -> list[str]:
    """Count a failure for every source that `owner` still holds, because it died; free them.

    Returns their names.
    """
    mine = select(sources).where(sources.c.lease_owner == owner).order_by(sources.c.name)
    undone = [dict(row) for row in tx.execute(mine.with_for_update()).mappings()]
    for source in undone:
        health = "broken" if source["failures"] + 1 >= _BROKEN_AFTER else "degraded"
        end_crawl(tx, source, CrawlOutcome(ok=False, reason=reason, health=health), now=now)
    return [source["name"] for source in undone]


def _config_hash(plan: SourcePlan) -> str:
    document = json.dumps(asdict(plan), sort_keys=True, default=str)
    return blake2b(document.encode(), digest_size=32).hexdigest()


def _new_source(plan: SourcePlan, digest: str, now: datetime) -> dict[str, Any]:
    return {"name": plan.name, "next_due": now, "cursor": {}, "validators": {}} | _configured(
        plan, digest
    )


def _configured(plan: SourcePlan, digest: str) -> dict[str, Any]:
    return {
        "kind": plan.kind,
        "brand": plan.brand,
        "lane": plan.lane,
        "every_s": plan.every_s,
        "config_hash": digest,
        "enabled": True,
    }


def _reconfigure(tx: Connection, plan: SourcePlan, digest: str, now: datetime) -> None:
    fresh = {"next_due": now, "failures": 0, "health": "unknown", "health_reason": None}
    tx.execute(
        update(sources).where(sources.c.name == plan.name).values(_configured(plan, digest) | fresh)
    )


# --- Mentions to score --------------------------------------------------------------------------


def unscored(tx: Connection, limit: int) -> list[Mention]:
    """Return mentions whose present text no engine has read: news first, then old stock by age."""
    query = (
        select(mentions)
        .where(
            mentions.c.scored < mentions.c.revision,
            mentions.c.deleted_at.is_(None),
            mentions.c.score_failures < MOST_SCORE_FAILURES,
        )
        .order_by(mentions.c.baseline, mentions.c.id)
        .limit(limit)
    )
    return [mention_from_row(row) for row in tx.execute(query)]


def save_scores(
    tx: Connection, scored: Sequence[tuple[Mention, ScoreRequest, Sentiment]], *, now: datetime
) -> list[int]:
    """Store what an engine read; return the ids whose text is still the one that was read.

    What was edited, deleted or erased meanwhile is left out, an edited text stays to be scored.
    Storing the same again changes nothing.
    """
    current = _current(tx, {mention.id: mention.revision for mention, _, _ in scored})
    rows = [
        _sentiment_row(mention, request, sentiment, now)
        for mention, request, sentiment in scored
        if mention.id in current
    ]
    if not rows:
        return []
    tx.execute(insert(tx, sentiments).on_conflict_do_nothing(), rows)
    done = (
        update(mentions)
        .where(mentions.c.id == bindparam("mention"))
        .values(scored=mentions.c.revision, score_failures=0)
    )
    tx.execute(done, [{"mention": mention_id} for mention_id in current])
    return current


def put_off_scoring(tx: Connection, ids: Collection[int], *, now: datetime) -> None:  # noqa: ARG001 - every queue function is told the time
    """Count a failed try to score; after `MOST_SCORE_FAILURES` a mention is not tried again."""
    if ids:
        tx.execute(
            update(mentions)
            .where(mentions.c.id.in_(ids))
            .values(score_failures=mentions.c.score_failures + 1)
        )


def read_mention(tx: Connection, mention_id: int) -> Mention | None:
    """Return one mention, tombstones included."""
    row = tx.execute(select(mentions).where(mentions.c.id == mention_id)).one_or_none()
    return None if row is None else mention_from_row(row)


def mention_from_row(row: Row[Any]) -> Mention:
    """Build a mention from a row that selects at least all columns of `mentions`."""
    values: Mapping[Any, Any] = row._mapping  # noqa: SLF001 - public in spite of its name
    get = values.__getitem__
    columns = mentions.c
    return Mention(
        id=get(columns.id),
        source=get(columns.source),
        external_id=get(columns.external_id),
        brand=get(columns.brand),
        kind=Kind(get(columns.kind)),
        url=get(columns.url),
        title=get(columns.title),
        text=get(columns.text),
        author=get(columns.author),
        rating=get(columns.rating),
        rating_scale=get(columns.rating_scale),
        lang=get(columns.lang),
        published_at=get(columns.published_at),
        collected_at=get(columns.collected_at),
        parent_id=get(columns.parent_id),
        subject=get(columns.subject),
        reach=get(columns.reach),
        revision=get(columns.revision),
        deleted=get(columns.deleted_at) is not None,
        baseline=get(columns.baseline),
    )


def _current(tx: Connection, revisions: Mapping[int, int]) -> list[int]:
    """Return, in order, the ids whose stored revision is the given one; they stay locked."""
    query = (
        select(mentions.c.id, mentions.c.revision)
        .where(mentions.c.id.in_(revisions), mentions.c.deleted_at.is_(None))
        .order_by(mentions.c.id)
        .with_for_update()
    )
    return [row.id for row in tx.execute(query) if row.revision == revisions[row.id]]


def _sentiment_row(
    mention: Mention, request: ScoreRequest, sentiment: Sentiment, now: datetime
) -> dict[str, Any]:
    probs, why = sentiment.probs, sentiment.why_unsure
    return {
        "mention_id": mention.id,
        "revision": mention.revision,
        "target": request.target or "",
        "label": sentiment.label.value,
        "p_neg": probs.get("neg", 0.0),
        "p_neu": probs.get("neu", 0.0),
        "p_pos": probs.get("pos", 0.0),
        "lang": sentiment.lang[:_LONGEST_LANG],
        "model": sentiment.model,
        "stars": sentiment.stars,
        "intents": dict(sentiment.intents),
        "risks": dict(sentiment.risks),
        "aspects": dict(sentiment.aspects),
        "needs_reply": sentiment.needs_reply,
        "why_unsure": None if why is None else why[:_LONGEST_WHY],
        "scored_at": now,
    }


# --- Leases, slots, runs ------------------------------------------------------------------------


def take_lease(tx: Connection, name: str, owner: str, *, now: datetime, seconds: float) -> bool:
    """Take or renew a named lease; False while somebody else holds it."""
    wanted = {"owner": owner, "until": now + timedelta(seconds=seconds)}
    taken = (
        insert(tx, leases)
        .values(name=name, **wanted)
        .on_conflict_do_update(
            index_elements=["name"],
            set_=wanted,
            where=or_(leases.c.until <= now, leases.c.owner == owner),
        )
        .returning(leases.c.name)
    )
    return tx.execute(taken).first() is not None


def drop_lease(tx: Connection, name: str, owner: str) -> None:
    """Give a lease back. Nothing happens when somebody else holds it."""
    tx.execute(delete(leases).where(leases.c.name == name, leases.c.owner == owner))


def take_slot(tx: Connection, schedule: str, slot: str, owner: str, *, now: datetime) -> bool:
    """Return True exactly once for a slot of a schedule, whoever asks first."""
    row = {"schedule": schedule, "slot": slot, "owner": owner, "at": now}
    taken = insert(tx, slots).values(row).on_conflict_do_nothing().returning(slots.c.slot)
    return tx.execute(taken).first() is not None


def start_run(tx: Connection, job: str, *, source: str | None = None, now: datetime) -> int:
    """Open a line in the journal of runs; return its id."""
    row: dict[str, Any] = {"job": job, "source": source, "started_at": now, "counts": {}}
    key = tx.execute(plain_insert(runs).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


def finish_run(
    tx: Connection, run_id: int, *, ok: bool, reason: str, counts: Mapping[str, int], now: datetime
) -> None:
    """Close a line in the journal of runs."""
    tx.execute(
        update(runs)
        .where(runs.c.id == run_id)
        .values(
            ok=ok,
            reason=storable(reason)[:LONGEST_RUN_REASON],
            counts=dict(counts),
            finished_at=now,
        )
    )
