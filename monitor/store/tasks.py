"""Tasks in the store: opened once per mention and rule, changed only with the version known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from monitor.domain.errors import NotFound, StaleVersion
from monitor.domain.lifecycle import OPEN_STATES
from monitor.domain.types import (
    Label,
    Mention,
    Priority,
    Reason,
    Sentiment,
    Task,
    TaskPlan,
    TaskState,
)
from monitor.store.database import insert
from monitor.store.queue import mention_from_row
from monitor.store.tables import mentions, sentiments, task_events, tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Who did what to a task, when (aware UTC), with which facts."""

    actor: str
    action: str
    facts: Mapping[str, Any]
    at: datetime


_TASK_COLUMNS = [column.label(f"task_{column.name}") for column in tasks.c]
_SENTIMENT_COLUMNS = [column.label(f"sentiment_{column.name}") for column in sentiments.c]


def select_tasks() -> Select[Any]:
    """Return a select of tasks with their mention and its newest sentiment, one row each."""
    newest = (
        select(func.max(sentiments.c.id))
        .where(sentiments.c.mention_id == mentions.c.id)
        .correlate(mentions)
        .scalar_subquery()
    )
    return (
        select(mentions, *_TASK_COLUMNS, *_SENTIMENT_COLUMNS)
        .join(tasks, tasks.c.mention_id == mentions.c.id)
        .outerjoin(sentiments, sentiments.c.id == newest)
    )


def read_task(tx: Connection, task_id: int) -> Task | None:
    """Return one task with its mention and newest sentiment."""
    row = tx.execute(select_tasks().where(tasks.c.id == task_id)).one_or_none()
    return None if row is None else task_from_row(row)


def task_of_mention(tx: Connection, mention_id: int) -> Task | None:
    """Return the task that triage opened for a mention."""
    query = select_tasks().where(tasks.c.mention_id == mention_id, tasks.c.rule == "triage")
    row = tx.execute(query).one_or_none()
    return None if row is None else task_from_row(row)


def open_task(
    tx: Connection, mention: Mention, lang: str, plan: TaskPlan, *, now: datetime
) -> int | None:
    """Open a task and write its first event; None when the mention already has one."""
    statement = (
        insert(tx, tasks)
        .values(
            mention_id=mention.id,
            brand=mention.brand,
            lang=lang,
            state=TaskState.NEW.value,
            created_at=now,
            changed_at=now,
            version=1,
            **_plan_columns(plan),
        )
        .on_conflict_do_nothing()
        .returning(tasks.c.id)
    )
    task_id = tx.execute(statement).scalar_one_or_none()
    if task_id is not None:
        event = Event(actor="triage", action="open", facts=_plan_facts(plan), at=now)
        _write_event(tx, task_id, 1, event)
    return task_id


def change_task(
    tx: Connection, task_id: int, version: int, columns: Mapping[str, Any], event: Event
) -> int:
    """Change a task whose version is known and append the event. Returns the new version.

    Raises NotFound, or StaleVersion saying who did what when in between.
    """
    statement = (
        update(tasks)
        .where(tasks.c.id == task_id, tasks.c.version == version)
        .values(version=version + 1, changed_at=event.at, **columns)
    )
    if tx.execute(statement).rowcount == 0:
        raise _stale(tx, task_id)
    _write_event(tx, task_id, version + 1, event)
    return version + 1


def task_from_row(row: Row[Any]) -> Task:
    """Build a task from a row of `select_tasks`."""
    cells = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Task(
        id=cells["task_id"],
        mention=mention_from_row(row),
        sentiment=_sentiment(cells),
        state=TaskState(cells["task_state"]),
        priority=Priority(cells["task_priority"]),
        points=cells["task_points"],
        reasons=tuple(Reason(**reason) for reason in cells["task_reasons"]),
        owner=cells["task_owner"],
        due_at=cells["task_due_at"],
        created_at=cells["task_created_at"],
        version=cells["task_version"],
        hold_reason=cells["task_hold_reason"],
        hold_until=cells["task_hold_until"],
        close_reason=cells["task_close_reason"],
    )


def _sentiment(cells: Mapping[Any, Any]) -> Sentiment | None:
    if cells["sentiment_id"] is None:
        return None
    return Sentiment(
        label=Label(cells["sentiment_label"]),
        probs={label: cells[f"sentiment_p_{label}"] for label in ("neg", "neu", "pos")},
        lang=cells["sentiment_lang"],
        model=cells["sentiment_model"],
        stars=cells["sentiment_stars"],
        intents=cells["sentiment_intents"],
        risks=cells["sentiment_risks"],
        aspects=cells["sentiment_aspects"],
        needs_reply=cells["sentiment_needs_reply"],
        why_unsure=cells["sentiment_why_unsure"],
    )


def plan_columns(plan: TaskPlan, due_at: datetime) -> dict[str, Any]:
    """Return the columns that a new plan changes; an edit never moves the due time back."""
    return _plan_columns(plan) | {"due_at": min(due_at, plan.due_at)}


def removed_but_open(tx: Connection, *, limit: int) -> list[Task]:
    """Return open tasks whose mention was deleted at its source, oldest first."""
    query = (
        select_tasks()
        .where(tasks.c.state.in_([state.value for state in OPEN_STATES]))
        .where(mentions.c.deleted_at.is_not(None))
        .order_by(tasks.c.id)
        .limit(limit)
    )
    return [task_from_row(row) for row in tx.execute(query)]


def _plan_columns(plan: TaskPlan) -> dict[str, Any]:
    return {
        "priority": plan.priority.value,
        "points": plan.points,
        "reasons": [
            {"code": reason.code, "points": reason.points, "detail": reason.detail}
            for reason in plan.reasons
        ],
        "due_at": plan.due_at,
    }


def _plan_facts(plan: TaskPlan) -> dict[str, Any]:
    return {"priority": plan.priority.value, "points": plan.points}


def _write_event(tx: Connection, task_id: int, version: int, event: Event) -> None:
    tx.execute(
        insert(tx, task_events).values(
            task_id=task_id,
            at=event.at,
            actor=event.actor,
            action=event.action,
            version=version,
            facts=dict(event.facts),
        )
    )


def _stale(tx: Connection, task_id: int) -> NotFound | StaleVersion:
    query = (
        select(task_events)
        .where(task_events.c.task_id == task_id)
        .order_by(task_events.c.version.desc())
        .limit(1)
    )
    last = tx.execute(query).one_or_none()
    if last is None:
        return NotFound(f"There is no task {task_id}.")
    return StaleVersion(task_id, last.actor, last.action, f"{last.at:%Y-%m-%d %H:%M} UTC")
