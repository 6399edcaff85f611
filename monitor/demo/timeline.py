"""When which text appears, changes and vanishes: a pure function of the seed.

Times are seconds since the start of the site; what is there before the start has negative times.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

from monitor.demo.texts import Authored, Library

PRODUCTS = ("aurora-one", "aurora-duo", "aurora-pro", "aurora-mini")
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast new posts come: (until this second, shortest gap, longest gap) in seconds."""

    steps: tuple[tuple[float, float, float], ...] = (
        (180.0, 4.0, 8.0),
        (900.0, 10.0, 20.0),
        (48 * HOUR, 60.0, 180.0),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One review, comment, forum post or article in the course of time."""

    id: int
    place: str
    lang: str
    author: str
    title: str
    text: str
    stars: int | None
    product: str
    at: float
    edited_at: float | None = None
    edited: str = ""
    removed_at: float | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A post as it looks at one moment. `updated_at` equals `post.at` until it is edited."""

    post: Post
    text: str
    updated_at: float


def story(library: Library, seed: int, pace: Pace | None = None) -> tuple[Post, ...]:
    """Plan the whole life of the site: old posts, then new ones for two days."""
    rng = random.Random(seed)  # noqa: S311  # the same story for the same seed
    old = [text for text in library.texts if text.old]
    new = [text for text in library.texts if not text.old]
    posts = [_post(rng, text, -rng.uniform(2, 1200) * HOUR) for text in old]
    supply = _supply(rng, new, library)
    posts += [_post(rng, next(supply), at) for at in _moments(rng, pace or Pace())]
    posts.sort(key=lambda post: post.at)
    return tuple(replace(post, id=number) for number, post in enumerate(posts, start=1))


def stream(
    library: Library, seed: int, *, items: int, rate: float, places: Sequence[str]
) -> tuple[Post, ...]:
    """Plan `items` posts, `rate` a second, for load and crash tests.

    Nothing is old, edited or removed. Every text ends with its own mark, "[item 000001]".
    """
    rng = random.Random(seed)  # noqa: S311  # the same stream for the same seed
    texts = [text for text in library.texts if text.place in places]
    return tuple(_marked(rng, number, texts, number / rate) for number in range(1, items + 1))


def snapshot(posts: Sequence[Post], elapsed: float) -> list[Seen]:
    """Return what can be seen after `elapsed` seconds, newest first."""
    present = [post for post in posts if post.at <= elapsed and not _gone(post, elapsed)]
    return [_seen(post, elapsed) for post in reversed(present)]


def removed(posts: Sequence[Post], elapsed: float) -> list[Post]:
    """Return what had been there and is gone now."""
    return [post for post in posts if _gone(post, elapsed)]


def _gone(post: Post, elapsed: float) -> bool:
    return post.removed_at is not None and post.removed_at <= elapsed


def _seen(post: Post, elapsed: float) -> Seen:
    if post.edited_at is not None and post.edited_at <= elapsed:
        return Seen(post, post.edited, post.edited_at)
    return Seen(post, post.text, post.at)


def _moments(rng: random.Random, pace: Pace) -> Iterator[float]:
    at = 0.0
    for until, shortest, longest in pace.steps:
        while True:
            at += rng.uniform(shortest, longest)
            if at >= until:
                break
            yield at


def _supply(rng: random.Random, new: list[Authored], library: Library) -> Iterator[Authored]:
    """Early texts first, then the others; after that all of them again with another ending."""
    early = [text for text in new if text.early]
    others = [text for text in new if not text.early]
    yield from _shuffled(rng, early)
    yield from _shuffled(rng, others)
    for again in count():
        for text in _shuffled(rng, new):
            closers = library.closers[text.lang]
            ending = closers[again % len(closers)]
            yield replace(text, text=f"{text.text} {ending}", edited="", removed=False)


def _shuffled(rng: random.Random, texts: list[Authored]) -> list[Authored]:
    return rng.sample(texts, len(texts))


def _post(rng: random.Random, text: Authored, at: float) -> Post:
    changed = max(at, 0.0) + rng.uniform(30, 90) if text.edited else None
    gone = max(at, 0.0) + rng.uniform(60, 150) if text.removed else None
    return Post(
        id=0,
        place=text.place,
        lang=text.lang,
        author=text.author,
        title=text.title,
        text=text.text,
        stars=text.stars,
        product=rng.choice(PRODUCTS),
        at=at,
        edited_at=changed,
        edited=text.edited,
        removed_at=gone,
    )


def _marked(rng: random.Random, number: int, texts: list[Authored], at: float) -> Post:
    text = replace(texts[number % len(texts)], edited="", removed=False)
    post = _post(rng, text, at)
    return replace(post, id=number, text=f"{post.text} [item {number:06d}]")
