"""The outbox: what the channels still have to be told, and what they were told.

Rows are written in the transaction that changes the task, and leave through one sender per
channel (`monitor.jobs.deliver`). Every change of a row that is on its way is conditional on the
`attempt_id` of the attempt, so that a sender that lost its lease cannot overwrite what its
successor found out. For rows that left, `run_at` equals `sent_at`: the index on it serves the
hourly limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Row, Select, and_, exists, func, or_, select, update

from monitor.domain.delivery import (
    FOLDED,
    HELD,
    WAITING,
    Action,
    DeliveryPolicy,
    Entry,
    OutboxState,
    Step,
    Work,
    folded_with,
    is_capped,
    work_for,
)
from monitor.domain.errors import LeaseLost
from monitor.domain.lifecycle import OPEN_STATES
from monitor.domain.types import Priority, Task
from monitor.store.database import insert
from monitor.store.tables import leases, mentions, outbox, tasks

_WAITING = [state.value for state in WAITING]
_ON_THEIR_WAY = [*_WAITING, OutboxState.SENDING.value]
_LONGEST_PAUSE = timedelta(days=1)
_CAPPED = [priority.value for priority in Priority if is_capped(priority)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One due row and what it needs."""

    id: int
    key: str
    task_id: int
    action: Action
    work: Work
    attempts: int
    """Attempts so far; look-ups count too."""
    attempt_id: str
    """Of the attempt that wrote the row last; empty for a row that was never tried."""
    started_at: datetime | None
    """Start of the last `send`: the history is read from here."""
    ref: str | None
    """The message to change, with `Work.UPDATE`."""


def enqueue(
    tx: Connection,
    *,
    task_id: int,
    version: int,
    channel: str,
    action: Literal["send", "update"],
    priority: Priority,
    now: datetime,
    run_at: datetime | None = None,
) -> bool:
    """Ask for a message about a task. Returns False when that was asked before.

    A task is sent at most once to a channel, and updated at most once per version.
    """
    moment = "created" if action == "send" else f"v{version}"
    statement = (
        insert(tx, outbox)
        .values(
            dedupe_key=f"task:{task_id}:{moment}:{channel}",
            channel=channel,
            action=action,
            task_id=task_id,
            priority=priority.value,
            state=OutboxState.NEW.value,
            run_at=run_at or now,
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(outbox.c.id)
    )
    return tx.execute(statement).first() is not None


def lease_next(
    tx: Connection, channel: str, *, now: datetime, policy: DeliveryPolicy, can_update: bool
) -> Delivery | None:
    """Return the most urgent due row of a channel, None when nothing is due.

    Urgent first, then oldest. Rows that another message makes superfluous are folded on the way,
    and P3 and P4 alerts beyond the hourly limit are put off. Nothing is leased yet: commit
    `mark_sending` in the same transaction, before the socket opens.
    """
    while (row := tx.execute(_due(channel, now)).first()) is not None:
        entry, others = _entry(row), _others(tx, row)
        work, ref = work_for(entry, others, can_update=can_update)
        if work is Work.FOLD:
            _fold(tx, [entry.id], now)
        elif not (_hold(tx, row, now=now, policy=policy) if work is Work.SEND else False):
            if work is not Work.LOOK_UP:
                _fold(tx, folded_with(entry, others), now)
            return _delivery(row, work, ref)
    return None


def mark_sending(
    tx: Connection, delivery: Delivery, *, now: datetime, policy: DeliveryPolicy
) -> Delivery:
    """Record that an attempt begins now. If nothing more is heard, it is due for a look-up later.

    Raises LeaseLost when another sender has the row.
    """
    attempt_id = uuid4().hex
    looking = delivery.work is Work.LOOK_UP
    started_at = delivery.started_at if looking and delivery.started_at else now
    _change(
        tx,
        delivery,
        state=OutboxState.SENDING.value,
        attempts=delivery.attempts + 1,
        attempt_id=attempt_id,
        started_at=started_at,
        run_at=now + timedelta(seconds=policy.look_up_after_s),
    )
    return replace(
        delivery,
        attempts=delivery.attempts + 1,
        attempt_id=attempt_id,
        started_at=started_at,
    )


def mark_sent(tx: Connection, delivery: Delivery, ref: str, *, now: datetime) -> None:
    """Record the channel's receipt. Raises LeaseLost when another sender has the row."""
    _change(
        tx,
        delivery,
        state=OutboxState.SENT.value,
        ref=ref,
        error=None,
        run_at=now,
        sent_at=now,
    )


def settle(tx: Connection, delivery: Delivery, step: Step) -> None:
    """Record what follows a failure. Raises LeaseLost when another sender has the row."""
    error = step.error[:200]
    _change(tx, delivery, state=step.state.value, run_at=step.run_at, error=error)


def due_channels(tx: Connection, *, now: datetime) -> set[str]:
    """Return the channels that `lease_next` may have something for."""
    statement = (
        select(outbox.c.channel)
        .where(outbox.c.state.in_(_ON_THEIR_WAY), outbox.c.run_at <= now)
        .distinct()
    )
    return set(tx.execute(statement).scalars())


def has_due(tx: Connection, channel: str, *, now: datetime) -> bool:
    """Tell cheaply whether `lease_next` has something to look at."""
    return tx.execute(_due(channel, now).order_by(None)).first() is not None


def revive(tx: Connection, channel: str, *, now: datetime) -> int:
    """Try refused alerts of a channel again, after its token or its address was put right."""
    statement = (
        update(outbox)
        .where(outbox.c.channel == channel, outbox.c.state == OutboxState.DEAD.value)
        .values(state=OutboxState.RETRY.value, run_at=now, attempts=0)
    )
    return tx.execute(statement).rowcount


def recent_messages(tx: Connection, channel: str, since: datetime) -> list[datetime]:
    """Return when messages left for a channel, or began to leave, after `since`."""
    statement = select(outbox.c.started_at).where(
        outbox.c.channel == channel,
        outbox.c.started_at > since,
        or_(
            and_(outbox.c.state == OutboxState.SENT.value, outbox.c.run_at > since),
            outbox.c.state == OutboxState.SENDING.value,
        ),
    )
    return list(tx.execute(statement).scalars())


def pause(tx: Connection, channel: str, until: datetime, reason: str) -> None:
    """Let a channel rest until then; a longer rest that is already on stays."""
    statement = insert(tx, leases).values(name=_pause(channel), owner=reason[:80], until=until)
    longer = {"owner": statement.excluded.owner, "until": statement.excluded.until}
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_=longer,
            where=leases.c.until < statement.excluded.until,
        )
    )


