from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.delivery import (
    Action,
    Attempt,
    DeliveryPolicy,
    Entry,
    OutboxState,
    Pace,
    Work,
    after_failure,
    after_look_up,
    backoff,
    folded_with,
    work_for,
)
from monitor.domain.errors import DeliveryDelayed, DeliveryRefused, DeliveryUncertain
from tests.twins.clock import START

POLICY = DeliveryPolicy()
FIRST = Attempt(updating=False, attempts=1, started_at=START, can_find=True)
NOW = START + timedelta(seconds=10)

SEND = Entry(id=1, action=Action.SEND, state=OutboxState.NEW)
SENT = replace(SEND, state=OutboxState.SENT, ref="C1:1.0")
UPDATE = Entry(id=2, action=Action.UPDATE, state=OutboxState.NEW)


def _after(seconds: float):
    return NOW + timedelta(seconds=seconds)


def test_waits_double_up_to_the_cap():
    waits = [backoff(attempts, POLICY).total_seconds() for attempts in (0, 1, 2, 3, 8, 9, 300)]

    assert waits == [5, 5, 10, 20, 640, 900, 900]


def test_the_default_wait_before_a_look_up_is_longer_than_a_request_may_take():
    assert POLICY.look_up_after_s > POLICY.request_timeout_s
    assert POLICY.lease_s > POLICY.request_timeout_s


@pytest.mark.parametrize(
    ("error", "attempt", "state", "run_at"),
    [
        (DeliveryRefused("no"), FIRST, OutboxState.DEAD, _after(0)),
        (DeliveryDelayed("later"), FIRST, OutboxState.RETRY, _after(5)),
        (DeliveryDelayed("later", retry_after=3600), FIRST, OutboxState.RETRY, _after(3600)),
        (DeliveryDelayed("later", retry_after=0), FIRST, OutboxState.RETRY, _after(1)),
        (DeliveryDelayed("later"), replace(FIRST, attempts=300), OutboxState.DEAD, _after(900)),
        (DeliveryUncertain("lost"), FIRST, OutboxState.SENDING, _after(50)),
        (DeliveryUncertain("lost"), replace(FIRST, can_find=False), OutboxState.UNCERTAIN, NOW),
        (
            DeliveryUncertain("lost"),
            replace(FIRST, can_find=False, updating=True),
            OutboxState.SENDING,
            _after(50),
        ),
        (DeliveryUncertain("lost"), replace(FIRST, attempts=300), OutboxState.UNCERTAIN, NOW),
    ],
)
def test_what_follows_a_failure(error, attempt, state, run_at):
    step = after_failure(error, attempt, now=NOW, policy=POLICY)

    assert (step.state, step.run_at, step.error) == (state, run_at, error.code)


@pytest.mark.parametrize(
    ("error", "attempts", "pause_s"),
    [
        (DeliveryRefused("no"), 1, None),
        (DeliveryDelayed("later", retry_after=3600), 1, 3600),
        (DeliveryDelayed("later"), 1, 5),
        (DeliveryDelayed("later"), 12, 60),
        (DeliveryUncertain("lost"), 12, 60),
    ],
)
def test_how_long_the_channel_rests(error, attempts, pause_s):
    step = after_failure(error, replace(FIRST, attempts=attempts), now=NOW, policy=POLICY)

    assert step.pause_until == (None if pause_s is None else _after(pause_s))


@pytest.mark.parametrize(
    ("error", "attempts", "state", "run_at"),
    [
        (None, 2, OutboxState.RETRY, _after(10)),
        (
            DeliveryDelayed("history: ratelimited", retry_after=60),
            2,
            OutboxState.SENDING,
            _after(60),
        ),
        (DeliveryDelayed("history: down"), 2, OutboxState.SENDING, _after(10)),
        (DeliveryUncertain("history: missing_scope"), 2, OutboxState.UNCERTAIN, NOW),
        (DeliveryRefused("history: no"), 2, OutboxState.UNCERTAIN, NOW),
        (None, 300, OutboxState.UNCERTAIN, NOW),
        (DeliveryDelayed("history: down"), 300, OutboxState.UNCERTAIN, NOW),
    ],
)
def test_what_follows_a_look_up(error, attempts, state, run_at):
    step = after_look_up(error, attempts, now=NOW, policy=POLICY)

    assert (step.state, step.run_at) == (state, run_at)


@pytest.mark.parametrize(
    ("entry", "others", "expected"),
    [
        (SEND, [], (Work.SEND, None)),
        (replace(SEND, state=OutboxState.RETRY), [UPDATE], (Work.SEND, None)),
        (replace(SEND, state=OutboxState.SENDING), [UPDATE], (Work.LOOK_UP, None)),
        (UPDATE, [SENT], (Work.UPDATE, "C1:1.0")),
        (replace(UPDATE, state=OutboxState.SENDING), [SENT], (Work.UPDATE, "C1:1.0")),
        (UPDATE, [SEND], (Work.FOLD, None)),
        (UPDATE, [SENT, replace(UPDATE, id=3)], (Work.FOLD, None)),
        (replace(UPDATE, id=3), [SENT, UPDATE], (Work.UPDATE, "C1:1.0")),
        (UPDATE, [replace(SEND, state=OutboxState.UNCERTAIN)], (Work.SEND, None)),
        (UPDATE, [replace(SEND, state=OutboxState.DEAD)], (Work.SEND, None)),
        (UPDATE, [], (Work.SEND, None)),
        (replace(UPDATE, state=OutboxState.SENDING), [], (Work.LOOK_UP, None)),
        (
            replace(UPDATE, id=9),
            [
                replace(SEND, state=OutboxState.DEAD),
                replace(UPDATE, state=OutboxState.SENT, ref="C1:2.0"),
            ],
            (Work.UPDATE, "C1:2.0"),
        ),
        (UPDATE, [replace(SEND, state=OutboxState.SENT)], (Work.SEND, None)),
    ],
)
def test_what_a_due_row_needs(entry, others, expected):
    assert work_for(entry, others, can_update=True) == expected


def test_changes_that_a_channel_cannot_show_need_nothing():
    assert work_for(UPDATE, [SENT], can_update=False) == (Work.FOLD, None)
    uncertain = replace(SEND, state=OutboxState.UNCERTAIN)
    assert work_for(UPDATE, [uncertain], can_update=False) == (Work.SEND, None)


def test_a_message_covers_all_waiting_changes():
    others = [
        UPDATE,
        replace(UPDATE, id=3, state=OutboxState.RETRY),
        replace(UPDATE, id=4, state=OutboxState.SENT),
    ]

    assert folded_with(SEND, others) == [2, 3]


@given(
    gaps=st.lists(st.floats(0, 5), min_size=1, max_size=60),
    burst=st.integers(1, 7),
    interval=st.floats(0.1, 3),
)
def test_never_faster_than_the_pace(gaps, burst, interval):
    policy = replace(POLICY, burst=burst, min_interval_s=interval)
    pace, now, left = Pace(policy), START, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        now += timedelta(seconds=pace.wait_s(now))
        pace.note(now)
        left.append(now)

    window = timedelta(seconds=burst * interval) - timedelta(milliseconds=1)
    for first, beyond in zip(left, left[burst:], strict=False):
        assert beyond - first >= window
