"""Reads the authored texts of the sample site from `content/<language>.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib import resources

LANGUAGES = ("en", "de", "hu", "lv", "zh")
PLACES = ("shop", "blog", "forum", "news")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authored:
    """One authored text and what happens to it."""

    place: str
    lang: str
    author: str
    text: str
    title: str = ""
    stars: int | None = None
    edited: str = ""
    """What the text says after its author changed it; empty: never changed."""
    removed: bool = False
    old: bool = False
    early: bool = False


@dataclass(frozen=True, slots=True)
class Library:
    """All texts, and sentences to append when a text is used again."""

    texts: tuple[Authored, ...]
    closers: dict[str, tuple[str, ...]]


def load() -> Library:
    """Read the content files of all languages."""
    texts: list[Authored] = []
    closers: dict[str, tuple[str, ...]] = {}
    folder = resources.files("monitor.demo") / "content"
    for lang in LANGUAGES:
        document = tomllib.loads((folder / f"{lang}.toml").read_text(encoding="utf-8"))
        closers[lang] = tuple(document["closers"])
        for place in PLACES:
            texts += [Authored(place=place, lang=lang, **entry) for entry in document[place]]
    return Library(tuple(texts), closers)
