"""The source port: what a source is, asks for and answers.

A source is one file in `spiders/sources/`, found by its file name. It never opens a connection:
`start` says which pages to read, `parse` turns the bytes of one page into items. The crawl fetches,
saves and keeps the cursor.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import entry_points
from typing import Generic, Protocol, TypeVar, cast

from pydantic import BaseModel

from monitor.domain.crawl import Json, SourcePlan
from monitor.domain.errors import BadItem, SourceRefused
from monitor.domain.types import Found

ENTRY_POINTS = "earshot.sources"
_KIND = re.compile(r"[a-z][a-z0-9_]*")

OptionsT = TypeVar("OptionsT", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One page to read."""

    url: str
    role: str = "page"
    """Told back to `parse`, for sources that read pages of several shapes."""
    conditional: bool = False
    """The answer may be "nothing changed"; then `parse` is not called."""
    bounded: bool = False
    """The source knows how many pages follow: never stop early for want of new items."""
    state: Json = field(default_factory=dict)
    """Carried to `parse`; plain values only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta(Generic[OptionsT]):
    """What is known about a page beside its bytes."""

    url: str
    """Where the page really came from, after redirects."""
    options: OptionsT
    now: datetime
    role: str = "page"
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    state: Json = field(default_factory=dict)
    cursor: Json = field(default_factory=dict)
    """As saved with the page before this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What one page gave."""

    items: tuple[Found, ...] = ()
    faults: tuple[BadItem, ...] = ()
    next: tuple[Ask, ...] = ()
    cursor: Json | None = None
    """The whole new cursor, saved in one transaction with the items; None: unchanged."""
    unchanged: int = 0
    """Pages that this one says have not changed, and that are not read for that reason."""
    note: str = ""
    """Something a person should know about this page, in plain words; never page text."""


class Source(Protocol[OptionsT]):
    """What a module in `spiders/sources/` offers."""

    KIND_TITLE: str
    LANE: str
    """"pages" for slow and polite reading, "api" for fast answers."""
    MIN_INTERVAL_S: int
    TERMS: str
    API: bool
    """An official interface: its terms rule, not robots.txt."""
    EMPTY_IS_ODD: bool
    """True where every crawl sees the same window, so that no item at all means a fault."""

    @property
    def Options(self) -> type[BaseModel]:  # noqa: N802 - a class offered by a module
        """The source's own configuration keys."""

    def start(self, plan: SourcePlan, options: OptionsT, cursor: Json) -> list[Ask]:
        """Return the first pages to read."""

    def parse(self, body: bytes, meta: Meta[OptionsT]) -> Page:
        """Turn one page into items. Pure. Raises SourceChanged for a shape it does not know."""


def load_source(kind: str) -> Source[BaseModel]:
    """Import the source of that file name, or the installed plug-in of that name.

    Raises SourceRefused when there is none.
    """
    if not _KIND.fullmatch(kind):
        raise SourceRefused(f'"{kind}" is not the name of a source kind')
    try:
        module: object = importlib.import_module(f"spiders.sources.{kind}")
    except ModuleNotFoundError:
        module = _plug_in(kind)
    return cast("Source[BaseModel]", module)


def _plug_in(kind: str) -> object:
    for point in entry_points(group=ENTRY_POINTS, name=kind):
        return point.load()
    raise SourceRefused(f'there is no source kind "{kind}"')
