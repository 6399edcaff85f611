"""Deliver the alerts that are due, now."""

from __future__ import annotations

import sys
from contextlib import nullcontext, redirect_stdout
from typing import Annotated

import typer

from monitor.bootstrap import App
from monitor.cli._opened import opened
from monitor.cli._show import JsonFlag, as_json
from monitor.domain.errors import NotFound
from monitor.jobs import deliver
from monitor.store import outbox
from monitor.store.views import queue_state


def command(
    ctx: typer.Context,
    *,
    revive: Annotated[
        str,
        typer.Option(
            "--revive",
            metavar="CHANNEL",
            help="Try the refused alerts of this channel again, after its token was put right.",
        ),
    ] = "",
    json: JsonFlag = False,
) -> None:
    """Run the job once and say what is left."""
    with opened(ctx) as app:
        if revive:
            _revive(app, revive)
        with redirect_stdout(sys.stderr) if json else nullcontext():  # cards of the console
            done = deliver.run(app.context)
        with app.database.read() as tx:
            left = queue_state(tx).outbox
    if json:
        as_json({"delivered": done, "outbox": dict(left)})
        return
    waiting = sum(left.get(state, 0) for state in ("new", "retry", "sending"))
    typer.echo(f"Delivered {done}; {waiting} waiting, {left.get('uncertain', 0)} uncertain.")
    if left.get("dead"):
        typer.echo(f"{left['dead']} could not be delivered at all: see `earshot status`.")


def _revive(app: App, channel: str) -> None:
    if channel not in app.context.channels:
        raise NotFound(f'There is no channel "{channel}".')
    with app.database.write() as tx:
        outbox.revive(tx, channel, now=app.clock())
