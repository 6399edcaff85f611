"""What the environment may say: EARSHOT_<TABLE>_<KEY> for single tables, and a few fixed names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from monitor.settings.faults import nearest, plain_type
from monitor.settings.locate import Path
from monitor.settings.root import Document

PREFIX = "EARSHOT_"
FIXED = {
    "EARSHOT_CONFIG": "path of earshot.toml",
    "EARSHOT_HOME": "data directory",
    "EARSHOT_DATABASE_URL": "address of the database",
    "EARSHOT_SLACK_BOT_TOKEN": "bot token of the Slack app",
    "EARSHOT_SLACK_SIGNING_SECRET": "signing secret of the Slack app",
    "EARSHOT_SLACK_APP_TOKEN": "app-level token for socket mode",
    "EARSHOT_SLACK_BASE_URL": "address of Slack's web API, for tests",
    "EARSHOT_SMTP_URL": "mail server, smtp://user:password@host:port",
    "EARSHOT_LOG": "console or json",
    "EARSHOT_LOG_LEVEL": "debug, info, warning or error",
    "EARSHOT_DEBUG": "1 shows tracebacks",
    "EARSHOT_TRAIN_DATA": "folder of data sets for `earshot model train`",
    "EARSHOT_FAULT": "fault point at which a test stops the process",
    "EARSHOT_TEST_POSTGRESQL": "server on which tests make databases of their own",
}


def overrides(environ: Mapping[str, str]) -> dict[Path, tuple[str, Any]]:
    """Return key path -> (variable, value) for every table key that the environment sets."""
    found: dict[Path, tuple[str, Any]] = {}
    for path, annotation in _keys(Document, ()):
        name = variable_name(path)
        if name in environ and name not in FIXED:
            found[path] = (name, _parse(environ[name], annotation))
    return found


def variable_name(path: Path) -> str:
    """Return the variable that overrides a key."""
    return PREFIX + "_".join(str(part) for part in path).upper()


def apply(document: dict[str, Any], found: Mapping[Path, tuple[str, Any]]) -> dict[str, Any]:
    """Return the document with the overrides put in; tables that are missing are made."""
    for path, (_, value) in found.items():
        document = _put(document, path, value)
    return document


def _put(table: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    if not isinstance(table, dict):  # the file has something else there: its own fault is told
        return table
    return table | {str(path[0]): _put(table.get(path[0], {}), path[1:], value)}


def unknown_variables(environ: Iterable[str], referenced: Iterable[str]) -> list[str]:
    """Return a sentence for each EARSHOT_ variable that means nothing, with the nearest name."""
    known = set(FIXED) | {f"{name}_FILE" for name in FIXED} | set(referenced)
    known |= {f"{name}_FILE" for name in referenced}
    known |= {variable_name(path) for path, _ in _keys(Document, ())}
    strangers = sorted(n for n in environ if n.startswith(PREFIX) and n not in known)
    near = {name: nearest(name, sorted(known)) for name in strangers}
    return [
        f"{name}: unknown variable" + (f'; did you mean "{near[name]}"?' if near[name] else "")
        for name in strangers
    ]


def _keys(model: type[BaseModel], prefix: Path) -> Iterator[tuple[Path, Any]]:
    for name, info in model.model_fields.items():
        kind = plain_type(info.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _keys(kind, (*prefix, name))
        elif prefix:  # arrays of tables have no place in a variable
            yield (*prefix, name), kind


def _parse(text: str, kind: Any) -> Any:
    if get_origin(kind) is tuple:
        item = plain_type(get_args(kind)[0])
        return [_parse(part.strip(), item) for part in text.split(",") if part.strip()]
    if kind is str or getattr(kind, "__module__", "") not in (
        "builtins",
        "typing",
        "collections.abc",
    ):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
