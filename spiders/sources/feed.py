"""RSS, Atom, RDF and JSON feeds, among them Google Alerts and App Store reviews.

A feed shows its newest entries only. An entry that leaves this window is not a deletion, and one
that changes is an edit. There is no high-water mark: every crawl reads the whole window, and the
store knows what is new. Cursor: nothing of its own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from monitor.domain.crawl import Json, SourcePlan
from monitor.domain.errors import BadItem, SourceChanged
from monitor.domain.types import Found, Kind, TimeTrust
from spiders.feeds.dialects import adapt
from spiders.feeds.entry import Document, Entry
from spiders.feeds.json_reader import read_json
from spiders.feeds.lenient_reader import read_leniently
from spiders.feeds.xml_reader import read_xml
from spiders.items import LONGEST_EXCERPT, build_each
from spiders.port import Ask, Meta, Page
from spiders.text.decode import decode
from spiders.text.html_text import html_text, one_line
from spiders.text.values import as_id, fingerprint, read_date, read_number

KIND_TITLE = "RSS, Atom or JSON feed"
LANE = "pages"
MIN_INTERVAL_S = 60
TERMS = "The terms of the site that offers the feed; robots.txt is obeyed."
API = False
EMPTY_IS_ODD = True

APPLE_SCALE = 5.0
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)", re.IGNORECASE | re.DOTALL)


class Options(BaseModel):
    """Keys of a `[[sources]]` table with `kind = "feed"`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    content: Literal["mention", "review", "comment", "article"] = Field(
        default="mention", description="What the entries of this feed are."
    )
    subject: str | None = Field(
        default=None, description="Product, place or app that all entries are about."
    )
    lang: str | None = Field(
        default=None, description="Language of the entries where the feed does not say it."
    )
    older: bool = Field(
        default=False, description="Follow the feed's links to older parts of itself."
    )


def start(plan: SourcePlan, options: Options, cursor: Json) -> list[Ask]:  # noqa: ARG001 - the port
    """Read the feed itself."""
    return [Ask(url=plan.url, conditional=True)]


def parse(body: bytes, meta: Meta[Options]) -> Page:
    """Turn a feed document into mentions. Raises SourceChanged where it is no feed."""
    decoded = decode(body, meta.headers.get("content-type", ""))
    document = _read(decoded.text, meta.url)
    items, faults = build_each(
        document.entries, lambda entry: _found(adapt(entry), document, meta), repr
    )
    faults += [BadItem("not an entry", raw[:LONGEST_EXCERPT]) for raw in document.broken]
    follow = meta.options.older and document.next_url
    return Page(
        items=tuple(_distinct(items)),
        faults=tuple(faults),
        next=(Ask(url=document.next_url),) if follow else (),
        note=_note(document, certain=decoded.certain),
    )


def _read(text: str, url: str) -> Document:
    stripped = text.lstrip("\ufeff \t\r\n")
    if not stripped:
        raise SourceChanged("the feed is empty: not even a heading came")
    if stripped[0] in "{[":
        document = read_json(stripped, url)
        if document is None:
            raise SourceChanged("JSON came, but it is no feed")
        return document
    if _HTML.match(stripped[:5000]):
        raise SourceChanged("a web page came instead of a feed; perhaps a sign-in page")
    document = read_xml(stripped, url) or read_leniently(stripped, url)
    if document is None:
        raise SourceChanged("the answer is no feed")
    return document


def _note(document: Document, *, certain: bool) -> str:
    if not document.entries and not document.broken:
        return "the feed has no entries"
    if not certain:
        return "some characters could not be read: the charset is not what the site says"
    return ""


def _found(entry: Entry, document: Document, meta: Meta[Options]) -> Found:
    title, text = one_line(entry.title), html_text(entry.body)
    if not title and not text:
        raise BadItem("an entry without title and text", repr(entry)[:LONGEST_EXCERPT])
    published, trust = _date(entry.published, meta.now)
    edited, edited_trust = _date(entry.updated, meta.now)
    if published is None:
        published, trust = edited, edited_trust
    rating = read_number(entry.rating)
    lang = entry.lang or document.lang or meta.options.lang or ""
    return Found(
        external_id=_identity(entry, title, published),
        text=text or title,
        title=(title or None) if text else None,
        url=entry.link or None,
        kind=_kind(entry, rating, meta.options),
        author=one_line(entry.author) or None,
        author_id=entry.author_id or None,
        rating=rating,
        rating_scale=APPLE_SCALE if rating is not None else None,
        lang=lang.split("-")[0].split("_")[0].lower()[:12] or None,
        published_at=published,
        published_trust=trust,
        edited_at=edited if edited != published else None,
        parent_id=as_id(entry.parent) or None,
        subject=meta.options.subject,
    )


def _identity(entry: Entry, title: str, published: datetime | None) -> str:
    """Take the feed's own id, or a digest of what does not change when the text is edited."""
    if entry.id:
        return as_id(entry.id)
    if entry.link or published:
        return fingerprint(entry.link, title, published)
    return fingerprint(title, entry.body)


def _date(value: str | datetime, now: datetime) -> tuple[datetime | None, TimeTrust]:
    return read_date(value.isoformat() if isinstance(value, datetime) else value, now)


def _kind(entry: Entry, rating: float | None, options: Options) -> Kind:
    if rating is not None:
        return Kind.REVIEW
    if entry.parent:
        return Kind.REPLY
    return Kind(options.content)


def _distinct(items: list[Found]) -> list[Found]:
    """Tell entries of one id apart by what else they say: some feeds have one id for all."""
    seen: dict[str, Found] = {}
    for item in items:
        first = seen.get(item.external_id)
        if first is None:
            seen[item.external_id] = item
        elif (first.url, first.title, first.text) != (item.url, item.title, item.text):
            own = fingerprint(item.external_id, item.url, item.title, item.published_at)
            seen.setdefault(own, replace(item, external_id=own))
    return list(seen.values())
