"""The forum's Atom feed and the news feed in RSS 2.0."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from monitor.demo.timeline import Seen


def atom(entries: Sequence[Seen], site: str, started: datetime) -> str:
    """Render the forum."""
    newest = max((entry.updated_at for entry in entries), default=0.0)
    body = "".join(_atom_entry(entry, site, started) for entry in entries)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom">\n'
        "<title>Coffee corner forum</title>\n"
        f"<id>{site}/forum/</id>\n"
        f'<link href="{site}/forum/"/>\n'
        f'<link rel="self" href="{site}/forum/feed.xml"/>\n'
        f"<updated>{_iso(started, newest)}</updated>\n{body}</feed>\n"
    )


def rss(entries: Sequence[Seen], site: str, started: datetime) -> str:
    """Render the news."""
    body = "".join(_rss_item(entry, site, started) for entry in entries)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>\n'
        "<title>Kitchen news</title>\n"
        f"<link>{site}/news/</link>\n"
        f"<description>News about kitchen machines</description>\n{body}</channel></rss>\n"
    )


def _atom_entry(seen: Seen, site: str, started: datetime) -> str:
    post = seen.post
    return (
        f"<entry xml:lang={quoteattr(post.lang)}>"
        f"<id>{site}/forum/t/{post.id}</id>"
        f"<title>{escape(post.title)}</title>"
        f'<link href="{site}/forum/t/{post.id}"/>'
        f"<author><name>{escape(post.author)}</name></author>"
        f"<published>{_iso(started, post.at)}</published>"
        f"<updated>{_iso(started, seen.updated_at)}</updated>"
        f'<content type="text">{escape(seen.text)}</content></entry>\n'
    )


def _rss_item(seen: Seen, site: str, started: datetime) -> str:
    post = seen.post
    return (
        f'<item><guid isPermaLink="false">news-{post.id}</guid>'
        f"<title>{escape(post.title)}</title>"
        f"<link>{site}/news/{post.id}</link>"
        f"<dc:creator>{escape(post.author)}</dc:creator>"
        f"<dc:language>{post.lang}</dc:language>"
        f"<pubDate>{format_datetime(_moment(started, post.at))}</pubDate>"
        f"<description>{escape(seen.text)}</description></item>\n"
    )


def _moment(started: datetime, seconds: float) -> datetime:
    return started + timedelta(seconds=seconds)


def _iso(started: datetime, seconds: float) -> str:
    return _moment(started, seconds).isoformat(timespec="seconds")
