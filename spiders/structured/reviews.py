"""From structured data to reviews, whatever form authors, ratings and references take."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.domain.errors import BadItem
from spiders.text.html_text import one_line, plain_text
from spiders.text.values import read_fraction, read_number

Node = Mapping[str, Any]

# "If bestRating is omitted, 5 is assumed": the definition of Rating in schema.org's vocabulary
# and in developers.google.com/schemas/reference/types/Rating.
ASSUMED_BEST = 5.0
_PERCENT = 100.0
_NOT_OPINIONS = frozenset(["ClaimReview", "MediaReview"])
_EXCERPT = 2000
_MOST_NODES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReview:
    """A review as the page says it. Dates are still text."""

    text: str
    title: str = ""
    author: str = ""
    own_id: str = ""
    """The page's own identifier of this review; empty where it has none."""
    url: str = ""
    published: str = ""
    modified: str = ""
    rating: float | None = None
    scale: float | None = None
    subject: str = ""
    lang: str = ""


def find_reviews(documents: list[Any]) -> tuple[list[RawReview], list[BadItem]]:
    """Return the reviews in document order, and the faults of those that say nothing."""
    index = _by_id(documents)
    found: dict[int, RawReview] = {}
    faults: list[BadItem] = []
    for node, owner in _walk(documents):
        if not _is_review(node) or id(node) in found:
            continue
        review = _review(node, owner, index)
        if review.text or review.title or review.rating is not None:
            found[id(node)] = review
        elif set(node) - {"@type", "@id", "@context"}:
            excerpt = json.dumps(node, ensure_ascii=False, default=str)[:_EXCERPT]
            faults.append(BadItem("a review without text and rating", excerpt))
    return list(found.values()), faults


def _walk(documents: list[Any]) -> Iterator[tuple[Node, Node]]:
    """Yield every node and the named thing it belongs to. Not recursive: nesting may be a trap."""
    waiting: list[tuple[Any, Node]] = [(document, {}) for document in reversed(documents)]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        value, owner = waiting.pop()
        if isinstance(value, list):
            waiting += [(each, owner) for each in reversed(value)]
        elif isinstance(value, dict):
            yield value, owner
            heir = owner if _is_review(value) or not value.get("name") else value
            waiting += [(each, heir) for each in reversed(list(value.values()))]


def _by_id(documents: list[Any]) -> dict[str, Node]:
    """Index the fullest node of each @id, for references like {"@id": "#shop"}."""
    index: dict[str, Node] = {}
    for node, _ in _walk(documents):
        name = node.get("@id")
        if isinstance(name, str) and len(node) > len(index.get(name, {})):
            index[name] = node
    return index


def _is_review(node: Node) -> bool:
    names = {str(name).rpartition("/")[2].rpartition(":")[2] for name in _list(node.get("@type"))}
    return any(name.endswith("Review") for name in names - _NOT_OPINIONS)


def _review(node: Node, owner: Node, index: Mapping[str, Node]) -> RawReview:
    rating, scale = _rating(node)
    about = _resolved(_one(node, "itemReviewed"), index)
    own_id = _text(_one(node, "@id")) or _identifier(_one(node, "identifier"))
    return RawReview(
        text=plain_text(_text(_one(node, "reviewBody", "text", "description"))),
        title=one_line(_text(_one(node, "name", "headline"))),
        author=one_line(_name(_resolved(_one(node, "author", "creator"), index))),
        own_id=own_id,
        url=_text(_one(node, "url")),
        published=_text(_one(node, "datePublished", "dateCreated")),
        modified=_text(_one(node, "dateModified")),
        rating=rating,
        scale=scale,
        subject=one_line(_name(about) or _name(owner)),
        lang=_name(_one(node, "inLanguage")),
    )


def _rating(node: Node) -> tuple[float | None, float | None]:
    """Return value and best value. A value beyond the best, or below 0, is no rating."""
    given = _one(node, "reviewRating", "rating")
    holder = given if isinstance(given, dict) else {"ratingValue": given}
    value = _one(holder, "ratingValue")
    if fraction := read_fraction(value):
        number, best = fraction
        return (number, best) if 0 <= number <= best else (None, None)
    number_or_none = read_number(value)
    told = read_number(_one(holder, "bestRating"))
    percent = isinstance(value, str) and value.strip().endswith("%")
    best = told or (_PERCENT if percent else ASSUMED_BEST)
    if number_or_none is None or not 0 <= number_or_none <= best:
        return None, None
    return number_or_none, best


def _resolved(value: Any, index: Mapping[str, Node]) -> Any:
    if isinstance(value, dict) and not value.get("name"):
        return index.get(str(value.get("@id")), value)
    return value


def _identifier(value: Any) -> str:
    return _text(_one(value, "value")) if isinstance(value, dict) else _text(value)


def _name(value: Any) -> str:
    """Return the name of a person or thing given as text, as a node or as a list of either."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_name, value)))
    if not isinstance(value, dict):
        return _text(value)
    first = _text(_one(value, "name", "alternateName"))
    parts = (_text(_one(value, "givenName")), _text(_one(value, "familyName")))
    return first or " ".join(filter(None, parts))


def _one(node: Node, *names: str) -> Any:
    """Return the first value of the first of these properties that has one."""
    for name in names:
        for value in _list(node.get(name)):
            if value not in ("", None, {}):
                return value
    return None


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return _text(value.get("@value"))
    if isinstance(value, list):
        return _text(value[0]) if value else ""
    if isinstance(value, bool) or value is None:
        return ""
    return str(value).strip()


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
