"""A row becomes an item, or says why it cannot. Dates and ratings are never invented."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo

from monitor.cli._import.rows import Row
from monitor.domain.errors import BadItem
from monitor.domain.types import Found, Kind, TimeTrust

DateOrder = Literal["dmy", "mdy"]

_NUMBER = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:(?:/|von|out of|of|no|из)\s*(\d+(?:[.,]\d+)?))?")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日.]?\s*(.*)")
_YEAR_LAST = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})\.?,?\s*(.*)")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(am|pm)?", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])")
_EPOCH_MS = 10**11


@dataclass(slots=True)
class Reader:
    """Turns rows into items by a column mapping; counts what it had to leave out."""

    columns: Mapping[str, str]
    kind: Kind = Kind.REVIEW
    scale: float = 5.0
    """Best possible rating where the row does not say it ("4/5")."""
    order: DateOrder = "dmy"
    zone: str = "UTC"
    """Time zone of dates without one."""
    dates_unread: int = 0
    ratings_unread: int = 0
    _same: Counter[str] = field(default_factory=Counter)

    def read(self, row: Row) -> Found:
        """Return the item. Raises BadItem with the reason, fit for the file of rejects."""
        if row.fault:
            raise BadItem(row.fault)
        text, title = self._text(row, "text"), self._text(row, "title")
        if not text and not title:
            raise BadItem("has no text")
        published, trust = self._date(row)
        rating, scale = self._rating(row)
        author = self._text(row, "author") or None
        return Found(
            external_id=self._id(row, (text, title, author or "", str(published), str(rating))),
            text=text,
            title=title or None,
            kind=self.kind,
            author=author,
            url=self._url(row),
            rating=rating,
            rating_scale=scale,
            lang=self._lang(row),
            published_at=published,
            published_trust=trust,
            parent_id=self._text(row, "parent_id") or None,
            subject=self._text(row, "subject") or None,
            reach=self._reach(row),
        )

    def _cell(self, row: Row, name: str) -> Any:
        return row.cells.get(self.columns[name]) if name in self.columns else None

    def _text(self, row: Row, name: str) -> str:
        value = self._cell(row, name)
        if value is None:
            return ""
        if isinstance(value, dict | list):
            raise BadItem(f'the column "{self.columns[name]}" holds a list or an object, not text')
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        if any("\udc80" <= char <= "\udcff" for char in text):
            raise BadItem(
                f'the column "{self.columns[name]}" has bytes that do not fit the encoding'
            )
        return text.strip()

    def _id(self, row: Row, parts: tuple[str, ...]) -> str:
        given = self._text(row, "external_id")
        if given:
            return given
        key = hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        if parts[2] or parts[3] != "None":  # the same author or moment: the same item once more
            return key
        self._same[key] += 1  # nothing tells equal anonymous texts apart but their order
        return key if self._same[key] == 1 else f"{key}-{self._same[key]}"

    def _url(self, row: Row) -> str | None:
        url = self._text(row, "url")
        return url if url.startswith(("http://", "https://")) else None

    def _lang(self, row: Row) -> str | None:
        found = _LANGUAGE.match(self._text(row, "lang").lower())
        return found[0] if found else None

    def _reach(self, row: Row) -> int | None:
        text = self._text(row, "reach").replace(" ", "")
        return int(text) if text.isdecimal() else None

    def _rating(self, row: Row) -> tuple[float | None, float | None]:
        text = self._text(row, "rating")
        if not text:
            return None, None
        rating, scale = read_rating(text, self.scale)
        self.ratings_unread += rating is None
        return rating, scale

    def _date(self, row: Row) -> tuple[datetime | None, TimeTrust]:
        value = self._cell(row, "published_at")
        if value in (None, ""):
            return None, TimeTrust.NONE
        if not isinstance(value, datetime):
            text = self._text(row, "published_at")
            value = read_date(text, self.order)
        if value is None:
            self.dates_unread += 1
            return None, TimeTrust.NONE
        if value.tzinfo:
            return value.astimezone(UTC), TimeTrust.CLIENT
        return value.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC), TimeTrust.INFERRED


def read_rating(text: str, scale: float) -> tuple[float | None, float | None]:
    """Return (rating, best possible): from "4", "4,5", "4/5", "3 von 5", "★★★☆☆"."""
    stars = text.count("★") + text.count("⭐")
    if stars:
        return float(stars), max(5.0, float(stars + text.count("☆")))
    found = _NUMBER.search(text)
    if not found:
        return None, None
    rating = float(found[1].replace(",", "."))
    best = float(found[2].replace(",", ".")) if found[2] else scale
    return (rating, best) if rating <= best else (None, None)


def read_date(text: str, order: DateOrder = "dmy") -> datetime | None:
    """Read ISO 8601, 21.11.2026, 2026. 11. 21., 2026年11月21日, 11/21/2026 or epoch seconds.

    None when it cannot be read; naive when the text names no zone. `order` is only asked when
    day and month could be either.
    """
    text = text.strip()
    if text.isdecimal() and len(text) >= 9:  # noqa: PLR2004 - shorter numbers are no epoch
        return _epoch(int(text))
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _written(text, order)


def _epoch(seconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds / 1000 if seconds > _EPOCH_MS else seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _written(text: str, order: DateOrder) -> datetime | None:
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := _YEAR_LAST.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        american = order == "mdy" or second > 12  # noqa: PLR2004 - no month has this number
        month, day = (first, second) if american and first <= 12 else (second, first)  # noqa: PLR2004 - as above
    else:
        return None
    try:
        return datetime.combine(datetime(year, month, day), _clock(found[4]))  # noqa: DTZ001 - the reader adds the zone
    except ValueError:
        return None


def _clock(text: str) -> time:
    found = _TIME.search(text)
    if not found:
        return time()
    hour = int(found[1]) % 12 + 12 * (found[4].lower() == "pm") if found[4] else int(found[1])
    return time(hour, int(found[2]), int(found[3] or 0))
