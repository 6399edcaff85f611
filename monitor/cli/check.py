"""Check the configuration and list every fault with file, line and key.

The keys that belong to kinds of sources and channels are checked too, and the secrets they need
must be there. Nothing is contacted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer
from pydantic import BaseModel

from monitor import registry
from monitor.bootstrap.adapters import build_channels
from monitor.cli._configured import reading_of
from monitor.cli._show import JsonFlag, as_json, problem
from monitor.domain.errors import ConfigError
from monitor.settings import Reading, option_faults, referenced_variables, unknown_variables


def command(ctx: typer.Context, *, json: JsonFlag = False) -> None:
    """Check and report."""
    faults, hints = _examine(ctx)
    if json:
        as_json({"ok": not faults, "faults": faults, "hints": hints})
    else:
        for sentence in [*faults, *hints]:
            problem(sentence)
        if not faults:
            typer.echo("The configuration is good.")
    raise typer.Exit(1 if faults else 0)


def _examine(ctx: typer.Context) -> tuple[list[str], list[str]]:
    try:
        reading = reading_of(ctx)
    except ConfigError as error:
        return error.faults, []
    environ = ctx.obj.environ
    faults = [*option_faults(reading, options_of, environ), *_engine_fault(reading)]
    faults = faults or _channel_faults(reading, environ)
    unknown = unknown_variables(environ, referenced_variables(reading.settings))
    return faults, [*unknown, *_contact_hint(reading)]


def options_of(table: str, kind: str) -> type[BaseModel] | None:
    """Return the class of a kind's own keys. Raises RegistryError for a kind that is not there."""
    module: Any = registry.load("sources" if table == "sources" else "channels", kind)
    options: type[BaseModel] | None = getattr(module, "Options", None)
    return options


def _channel_faults(reading: Reading, environ: Mapping[str, str]) -> list[str]:
    """Build the channels and throw them away: their secrets must be there and make sense."""
    try:
        _, channels = build_channels(reading.settings, environ)
    except ConfigError as error:
        return error.faults
    for channel in channels.values():
        channel.close()
    return []


def _engine_fault(reading: Reading) -> list[str]:
    name = reading.settings.model.engine
    if name in registry.names("engines"):
        return []
    known = ", ".join(registry.names("engines")) or "none"
    return [reading.origin.sentence(("model", "engine"), f'no engine "{name}"; there are: {known}')]


def _contact_hint(reading: Reading) -> list[str]:
    settings = reading.settings
    if settings.network.contact or not settings.sources:
        return []
    sentence = "is empty: only addresses in network.allow will be crawled"
    return [reading.origin.sentence(("network", "contact"), sentence)]
