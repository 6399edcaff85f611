from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from monitor.desk import Desk
from monitor.domain.errors import NotAllowed, NotFound, StaleVersion
from monitor.domain.policy import ChannelRule
from monitor.domain.types import Found, TaskState
from monitor.jobs import score
from monitor.store.tables import outbox
from monitor.store.views import timeline
from tests.unit.jobs_context import context, heard


@pytest.fixture
def desk(database, clock) -> Desk:
    heard(database, clock, Found(external_id="r1", text="A bad kettle."))
    score.run(context(database, clock))
    return Desk(database, clock, (ChannelRule(channel="care"),))


def test_claiming_makes_an_owner_and_updates_the_message(desk) -> None:
    task = desk.claim(1, 1, "Anna")
    assert (task.state, task.owner, task.version) == (TaskState.CLAIMED, "Anna", 2)
    with desk.database.read() as tx:
        rows = tx.execute(select(outbox.c.action, outbox.c.dedupe_key)).all()
    assert ("update", "task:1:v2:care") in [tuple(row) for row in rows]


def test_a_stale_action_is_refused_with_who_did_what_when(desk) -> None:
    desk.claim(1, 1, "Anna")
    with pytest.raises(StaleVersion, match=r"claim by Anna at 2026-03-02 09:00 UTC"):
        desk.claim(1, 1, "Béla")


def test_of_a_hundred_claims_at_once_exactly_one_wins(desk) -> None:
    won: list[str] = []

    def claim(number: int) -> None:
        try:
            desk.claim(1, 1, f"agent {number}")
        except StaleVersion:
            return
        won.append(f"agent {number}")

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


def test_a_hold_needs_a_reason_and_an_end_in_the_future(desk, clock) -> None:
    with pytest.raises(NotAllowed, match="reason"):
        desk.hold(1, 1, "Anna", reason=" ", until=clock() + timedelta(days=1))
    with pytest.raises(NotAllowed, match="future"):
        desk.hold(1, 1, "Anna", reason="approval", until=clock())
    task = desk.hold(1, 1, "Anna", reason="approval", until=clock() + timedelta(days=1))
    assert (task.state, task.hold_reason) == (TaskState.ON_HOLD, "approval")
    assert desk.wake(1, 2, "Anna").hold_until is None


def test_closing_needs_a_reason_and_a_closed_task_can_come_back(desk) -> None:
    with pytest.raises(NotAllowed, match="reason"):
        desk.close(1, 1, "Anna", reason="")
    assert desk.close(1, 1, "Anna", reason="solved").close_reason == "solved"
    with pytest.raises(NotAllowed, match="cannot be claimed"):
        desk.claim(1, 2, "Anna")
    assert desk.reopen(1, 2, "Anna").state is TaskState.NEW


def test_every_action_is_in_the_timeline(desk) -> None:
    desk.claim(1, 1, "Anna")
    desk.reply(1, 2, "Anna", url="https://shop.example/r1#reply")
    desk.close(1, 3, "Anna", reason="solved")
    with desk.database.read() as tx:
        events = timeline(tx, 1)
    assert [event.action for event in events] == ["open", "claim", "reply", "close"]
    assert [event.version for event in events] == [1, 2, 3, 4]


def test_an_unknown_task_is_said_to_be_unknown(desk) -> None:
    with pytest.raises(NotFound, match="no task 99"):
        desk.claim(99, 1, "Anna")


def test_release_dismiss_and_back(desk) -> None:
    desk.claim(1, 1, "Anna")
    assert desk.release(1, 2, "Anna").owner is None
    assert desk.no_action(1, 3, "Anna", reason="spam").state is TaskState.NO_ACTION
