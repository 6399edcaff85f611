"""What some well-known feeds do differently from all others."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from spiders.feeds.entry import Entry
from spiders.text.html_text import one_line

_GOOGLE = re.compile(r"(?:www\.)?google\.[a-z.]+")
_REDDIT_BODY = re.compile(r"<!-- SC_OFF -->(.*?)<!-- SC_ON -->", re.DOTALL)


def adapt(entry: Entry) -> Entry:
    """Undo what Google Alerts, Google News and Reddit wrap around an entry."""
    if "google." not in entry.link and "reddit.com" not in entry.link:
        return entry
    host = _host(entry.link)
    if host == "news.google.com":
        return _google_news(entry)
    if _GOOGLE.fullmatch(host):
        return replace(entry, link=_target(entry.link))
    if host.endswith("reddit.com"):
        return _reddit(entry)
    return entry


def _host(link: str) -> str:
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def _target(link: str) -> str:
    """Return the address that Google Alerts' redirect leads to."""
    parts = urlsplit(link)
    if parts.path != "/url":
        return link
    query = parse_qs(parts.query)
    targets = query.get("url") or query.get("q") or [link]
    return targets[0] if targets[0].startswith(("http://", "https://")) else link


def _google_news(entry: Entry) -> Entry:
    """Take the outlet off the title; the description only repeats the title."""
    title = one_line(entry.title).removesuffix(f" - {entry.outlet}")
    return replace(entry, title=title, body="", author=entry.author or entry.outlet)


def _reddit(entry: Entry) -> Entry:
    """Keep what the person wrote, not "submitted by ... [link] [comments]"."""
    match = _REDDIT_BODY.search(entry.body)
    author = entry.author.removeprefix("/u/")
    return replace(entry, author=author, body=match.group(1) if match else entry.body)
