"""Finds sources, engines, channels, KPIs and commands by file name, without importing them.

A file in the right folder is enough to be found. Third parties add to the same lists with entry
points in the groups `earshot.sources`, `earshot.engines`, `earshot.channels` and `earshot.kpis`;
a built-in name wins, so that an installed package cannot replace a part of Earshot silently.
"""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pkgutil import ModuleInfo, iter_modules
from types import ModuleType
from typing import Literal

Part = Literal["sources", "engines", "channels", "kpis", "commands", "model_tools"]

_PACKAGES: dict[Part, str] = {
    "sources": "spiders.sources",
    "engines": "models.engines",
    "channels": "alerts.channels",
    "kpis": "monitor.kpis",
    "commands": "monitor.cli",
    "model_tools": "models",
}
_CLOSED = ("commands", "model_tools")
"""Parts to which nobody else adds."""


class RegistryError(LookupError):
    """There is no part of that name. `str()` is a sentence with the nearest name."""


def names(part: Part) -> list[str]:
    """Return all names of a part, sorted; files that start with "_" are not parts."""
    return sorted({*_files(part), *_entries(part)})


def load(part: Part, name: str) -> ModuleType:
    """Import and return the module of that name. Raises RegistryError if there is none."""
    if name in _files(part):
        return importlib.import_module(f"{_PACKAGES[part]}.{name}")
    entries = _entries(part)
    if name not in entries:
        raise RegistryError(_unknown(part, name))
    module = entries[name].load()
    if not isinstance(module, ModuleType):
        raise RegistryError(f'the entry point "{name}" of {_group(part)} does not name a module')
    return module


def _files(part: Part) -> set[str]:
    return {module.name for module in _modules(_PACKAGES[part]) if not module.name.startswith("_")}


def _modules(package: str) -> Iterator[ModuleInfo]:
    spec = find_spec(package)
    return iter_modules(spec.submodule_search_locations if spec else None)


def _entries(part: Part) -> dict[str, EntryPoint]:
    if part in _CLOSED:
        return {}
    return {entry.name: entry for entry in entry_points(group=_group(part))}


def _group(part: Part) -> str:
    return f"earshot.{part}"


def _unknown(part: Part, name: str) -> str:
    known = names(part)
    near = difflib.get_close_matches(name, known, 1)
    hint = f'; did you mean "{near[0]}"?' if near else f"; there are: {', '.join(known) or 'none'}"
    return f'there is no {part.removesuffix("s").replace("_", " ")} "{name}"{hint}'
