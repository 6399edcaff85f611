"""What the pages need, handed over by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from monitor.desk import Desk
from monitor.domain.ports import Clock
from monitor.store.database import Database


def _no_lag() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebServices:
    """The surroundings of the web application."""

    database: Database
    clock: Clock
    desk: Desk
    version: str
    base_url: str
    """Address that people use, without a slash at the end; https makes cookies secure."""
    time_zone: str = "UTC"
    """In which times are shown and entered."""
    hosts: frozenset[str] = frozenset()
    """Host names that are answered; empty answers all."""
    session_hours: int = 12
    """A sign-in ends after this time, however busy."""
    idle_hours: int = 4
    """A sign-in ends after this time without a request."""
    scheduler_lag: Callable[[], float | None] = _no_lag
    """Seconds that the clock of this process is late; None: no clock runs in this process."""
    languages: tuple[str, ...] = ("en", "de", "hu", "lv", "zh")

    @property
    def secure(self) -> bool:
        """Whether people come by https."""
        return self.base_url.startswith("https://")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone as an object."""
        return ZoneInfo(self.time_zone)

    @property
    def session_lifetime(self) -> timedelta:
        """Longest life of a session."""
        return timedelta(hours=self.session_hours)

    @property
    def idle_lifetime(self) -> timedelta:
        """Longest silence of a session."""
        return timedelta(hours=min(self.idle_hours, self.session_hours))
