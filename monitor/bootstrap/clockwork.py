"""What the clock does: which job runs how often, and who of several instances acts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import structlog

from monitor.bootstrap.app import App
from monitor.domain.errors import EarshotError
from monitor.jobs import close_removed, collect, deliver, score, tidy
from monitor.scheduler import Daily, Leadership, Metronome, Tick
from monitor.store import queue

log = structlog.get_logger("earshot.clockwork")

LEADER = "leader"
LEADER_LEASE_S = 20.0
COLLECT_EVERY_S = 1.0
REACT_EVERY_S = 1.0
TIDY_HOUR = 5
PARALLEL_CRAWLS = 3
"""Per lane: a source that hangs until its deadline keeps only its own crawl process busy."""


def metronome(app: App) -> Metronome:
    """Return the clock of this application, not yet started."""
    reaction = Reaction(app)
    lanes = sorted({plan.lane for plan in app.context.sources.values()})
    collects = tuple(
        Tick(
            name=f"collect-{lane}",
            run=partial(_collect, app, reaction, lane),
            every_s=COLLECT_EVERY_S,
            instances=PARALLEL_CRAWLS,
        )
        for lane in lanes
    )
    react = Tick(name="react", run=reaction.run, every_s=REACT_EVERY_S)
    nightly = Daily(
        name="tidy", run=lambda: tidy.run(app.context), hour=TIDY_HOUR, minute=30, zone="UTC"
    )
    return Metronome(
        ticks=(*collects, react),
        dailies=(nightly,),
        leadership=_leadership(app),
        clock=app.clock,
    )


class Reaction:
    """Score and deliver in a row, one thread at a time.

    A crawl that just ended waits for its turn and then runs at once, so that what it found is
    alerted without waiting for the next tick.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._scoring = threading.Lock()
        self._delivering = threading.Lock()

    def run(self) -> None:
        """Score what is new, then deliver what is due. One failing does not keep the other."""
        ctx = self._app.context
        self._app.last_tick = ctx.clock()
        with self._scoring:
            _contained("score", lambda: score.run(ctx))
            _contained("close_removed", lambda: close_removed.run(ctx))
        with self._delivering:
            _contained("deliver", lambda: deliver.run(ctx))


def _contained(job: str, run: Callable[[], int]) -> None:
    """Run one job; a known failure is a line in the log and a new try at the next tick."""
    try:
        done = run()
    except EarshotError as error:
        log.warning("job_failed", job=job, error=type(error).__name__, permanent=error.permanent)
        return
    if done:
        log.info("job_done", job=job, done=done)


def _collect(app: App, reaction: Reaction, lane: str) -> None:
    if collect.run(app.context, lane=lane):
        reaction.run()


def _leadership(app: App) -> Leadership:
    def hold() -> bool:
        with app.database.write() as tx:
            return queue.take_lease(
                tx, LEADER, str(app.owner), now=app.clock(), seconds=LEADER_LEASE_S
            )

    def drop() -> None:
        with app.database.write() as tx:
            queue.drop_lease(tx, LEADER, str(app.owner))

    def take_slot(schedule: str, slot: str) -> bool:
        with app.database.write() as tx:
            return queue.take_slot(tx, schedule, slot, str(app.owner), now=app.clock())

    return Leadership(hold=hold, drop=drop, take_slot=take_slot)
