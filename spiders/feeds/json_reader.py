"""JSON Feed 1.x, and the JSON form of Apple's customer review feeds."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from spiders.feeds.entry import Document, Entry
from spiders.text.values import absolute


def read_json(text: str, base: str) -> Document | None:
    """Return the document; None when it is not JSON, or JSON of another shape."""
    try:
        root = json.loads(text, strict=False)
    except ValueError:
        return None
    if not isinstance(root, dict):
        return None
    if isinstance(root.get("items"), list):
        return _json_feed(root, base)
    if isinstance(root.get("feed"), dict):
        return _apple(root["feed"])
    return None


def _json_feed(root: dict[str, Any], base: str) -> Document:
    good = [item for item in root["items"] if isinstance(item, dict)]
    bad = [item for item in root["items"] if not isinstance(item, dict)]
    return Document(
        entries=tuple(_item(item, base) for item in good),
        lang=_str(root.get("language")),
        next_url=absolute(base, _str(root.get("next_url"))),
        broken=tuple(json.dumps(item, ensure_ascii=False) for item in bad),
    )


def _item(item: dict[str, Any], base: str) -> Entry:
    authors = item.get("authors") if isinstance(item.get("authors"), list) else []
    author = next(iter(authors or []), None) or item.get("author")
    link = _str(item.get("url")) or _str(item.get("external_url"))
    plain = _str(item.get("content_text"))
    return Entry(
        id=_str(item.get("id")),
        link=absolute(base, link),
        title=escape(_str(item.get("title")), quote=False),
        body=_str(item.get("content_html"))
        or escape(plain, quote=False)
        or _str(item.get("summary")),
        author=_str(author.get("name")) if isinstance(author, dict) else _str(author),
        author_id=_str(author.get("url")) if isinstance(author, dict) else "",
        published=_str(item.get("date_published")),
        updated=_str(item.get("date_modified")),
        lang=_str(item.get("language")),
    )


def _apple(feed: dict[str, Any]) -> Document:
    entries = feed.get("entry", [])
    listed = entries if isinstance(entries, list) else [entries]
    return Document(entries=tuple(_review(raw) for raw in listed if isinstance(raw, dict)))


def _review(raw: dict[str, Any]) -> Entry:
    return Entry(
        id=_label(raw, "id"),
        link=_at(raw, "link", "attributes", "href"),
        title=escape(_label(raw, "title"), quote=False),
        body=escape(_label(raw, "content"), quote=False),
        author=_at(raw, "author", "name", "label"),
        author_id=_at(raw, "author", "uri", "label"),
        updated=_label(raw, "updated"),
        rating=_label(raw, "im:rating"),
    )


def _label(raw: dict[str, Any], name: str) -> str:
    return _at(raw, name, "label")


def _at(raw: Any, *path: str) -> str:
    for step in path:
        raw = raw.get(step) if isinstance(raw, dict) else None
    return _str(raw)


def _str(value: object) -> str:
    """Numbers are taken as text: ids often are numbers. Anything nested is nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
