"""Sentences about what is wrong in a configuration: file, line, key, fault, nearest valid key."""

from __future__ import annotations

import difflib
import types
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from monitor.settings.locate import Path

_PLAIN = {
    "extra_forbidden": "unknown key",
    "missing": "is missing",
    "string_type": "should be text in quotes",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_type": "should be a number",
    "bool_type": "should be true or false, without quotes",
    "date_type": "should be a date without quotes, for example 2026-12-24",
    "mapping_type": "should be a table",
    "dict_type": "should be a table",
    "string_too_short": "must not be empty",
}


class SettingsError(ValueError):
    """The configuration cannot be used. `faults` has every fault found, one sentence each."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where each key came from."""

    file: str = "earshot.toml"
    lines: Mapping[Path, int] = field(default_factory=dict)
    variables: Mapping[Path, str] = field(default_factory=dict)

    def place(self, path: Path) -> str:
        """Return "file:line" of the key or of the table around it, or the variable's name."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.variables:
                return self.variables[path[:length]]
            if path[:length] in self.lines:
                return f"{self.file}:{self.lines[path[:length]]}"
        return self.file

    def sentence(
        self, path: Path, problem: str, known: Collection[str] = (), word: str = ""
    ) -> str:
        """Compose one fault; `known` and `word` lead to a suggestion."""
        near = nearest(word or str(path[-1]), known)
        hint = f'; did you mean "{near}"?' if near else ""
        return f"{self.place(path)}: {dotted(path)}: {problem}{hint}"


def dotted(path: Path) -> str:
    """Write a path as in TOML; elements of arrays count from 1: sources[2].url."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def nearest(word: str, known: Collection[str]) -> str:
    """Return the most similar known word, or "" if none is similar."""
    found = difflib.get_close_matches(word.lower(), [name.lower() for name in known], 1, 0.6)
    return next((name for name in known if found and name.lower() == found[0]), "")


def sentences(
    error: ValidationError, origin: Origin, model: type[BaseModel], prefix: Path = ()
) -> list[str]:
    """Return one sentence per fault that pydantic found in a document of that model."""
    found: list[str] = []
    for detail in error.errors(include_url=False):
        inner: Path = tuple(detail["loc"])
        known = _suggestions(detail["type"], inner, model, detail.get("ctx", {}))
        word = str(detail["input"]) if detail["type"] == "literal_error" else ""
        problem = _problem(detail["type"], detail["msg"], detail["input"], inner, known)
        found.append(origin.sentence((*prefix, *inner), problem, known, word))
    return found


def _problem(kind: str, message: str, value: object, path: Path, known: Collection[str]) -> str:
    if kind == "tuple_type":
        table = isinstance(value, Mapping) and len(path) == 1
        return f"write [[{path[0]}]], with two brackets" if table else "should be a list: [ ... ]"
    if kind in ("model_type", "model_attributes_type"):
        many = isinstance(value, tuple) and len(path) == 1
        return f"write [{path[0]}], with one bracket" if many else "should be a table"
    if kind == "literal_error":
        return f"should be one of {', '.join(known)}"
    return _PLAIN.get(kind) or message.removeprefix("Value error, ").removeprefix("Input ")


def _suggestions(
    kind: str, path: Path, model: type[BaseModel], context: Mapping[str, Any]
) -> tuple[str, ...]:
    if kind == "literal_error":
        return tuple(str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", "))
    if kind != "extra_forbidden":
        return ()
    table = model_at(model, path[:-1])
    return tuple(table.model_fields) if table else ()


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """Return the class of the table at `path` below `model`, or None where keys are free."""
    here: Any = model
    for part in path:
        here = _field_type(here, part) if isinstance(part, str) else _item_type(here)
        if here is None:
            return None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _field_type(here: Any, name: str) -> Any:
    fields = getattr(here, "model_fields", {})
    return plain_type(fields[name].annotation) if name in fields else None


def _item_type(here: Any) -> Any:
    return plain_type(get_args(here)[0]) if get_origin(here) is tuple else None


def plain_type(annotation: Any) -> Any:
    """Strip Annotated and "| None" from a type."""
    if get_origin(annotation) is Annotated:
        return plain_type(get_args(annotation)[0])
    if get_origin(annotation) is types.UnionType:
        return plain_type(next(arg for arg in get_args(annotation) if arg is not type(None)))
    return annotation
