"""What people see: the inbox, one task's story, the state of sources and queues. Read only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from monitor.domain.lifecycle import OPEN_STATES
from monitor.domain.triage import Surroundings
from monitor.domain.types import Mention, Priority, Task, TaskState
from monitor.store.tables import (
    mentions,
    outbox,
    quarantine,
    revisions,
    sources,
    task_events,
    tasks,
)
from monitor.store.tasks import select_tasks, task_from_row

_AUTHOR_WINDOW = timedelta(days=30)
_CLUSTER_WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilter:
    """Which tasks to show. Empty means "all"; `q` is searched in text, title and author."""

    states: frozenset[TaskState] = OPEN_STATES
    priorities: frozenset[Priority] = field(default_factory=frozenset)
    brand: str = ""
    lang: str = ""
    source: str = ""
    owner: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """The state of one source, fit to be shown."""

    name: str
    kind: str
    brand: str
    enabled: bool
    health: str
    health_reason: str | None
    failures: int
    next_due: datetime
    last_started: datetime | None
    last_success: datetime | None
    last_new: datetime | None
    baseline_done: bool
    running: bool
    mentions: int
    quarantined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """One line of a task's history."""

    at: datetime
    actor: str
    action: str
    version: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """One text that a mention had."""

    revision: int
    title: str | None
    text: str
    rating: float | None
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueView:
    """How much is waiting where; `oldest_outbox` is None when nothing waits."""

    mentions: int
    unscored: int
    scoring_failed: int
    open_tasks: Mapping[str, int]
    """Priority -> open tasks."""
    outbox: Mapping[str, int]
    """State -> rows."""
    oldest_outbox: datetime | None
    quarantined: int


