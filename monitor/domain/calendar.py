"""Business time: when a team is open, and where a span of open time ends.

Pure arithmetic on local wall-clock days, so that a change to or from summer time moves no office
hour. Holidays arrive as a set of dates; who computes them is not this module's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[time, time]
_LONGEST_CLOSURE = 400
"""Days to look ahead for an open day before a calendar counts as never open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Opening hours of a team in its own time zone."""

    zone: str = "UTC"
    hours: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    """Weekday (Monday is 0) -> spans of local time, in order. Empty: open around the clock."""
    holidays: frozenset[date] = frozenset()

    def is_open_day(self, day: date) -> bool:
        """Whether the team works at all on that local day."""
        return not self.hours or (day not in self.holidays and bool(self.hours.get(day.weekday())))

    def open_spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the open spans of a local day as aware UTC datetimes, in order."""
        if not self.is_open_day(day):
            return []
        zone = ZoneInfo(self.zone)
        return [
            (_utc(day, start, zone), _utc(day, end, zone))
            for start, end in self.hours[day.weekday()]
        ]


ALWAYS_OPEN = Calendar()


def office_hours(
    zone: str, holidays: frozenset[date] = frozenset(), start: int = 9, end: int = 17
) -> Calendar:
    """Monday to Friday, `start` to `end` o'clock local time."""
    hours: dict[int, tuple[Span, ...]] = {day: ((time(start), time(end)),) for day in range(5)}
    return Calendar(zone=zone, hours=hours, holidays=holidays)


def add_business_time(calendar: Calendar, start: datetime, amount: timedelta) -> datetime:
    """Return the moment at which `amount` of open time has passed since `start` (both UTC).

    Example: 30 minutes from Friday 16:45 with office hours to 17:00 end on Monday at 09:15.
    Raises ValueError when the calendar is never open.
    """
    if not calendar.hours:
        return start + amount
    left = amount
    for opens, closes in _spans_from(calendar, start):
        available = closes - max(opens, start)
        if available >= left:
            return max(opens, start) + left
        left -= available
    raise ValueError("the calendar has no open hours")


def add_business_days(calendar: Calendar, start: datetime, days: int) -> datetime:
    """Return the same local time `days` open days later, at the latest at closing time.

    A start outside opening hours counts from the next opening. Raises ValueError when the
    calendar is never open.
    """
    if not calendar.hours:
        return start + timedelta(days=days)
    begin = _next_open_moment(calendar, start)
    zone = ZoneInfo(calendar.zone)
    local = begin.astimezone(zone)
    day = _open_day_after(calendar, local.date(), days)
    wanted = _utc(day, local.time(), zone)
    opens, closes = calendar.open_spans(day)[0][0], calendar.open_spans(day)[-1][1]
    return min(max(wanted, opens), closes)


def business_time_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Return the open time between two moments; zero when `end` is before `start`."""
    if end <= start:
        return timedelta()
    if not calendar.hours:
        return end - start
    total = timedelta()
    for opens, closes in _spans_from(calendar, start):
        if opens >= end:
            break
        total += min(closes, end) - max(opens, start)
    return total


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _spans_from(calendar: Calendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    day = start.astimezone(ZoneInfo(calendar.zone)).date()
    quiet_days = 0
    while quiet_days < _LONGEST_CLOSURE:
        spans = [span for span in calendar.open_spans(day) if span[1] > start]
        yield from spans
        quiet_days = 0 if spans else quiet_days + 1
        day += timedelta(days=1)


def _next_open_moment(calendar: Calendar, start: datetime) -> datetime:
    for opens, _ in _spans_from(calendar, start):
        return max(opens, start)
    raise ValueError("the calendar has no open hours")


def _open_day_after(calendar: Calendar, day: date, days: int) -> date:
    while days:
        day += timedelta(days=1)
        days -= calendar.is_open_day(day)
    return day
