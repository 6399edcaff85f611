"""Comments of a WordPress site and reviews of a WooCommerce shop, through the site's REST routes.

Comments are read oldest first from the high-water mark, less an overlap of two days for late and
edited ones; each page starts where the one before it ended, so a comment that is deleted meanwhile
shifts nothing. WooCommerce lists reviews newest first only: their mark moves when the whole list
down to the mark has been read.

WordPress cannot tell what was edited or deleted. The newest known comments are therefore asked for
again by their ids: one that is missing from the answer was deleted or taken back for moderation.

Cursor: {"comments": {"newest": time, "recent": [ids]}, "reviews": {"newest": time}}.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from monitor.domain.crawl import Json, SourcePlan
from monitor.domain.errors import BadItem, SourceChanged
from monitor.domain.types import Found, Kind
from spiders.items import build_each
from spiders.port import Ask, Meta, Page
from spiders.text.decode import decode
from spiders.text.html_text import html_text, one_line
from spiders.text.values import absolute, read_date, read_number

KIND_TITLE = "WordPress comments and WooCommerce reviews"
LANE = "pages"
MIN_INTERVAL_S = 60
TERMS = "The terms of the site; robots.txt is obeyed."
API = False
EMPTY_IS_ODD = False

PER_PAGE = 100
STARS = 5.0
_OVERLAP = timedelta(hours=48)
_FIELDS = "id,parent,author,author_name,date_gmt,content,link,type"
_SOME = 3


class Options(BaseModel):
    """Keys of a `[[sources]]` table with `kind = "wordpress"`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    comments: bool = Field(default=True, description="Read the comments of the site.")
    reviews: bool = Field(default=False, description="Read the product reviews of WooCommerce.")
    recheck: int = Field(
        default=PER_PAGE,
        ge=0,
        le=PER_PAGE,
        description="So many of the newest comments are looked at again for edits and deletions.",
    )
    plain_links: bool = Field(
        default=False, description="The site has no pretty permalinks: use ?rest_route=."
    )


def start(plan: SourcePlan, options: Options, cursor: Json) -> list[Ask]:
    """Begin with the comments after the mark and with the first page of reviews."""
    asks = []
    if options.comments:
        mark = _time(cursor.get("comments", {}).get("newest"))
        state = {
            "base": plan.url,
            "after": (mark - _OVERLAP).isoformat() if mark else "",
            "page": 1,
        }
        asks.append(_comments(options, state))
    if options.reviews:
        asks.append(_reviews(options, {"base": plan.url, "page": 1, "newest": ""}))
    return asks


def parse(body: bytes, meta: Meta[Options]) -> Page:
    """Turn a list of the REST interface into mentions. Raises SourceChanged for anything else."""
    rows = _rows(body, meta)
    if meta.role == "reviews":
        return _review_page(rows, meta)
    if meta.role == "recheck":
        return _recheck_page(rows, meta)
    return _comment_page(rows, meta)


def _rows(body: bytes, meta: Meta[Options]) -> list[Any]:
    text = decode(body, meta.headers.get("content-type", "")).text
    try:
        rows = json.loads(text, strict=False)
    except ValueError:
        is_page = text.lstrip()[:1] == "<"
        what = "a web page came" if is_page else "the answer is no JSON"
        raise SourceChanged(f"{what} where the REST interface of WordPress should be") from None
    if not isinstance(rows, list):
        raise SourceChanged("the REST interface answered, but not with a list")
    return rows


def _comment_page(rows: list[Any], meta: Meta[Options]) -> Page:
    items, faults = _each(rows, lambda row: _comment(row, meta.now))
    before = meta.cursor.get("comments", {})
    newest = max([before.get("newest") or "", *_times(items)])
    recent = [*before.get("recent", []), *(_number(item) for item in items)]
    kept = list(dict.fromkeys(reversed(recent)))[: meta.options.recheck][::-1]
    cursor = {**meta.cursor, "comments": {"newest": newest, "recent": kept}}
    return Page(
        items=tuple(items),
        faults=tuple(faults),
        next=_after_comments(rows, items, meta, before.get("recent", [])),
        cursor=cursor,
    )


def _after_comments(
    rows: list[Any], items: list[Found], meta: Meta[Options], known: Sequence[int]
) -> tuple[Ask, ...]:
    """Go on where this page ended; after the last page look at the known ones again."""
    met = [*meta.state.get("met", []), *(_number(item) for item in items)]
    if _goes_on(rows, meta):
        return (_comments(meta.options, _onward(items, meta.state) | {"met": met}),)
    again = [number for number in known if number not in set(met)][-meta.options.recheck :]
    if not again or not meta.options.recheck:
        return ()
    query = {"include": ",".join(map(str, again)), "per_page": PER_PAGE, "_fields": _FIELDS}
    url = _route(meta.state["base"], "wp/v2/comments", query, meta.options)
    return (Ask(url=url, role="recheck", bounded=True, state={"expected": again}),)


def _goes_on(rows: list[Any], meta: Meta[Options]) -> bool:
    """Believe the header: some sites give out fewer items a page than asked for."""
    pages = read_number(meta.headers.get("x-wp-totalpages"))
    return bool(rows) and (len(rows) >= PER_PAGE if pages is None else meta.state["page"] < pages)


