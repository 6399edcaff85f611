"""Reviews in the structured data of web pages: schema.org as JSON-LD or microdata.

Identity: the page's own identifier of a review; else a digest of subject, author and date, so that
an edited text is an edit; without a date, of author and text. Where two reviews of one run share
subject, author and date, the later one is told apart by its text.

Deletion: only with `detect_deleted`, and only when a page and all that follow it were read without
a fault, is a review that was there before taken as deleted; not when most of them vanish at once.

Cursor: {"lastmod": {page: time of the sitemap}, "known": {first page: [ids]}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from monitor.domain.crawl import Json, SourcePlan
from monitor.domain.types import Found, Kind
from spiders.items import build_each
from spiders.port import Ask, Meta, Page
from spiders.structured.page import ReadPage, read_page
from spiders.structured.reviews import RawReview, find_reviews
from spiders.structured.sitemap import Place, read_sitemap
from spiders.text.decode import decode
from spiders.text.values import absolute, as_id, fingerprint, host_of, read_date

KIND_TITLE = "Reviews on web pages (schema.org)"
LANE = "pages"
MIN_INTERVAL_S = 300
TERMS = (
    "The terms of the site; robots.txt is obeyed. Review portals often forbid reading by machine."
)
API = False
EMPTY_IS_ODD = True

_MOST_LASTMODS = 5000
_FEW = 3


class Options(BaseModel):
    """Keys of a `[[sources]]` table with `kind = "schema_org"`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    urls: tuple[str, ...] = Field(default=(), description="More pages beside `url`.")
    follow: bool = Field(default=True, description="Follow the link to the next page of reviews.")
    next: str = Field(
        default="", description="CSS selector of that link; empty: the link marked rel=next."
    )
    sitemap: str = Field(default="", description="Address of a sitemap that lists the pages.")
    match: str = Field(
        default="*", description='Which pages of the sitemap, for example "*/product/*".'
    )
    subject: str | None = Field(default=None, description="What all reviews are about.")
    lang: str | None = Field(default=None, description="Language where the page does not say it.")
    detect_deleted: bool = Field(
        default=False, description="Take a review that vanishes from its page as deleted."
    )


def start(plan: SourcePlan, options: Options, cursor: Json) -> list[Ask]:  # noqa: ARG001 - the port
    """Read the given pages and the sitemap."""
    pages = [url for url in (plan.url, *options.urls) if url]
    asks = [_first_page(url, options) for url in dict.fromkeys(pages)]
    if options.sitemap:
        asks.append(Ask(url=absolute(plan.url, options.sitemap), role="sitemap", bounded=True))
    return asks


def parse(body: bytes, meta: Meta[Options]) -> Page:
    """Turn a page into reviews, or a sitemap into pages to read."""
    if meta.role == "sitemap":
        return _sitemap(body, meta)
    decoded = decode(body, meta.headers.get("content-type", ""))
    page = read_page(decoded.text, meta.url, meta.options.next)
    reviews, faults = _reviews(page)
    named, met = _named(reviews, meta)
    items, misfits = build_each(
        named.items(), lambda pair: _mention(pair[1], pair[0], page, meta), repr
    )
    follows = meta.options.follow and page.next_url
    uncertain = "" if decoded.certain else "some characters could not be read"
    result = Page(
        items=tuple(items),
        faults=(*page.faults, *faults, *misfits),
        next=(_next_page(page.next_url, met, meta),) if follows else (),
        cursor=_with_lastmod(meta),
        note=uncertain,
    )
    is_whole = meta.options.detect_deleted and not follows and not result.faults
    return _with_deleted(result, met, meta) if is_whole else result


def _first_page(url: str, options: Options, lastmod: str = "") -> Ask:
    state = {"first": url, "met": {}, "lastmod": lastmod}
    return Ask(url=url, conditional=not options.detect_deleted, bounded=True, state=state)


def _next_page(url: str, met: Mapping[str, str], meta: Meta[Options]) -> Ask:
    # To tell what is gone, every page of the chain must be read, however dull.
    whole = meta.options.detect_deleted
    state = {**meta.state, "met": dict(met), "lastmod": ""}
    return Ask(url=url, conditional=not whole, bounded=whole, state=state)


