"""Settings for commands: read once, faults told as one list."""

from __future__ import annotations

import typer

from monitor import logs
from monitor.cli._commands import Invocation
from monitor.domain.errors import ConfigError
from monitor.settings import Reading, Settings, SettingsError, read


def reading_of(ctx: typer.Context) -> Reading:
    """Return the settings and where each key came from. Raises ConfigError with all faults."""
    asked: Invocation = ctx.obj
    try:
        return read(asked.environ, config=asked.config, home=asked.home)
    except SettingsError as error:
        raise ConfigError(list(error.faults)) from None


def settings_of(ctx: typer.Context) -> Settings:
    """Return the settings. Raises ConfigError with all faults."""
    return reading_of(ctx).settings


def start_logging(ctx: typer.Context, level: str = "warning") -> None:
    """Send log lines to standard error; EARSHOT_LOG_LEVEL beats `level`. Raises ConfigError."""
    asked: Invocation = ctx.obj
    try:
        logs.set_up({"EARSHOT_LOG_LEVEL": level, **asked.environ})
    except logs.UnknownLevel as error:
        raise ConfigError([str(error)]) from None
