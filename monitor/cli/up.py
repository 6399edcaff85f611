"""Run everything in one process tree: clock, crawl processes and pages. Ctrl-C stops it.

Without an earshot.toml (or with --demo) the demo runs: a built-in sample site is crawled over
HTTP, and its reviews in five languages become tasks and alerts while one watches.
"""

from __future__ import annotations

import getpass
import socket
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Annotated

import typer

from monitor.bootstrap import App, build
from monitor.bootstrap.service import Service
from monitor.cli._configured import settings_of, start_logging
from monitor.cli._demo import demo_settings
from monitor.cli._pages import pages_of
from monitor.domain.errors import ConfigError
from monitor.settings import Settings
from monitor.web.sessions import issue_link


def command(
    ctx: typer.Context,
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Run the demo in spite of earshot.toml.")
    ] = False,
    no_web: Annotated[bool, typer.Option("--no-web", help="No pages and no API.")] = False,
    no_scheduler: Annotated[
        bool, typer.Option("--no-scheduler", help="Pages only: another process does the work.")
    ] = False,
) -> None:
    """Start, say where the pages are, run until a signal comes."""
    settings = settings_of(ctx)
    is_demo = demo or settings.path is None
    level = "warning" if is_demo else "info"  # in the demo the cards are what is to be seen
    start_logging(ctx, level)
    around = demo_settings(settings, ctx.obj.environ) if is_demo else nullcontext(settings)
    with around as chosen:
        app = build(_with_port(chosen), ctx.obj.environ, keep_crawler_warm=True)
        app.crawler.environment = {"EARSHOT_LOG_LEVEL": level, **_log_wishes(ctx.obj.environ)}
        _run(app, web=not no_web, scheduler=not no_scheduler, is_demo=is_demo)


def _run(app: App, *, web: bool, scheduler: bool, is_demo: bool) -> None:
    try:
        Service(
            app,
            pages=pages_of(app) if web else None,
            scheduler=scheduler,
            on_ready=lambda: _welcome(app, web=web, is_demo=is_demo),
        ).run()
    except OSError as error:
        app.close()
        advice = "set another port in [web] or EARSHOT_WEB_PORT"
        raise ConfigError([f"Earshot cannot start: {error}; {advice}."]) from None


def _log_wishes(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name.startswith("EARSHOT_LOG")}


def _with_port(settings: Settings) -> Settings:
    """Choose a free port where 0 asks for one, so that links can name it."""
    if settings.web.port:
        return settings
    with socket.socket() as probe:
        probe.bind((settings.web.host, 0))
        port: int = probe.getsockname()[1]
    return settings.model_copy(update={"web": settings.web.model_copy(update={"port": port})})


def _welcome(app: App, *, web: bool, is_demo: bool) -> None:
    if is_demo:
        typer.echo("This is the demo: a sample site on this machine is being read.")
        typer.echo("`earshot init` sets up your own sources.")
    if web:
        link = issue_link(app.database, app.clock, app.settings.base_url, getpass.getuser())
        typer.echo(f"Pages:          {app.settings.base_url}/inbox")
        typer.echo(f"Sign in (once): {link}")
    typer.echo("Ctrl-C stops Earshot.")
