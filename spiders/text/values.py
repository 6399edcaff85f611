"""Dates, numbers and identifiers as found on pages. What cannot be read is None, never a guess."""

from __future__ import annotations

import hashlib
import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from monitor.domain.types import TimeTrust

_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
_CLOCK_ERROR = timedelta(days=1)
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_OUT_OF = re.compile(
    r"\s*([+-]?\d+(?:[.,]\d+)?)\s*(?:/|von|out of|of)\s*(\d+(?:[.,]\d+)?)\s*", re.IGNORECASE
)
_DAY_FIRST = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\.?")
_YEAR_FIRST = re.compile(r"(\d{4})[./年]\s?(\d{1,2})[./月]\s?(\d{1,2})[.日]?")
_ODD_YEAR = re.compile(r"(?<![+-])\b0\d{3}\b")
_LONGEST_ID = 300


def read_date(text: str | None, now: datetime) -> tuple[datetime | None, TimeTrust]:
    """Return the time in UTC and who vouches for it.

    A time without a zone is read as UTC and marked as inferred. Before 1995 or in the future
    (more than a day, for clocks that are wrong) is no date.
    """
    found = _parse(text.strip()) if text else None
    if found is None:
        return None, TimeTrust.NONE
    trust = TimeTrust.SERVER if found.tzinfo else TimeTrust.INFERRED
    try:
        utc = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except OverflowError:
        return None, TimeTrust.NONE
    if not _EARLIEST <= utc <= now + _CLOCK_ERROR:
        return None, TimeTrust.NONE
    return utc, trust


def _parse(text: str) -> datetime | None:
    for reader in (_iso, _mail, _written):
        if (found := reader(text)) is not None:
            return found
    return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _mail(text: str) -> datetime | None:
    if _ODD_YEAR.search(text):
        # The standard library would read the year 0001 as 2001.
        return None
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _written(text: str) -> datetime | None:
    """Read 21.11.2026 and 2026. 11. 21.; orders that differ by country are left alone."""
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    elif match := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    else:
        return None
    try:
        return datetime(year, month, day)  # noqa: DTZ001 - the caller marks it as inferred
    except ValueError:
        return None


def read_number(value: object) -> float | None:
    """Read 4, 4.5, "4,5" and " 4.5 stars"; not NaN, not infinity, not True."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    match = _NUMBER.search(value) if isinstance(value, str) else None
    return float(match.group().replace(",", ".")) if match else None


def read_fraction(value: object) -> tuple[float, float] | None:
    """Read "4/5", "4 von 5" and "4 out of 5"."""
    match = _OUT_OF.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    given, best = (float(part.replace(",", ".")) for part in match.groups())
    return given, best


def absolute(base: str, link: str) -> str:
    """Resolve a link; most are absolute already and need no parsing. No link stays no link."""
    if not link or link.startswith(("http://", "https://")):
        return link
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """Return host and port as written; empty where the address cannot be read."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def fingerprint(*parts: object) -> str:
    """Return 32 hexadecimal digits that depend on every part and on their order."""
    joined = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.blake2b(joined.encode("utf-8", "replace"), digest_size=16).hexdigest()


def as_id(text: str) -> str:
    """Return an identifier that fits its column; a longer one keeps its start and a digest."""
    clean = " ".join(text.split())
    if len(clean) <= _LONGEST_ID:
        return clean
    return f"{clean[:200]}#{fingerprint(clean)}"
