"""Names tie tables together: finds names used twice and names that do not exist.

Works on the document as read, so that these faults are told together with all others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from monitor.settings.locate import Path

_NAMED = ("brands", "sources", "teams", "channels", "calendars")
_REFERENCES = (
    ("sources", "brand", "brands"),
    ("channels", "brands", "brands"),
    ("teams", "calendar", "calendars"),
    ("teams", "channel", "channels"),
)
_SINGLE_REFERENCES = (("digest", "channels", "channels"), ("sla", "calendar", "calendars"))


class Wrong(NamedTuple):
    """A fault that only shows between tables."""

    path: Path
    problem: str
    word: str = ""
    """The name that does not exist."""
    known: tuple[str, ...] = ()
    """Names that would have been right, for a suggestion."""


def wrong_references(document: Mapping[str, Any]) -> Iterator[Wrong]:
    """Yield each fault. What has the wrong shape is passed over: others tell it."""
    names = {table: _names(document, table) for table in _NAMED}
    for table in _NAMED:
        yield from _twice(table, names[table])
    for path, target, value in _references(document):
        known = tuple(filter(None, names[target]))
        if value and value not in known:
            what = target.removesuffix("s")
            yield Wrong(path, f'there is no {what} "{value}"', value, known)


def _rows(document: Mapping[str, Any], table: str) -> list[Mapping[str, Any]]:
    rows = document.get(table)
    found = rows if isinstance(rows, list) else []
    return [row if isinstance(row, Mapping) else {} for row in found]


def _names(document: Mapping[str, Any], table: str) -> list[str]:
    names = [row.get("name") for row in _rows(document, table)]
    return [name if isinstance(name, str) else "" for name in names]


def _twice(table: str, names: list[str]) -> Iterator[Wrong]:
    for number, name in enumerate(names):
        if name and name in names[:number]:
            yield Wrong((table, number, "name"), f'the name "{name}" is used twice')


def _references(document: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    for table, key, target in _REFERENCES:
        for number, row in enumerate(_rows(document, table)):
            for path, value in _values((table, number, key), row.get(key)):
                yield path, target, value
    for table, key, target in _SINGLE_REFERENCES:
        single = document.get(table)
        wanted = single.get(key) if isinstance(single, Mapping) else None
        for path, value in _values((table, key), wanted):
            yield path, target, value


def _values(path: Path, value: object) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, str):
                yield (*path, index), item
