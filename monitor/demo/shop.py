"""The shop: product and review pages with schema.org data, as JSON-LD or as microdata."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.demo.timeline import Seen

PAGE = 10
NAMES = {
    "aurora-one": "Aurora One",
    "aurora-duo": "Aurora Duo",
    "aurora-pro": "Aurora Pro",
    "aurora-mini": "Aurora Mini",
}
MICRODATA = frozenset({"aurora-mini"})
"""Products whose pages carry microdata instead of JSON-LD."""


@dataclass(frozen=True, slots=True)
class Review:
    """A review as the templates need it."""

    id: int
    author: str
    title: str
    text: str
    stars: int
    lang: str
    published: str
    product: str
    url: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of reviews; `following` is the address of the next page, or empty."""

    reviews: tuple[Review, ...]
    number: int
    following: str


def review(seen: Seen, site: str, started: datetime) -> Review:
    """Turn a shop post into a review."""
    post = seen.post
    return Review(
        id=post.id,
        author=post.author,
        title=post.title,
        text=seen.text,
        stars=post.stars or 3,
        lang=post.lang,
        published=(started + timedelta(seconds=post.at)).isoformat(timespec="seconds"),
        product=post.product,
        url=f"{site}/shop/{post.product}#review-{post.id}",
    )


def page(reviews: Sequence[Review], number: int, path: str) -> Page:
    """Cut page `number` (from 1) out of all reviews."""
    chosen = tuple(reviews[(number - 1) * PAGE : number * PAGE])
    more = len(reviews) > number * PAGE
    return Page(chosen, number, f"{path}?page={number + 1}" if more else "")


def json_ld(reviews: Sequence[Review], site: str, everything: Sequence[Review]) -> str:
    """Render products with their reviews as JSON-LD, safe inside a script element."""
    slugs = sorted({entry.product for entry in reviews})
    graph = [_product(slug, reviews, site, everything) for slug in slugs]
    document = {"@context": "https://schema.org", "@graph": graph}
    return json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")


def mean(reviews: Sequence[Review]) -> float:
    """Return the mean of the stars with one decimal; 0 without reviews."""
    return round(sum(entry.stars for entry in reviews) / len(reviews), 1) if reviews else 0.0


def _product(
    slug: str, reviews: Sequence[Review], site: str, everything: Sequence[Review]
) -> dict[str, Any]:
    rated = [entry for entry in everything if entry.product == slug]
    return {
        "@type": "Product",
        "@id": f"{site}/shop/{slug}",
        "name": NAMES[slug],
        "brand": {"@type": "Brand", "name": "Aurora"},
        "aggregateRating": {
            "@type": "AggregateRating",
            "ratingValue": mean(rated),
            "reviewCount": len(rated),
            "bestRating": 5,
        },
        "review": [_review(entry) for entry in reviews if entry.product == slug],
    }


def _review(entry: Review) -> dict[str, Any]:
    return {
        "@type": "Review",
        "@id": entry.url,
        "url": entry.url,
        "name": entry.title,
        "author": {"@type": "Person", "name": entry.author},
        "datePublished": entry.published,
        "inLanguage": entry.lang,
        "reviewBody": entry.text,
        "reviewRating": {"@type": "Rating", "ratingValue": str(entry.stars), "bestRating": "5"},
    }
