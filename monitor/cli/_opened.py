"""The application for commands that work with the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from monitor.bootstrap import App, build
from monitor.cli._configured import settings_of, start_logging


@contextmanager
def opened(ctx: typer.Context, *, log_level: str = "warning") -> Iterator[App]:
    """Yield the application and close it afterwards. Raises ConfigError."""
    start_logging(ctx, log_level)
    with build(settings_of(ctx), ctx.obj.environ) as app:
        yield app
