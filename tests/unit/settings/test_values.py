from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.settings.values import (
    Span,
    parse_duration,
    parse_hours,
    parse_span,
    resolve,
    variable,
    write_duration,
    write_span,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15m", 900), ("1h", 3600), ("2d", 172800), ("1w", 604800), ("1d 12h", 129600), ("90 s", 90)],
)
def test_reads_durations(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value", ["", "15", "m", "15 minutes", "-5m", "1.5h", 15, None, "1h!", "5é"]
)
def test_explains_a_wrong_duration(value):
    with pytest.raises(ValueError, match='for example "15m"'):
        parse_duration(value)


@given(st.integers(min_value=1, max_value=10**8))
def test_written_durations_read_back(seconds):
    value = timedelta(seconds=seconds)
    assert parse_duration(write_duration(value)) == value


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30m", Span(timedelta(minutes=30))),
        ("4 business hours", Span(timedelta(hours=4), "business_time")),
        ("90 business minutes", Span(timedelta(minutes=90), "business_time")),
        ("1 business day", Span(timedelta(days=1), "business_days")),
        ("10 business days", Span(timedelta(days=10), "business_days")),
    ],
)
def test_reads_and_writes_spans(text, span):
    assert parse_span(text) == span
    assert write_span(span) == text


@pytest.mark.parametrize("value", ["business day", "1 busy day", "0s", 4, "x business hours"])
def test_explains_a_wrong_span(value):
    with pytest.raises(ValueError, match="4 business hours"):
        parse_span(value)


def test_reads_open_hours():
    assert parse_hours("09:00-12:00, 13:00-24:00") == (
        (time(9), time(12)),
        (time(13), time(23, 59)),
    )


@pytest.mark.parametrize(
    "value", ["9-17", "17:00-09:00", "25:00-26:00", "09:00-12:00,11:00-13:00", 9]
)
def test_explains_wrong_hours(value):
    with pytest.raises(ValueError, match="09:00-17:00"):
        parse_hours(value)


def test_takes_a_secret_from_a_variable_or_a_file(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n", encoding="utf-8")
    assert resolve("env:EARSHOT_A", {"EARSHOT_A": "x"}) == "x"
    assert resolve("env:EARSHOT_A", {"EARSHOT_A_FILE": str(secret)}) == "s3cret"
    assert resolve(f"file:{secret}", {}) == "s3cret"
    assert variable("EARSHOT_A", {}) is None


def test_names_the_missing_secret(tmp_path):
    with pytest.raises(LookupError, match=r"EARSHOT_A \(or EARSHOT_A_FILE\) is not set"):
        resolve("env:EARSHOT_A", {})
    with pytest.raises(LookupError, match="cannot be read: No such file"):
        resolve(f"file:{tmp_path / 'none'}", {})
