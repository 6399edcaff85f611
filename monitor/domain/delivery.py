"""What becomes of an alert on its way out: pure decisions, no clock, no database, no socket.

A row of the outbox moves new -> sending -> sent. `sending` is written before the socket opens, so
a row found in that state without a sender is one that may have been accepted: it is looked up in
the channel's history, never simply repeated. A failed attempt ends in `retry` (certainly not
accepted), stays in `sending` (perhaps accepted, to be looked up), or ends in `uncertain` (perhaps
accepted, and nobody can tell) or `dead` (refused).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.domain.errors import (
    DeliveryDelayed,
    DeliveryError,
    DeliveryRefused,
    DeliveryUncertain,
)
from monitor.domain.types import Priority

HELD = "held: hourly limit"
FOLDED = "folded"
"""Written to `error` of a row that needed no message of its own; its state is `sent`."""


class OutboxState(StrEnum):
    """Where a row of the outbox stands."""

    NEW = "new"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    UNCERTAIN = "uncertain"
    DEAD = "dead"


WAITING = (OutboxState.NEW, OutboxState.RETRY)


class Action(StrEnum):
    """What a row asks for."""

    SEND = "send"
    UPDATE = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPolicy:
    """The numbers of delivery; all from configuration, times in seconds."""

    lease_s: float = 60.0
    """How long a sender owns a channel; longer than the longest request."""
    request_timeout_s: float = 10.0
    look_up_after_s: float = 60.0
    """From the start of an attempt. Longer than a channel may still accept an abandoned request."""
    look_back_s: float = 60.0
    """How far before the attempt the history is read: clocks differ."""
    min_interval_s: float = 1.0
    """Between two messages to one channel, on average."""
    burst: int = 5
    """So many may go at once before the interval counts."""
    soft_per_hour: int = 12
    """P3 and P4 alerts per channel in any 60 minutes; more of them wait. 0: no limit."""
    max_attempts: int = 300
    """About three days at the longest wait."""
    retry_base_s: float = 5.0
    retry_cap_s: float = 900.0
    pause_cap_s: float = 60.0
    """A channel that cannot be reached is tried again after at most this long."""
    run_for_s: float = 20.0
    """One run of the job ends after this long; what is left stays due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is known of an attempt when it has failed."""

    updating: bool
    """It changes a message that is there: repeating it does no harm."""
    attempts: int
    """Attempts so far, this one included."""
    started_at: datetime
    can_find: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The next state of a row."""

    state: OutboxState
    run_at: datetime
    error: str
    pause_until: datetime | None = None
    """The whole channel rests until then."""


def backoff(attempts: int, policy: DeliveryPolicy) -> timedelta:
    """Return the wait after the given number of attempts: doubling, capped."""
    doublings = min(max(attempts - 1, 0), 30)
    return timedelta(seconds=min(policy.retry_base_s * 2**doublings, policy.retry_cap_s))


def after_failure(
    error: DeliveryError, attempt: Attempt, *, now: datetime, policy: DeliveryPolicy
) -> Step:
    """Decide what follows a failed `send` or `update`."""
    if isinstance(error, DeliveryRefused):
        return Step(state=OutboxState.DEAD, run_at=now, error=error.code)
    wait = _wait(error, attempt.attempts, policy)
    pause = now + min(wait, timedelta(seconds=error.retry_after or policy.pause_cap_s))
    if isinstance(error, DeliveryDelayed):
        spent = attempt.attempts >= policy.max_attempts
        state = OutboxState.DEAD if spent else OutboxState.RETRY
        return Step(state=state, run_at=now + wait, error=error.code, pause_until=pause)
    if not _repeatable(attempt) or attempt.attempts >= policy.max_attempts:
        return Step(state=OutboxState.UNCERTAIN, run_at=now, error=error.code, pause_until=pause)
    look_up = attempt.started_at + timedelta(seconds=policy.look_up_after_s)
    return Step(state=OutboxState.SENDING, run_at=look_up, error=error.code, pause_until=pause)