def inbox(tx: Connection, wanted: InboxFilter, *, limit: int = 50, offset: int = 0) -> list[Task]:
    """Return tasks in the order of work: priority, then due time, then age."""
    query = (
        _filtered(select_tasks(), wanted)
        .order_by(tasks.c.priority, tasks.c.due_at, tasks.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [task_from_row(row) for row in tx.execute(query)]


def count_inbox(tx: Connection, wanted: InboxFilter) -> int:
    """Return how many tasks `inbox` would show without a limit."""
    base = select(func.count()).select_from(
        tasks.join(mentions, tasks.c.mention_id == mentions.c.id)
    )
    count: int = tx.execute(_filtered(base, wanted)).scalar_one()
    return count


def _filtered(query: Select[Any], wanted: InboxFilter) -> Select[Any]:
    return query.where(*_conditions(wanted))


def _conditions(wanted: InboxFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        tasks.c.state.in_(sorted(state.value for state in wanted.states))
    ]
    if wanted.priorities:
        conditions.append(tasks.c.priority.in_(sorted(p.value for p in wanted.priorities)))
    equal = {
        tasks.c.brand: wanted.brand,
        tasks.c.lang: wanted.lang,
        mentions.c.source: wanted.source,
        tasks.c.owner: wanted.owner,
    }
    conditions += [column == value for column, value in equal.items() if value]
    if wanted.q:
        conditions.append(_contains(wanted.q))
    return conditions


def _contains(words: str) -> ColumnElement[bool]:
    columns = (mentions.c.text, mentions.c.title, mentions.c.author)
    return or_(*(column.icontains(words, autoescape=True) for column in columns))


def timeline(tx: Connection, task_id: int) -> list[TimelineEvent]:
    """Return everything that happened to a task, oldest first."""
    query = (
        select(task_events).where(task_events.c.task_id == task_id).order_by(task_events.c.version)
    )
    return [
        TimelineEvent(
            at=row.at, actor=row.actor, action=row.action, version=row.version, facts=row.facts
        )
        for row in tx.execute(query)
    ]


def revisions_of(tx: Connection, mention_id: int) -> list[RevisionView]:
    """Return the texts that a mention had, newest first."""
    query = (
        select(revisions)
        .where(revisions.c.mention_id == mention_id)
        .order_by(revisions.c.revision.desc())
    )
    return [
        RevisionView(
            revision=row.revision,
            title=row.title,
            text=row.text,
            rating=row.rating,
            seen_at=row.seen_at,
        )
        for row in tx.execute(query)
    ]


def source_states(tx: Connection, *, now: datetime) -> list[SourceView]:
    """Return the state of every configured source, by name."""
    stored = _counts(tx, select(mentions.c.source, func.count()).group_by(mentions.c.source))
    held = _counts(tx, select(quarantine.c.source, func.count()).group_by(quarantine.c.source))
    rows = tx.execute(select(sources).order_by(sources.c.name))
    return [
        SourceView(
            name=row.name,
            kind=row.kind,
            brand=row.brand,
            enabled=row.enabled,
            health=row.health,
            health_reason=row.health_reason,
            failures=row.failures,
            next_due=row.next_due,
            last_started=row.last_started,
            last_success=row.last_success,
            last_new=row.last_new,
            baseline_done=row.baseline_done,
            running=row.lease_until is not None and row.lease_until > now,
            mentions=stored.get(row.name, 0),
            quarantined=held.get(row.name, 0),
        )
        for row in rows
    ]


def queue_state(tx: Connection) -> QueueView:
    """Return how much is waiting in each queue."""
    waiting = (mentions.c.scored < mentions.c.revision) & mentions.c.deleted_at.is_(None)
    count = select(func.count()).select_from(mentions)
    open_states = [state.value for state in OPEN_STATES]
    return QueueView(
        mentions=tx.execute(count).scalar_one(),
        unscored=tx.execute(count.where(waiting)).scalar_one(),
        scoring_failed=tx.execute(count.where(waiting, mentions.c.score_failures > 0)).scalar_one(),
        open_tasks=_counts(
            tx,
            select(tasks.c.priority, func.count())
            .where(tasks.c.state.in_(open_states))
            .group_by(tasks.c.priority),
        ),
        outbox=_counts(tx, select(outbox.c.state, func.count()).group_by(outbox.c.state)),
        oldest_outbox=_oldest_outbox(tx),
        quarantined=tx.execute(select(func.count()).select_from(quarantine)).scalar_one(),
    )


def _oldest_outbox(tx: Connection) -> datetime | None:
    query = select(func.min(outbox.c.created_at)).where(
        outbox.c.state.in_(("new", "retry", "sending"))
    )
    oldest: datetime | None = tx.execute(query).scalar_one()
    return oldest


def _counts(tx: Connection, query: Select[Any]) -> dict[str, int]:
    return {str(key): int(number) for key, number in tx.execute(query)}


def surroundings(tx: Connection, mention: Mention, *, now: datetime) -> Surroundings:
    """Return what triage wants to know around a mention."""
    return Surroundings(
        reach_percentile=_reach_percentile(tx, mention),
        repeat_contacts=_repeat_contacts(tx, mention, now),
        similar_open=_similar_open(tx, mention, now),
    )


def _reach_percentile(tx: Connection, mention: Mention) -> float:
    if mention.reach is None:
        return 0.0
    same = select(func.count()).where(
        mentions.c.source == mention.source, mentions.c.reach.is_not(None)
    )
    total = tx.execute(same).scalar_one()
    below = tx.execute(same.where(mentions.c.reach < mention.reach)).scalar_one()
    return float(below / total) if total else 0.0


def _repeat_contacts(tx: Connection, mention: Mention, now: datetime) -> int:
    if not mention.author:
        return 0
    query = select(func.count()).where(
        mentions.c.author == mention.author,
        mentions.c.source == mention.source,
        mentions.c.collected_at >= now - _AUTHOR_WINDOW,
        mentions.c.id != mention.id,
    )
    return tx.execute(query).scalar_one()


def _similar_open(tx: Connection, mention: Mention, now: datetime) -> int:
    if not mention.subject:
        return 0
    query = (
        select(func.count())
        .select_from(tasks.join(mentions, tasks.c.mention_id == mentions.c.id))
        .where(
            tasks.c.brand == mention.brand,
            tasks.c.created_at >= now - _CLUSTER_WINDOW,
            tasks.c.state.in_([state.value for state in OPEN_STATES]),
            mentions.c.subject == mention.subject,
            mentions.c.id != mention.id,
        )
    )
    return tx.execute(query).scalar_one()
