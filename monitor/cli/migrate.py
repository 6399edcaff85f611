"""Bring the database to the schema of this version.

Other commands do this by themselves; run it alone before an update goes live.
"""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli._configured import settings_of, start_logging
from monitor.cli._show import JsonFlag, as_json
from monitor.store.migrate import current, downgrade, upgrade


def command(
    ctx: typer.Context,
    *,
    to: Annotated[str, typer.Option(help="Revision to go to.")] = "head",
    down: Annotated[bool, typer.Option("--down", help="Go back to --to instead.")] = False,
    json: JsonFlag = False,
) -> None:
    """Migrate and report."""
    start_logging(ctx)
    url = settings_of(ctx).database_url.get_secret_value()
    before = current(url)
    if down:
        downgrade(url, to)
    else:
        upgrade(url, to)
    after = current(url)
    if json:
        as_json({"before": before, "after": after})
    elif before == after:
        typer.echo(f"The database is at revision {after}; nothing to do.")
    else:
        typer.echo(f"Migrated from {before or 'an empty database'} to {after or 'empty'}.")
