"""Tells a database that is away for now from a mistake in our own SQL."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from monitor.domain.errors import StoreUnavailable

_SQLITE = {
    5: "the database is locked by another process",
    6: "the database is locked by another process",
    7: "the machine is out of memory",
    8: "the database is read-only",
    10: "the disk reports an input or output error",
    11: "the database file is damaged",
    13: "the disk or the database is full",
    14: "the database file cannot be opened",
    15: "the database is locked by another process",
    26: "the file is not a database",
}
"""Primary SQLite result code -> what a person should read."""

_POSTGRESQL = {
    "08": "the connection to the database is broken",
    "25006": "the database is read-only",
    "28": "the database refuses the user",
    "3D": "the database does not exist",
    "40": "the database gave way to another transaction",
    "53100": "the disk or the database is full",
    "53": "the database has no room for one more connection",
    "55P03": "the database is locked by another process",
    "57": "the database is shutting down or starting",
    "58": "the disk reports an input or output error",
}
"""SQLSTATE or its class -> what a person should read."""


def unavailable(error: Exception) -> StoreUnavailable | None:
    """Return the passing trouble behind an error of SQLAlchemy or of the driver.

    None when it is a mistake of ours.
    """
    if isinstance(error, PoolTimeout):
        return StoreUnavailable("all database connections are in use")
    if isinstance(error, DBAPIError):
        reason = _reason(error.orig)
        if reason is None and error.connection_invalidated:
            reason = _POSTGRESQL["08"]
    else:
        reason = _reason(error)
    return None if reason is None else StoreUnavailable(reason)


def _reason(origin: BaseException | None) -> str | None:
    code = getattr(origin, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE.get(code & 0xFF)
    if type(origin).__module__.startswith("sqlite3"):
        return None
    state = getattr(origin, "sqlstate", None)
    if isinstance(state, str):
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    # psycopg gives no SQLSTATE when no server answered.
    is_lost = type(origin).__name__ in {"OperationalError", "ConnectionTimeout"}
    return _POSTGRESQL["08"] if is_lost else None