def _onward(items: list[Found], state: Json) -> dict[str, Any]:
    times = _times(items)
    after = (_need_time(max(times)) - timedelta(seconds=1)).isoformat() if times else ""
    # A hundred comments within one second: only page numbers lead out of it.
    stuck = not after or after == state["after"]
    if stuck:
        return {**state, "page": state["page"] + 1}
    return {**state, "after": after, "page": 1}


def _recheck_page(rows: list[Any], meta: Meta[Options]) -> Page:
    items, faults = _each(rows, lambda row: _comment(row, meta.now))
    expected = meta.state["expected"]
    answered = {row["id"] for row in rows if isinstance(row, dict) and "id" in row}
    gone = [number for number in expected if number not in answered]
    if len(gone) == len(expected) > _SOME:
        return Page(note=f"all of {len(gone)} known comments are missing: taken as a fault")
    before = meta.cursor.get("comments", {})
    recent = [number for number in before.get("recent", []) if number not in set(gone)]
    return Page(
        items=(*items, *map(_tombstone, gone)),
        faults=tuple(faults),
        cursor={**meta.cursor, "comments": {**before, "recent": recent}},
    )


def _tombstone(number: int) -> Found:
    return Found(external_id=f"comment-{number}", text="", kind=Kind.COMMENT, deleted=True)


def _review_page(rows: list[Any], meta: Meta[Options]) -> Page:
    items, faults = _each(rows, lambda row: _review(row, meta.now))
    times = _times(items)
    newest = max([meta.state["newest"], *times])
    mark = _time(meta.cursor.get("reviews", {}).get("newest"))
    is_known_ground = bool(mark and times and _need_time(min(times)) < mark - _OVERLAP)
    is_done = is_known_ground or not _goes_on(rows, meta)
    if not is_done:
        state = {**meta.state, "page": meta.state["page"] + 1, "newest": newest}
        return Page(items=tuple(items), faults=tuple(faults), next=(_reviews(meta.options, state),))
    cursor = {**meta.cursor, "reviews": {"newest": newest}} if newest else None
    return Page(items=tuple(items), faults=tuple(faults), cursor=cursor)


def _each(
    rows: list[Any], build: Callable[[Mapping[str, Any]], Found]
) -> tuple[list[Found], list[BadItem]]:
    return build_each(rows, build, lambda row: json.dumps(row, ensure_ascii=False))


def _comment(row: Mapping[str, Any], now: datetime) -> Found:
    published, trust = read_date(f"{row['date_gmt']}+00:00", now)
    parent = int(row.get("parent") or 0)
    is_review = row.get("type") == "review"
    return Found(
        external_id=f"comment-{int(row['id'])}",
        text=html_text(row["content"]["rendered"]),
        url=row.get("link") or None,
        kind=Kind.REVIEW if is_review else Kind.REPLY if parent else Kind.COMMENT,
        author=one_line(row.get("author_name") or "") or None,
        author_id=str(row["author"]) if row.get("author") else None,
        published_at=published,
        published_trust=trust,
        parent_id=f"comment-{parent}" if parent else None,
    )


def _review(row: Mapping[str, Any], now: datetime) -> Found:
    number = int(row["id"])
    universal = row.get("date_created_gmt")
    published, trust = read_date(f"{universal}+00:00" if universal else row["date_created"], now)
    rating = read_number(row.get("rating")) or None
    link = row.get("product_permalink") or ""
    return Found(
        external_id=f"comment-{number}",
        text=html_text(row["review"]),
        url=absolute(link, f"#comment-{number}") if link else None,
        kind=Kind.REVIEW,
        author=one_line(row.get("reviewer") or "") or None,
        rating=rating,
        rating_scale=STARS if rating else None,
        published_at=published,
        published_trust=trust,
        subject=one_line(row.get("product_name") or "") or None,
    )


def _comments(options: Options, state: Mapping[str, Any]) -> Ask:
    query = {
        "orderby": "date_gmt",
        "order": "asc",
        "per_page": PER_PAGE,
        "page": state["page"],
        "_fields": _FIELDS,
        **({"after": state["after"]} if state["after"] else {}),
    }
    url = _route(state["base"], "wp/v2/comments", query, options)
    return Ask(url=url, role="comments", bounded=True, state=state)


def _reviews(options: Options, state: Mapping[str, Any]) -> Ask:
    query = {"orderby": "date", "order": "desc", "per_page": PER_PAGE, "page": state["page"]}
    url = _route(state["base"], "wc/store/v1/products/reviews", query, options)
    return Ask(url=url, role="reviews", bounded=True, state=state)


def _route(base: str, route: str, query: Mapping[str, object], options: Options) -> str:
    root = base.rstrip("/").removesuffix("/wp-json") + "/"
    if options.plain_links:
        return f"{root}?{urlencode({'rest_route': f'/{route}', **query})}"
    return f"{root}wp-json/{route}?{urlencode(query)}"


def _number(item: Found) -> int:
    return int(item.external_id.removeprefix("comment-"))


def _times(items: Sequence[Found]) -> list[str]:
    return [item.published_at.isoformat() for item in items if item.published_at]


def _time(text: str | None) -> datetime | None:
    return _need_time(text) if text else None


def _need_time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
