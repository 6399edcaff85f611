"""Reads earshot.toml and the environment into one frozen Settings, or lists every fault."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from monitor.settings import environment
from monitor.settings.clear_text import secrets_in_clear
from monitor.settings.faults import Origin, SettingsError, nearest, sentences
from monitor.settings.locate import lines_of
from monitor.settings.references import wrong_references
from monitor.settings.root import Credentials, Document, Settings, revealed
from monitor.settings.values import freeze, variable

FILE_NAME = "earshot.toml"
_POSTGRES = re.compile(r"^(postgres|postgresql)://")
_DATABASES = ("sqlite:///", "postgresql+psycopg://")

OptionsOf = Callable[[str, str], type[BaseModel] | None]
"""(table, kind) -> the class of the kind's own keys; None where the kind has none."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Settings together with where each key came from."""

    settings: Settings
    origin: Origin


def load(
    environ: Mapping[str, str], *, config: Path | None = None, home: Path | None = None
) -> Settings:
    """Return the settings. Raises SettingsError with all faults."""
    return read(environ, config=config, home=home).settings


def read(
    environ: Mapping[str, str], *, config: Path | None = None, home: Path | None = None
) -> Reading:
    """Like `load`, and remember where each key came from."""
    path = find_file(environ, config)
    raw, lines = _parse(path) if path else ({}, {})
    found = environment.overrides(environ)
    origin = Origin(
        file=str(path or FILE_NAME),
        lines=lines,
        variables={key: name for key, (name, _) in found.items()},
    )
    document = _document(raw, environment.apply(raw, found), origin)
    return Reading(_complete(document, path, home, environ), origin)


def find_file(environ: Mapping[str, str], config: Path | None) -> Path | None:
    """Return --config, EARSHOT_CONFIG or ./earshot.toml; None if there is no file at all.

    Raises SettingsError when a file is named that does not exist.
    """
    named = config or (Path(environ["EARSHOT_CONFIG"]) if environ.get("EARSHOT_CONFIG") else None)
    if named and not named.is_file():
        raise SettingsError([f"{named}: there is no such file; `earshot init` writes one"])
    here = Path(FILE_NAME)
    return named or (here if here.is_file() else None)


def option_faults(reading: Reading, options_of: OptionsOf, environ: Mapping[str, str]) -> list[str]:
    """Check the keys that belong to kinds of sources and channels, secrets included.

    `options_of` may raise LookupError with a sentence for a kind that does not exist.
    """
    faults: list[str] = []
    for table in ("sources", "channels"):
        for number, item in enumerate(getattr(reading.settings, table)):
            place = (table, number)
            try:
                model = options_of(table, item.kind)
            except LookupError as error:
                faults.append(reading.origin.sentence((*place, "kind"), str(error.args[0])))
                continue
            options, missing = _reveal_each(reading.origin, place, item.options, environ)
            base = tuple(type(item).model_fields)
            faults += missing + _kind_faults(reading.origin, place, options, model, base)
    return faults


def _reveal_each(
    origin: Origin, place: tuple[str, int], options: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Resolve secrets key by key; a missing one is a fault, and its key keeps the reference."""
    faults: list[str] = []
    resolved = dict(options)
    for key, value in options.items():
        try:
            resolved |= revealed({key: value}, environ)
        except LookupError as error:
            faults.append(origin.sentence((*place, key), str(error.args[0])))
    return resolved, faults


def _kind_faults(
    origin: Origin,
    place: tuple[str, int],
    options: Mapping[str, Any],
    model: type[BaseModel] | None,
    base: tuple[str, ...],
) -> list[str]:
    own = tuple(model.model_fields) if model else ()
    unknown = [
        origin.sentence((*place, key), "unknown key", (*own, *base))
        for key in options
        if key not in own
    ]
    if model is None:
        return unknown
    try:
        model.model_validate({key: value for key, value in options.items() if key in own})
    except ValidationError as error:
        return unknown + sentences(error, origin, model, place)
    return unknown


def _parse(path: Path) -> tuple[dict[str, Any], dict[tuple[str | int, ...], int]]:
    try:
        text = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
        return tomllib.loads(text), lines_of(text)
    except OSError as error:
        raise SettingsError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        raise SettingsError([f"{path}: is not UTF-8 text (byte {error.start})"]) from None
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        number = line[1] if line else len(text.splitlines())  # "at end of document"
        raise SettingsError([f"{path}:{number}: is not valid TOML: {error}"]) from None


def _document(raw: Mapping[str, Any], merged: Mapping[str, Any], origin: Origin) -> Document:
    faults = [origin.sentence(path, text) for path, text in secrets_in_clear(raw)]
    faults += [
        origin.sentence(wrong.path, wrong.problem, wrong.known, wrong.word)
        for wrong in wrong_references(merged)
    ]
    try:
        document = Document.model_validate(freeze(dict(merged)))
    except ValidationError as error:
        raise SettingsError(faults + sentences(error, origin, Document)) from None
    if faults:
        raise SettingsError(faults)
    return document


def _complete(
    document: Document, path: Path | None, home: Path | None, environ: Mapping[str, str]
) -> Settings:
    data = (home or Path(environ.get("EARSHOT_HOME") or "earshot-data")).absolute()
    try:
        url = variable("EARSHOT_DATABASE_URL", environ) or f"sqlite:///{data / 'earshot.db'}"
        credentials = _credentials(environ)
    except LookupError as error:
        raise SettingsError([str(error.args[0])]) from None
    tables = {name: getattr(document, name) for name in Document.model_fields}
    return Settings(
        **tables,
        path=path,
        home=data,
        database_url=SecretStr(_database_url(url)),
        credentials=credentials,
    )


def _database_url(url: str) -> str:
    full = _POSTGRES.sub("postgresql+psycopg://", url)
    if not full.startswith(_DATABASES):
        scheme = url.split(":", 1)[0]
        near = nearest(scheme, ("sqlite", "postgresql"))
        hint = f'; did you mean "{near}"?' if near else ""
        problem = f'should start with sqlite:/// or postgresql+psycopg://, not with "{scheme}"'
        raise SettingsError([f"EARSHOT_DATABASE_URL: {problem}{hint}"])
    return full


def _credentials(environ: Mapping[str, str]) -> Credentials:
    def secret(name: str) -> SecretStr | None:
        value = variable(name, environ)
        return SecretStr(value) if value else None

    return Credentials(
        slack_bot_token=secret("EARSHOT_SLACK_BOT_TOKEN"),
        slack_signing_secret=secret("EARSHOT_SLACK_SIGNING_SECRET"),
        slack_app_token=secret("EARSHOT_SLACK_APP_TOKEN"),
        slack_base_url=environ.get("EARSHOT_SLACK_BASE_URL", ""),
        smtp_url=secret("EARSHOT_SMTP_URL"),
    )
