"""Score what is stored and unscored, or any texts with --jsonl.

With --jsonl one JSON object a line is read from FILE or standard input, for example
{"text": "Great service", "target": null, "lang": null, "domain": null}, and one is written per
line, in the same order. A line that cannot be used gives {"error": ...} in its place, a sentence
on standard error, and exit code 1 at the end.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from monitor.bootstrap.adapters import build_engine
from monitor.cli._configured import settings_of, start_logging
from monitor.cli._lines import score_lines
from monitor.cli._opened import opened
from monitor.cli._show import JsonFlag, as_json, progress
from monitor.domain.errors import ConfigError
from monitor.jobs import score
from monitor.jobs.context import Context
from monitor.store.views import queue_state

_CHUNK = 1024


def command(
    ctx: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(help="File to read with --jsonl; standard input without.")
    ] = None,
    *,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Score lines instead of the store.")
    ] = False,
    batch: Annotated[
        int, typer.Option(min=1, max=4096, help="Lines read before the first answer.")
    ] = _CHUNK,
    as_document: JsonFlag = False,
) -> None:
    """Score."""
    if jsonl:
        raise typer.Exit(_score_lines(ctx, file, batch))
    if file is not None:
        raise typer.BadParameter("a FILE is read with --jsonl only")
    with opened(ctx) as app:
        done = _score_stored(app.context)
    if as_document:
        as_json({"scored": done})
    else:
        typer.echo(f"Scored {done} mentions.")


def _score_stored(context: Context) -> int:
    with context.database.read() as tx:
        waiting = queue_state(tx).unscored
    done = 0
    with progress("Scoring", waiting) as show:
        while now := score.run(context, limit=_CHUNK):
            done += now
            show(done)
    return done


def _score_lines(ctx: typer.Context, file: Path | None, batch: int) -> int:
    start_logging(ctx)
    engine = build_engine(settings_of(ctx), ctx.obj.environ)
    try:
        with _open(file) as stream:
            bad = score_lines(engine, stream, batch)
    finally:
        engine.close()
    return 1 if bad else 0


def _open(file: Path | None) -> BinaryIO:
    if file is None:
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as error:
        raise ConfigError([f"{file}: cannot be read: {error.strerror}"]) from None