def _sitemap(body: bytes, meta: Meta[Options]) -> Page:
    sitemap = read_sitemap(body)
    host = host_of(meta.url)
    known = meta.cursor.get("lastmod", {})
    wanted = [place for place in sitemap.pages if _is_wanted(place, host, meta.options.match)]
    changed = [
        place for place in wanted if not place.lastmod or known.get(place.url) != place.lastmod
    ]
    deeper = [place for place in sitemap.sitemaps if host_of(place.url) == host]
    return Page(
        next=(
            *(Ask(url=place.url, role="sitemap", bounded=True) for place in deeper),
            *(_first_page(place.url, meta.options, place.lastmod) for place in changed),
        ),
        unchanged=len(wanted) - len(changed),
        note="" if wanted or deeper else "no page of the sitemap fits `match`",
    )


def _is_wanted(place: Place, host: str, pattern: str) -> bool:
    """Take pages of the sitemap's own host only."""
    return host_of(place.url) == host and fnmatchcase(place.url, pattern)


def _with_lastmod(meta: Meta[Options]) -> dict[str, Any] | None:
    """Remember the sitemap's time once the first page is read; the rest follows in this run."""
    lastmod = meta.state.get("lastmod", "")
    if not lastmod:
        return None
    known = {**meta.cursor.get("lastmod", {}), meta.state["first"]: lastmod}
    return {**meta.cursor, "lastmod": dict(list(known.items())[-_MOST_LASTMODS:])}


def _reviews(page: ReadPage) -> tuple[list[RawReview], list[Any]]:
    """Take JSON-LD first; microdata adds what JSON-LD leaves out."""
    first, faults = find_reviews(page.jsonld)
    second, more_faults = find_reviews(page.microdata)
    said = {_words(review) for review in first}
    return [*first, *(each for each in second if _words(each) not in said)], faults + more_faults


def _words(review: RawReview) -> str:
    return "".join(review.text.split())[:200] or f"{review.author} {review.rating}"


def _named(
    reviews: list[RawReview], meta: Meta[Options]
) -> tuple[dict[str, RawReview], dict[str, str]]:
    """Return id -> review, and id -> digest of the text for all met in this chain of pages."""
    met = dict(meta.state.get("met", {}))
    named = {}
    for review in reviews:
        digest = fingerprint(review.author, review.text, review.rating)
        name = _identity(review, meta)
        if met.get(name, digest) != digest:
            name = fingerprint(name, digest)
        if name not in met:
            named[name] = review
        met[name] = digest
    return named, met


def _identity(review: RawReview, meta: Meta[Options]) -> str:
    if review.own_id:
        return as_id(
            absolute(meta.url, review.own_id) if review.own_id[0] in "#/" else review.own_id
        )
    if "#" in review.url:
        return as_id(absolute(meta.url, review.url))
    about = review.subject or meta.state.get("first", meta.url)
    if review.published and review.author:
        return fingerprint(about, review.author, review.published)
    return fingerprint(about, review.author, review.text)


def _mention(review: RawReview, name: str, page: ReadPage, meta: Meta[Options]) -> Found:
    published, trust = read_date(review.published, meta.now)
    edited, _ = read_date(review.modified, meta.now)
    lang = review.lang or page.lang or meta.options.lang or ""
    return Found(
        external_id=name,
        text=review.text,
        title=review.title or None,
        url=absolute(meta.url, review.url) or meta.url,
        kind=Kind.REVIEW,
        author=review.author or None,
        rating=review.rating,
        rating_scale=review.scale,
        lang=lang.split("-")[0].split("_")[0].lower()[:12] or None,
        published_at=published,
        published_trust=trust,
        edited_at=edited,
        subject=meta.options.subject or review.subject or None,
    )


def _with_deleted(page: Page, met: Mapping[str, str], meta: Meta[Options]) -> Page:
    """Add tombstones for what this chain of pages showed before and shows no more."""
    cursor = meta.cursor if page.cursor is None else page.cursor
    first = meta.state.get("first", meta.url)
    before = cursor.get("known", {}).get(first, [])
    gone = [name for name in before if name not in met]
    note = page.note
    if len(gone) > max(_FEW, len(before) // 2):
        return Page(
            items=page.items,
            cursor=page.cursor,
            note=f"{len(gone)} of {len(before)} known reviews vanished at once: taken as a fault",
        )
    tombs = tuple(Found(external_id=n, text="", kind=Kind.REVIEW, deleted=True) for n in gone)
    known = {**cursor.get("known", {}), first: list(met)}
    return Page(items=(*page.items, *tombs), cursor={**cursor, "known": known}, note=note)
