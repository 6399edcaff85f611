"""Feeds that are not well-formed, through feedparser: slower, but it reads almost anything."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from spiders.feeds.entry import Document, Entry
from spiders.text.values import absolute

_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_HEADERS = {"content-type": "application/xml; charset=utf-8"}


def read_leniently(text: str, base: str) -> Document | None:
    """Return what can be saved of a feed, or None when it is no feed at all."""
    import feedparser  # noqa: PLC0415 - most feeds are well-formed and never need it

    # Entities a document declares for itself are the way to blow it up; nobody needs them.
    plain = _DOCTYPE.sub("", _DECLARATION.sub("", text, count=1))
    # The address is not told, because feedparser would make identifiers absolute with it.
    parsed = feedparser.parse(
        plain.encode("utf-8", "replace"), response_headers=_HEADERS, sanitize_html=False
    )
    if not parsed.version and not parsed.entries and not parsed.feed:
        return None
    return Document(
        entries=tuple(_entry(raw, base) for raw in parsed.entries),
        lang=parsed.feed.get("language", ""),
        damaged=True,
    )


def _entry(raw: Any, base: str) -> Entry:
    contents = raw.get("content") or []
    source = raw.get("source") or {}
    return Entry(
        id=raw.get("id", ""),
        link=absolute(base, raw.get("link", "")),
        title=raw.get("title", ""),
        body=contents[0].get("value", "") if contents else raw.get("summary", ""),
        author=raw.get("author_detail", {}).get("name", "") or raw.get("author", ""),
        author_id=raw.get("author_detail", {}).get("href", ""),
        published=_moment(raw.get("published_parsed")) or raw.get("published", ""),
        # Asked as a plain dictionary: feedparser would pass the publishing time off as this one.
        updated=_moment(dict.get(raw, "updated_parsed")) or dict.get(raw, "updated", ""),
        lang=raw.get("language", ""),
        parent=(raw.get("thr_in-reply-to") or {}).get("ref", ""),
        rating=raw.get("im_rating", ""),
        outlet=source.get("title", ""),
    )


def _moment(parts: Any) -> datetime | None:
    if not parts:
        return None
    try:
        year, month, day, hour, minute, second = parts[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, TypeError):
        return None
