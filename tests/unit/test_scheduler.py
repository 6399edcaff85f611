from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from monitor.scheduler import Daily, Leadership, Metronome, Tick
from monitor.store import queue


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def now() -> datetime:
    return datetime.now(UTC)


def alone() -> Leadership:
    return Leadership(hold=lambda: True, drop=lambda: None, take_slot=lambda *_: True)


def metronome(*ticks: Tick, leadership: Leadership | None = None) -> Metronome:
    return Metronome(ticks=ticks, dailies=(), leadership=leadership or alone(), clock=now)


def test_a_tick_comes_again_after_it_failed() -> None:
    times: list[int] = []

    def run() -> None:
        times.append(1)
        raise RuntimeError("broken")

    clock = metronome(Tick(name="t", run=run, every_s=0.05))
    clock.start()
    until(lambda: len(times) >= 3)
    clock.stop()


def test_a_long_tick_does_not_overlap_itself_and_is_awaited_at_the_end() -> None:
    running, most = [0], [0]
    finished = threading.Event()

    def run() -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.3)
        running[0] -= 1
        finished.set()

    clock = metronome(Tick(name="t", run=run, every_s=0.05))
    clock.start()
    finished.wait(10)
    clock.stop()
    assert (most[0], running[0]) == (1, 0)


def test_of_two_instances_one_acts_and_the_other_takes_over(database) -> None:
    def leadership(owner: str) -> Leadership:
        def hold() -> bool:
            with database.write() as tx:
                return queue.take_lease(tx, "leader", owner, now=now(), seconds=20)

        def drop() -> None:
            with database.write() as tx:
                queue.drop_lease(tx, "leader", owner)

        return Leadership(hold=hold, drop=drop, take_slot=lambda *_: True, renew_s=0.1)

    seen: list[str] = []
    clocks = {
        name: metronome(
            Tick(name="t", run=lambda name=name: seen.append(name), every_s=0.05),
            leadership=leadership(name),
        )
        for name in ("first", "second")
    }
    for clock in clocks.values():
        clock.start()
    until(lambda: len(seen) >= 5)
    assert set(seen) == {"first"}
    clocks["first"].stop()
    until(lambda: "second" in seen)
    clocks["second"].stop()


def test_a_database_that_does_not_answer_means_do_not_act() -> None:
    answers = iter([True])

    def hold() -> bool:
        return next(answers)  # then StopIteration, as an outage would raise something

    leadership = Leadership(hold=hold, drop=lambda: None, take_slot=lambda *_: True, renew_s=0.1)
    clock = metronome(leadership=leadership)
    clock.start()
    assert clock.leading
    until(lambda: not clock.leading)
    clock.stop()


def test_daily_work_is_refused_in_the_hours_that_clock_changes_touch() -> None:
    with pytest.raises(ValueError, match="between 00:00 and 04:00"):
        Daily(name="d", run=lambda: None, hour=2, minute=30, zone="Europe/Riga")


def test_daily_work_is_done_once_per_day_over_all_instances(database) -> None:
    done: list[str] = []

    def take_slot(schedule: str, slot: str) -> bool:
        with database.write() as tx:
            return queue.take_slot(tx, schedule, slot, "x", now=now())

    leadership = Leadership(hold=lambda: True, drop=lambda: None, take_slot=take_slot)
    daily = Daily(name="d", run=lambda: done.append("d"), hour=5, minute=0, zone="UTC")
    clocks = [
        Metronome(ticks=(), dailies=(daily,), leadership=leadership, clock=now) for _ in range(2)
    ]
    for clock in clocks:
        clock.start()
        clock._once_a_day(daily)()
        clock._once_a_day(daily)()
        clock.stop()
    assert done == ["d"]
