"""Copy the SQLite database to a file while everything goes on running.

For PostgreSQL use pg_dump: its own tool knows it best.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from monitor.cli._configured import settings_of, start_logging
from monitor.cli._show import JsonFlag, as_json
from monitor.domain.errors import ConfigError, NotFound
from monitor.settings import Settings


def command(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write the copy; must not exist yet.")],
    *,
    json: JsonFlag = False,
) -> None:
    """Copy, check the copy, and only then give it its name."""
    start_logging(ctx)
    source = database_file(settings_of(ctx))
    if not source.is_file():
        raise NotFound(f"There is no database at {source} yet.")
    if file.exists():
        raise ConfigError([f"{file} exists already; choose another name."])
    copy(source, file)
    if json:
        as_json({"file": str(file), "bytes": file.stat().st_size})
    else:
        typer.echo(f"Wrote {file} ({file.stat().st_size:,} bytes), checked.")


def database_file(settings: Settings) -> Path:
    """Return the SQLite file. Raises ConfigError for another kind of database."""
    url = make_url(settings.database_url.get_secret_value())
    if url.get_backend_name() != "sqlite":
        raise ConfigError(["This database is PostgreSQL: copy it with pg_dump and pg_restore."])
    return Path(url.database or "")


def copy(source: Path, target: Path) -> None:
    """Copy a database with SQLite's own backup; `target` appears whole or not at all.

    Raises ConfigError when the source or the copy is damaged or cannot be written.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)  # mentions are personal data
        with closing(_connect(source)) as old, closing(sqlite3.connect(part)) as new:
            old.backup(new, pages=4096)
            check(new, str(source))
        part.replace(target)
    except (sqlite3.DatabaseError, OSError) as error:
        raise ConfigError([f"{source} could not be copied to {target}: {error}."]) from None
    finally:
        part.unlink(missing_ok=True)


def check(database: sqlite3.Connection, name: str) -> None:
    """Raise ConfigError unless SQLite finds the database whole."""
    answer = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        raise ConfigError([f"{name} is damaged: {answer}."])


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
