"""From items as found to rows as stored: cleaned, measured, compared. Pure.

Texts are kept exactly, with two exceptions: what no database can hold (NUL and half characters)
becomes U+FFFD, and a text over `LONGEST_TEXT` bytes is cut with a note. No item is lost over its
looks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from monitor.domain.types import Found

LONGEST_TEXT = 1024 * 1024
"""In bytes of UTF-8."""
CUT_NOTE = "\n[Cut here: the text is longer than 1 MB.]"

_LONGEST_ID = 300
_LONGEST_LANG = 12
_WORDS = (
    *("external_id", "text", "title", "url", "author", "author_id"),
    *("parent_id", "subject", "lang"),
)
_LARGEST_REACH = 2**63 - 1

Stamp = Callable[[datetime], object]
"""Turns an aware UTC time into what the database driver takes."""


class Content(NamedTuple):
    """What an item says, in the order of the columns. `published_at` is stamped."""

    external_id: str
    kind: str
    url: str | None
    title: str | None
    text: str
    text_hash: str
    author: str | None
    author_id: str | None
    rating: float | None
    rating_scale: float | None
    lang: str | None
    published_at: object
    published_trust: str
    parent_id: str | None
    subject: str | None
    reach: int | None


class Known(NamedTuple):
    """What is stored of an item."""

    id: int
    text_hash: str
    deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page, cleaned. Of an item that occurs twice the last word counts."""

    found: Mapping[str, Content]
    """External id -> content."""
    gone: Collection[str]
    """External ids of the items that the source calls deleted."""
    total: int
    """Items as given, repetitions included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What one page of items changes. Ids ascend, so that two writers lock in one order."""

    new: list[Content]
    edited: list[tuple[int, Content]]
    deleted: list[int]
    known: int
    """Items that change nothing, repetitions within the page included."""


def page_of(items: Sequence[Found], stamp: Stamp) -> Page:
    """Clean the items of one page."""
    found: dict[str, Content] = {}
    gone: set[str] = set()
    for item in items:
        content = content_of(item, stamp)
        found[content[0]] = content
        if item.deleted:
            gone.add(content[0])
        elif gone:
            gone.discard(content[0])
    return Page(found=found, gone=gone, total=len(items))


def content_of(item: Found, stamp: Stamp) -> Content:
    """Clean one item. Equal text, title and rating give an equal `text_hash`.

    This is run for every item of every page and costs as much as half of the INSERT, hence no
    names for what is passed, and one look at all strings instead of one at each.
    """
    if not _is_storable(item):
        item = _repaired(item)
    rating = _number(item.rating)
    said = f"{item.text}\0{item.title or ''}\0{'' if rating is None else rating}".encode()
    moment = utc(item.published_at)
    return Content(
        item.external_id if len(item.external_id) <= _LONGEST_ID else _short_id(item.external_id),
        item.kind.value,
        item.url,
        item.title,
        item.text if len(said) <= LONGEST_TEXT else _cut(item.text),
        blake2b(said, digest_size=16).hexdigest(),
        item.author,
        item.author_id,
        rating,
        _number(item.rating_scale),
        _lang(item.lang),
        None if moment is None else stamp(moment),
        "none" if moment is None else item.published_trust.value,
        None if item.parent_id is None else _short_id(item.parent_id),
        item.subject,
        None if item.reach is None else max(0, min(item.reach, _LARGEST_REACH)),
    )


def compare(page: Page, known: Mapping[str, Known]) -> Changes:
    """Tell news from edits, deletions and what is known."""
    new = [
        content
        for external_id, content in page.found.items()
        if external_id not in known and external_id not in page.gone
    ]
    edited, deleted = [], []
    for external_id, row in known.items():
        content = page.found[external_id]
        if external_id in page.gone:
            deleted += [] if row.deleted else [row.id]
        elif row.deleted or row.text_hash != content.text_hash:
            edited.append((row.id, content))
    return Changes(
        new=new,
        edited=sorted(edited),
        deleted=sorted(deleted),
        known=page.total - len(new) - len(edited) - len(deleted),
    )


def utc(moment: datetime | None) -> datetime | None:
    """Return the moment in UTC; None when it has no time zone, for a zone is never guessed."""
    if moment is None or moment.tzinfo is None:
        return None
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or the last day of the calendar
        return None


def fingerprint(*parts: str) -> str:
    """Return 32 hexadecimal digits that stand for the parts."""
    return blake2b("\0".join(map(_whole, parts)).encode(), digest_size=16).hexdigest()


def storable(value: str) -> str:
    """Return `value` as every database can hold it."""
    return _whole(value)


def _is_storable(item: Found) -> bool:
    joined = (
        f"{item.text}{item.title}{item.external_id}{item.url}{item.author}{item.author_id}"
        f"{item.parent_id}{item.subject}{item.lang}"
    )
    if "\0" in joined:
        return False
    try:
        joined.encode()
    except UnicodeEncodeError:
        return False
    return True


def _repaired(item: Found) -> Found:
    words: dict[str, Any] = {name: getattr(item, name) for name in _WORDS}
    whole: dict[str, Any] = {
        name: _whole(value) for name, value in words.items() if value is not None
    }
    return replace(item, **whole)


def _whole(value: str) -> str:
    # Two halves that belong together become the character that they are.
    joined = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("\0", "\ufffd")


def _cut(text: str) -> str:
    data = text.encode()
    whole = data[:LONGEST_TEXT].decode(errors="ignore")
    return text if len(data) <= LONGEST_TEXT else whole + CUT_NOTE


def _short_id(value: str) -> str:
    if len(value) <= _LONGEST_ID:
        return value
    digest = fingerprint(value)
    return f"{value[: _LONGEST_ID - len(digest) - 1]}~{digest}"


def _number(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _lang(value: str | None) -> str | None:
    if value is None or len(value) <= _LONGEST_LANG:
        return value or None
    return value.replace("_", "-").partition("-")[0][:_LONGEST_LANG]