def after_look_up(
    error: DeliveryError | None, attempts: int, *, now: datetime, policy: DeliveryPolicy
) -> Step:
    """Decide what follows a look-up that did not find the message.

    `error` None: it is certainly not there and may be sent again. A history that cannot be read
    now is asked later; one that cannot be read at all leaves the row uncertain.
    """
    wait = now + _wait(error, attempts, policy)
    if attempts >= policy.max_attempts:
        return Step(state=OutboxState.UNCERTAIN, run_at=now, error="gave up looking")
    if error is None:
        return Step(state=OutboxState.RETRY, run_at=wait, error="not accepted")
    if isinstance(error, DeliveryUncertain | DeliveryRefused):
        return Step(state=OutboxState.UNCERTAIN, run_at=now, error=error.code)
    return Step(state=OutboxState.SENDING, run_at=wait, error=error.code)


def _repeatable(attempt: Attempt) -> bool:
    return attempt.can_find or attempt.updating


def _wait(error: DeliveryError | None, attempts: int, policy: DeliveryPolicy) -> timedelta:
    if error is not None and error.retry_after is not None:
        return timedelta(seconds=max(error.retry_after, policy.min_interval_s))
    return backoff(attempts, policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the outbox, as far as the order of messages depends on it."""

    id: int
    action: Action
    state: OutboxState
    ref: str | None = None


class Work(StrEnum):
    """What to do with a due row."""

    SEND = "send"
    UPDATE = "update"
    LOOK_UP = "look_up"
    FOLD = "fold"
    """Nothing to send: another message shows the same state."""


def work_for(entry: Entry, others: Sequence[Entry], *, can_update: bool) -> tuple[Work, str | None]:
    """Decide what a due row needs, given the other rows of its task and channel.

    Returns the reference of the message to change with UPDATE. A message always shows the task
    as it is when it leaves, so of several waiting changes the newest is enough, and a change is
    not needed while the first message still waits. Without a confirmed message (uncertain, dead
    or none) a change goes out as a message of its own.
    """
    ref = _message(others)
    if entry.action is Action.UPDATE and _shown_by_another(entry, others):
        return Work.FOLD, None
    if entry.action is Action.SEND or ref is None:
        again = entry.state is OutboxState.SENDING
        return (Work.LOOK_UP if again else Work.SEND), None
    return (Work.UPDATE, ref) if can_update else (Work.FOLD, None)


def folded_with(entry: Entry, others: Iterable[Entry]) -> list[int]:
    """Return the ids of waiting changes that the message for `entry` makes superfluous."""
    return [
        other.id
        for other in others
        if other.action is Action.UPDATE and other.state in WAITING and other.id != entry.id
    ]


def _message(others: Iterable[Entry]) -> str | None:
    refs = [other for other in others if other.state is OutboxState.SENT and other.ref]
    return max(refs, key=lambda other: other.id).ref if refs else None


def _shown_by_another(entry: Entry, others: Iterable[Entry]) -> bool:
    return any(
        other.state in WAITING and (other.action is Action.SEND or other.id > entry.id)
        for other in others
    )


class Pace:
    """Keeps a channel below its rate: at most `burst` messages in any `burst` intervals."""

    def __init__(self, policy: DeliveryPolicy) -> None:
        self._burst = max(policy.burst, 1)
        self.window = timedelta(seconds=policy.min_interval_s * self._burst)
        """Messages older than this do not count any more."""
        self._left: list[datetime] = []

    def note(self, *moments: datetime) -> None:
        """Remember that messages left at these moments."""
        self._left = sorted([*self._left, *moments])[-self._burst :]

    def wait_s(self, now: datetime) -> float:
        """Return the seconds until the next message may leave; 0 for at once."""
        if len(self._left) < self._burst:
            return 0.0
        return max((self._left[0] + self.window - now).total_seconds(), 0.0)


def is_capped(priority: Priority) -> bool:
    """Tell whether the hourly limit applies: urgent alerts are never held back."""
    return priority in {Priority.P3, Priority.P4}
