"""Deliver the alerts that are due, now."""

from __future__ import annotations

import sys
from contextlib import nullcontext, redirect_stdout

import typer

from monitor.cli._opened import opened
from monitor.cli._show import JsonFlag, as_json
from monitor.jobs import deliver
from monitor.store.views import queue_state


def command(ctx: typer.Context, *, json: JsonFlag = False) -> None:
    """Run the job once and say what is left."""
    with opened(ctx) as app:
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
