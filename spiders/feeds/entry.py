"""One entry of a feed as its document says it, before anybody judges it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Everything is optional; `title` and `body` may hold HTML. Dates are text, or read already."""

    id: str = ""
    link: str = ""
    title: str = ""
    body: str = ""
    author: str = ""
    author_id: str = ""
    published: str | datetime = ""
    updated: str | datetime = ""
    lang: str = ""
    parent: str = ""
    """Identifier of the entry this one answers."""
    rating: str = ""
    outlet: str = ""
    """Where an aggregator found it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed: its entries in document order and what holds for all of them."""

    entries: tuple[Entry, ...] = ()
    lang: str = ""
    next_url: str = ""
    """An older part of the feed, where it has one."""
    damaged: bool = False
    """It had to be read leniently: entries may be missing."""
    broken: tuple[str, ...] = field(default=())
    """Raw parts that are no entry although they stand in the place of one."""
