"""The small languages inside values: durations, service spans, opening hours, secret references."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

_DURATION = re.compile(r"(\d+)\s*([a-z]+)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_BUSINESS = re.compile(r"(\d+)\s+business\s+(minute|hour|day)s?")
_SPAN_OF_DAY = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_REFERENCE = re.compile(r"(env|file):(.+)")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_duration(value: object) -> timedelta:
    """Read "15m", "36h" or "1d 12h". Raises ValueError with a sentence."""
    if isinstance(value, timedelta):
        return value
    parts = _DURATION.findall(value) if isinstance(value, str) else []
    rest = _DURATION.sub("", value).strip() if isinstance(value, str) else "x"
    if not parts or rest or any(unit not in _UNITS for _, unit in parts):
        raise ValueError(
            'a duration is a number and s, m, h, d or w in quotes, for example "15m" or "1d 12h"'
        )
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


def write_duration(value: timedelta) -> str:
    """Inverse of `parse_duration`, in the largest unit that fits exactly."""
    seconds = int(value.total_seconds())
    unit = next(u for u in reversed(_UNITS) if seconds % _UNITS[u] == 0 and seconds >= _UNITS[u])
    return f"{seconds // _UNITS[unit]}{unit}"


def _positive(value: timedelta) -> timedelta:
    if value < timedelta(seconds=1):
        raise ValueError('at least "1s"')
    return value


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    AfterValidator(_positive),
    PlainSerializer(write_duration),
    WithJsonSchema({"type": "string", "examples": ["15m", "1h", "2d"]}),
]


@dataclass(frozen=True, slots=True)
class Span:
    """How long something may take, and which clock counts it."""

    amount: timedelta
    """For `business_days`: that many days of 24 hours."""
    unit: Literal["clock", "business_time", "business_days"] = "clock"


def parse_span(value: object) -> Span:
    """Read "30m", "4 business hours" or "1 business day". Raises ValueError with a sentence."""
    if isinstance(value, Span):
        return value
    found = _BUSINESS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found:
        amount = timedelta(**{f"{found[2]}s": int(found[1])})
        return Span(amount, "business_days" if found[2] == "day" else "business_time")
    try:
        return Span(_positive(parse_duration(value)))
    except ValueError:
        raise ValueError(
            'a span is "30m", "2h" or "1d" around the clock, or counts open hours only: '
            '"4 business hours", "1 business day"'
        ) from None


def write_span(span: Span) -> str:
    """Inverse of `parse_span`."""
    if span.unit == "clock":
        return write_duration(span.amount)
    if span.unit == "business_days":
        return _plural(span.amount.days, "business day")
    minutes = int(span.amount.total_seconds()) // 60
    return _plural(minutes, "business minute") if minutes % 60 else _hours(minutes // 60)


def _hours(number: int) -> str:
    return _plural(number, "business hour")


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


ServiceSpan = Annotated[
    Span,
    BeforeValidator(parse_span),
    PlainSerializer(write_span),
    WithJsonSchema({"type": "string", "examples": ["30m", "4 business hours", "1 business day"]}),
]


def parse_hours(value: object) -> tuple[tuple[time, time], ...]:
    """Read the open hours of one day: "09:00-17:00", with a break "09:00-12:00, 13:00-17:00"."""
    if isinstance(value, tuple):
        return value
    spans = [_day_span(part) for part in value.split(",")] if isinstance(value, str) else [None]
    good = [span for span in spans if span]
    if len(good) != len(spans) or any(a[1] > b[0] for a, b in pairwise(good)):
        raise ValueError('open hours are written "09:00-17:00" or "09:00-12:00, 13:00-17:00"')
    return tuple(good)


def _day_span(text: str) -> tuple[time, time] | None:
    found = _SPAN_OF_DAY.fullmatch(text.strip())
    if not found:
        return None
    hour, minute, last_hour, last_minute = (int(group) for group in found.groups())
    if (last_hour, last_minute) == (24, 0):  # open until midnight: a local day has no 24:00
        last_hour, last_minute = 23, 59
    try:
        start, end = time(hour, minute), time(last_hour, last_minute)
    except ValueError:
        return None
    return (start, end) if start < end else None


def _write_hours(spans: tuple[tuple[time, time], ...]) -> str:
    return ", ".join(f"{start:%H:%M}-{end:%H:%M}" for start, end in spans)


DayHours = Annotated[
    tuple[tuple[time, time], ...],
    BeforeValidator(parse_hours),
    PlainSerializer(_write_hours),
    WithJsonSchema({"type": "string", "examples": ["09:00-17:00"]}),
]


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError('no such time zone; names look like "Europe/Riga"')
    return value


TimeZoneName = Annotated[str, AfterValidator(_known_zone)]


def _language(value: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}", value):
        raise ValueError('a language is its two-letter code in lower case, for example "lv"')
    return value


Language = Annotated[str, AfterValidator(_language)]


def is_reference(value: object) -> bool:
    """Tell whether a value only says where the secret is: "env:NAME" or "file:/path"."""
    return isinstance(value, str) and _REFERENCE.fullmatch(value) is not None


def resolve(reference: str, environ: Mapping[str, str]) -> str:
    """Return the secret that a reference names. Raises LookupError with a sentence, not a value."""
    found = _REFERENCE.fullmatch(reference)
    assert found is not None, "resolve() wants a reference"
    return _from_file(found[2]) if found[1] == "file" else _from_variable(found[2], environ)


def variable(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the variable, or the content of the file that NAME_FILE points at, or None."""
    if environ.get(name):
        return environ[name]
    path = environ.get(f"{name}_FILE")
    return _from_file(path) if path else None


def _from_variable(name: str, environ: Mapping[str, str]) -> str:
    value = variable(name, environ)
    if value is None:
        raise LookupError(f"the variable {name} (or {name}_FILE) is not set")
    return value


def _from_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise LookupError(f"the secret file {path} cannot be read: {reason}") from None


def thaw(value: Any) -> Any:
    """Turn the tuples of a frozen document back into lists, as TOML had them."""
    if isinstance(value, tuple | list):
        return [thaw(item) for item in value]
    if isinstance(value, Mapping):
        return {key: thaw(item) for key, item in value.items()}
    return value


def freeze(value: Any) -> Any:
    """Turn the lists of a TOML document into tuples, at every depth."""
    if isinstance(value, list):
        return tuple(freeze(item) for item in value)
    if isinstance(value, dict):
        return {key: freeze(item) for key, item in value.items()}
    return value
