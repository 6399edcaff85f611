from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.calendar import (
    ALWAYS_OPEN,
    Calendar,
    add_business_days,
    add_business_time,
    business_time_between,
    office_hours,
)

BUDAPEST = office_hours("Europe/Budapest", frozenset({date(2026, 12, 25)}))


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    zone = ZoneInfo("Europe/Budapest")
    return datetime(2026, month, day, hour, minute, tzinfo=zone).astimezone(UTC)


def test_half_an_hour_on_friday_afternoon_ends_on_monday() -> None:
    # The worked example of a published SLA guide: 30 minutes from Friday 16:45, office till 17:00.
    assert add_business_time(BUDAPEST, local(20, 16, 45), timedelta(minutes=30)) == local(23, 9, 15)


def test_a_holiday_is_skipped() -> None:
    start = local(24, 16, month=12)
    assert add_business_time(BUDAPEST, start, timedelta(hours=2)) == local(28, 10, month=12)


def test_business_days_keep_the_time_of_day() -> None:
    assert add_business_days(BUDAPEST, local(20, 11), 1) == local(23, 11)
    assert add_business_days(BUDAPEST, local(21, 11), 1) == local(24, 9)


def test_the_change_to_winter_time_moves_no_office_hour() -> None:
    friday = datetime(2026, 10, 23, 14, 0, tzinfo=UTC)  # 16:00 in summer time
    monday = datetime(2026, 10, 26, 9, 0, tzinfo=UTC)  # 10:00 in winter time
    assert add_business_time(BUDAPEST, friday, timedelta(hours=2)) == monday


def test_always_open_counts_every_hour() -> None:
    start = local(21, 3)
    assert add_business_time(ALWAYS_OPEN, start, timedelta(hours=5)) == start + timedelta(hours=5)
    assert add_business_days(ALWAYS_OPEN, start, 3) == start + timedelta(days=3)


def test_a_calendar_that_never_opens_is_refused() -> None:
    closed = Calendar(zone="UTC", hours={0: ()})
    with pytest.raises(ValueError, match="no open hours"):
        add_business_time(closed, local(20, 9), timedelta(hours=1))


@given(
    st.integers(min_value=0, max_value=1_500_000),
    st.timedeltas(timedelta(minutes=1), timedelta(days=9)),
)
def test_business_time_adds_up(minutes: int, amount: timedelta) -> None:
    start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    end = add_business_time(BUDAPEST, start, amount)
    assert end >= start
    assert business_time_between(BUDAPEST, start, end) == amount
