"""The clock: the only file that knows APScheduler.

APScheduler is a metronome here. What is due stands in the database; the job store is in memory and
rebuilt at every start, so nothing is pickled and nothing is lost. Of several started instances only
the one that holds the leader lease acts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

log = structlog.get_logger("earshot.scheduler")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Something to do again and again. `every_s` in seconds; `instances` may overlap."""

    name: str
    run: Callable[[], object]
    every_s: float
    instances: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """Something to do once a day at a local time.

    Hours from 0 to 4 are refused: on two nights of the year they happen twice or not at all.
    """

    name: str
    run: Callable[[], object]
    hour: int
    minute: int
    zone: str

    def __post_init__(self) -> None:
        if self.hour < 4:  # noqa: PLR2004 - the end of the hours that clock changes touch
            raise ValueError(f"{self.name}: daily work must not be between 00:00 and 04:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leadership:
    """How this instance learns whether it is the one that acts."""

    hold: Callable[[], bool]
    """Take or renew the leader lease; False when another instance has it."""
    drop: Callable[[], None]
    take_slot: Callable[[str, str], bool]
    """True exactly once per (schedule, slot) over all instances and restarts."""
    renew_s: float = 5.0


@dataclass(slots=True)
class Metronome:
    """Runs ticks while this instance leads.

    A failing tick is logged and comes again; a late one is not skipped; several missed ones
    become one.
    """

    ticks: tuple[Tick, ...]
    dailies: tuple[Daily, ...]
    leadership: Leadership
    clock: Callable[[], datetime]
    _leading: threading.Event = field(default_factory=threading.Event)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _scheduler: BackgroundScheduler | None = None

    def start(self) -> None:
        """Begin; returns at once."""
        workers = sum(tick.instances for tick in self.ticks) + len(self.dailies) + 1
        scheduler = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={"default": ThreadPoolExecutor(workers)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        self._renew()
        self._add_jobs(scheduler)
        scheduler.start()
        self._scheduler = scheduler

    def begin_stop(self) -> None:
        """Start no tick any more; running ones go on."""
        self._stopping.set()

    def stop(self) -> None:
        """Let running ticks end, start no more, give the lease back."""
        self.begin_stop()
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
        if self._leading.is_set():
            self._leading.clear()
            self.leadership.drop()

    @property
    def leading(self) -> bool:
        """Whether this instance acts at present."""
        return self._leading.is_set()

    def _add_jobs(self, scheduler: BackgroundScheduler) -> None:
        scheduler.add_job(self._renew, IntervalTrigger(seconds=self.leadership.renew_s), id="lead")
        for tick in self.ticks:
            scheduler.add_job(
                self._guarded(tick.run),
                IntervalTrigger(seconds=tick.every_s),
                id=tick.name,
                max_instances=tick.instances,
                next_run_time=datetime.now(UTC),
            )
        for daily in self.dailies:
            trigger = CronTrigger(hour=daily.hour, minute=daily.minute, timezone=daily.zone)
            scheduler.add_job(self._once_a_day(daily), trigger, id=daily.name)

    def _renew(self) -> None:
        """Renew the lease; a database that does not answer means: do not act."""
        held = False
        try:
            held = not self._stopping.is_set() and self.leadership.hold()
        finally:
            if held:
                self._leading.set()
            else:
                self._leading.clear()

    def _guarded(self, run: Callable[[], object]) -> Callable[[], None]:
        def act() -> None:
            if self._leading.is_set() and not self._stopping.is_set():
                run()

        return act

    def _once_a_day(self, daily: Daily) -> Callable[[], None]:
        def act() -> None:
            if self._leading.is_set() and self.leadership.take_slot(
                daily.name, self.clock().date().isoformat()
            ):
                daily.run()

        return act


def _report(event: JobExecutionEvent) -> None:
    error = getattr(event, "exception", None)
    kind = type(error).__name__ if error is not None else "missed"
    permanent = getattr(error, "permanent", True)
    log.warning("tick_failed", job=event.job_id, error=kind, permanent=permanent)
