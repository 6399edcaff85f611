"""The comments of the blog in the JSON shape of a WordPress site (`/wp-json/wp/v2/comments`)."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from monitor.demo.timeline import Seen

ARTICLES = {
    1: "descaling-without-tears",
    2: "why-parcels-were-late",
    3: "ask-us-anything",
}
TITLES = {1: "Descaling without tears", 2: "Why parcels were late", 3: "Ask us anything"}
LARGEST_PAGE = 100


class BadParameter(Exception):
    """A query parameter that WordPress would refuse with 400; `str()` is its name."""


def wordpress_time(moment: datetime) -> str:
    """Format as WordPress does: UTC without an offset."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


def article_of(seen: Seen) -> int:
    """Return the id of the article that a comment stands under."""
    return seen.post.id % len(ARTICLES) + 1


def comment(seen: Seen, site: str, started: datetime) -> dict[str, Any]:
    """Render one comment."""
    post, article = seen.post, article_of(seen)
    written = wordpress_time(started + timedelta(seconds=post.at))
    here = f"{site}/wp-json/wp/v2"
    return {
        "id": post.id,
        "post": article,
        "parent": 0,
        "author": 0,
        "author_name": post.author,
        "author_url": "",
        "date": written,
        "date_gmt": written,
        "content": {"rendered": f"<p>{html.escape(seen.text, quote=False)}</p>\n"},
        "link": f"{site}/blog/{ARTICLES[article]}/#comment-{post.id}",
        "status": "approved",
        "type": "comment",
        "author_avatar_urls": {str(size): f"{site}/avatar.svg?s={size}" for size in (24, 48, 96)},
        "meta": [],
        "_links": {
            "self": [{"href": f"{here}/comments/{post.id}"}],
            "collection": [{"href": f"{here}/comments"}],
            "up": [
                {"embeddable": True, "post_type": "post", "href": f"{here}/posts/{article}"},
            ],
        },
    }


def article(number: int, site: str, started: datetime) -> dict[str, Any]:
    """Render one article as `/wp-json/wp/v2/posts/N` does."""
    written = wordpress_time(started - timedelta(days=60))
    return {
        "id": number,
        "date": written,
        "date_gmt": written,
        "slug": ARTICLES[number],
        "status": "publish",
        "type": "post",
        "link": f"{site}/blog/{ARTICLES[number]}/",
        "title": {"rendered": TITLES[number]},
    }


def choose(
    comments: Sequence[dict[str, Any]], query: Mapping[str, str]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Apply filters, order and paging; return the page and its headers.

    Raises BadParameter.
    """
    found = [entry for entry in comments if _wanted(entry, query)]
    key = {"date": "date", "date_gmt": "date_gmt", "id": "id"}.get(query.get("orderby", "date_gmt"))
    if key is None or query.get("order", "desc") not in {"asc", "desc"}:
        raise BadParameter("orderby" if key is None else "order")
    found.sort(key=lambda entry: (entry[key], entry["id"]))
    if query.get("order", "desc") == "desc":
        found.reverse()
    size = _number(query, "per_page", 10, LARGEST_PAGE)
    page = _number(query, "page", 1, None)
    pages = -(-len(found) // size)
    headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
    if page < pages:
        following = dict(query) | {"page": str(page + 1)}
        headers["Link"] = f'<?{urlencode(following)}>; rel="next"'
    return found[(page - 1) * size : page * size], headers


def _wanted(entry: dict[str, Any], query: Mapping[str, str]) -> bool:
    after, before, under = (query.get(name) for name in ("after", "before", "post"))
    if after and entry["date_gmt"] <= _plain(after, "after"):
        return False
    if before and entry["date_gmt"] >= _plain(before, "before"):
        return False
    return not under or str(entry["post"]) == under


def _plain(value: str, name: str) -> str:
    try:
        return wordpress_time(datetime.fromisoformat(value))
    except ValueError as fault:
        raise BadParameter(name) from fault


def _number(query: Mapping[str, str], name: str, default: int, largest: int | None) -> int:
    value = query.get(name, str(default))
    if not value.isdecimal() or int(value) < 1 or (largest is not None and int(value) > largest):
        raise BadParameter(name)
    return int(value)
