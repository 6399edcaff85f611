"""Bring a copy made by `earshot backup` back. Stop Earshot first.

The present database is kept beside it, under a name that ends in ".before-restore".
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from monitor.bootstrap import utc_now
from monitor.cli._configured import settings_of, start_logging
from monitor.cli._show import JsonFlag, as_json
from monitor.cli.backup import check, copy, database_file
from monitor.domain.errors import ConfigError, NotAllowed, NotFound
from monitor.store.migrate import is_current, upgrade


def command(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The copy to bring back.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: JsonFlag = False,
) -> None:
    """Check the copy, put the present database aside, put the copy in its place."""
    start_logging(ctx)
    settings = settings_of(ctx)
    target = database_file(settings)
    _examine(file)
    if not yes:
        typer.confirm(f"Replace {target} by {file}?", abort=True)
    aside = _put_aside(target)
    copy(file, target)
    url = settings.database_url.get_secret_value()
    if not is_current(url):
        upgrade(url)
    if json:
        as_json({"restored": str(target), "kept": str(aside) if aside else None})
    else:
        typer.echo(f"Restored {target}." + (f" The old one is {aside}." if aside else ""))


def _examine(file: Path) -> None:
    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as found:
            check(found, str(file))
            tables = {row[0] for row in found.execute("SELECT name FROM sqlite_master")}
    except sqlite3.DatabaseError:
        raise ConfigError([f"{file} is not a SQLite database."]) from None
    if not {"mentions", "alembic_version"} <= tables:
        raise ConfigError([f"{file} is not a database of Earshot."])


def _put_aside(target: Path) -> Path | None:
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        return None
    try:
        with closing(sqlite3.connect(target, timeout=1)) as database:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")  # nobody else may be writing now
            database.rollback()
    except sqlite3.OperationalError:
        raise NotAllowed("The database is in use: stop Earshot first.") from None
    aside = target.with_name(f"{target.name}.{utc_now():%Y%m%dT%H%M%S}.before-restore")
    copy(target, aside)
    for name in (target, *(target.with_name(f"{target.name}{end}") for end in ("-wal", "-shm"))):
        name.unlink(missing_ok=True)
    return aside
