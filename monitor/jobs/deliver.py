"""The job that empties the outbox: everything due now, on every channel.

Channels do not wait for each other: each has a thread of its own in a run, and a channel that
cannot be reached rests before it is tried again. Within a channel there is one sender at a time,
by a lease, and messages keep to the channel's rate.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from traceback import extract_tb
from uuid import uuid4

import structlog
from sqlalchemy import Connection

from monitor.domain.delivery import (
    Attempt,
    Pace,
    Step,
    Work,
    after_failure,
    after_look_up,
)
from monitor.domain.errors import (
    DeliveryError,
    DeliveryUncertain,
    LeaseLost,
    NotFound,
    StoreUnavailable,
)
from monitor.domain.ports import Channel
from monitor.domain.types import Alert, Receipt
from monitor.jobs.context import Context
from monitor.store import outbox
from monitor.store.outbox import Delivery
from monitor.store.queue import drop_lease, take_lease
from monitor.store.tasks import read_task

log = structlog.get_logger("earshot.deliver")

Sleep = Callable[[float], None]


def run(ctx: Context, sleep: Sleep = time.sleep) -> int:
    """Deliver what is due and return how many messages were accepted.

    Ends when nothing is due any more, or after `run_for_s`; what is left stays due. Never raises
    because of a channel: its failures are states of the rows.
    """
    with ctx.database.read() as tx:
        due = outbox.due_channels(tx, now=ctx.clock())
    senders = [
        _Sender(ctx, name, ctx.channels[name], sleep) for name in ctx.channels if name in due
    ]
    if len(senders) <= 1:
        return sum(sender.run() for sender in senders)
    with ThreadPoolExecutor(len(senders), thread_name_prefix="deliver") as threads:
        return sum(threads.map(_Sender.run, senders))


@dataclass(frozen=True, slots=True)
class _Job:
    """One attempt, already recorded: what leaves and what it says."""

    delivery: Delivery
    alert: Alert


class _Sender:
    """Delivers to one channel during one run."""

    def __init__(self, ctx: Context, name: str, channel: Channel, sleep: Sleep) -> None:
        self._ctx = ctx
        self._name = name
        self._channel = channel
        self._sleep = sleep
        self._owner = f"{ctx.owner}:{uuid4().hex[:12]}"
        self._pace = Pace(ctx.delivery)

    def run(self) -> int:
        """Deliver what is due; 0 when another sender has the channel, or when it rests."""
        accepted = 0
        ends = self._ctx.clock() + timedelta(seconds=self._ctx.delivery.run_for_s)
        if not self._enter():
            return 0
        try:
            while self._wait_for_turn(ends) and (job := self._begin()) is not None:
                self._ctx.fault("deliver.sending_committed")
                accepted += self._attempt(job)
        except LeaseLost:
            log.warning("delivery.lease_lost", channel=self._name)
        finally:
            self._leave()
        return accepted

    def _enter(self) -> bool:
        since = self._ctx.clock() - self._pace.window
        with self._ctx.database.read() as tx:
            self._pace.note(*outbox.recent_messages(tx, self._name, since))
        with self._ctx.database.write() as tx:
            return self._take_lease(tx)

    def _leave(self) -> None:
        """Let the next sender in at once. If this fails, the lease runs out by itself."""
        try:
            with self._ctx.database.write() as tx:
                drop_lease(tx, _lease(self._name), self._owner)
        except StoreUnavailable:
            log.warning("delivery.lease_kept", channel=self._name)

    def _take_lease(self, tx: Connection) -> bool:
        now, seconds = self._ctx.clock(), self._ctx.delivery.lease_s
        return take_lease(tx, _lease(self._name), self._owner, now=now, seconds=seconds)

    def _wait_for_turn(self, ends: datetime) -> bool:
        now = self._ctx.clock()
        with self._ctx.database.read() as tx:
            if not outbox.has_due(tx, self._name, now=now):
                return False
        wait = self._pace.wait_s(now)
        if now + timedelta(seconds=wait) >= ends:
            return False
        if wait > 0:
            self._sleep(wait)
        return True

    def _begin(self) -> _Job | None:
        """Record the next attempt, in the transaction that reads what it will say."""
        ctx, now = self._ctx, self._ctx.clock()
        with ctx.database.write() as tx:
            if not self._take_lease(tx):
                raise LeaseLost(f"another sender has the channel {self._name}")
            if outbox.paused_until(tx, self._name, now=now) is not None:
                return None
            due = outbox.lease_next(
                tx,
                self._name,
                now=now,
                policy=ctx.delivery,
                can_update=self._channel.can_update,
            )
            if due is None:
                return None
            ctx.fault("deliver.claimed")
            delivery = outbox.mark_sending(tx, due, now=now, policy=ctx.delivery)
            return _Job(delivery, self._alert(tx, delivery, now))

    def _alert(self, tx: Connection, delivery: Delivery, now: datetime) -> Alert:
        task = read_task(tx, delivery.task_id)
        if task is None:
            raise NotFound(f"There is no task {delivery.task_id}.")
        return Alert(
            key=delivery.key,
            task=task,
            now=now,
            link=self._ctx.link(task.id),
            similar=outbox.count_similar(tx, task, now=now),
        )

    def _attempt(self, job: _Job) -> int:
        """Talk to the channel and record what came of it. Returns the messages accepted."""
        if job.delivery.work is not Work.LOOK_UP:
            self._refuse_late(job.delivery)
            self._pace.note(self._ctx.clock())
        try:
            receipt = self._talk(job)
        except DeliveryError as error:
            self._failed(job.delivery, error)
            return 0
        except Exception as error:  # noqa: BLE001 - one broken message must not stop the others
            self._broken(job.delivery, error)
            return 0
        if receipt is None:
            self._failed(job.delivery, None)
            return 0
        self._ctx.fault("deliver.accepted")
        self._accepted(job.delivery, receipt)
        return 1

    def _refuse_late(self, delivery: Delivery) -> None:
        """Send nothing when this process stood still (a sleeping laptop) since it said it would.

        Another sender may have looked for the message meanwhile, in vain, and sent it.
        """
        stood_still = self._ctx.clock() - (delivery.started_at or self._ctx.clock())
        if stood_still > timedelta(seconds=self._ctx.delivery.lease_s / 2):
            raise LeaseLost(f"the attempt for {delivery.key} came too late")

    def _talk(self, job: _Job) -> Receipt | None:
        delivery = job.delivery
        if delivery.work is Work.LOOK_UP:
            look_back = timedelta(seconds=self._ctx.delivery.look_back_s)
            started = delivery.started_at or self._ctx.clock()
            found = self._look_up(delivery.key, started - look_back)
            self._ctx.fault("deliver.looked_up")
            return found
        if delivery.ref is not None:
            return self._channel.update(job.alert, Receipt(delivery.ref))
        return self._channel.send(job.alert)

    def _look_up(self, key: str, since: datetime) -> Receipt | None:
        if not self._channel.can_find:
            raise DeliveryUncertain("no history to look in")
        return self._channel.find(key, since)

    def _accepted(self, delivery: Delivery, receipt: Receipt) -> None:
        with self._ctx.database.write() as tx:
            outbox.mark_sent(tx, delivery, receipt.ref, now=self._ctx.clock())
        self._ctx.fault("deliver.sent_committed")
        log.info("delivery.sent", channel=self._name, key=delivery.key, work=delivery.work.value)

    def _failed(self, delivery: Delivery, error: DeliveryError | None) -> None:
        step = self._next_step(delivery, error)
        with self._ctx.database.write() as tx:
            outbox.settle(tx, delivery, step)
            if step.pause_until is not None:
                outbox.pause(tx, self._name, step.pause_until, step.error)
        log.warning(
            "delivery.failed",
            channel=self._name,
            key=delivery.key,
            state=step.state.value,
            error=step.error,
            attempts=delivery.attempts,
        )

    def _broken(self, delivery: Delivery, error: Exception) -> None:
        """Treat a bug as an attempt that may have been accepted; the channel does not rest.

        Only the kind and the place are logged: the text of the error may quote the mention.
        """
        place = extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        log.error(
            "delivery.bug", channel=self._name, error=kind, file=place.name, line=place.lineno
        )
        step = self._next_step(delivery, DeliveryUncertain(f"bug: {kind}"))
        with self._ctx.database.write() as tx:
            outbox.settle(tx, delivery, step)

    def _next_step(self, delivery: Delivery, error: DeliveryError | None) -> Step:
        now, policy = self._ctx.clock(), self._ctx.delivery
        if error is None or delivery.work is Work.LOOK_UP:
            return after_look_up(error, delivery.attempts, now=now, policy=policy)
        attempt = Attempt(
            updating=delivery.work is Work.UPDATE,
            attempts=delivery.attempts,
            started_at=delivery.started_at or now,
            can_find=self._channel.can_find,
        )
        return after_failure(error, attempt, now=now, policy=policy)


def _lease(channel: str) -> str:
    return f"sender:{channel}"
