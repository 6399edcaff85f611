"""One database, two kinds of transactions.

SQLite runs in WAL mode with `synchronous=FULL`; every write transaction begins IMMEDIATE, because
a deferred one that reads first and writes later fails at once with SQLITE_BUSY_SNAPSHOT, without
waiting for the busy timeout. Readers never wait for the writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from monitor.domain.errors import ConfigError
from monitor.store.unavailable import unavailable

WAIT_S = 30
"""How long a transaction waits for another one before StoreUnavailable is raised."""


class Database:
    """A database shared by all threads of one process. Made by `open_database`."""

    def __init__(self, url: str, writer: Engine, reader: Engine) -> None:
        self.url = url
        self.dialect: str = writer.dialect.name
        self._writer = writer
        self._reader = reader

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed as a whole at the end of the block, or not at all.

        SQLite has one writer at a time, so keep the block short and do not nest it. Raises
        StoreUnavailable when the database is locked, full or gone; nothing was written then.
        """
        with self._translated(), self._writer.begin() as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One read-only transaction. On SQLite the whole block sees one moment in time.

        Raises StoreUnavailable when the database cannot be read.
        """
        with self._translated(), self._reader.connect() as tx:
            yield tx

    @contextmanager
    def _translated(self) -> Iterator[None]:
        driver = self._writer.dialect.loaded_dbapi
        try:
            yield
        except (SQLAlchemyError, driver.Error) as error:
            translated = unavailable(error)
            if translated is None:
                raise
            raise translated from error

    def close(self) -> None:
        """Close all connections. Harmless when repeated."""
        self._reader.dispose()
        self._writer.dispose()


def open_database(url: str) -> Database:
    """Prepare a database; the first connection is made on first use.

    Takes "sqlite:///path" or "postgresql+psycopg://...". Raises ConfigError for anything else.
    """
    dialect = check_url(url)
    if dialect == "sqlite":
        return Database(url, sqlite_engine(url), sqlite_engine(url, read_only=True))
    engine = _postgresql_engine(url)
    return Database(url, engine, engine.execution_options(postgresql_readonly=True))


def check_url(url: str) -> str:
    """Return "sqlite" or "postgresql". Raises ConfigError when the URL names neither."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(["The database URL cannot be read as a URL."]) from None
    if parsed.drivername == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return "sqlite"
    if parsed.drivername == "postgresql+psycopg":
        return "postgresql"
    fault = (
        f'The database URL starts with "{parsed.drivername}" and cannot be used: '
        'take "sqlite:///path/to/file.db" or "postgresql+psycopg://user@host/name".'
    )
    raise ConfigError([fault])


def insert(tx: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT in the dialect of `tx`."""
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


def sqlite_engine(url: str, *, read_only: bool = False, foreign_keys: bool = True) -> Engine:
    """Return an engine for one SQLite file.

    Writers queue for one connection in the pool, in order, instead of polling the file lock.
    """
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=8 if read_only else 1,
        max_overflow=24 if read_only else 0,
        pool_timeout=WAIT_S,
        connect_args={"timeout": WAIT_S, "isolation_level": None, "cached_statements": 256},
    )
    pragmas = (
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}",
        "PRAGMA cache_size = -65536",  # 64 MiB: the unique index of a million mentions stays in
        "PRAGMA wal_autocheckpoint = 4000",  # 16 MB: index pages changed often are copied once
        "PRAGMA journal_size_limit = 67108864",  # the log shrinks again after a large import
        "PRAGMA temp_store = MEMORY",
        f"PRAGMA query_only = {'ON' if read_only else 'OFF'}",
    )
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        for pragma in pragmas:
            connection.execute(pragma).close()

    def start(tx: Connection) -> None:
        driver: Any = tx.connection.dbapi_connection
        driver.execute(begin).close()

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    return engine


def _postgresql_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_timeout=WAIT_S,
        pool_pre_ping=True,  # a restarted server costs one quiet reconnect, not a failed job
        connect_args={
            "connect_timeout": 10,
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "tcp_user_timeout": WAIT_S * 1000,
        },
    )

    def prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        connection.autocommit = True  # a rollback would take the settings back
        connection.execute(f"SET lock_timeout = '{WAIT_S}s'")
        connection.execute("SET TIME ZONE 'UTC'")
        connection.autocommit = False

    event.listen(engine, "connect", prepare)
    return engine
