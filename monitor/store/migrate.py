"""Brings a database to the schema of this version, and back.

The whole way runs in one transaction, on SQLite too: a process killed halfway leaves the old
schema. Two processes that start together migrate once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from monitor.domain.errors import ConfigError
from monitor.store.database import check_url, sqlite_engine
from monitor.store.unavailable import unavailable

_ONE_AT_A_TIME = 0x6561_7273_686F_7400  # "earshot": key of the advisory lock on PostgreSQL


def upgrade(url: str, revision: str = "head") -> None:
    """Create or update the schema; makes the SQLite file, readable by its owner only.

    Raises ConfigError when the database was written by a newer Earshot, StoreUnavailable when it
    cannot be reached.
    """
    _make_file(url)
    with _transaction(url) as tx:
        _refuse_newer(_revision(tx))
        command.upgrade(_config(tx), revision)


def downgrade(url: str, revision: str) -> None:
    """Go back to `revision` ("base" drops all tables, "-1" is one step). Raises as `upgrade`."""
    with _transaction(url) as tx:
        _refuse_newer(_revision(tx))
        command.downgrade(_config(tx), revision)


def current(url: str) -> str | None:
    """Return the revision of the database, None when it is empty or not there yet."""
    if check_url(url) == "sqlite" and not _path(url).exists():
        return None
    with _transaction(url) as tx:
        return _revision(tx)


def is_current(url: str) -> bool:
    """Whether the schema is the one of this version. Raises ConfigError when it is newer."""
    found = current(url)
    _refuse_newer(found)
    return found == _scripts().get_current_head()


def draft(url: str, number: str, message: str) -> None:
    """Write a new revision: what changes the schema at `url`, once current, into the tables."""
    upgrade(url)
    with _transaction(url) as tx:
        command.revision(_config(tx), message=message, rev_id=number, autogenerate=True)


def _refuse_newer(found: str | None) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is None or found in known:
        return
    fault = (
        f"The database has schema {found}, which this version of Earshot does not know: it was "
        "written by a newer one. Install that version again, or restore a backup made before "
        "the update."
    )
    raise ConfigError([fault])


def _revision(tx: Connection) -> str | None:
    return MigrationContext.configure(tx).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(tx: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = tx
    return config


@contextmanager
def _transaction(url: str) -> Iterator[Connection]:
    # Rebuilding a table on SQLite drops the old one, which would cascade with foreign keys on.
    is_sqlite = check_url(url) == "sqlite"
    engine = sqlite_engine(url, foreign_keys=False) if is_sqlite else create_engine(url)
    try:
        with engine.begin() as tx:
            if not is_sqlite:
                tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
            yield tx
            if is_sqlite:
                _check_foreign_keys(tx)
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
        raise unavailable(error) or error from error
    finally:
        engine.dispose()


def _check_foreign_keys(tx: Connection) -> None:
    broken = tx.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise ConfigError([f'The database is damaged: a row of "{broken[0]}" has no parent.'])


def _path(url: str) -> Path:
    return Path(make_url(url).database or "")


def _make_file(url: str) -> None:
    if check_url(url) != "sqlite":
        return
    path = _path(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)  # mentions are personal data
