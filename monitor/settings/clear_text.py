"""Finds secrets that were written into earshot.toml in clear, and says where they belong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.settings.environment import PREFIX
from monitor.settings.locate import Path
from monitor.settings.values import is_reference

_SECRET_KEY = re.compile(
    r"(^|_)(token|secret|password|passwd|passphrase|api_?key|private_?key|credentials?|cookie|"
    r"authorization|bearer)s?$",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"xox[a-z]-|xapp-|hooks\.slack\.com/|^Bearer\s|-----BEGIN [A-Z ]*PRIVATE KEY|"
    r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@",
    re.IGNORECASE,
)


def secrets_in_clear(document: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Yield (key path, sentence) for each; the sentence never repeats the value."""
    for path, value in _texts(document, ()):
        name = next((part for part in reversed(path) if isinstance(part, str)), "")
        if is_reference(value) or not value:
            continue
        if _SECRET_KEY.search(name) or _SECRET_VALUE.search(value):
            yield path, _sentence(document, path, name)


def _sentence(document: Mapping[str, Any], path: Path, key: str) -> str:
    owner = _owner(document, path)
    variable = PREFIX + re.sub(r"[^A-Za-z0-9]+", "_", f"{owner}_{key}").strip("_").upper()
    return (
        f"a secret must not stand here in clear; put it into the variable {variable} "
        f'(or the path of a file into {variable}_FILE) and write {key} = "env:{variable}"'
    )


def _owner(document: Mapping[str, Any], path: Path) -> str:
    """Name of the source or channel around the key, or of the table."""
    table = document.get(str(path[0]))
    if len(path) > 1 and isinstance(path[1], int) and isinstance(table, list):
        item = table[path[1]]
        return str(item.get("name", path[0])) if isinstance(item, Mapping) else str(path[0])
    return str(path[0])


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*path, number))