def paused_until(tx: Connection, channel: str, *, now: datetime) -> datetime | None:
    """Return until when a channel rests, None when it may be used.

    Nothing asks for more than a day: a longer rest means that the clock was set back meanwhile.
    """
    statement = select(leases.c.until).where(leases.c.name == _pause(channel))
    until: datetime | None = tx.execute(statement).scalar_one_or_none()
    believed = until is not None and now < until <= now + _LONGEST_PAUSE
    return until if believed else None


def count_similar(tx: Connection, task: Task, *, now: datetime) -> int:
    """Count the other open tasks of the same brand and source from the last 24 hours."""
    statement = (
        select(func.count())
        .select_from(tasks.join(mentions, mentions.c.id == tasks.c.mention_id))
        .where(
            tasks.c.state.in_([state.value for state in OPEN_STATES]),
            tasks.c.created_at > now - timedelta(hours=24),
            tasks.c.brand == task.mention.brand,
            mentions.c.source == task.mention.source,
            tasks.c.id != task.id,
        )
    )
    return tx.execute(statement).scalar_one()


def _due(channel: str, now: datetime) -> Select[Any]:
    other = outbox.alias("other")
    under_way = exists().where(
        other.c.task_id == outbox.c.task_id,
        other.c.channel == outbox.c.channel,
        other.c.state == OutboxState.SENDING.value,
        other.c.id != outbox.c.id,
    )
    return (
        select(outbox)
        .where(
            outbox.c.channel == channel,
            outbox.c.state.in_(_ON_THEIR_WAY),
            outbox.c.run_at <= now,
            ~under_way,
        )
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(1)
    )


def _others(tx: Connection, row: Row[Any]) -> list[Entry]:
    statement = select(outbox).where(
        outbox.c.task_id == row.task_id,
        outbox.c.channel == row.channel,
        outbox.c.id != row.id,
    )
    return [_entry(other) for other in tx.execute(statement)]


def _entry(row: Row[Any]) -> Entry:
    return Entry(id=row.id, action=Action(row.action), state=OutboxState(row.state), ref=row.ref)


def _delivery(row: Row[Any], work: Work, ref: str | None) -> Delivery:
    return Delivery(
        id=row.id,
        key=row.dedupe_key,
        task_id=row.task_id,
        action=Action(row.action),
        work=work,
        attempts=row.attempts,
        attempt_id=row.attempt_id or "",
        started_at=row.started_at,
        ref=ref,
    )


def _fold(tx: Connection, ids: Sequence[int], now: datetime) -> None:
    if ids:
        values = {"state": OutboxState.SENT.value, "error": FOLDED, "run_at": now}
        tx.execute(update(outbox).where(outbox.c.id.in_(ids)).values(values))


def _hold(tx: Connection, row: Row[Any], *, now: datetime, policy: DeliveryPolicy) -> bool:
    """Put P3 and P4 alerts off to the next free place, all at once. False: there is a place."""
    if row.priority not in _CAPPED or row.action != Action.SEND or not policy.soft_per_hour:
        return False
    hour = timedelta(hours=1)
    left = select(outbox.c.sent_at).where(
        outbox.c.channel == row.channel,
        outbox.c.state == OutboxState.SENT.value,
        outbox.c.run_at > now - hour,
        outbox.c.action == Action.SEND.value,
        outbox.c.priority.in_(_CAPPED),
    )
    newest = left.order_by(outbox.c.run_at.desc()).limit(policy.soft_per_hour)
    times = list(tx.execute(newest).scalars())
    if len(times) < policy.soft_per_hour:
        return False
    _put_off(tx, row.channel, times[-1] + hour)
    return True


def _put_off(tx: Connection, channel: str, place: datetime) -> None:
    statement = (
        update(outbox)
        .where(
            outbox.c.channel == channel,
            outbox.c.state.in_(_WAITING),
            outbox.c.action == Action.SEND.value,
            outbox.c.priority.in_(_CAPPED),
            outbox.c.run_at < place,
        )
        .values(run_at=place, error=HELD)
    )
    tx.execute(statement)


def _change(tx: Connection, delivery: Delivery, **values: Any) -> None:
    known = func.coalesce(outbox.c.attempt_id, "") == delivery.attempt_id
    alive = outbox.c.state.in_(_ON_THEIR_WAY)
    statement = update(outbox).where(outbox.c.id == delivery.id, known, alive).values(values)
    if tx.execute(statement).rowcount == 0:
        raise LeaseLost(f"outbox row {delivery.id} belongs to another sender")


def _pause(channel: str) -> str:
    return f"pause:{channel}"
