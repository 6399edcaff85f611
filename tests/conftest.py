"""Fixtures for every folder: a real database of both kinds, a clock that stands still."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_socket import socket_allow_hosts
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from monitor.store.database import Database, open_database
from monitor.store.migrate import upgrade
from monitor.store.tables import metadata
from tests.twins.clock import ManualClock

POSTGRESQL = os.environ.get(
    "EARSHOT_TEST_POSTGRESQL", "postgresql+psycopg://127.0.0.1:5432/postgres"
)
"""A server where the tests may create and drop databases of their own."""


@pytest.fixture(autouse=True)
def _only_loopback() -> None:
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "earshot.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "earshot.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_server() -> str:
    """The address of a server that answers; without one, tests skip, but never in CI."""
    engine = create_engine(POSTGRESQL, connect_args={"connect_timeout": 3})
    try:
        engine.connect().close()
    except OperationalError:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs a PostgreSQL server; see EARSHOT_TEST_POSTGRESQL")
        pytest.skip("no PostgreSQL server answers; see EARSHOT_TEST_POSTGRESQL")
    finally:
        engine.dispose()
    return POSTGRESQL


@pytest.fixture
def empty_postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A database without tables, dropped afterwards."""
    yield from _made_database(postgresql_server)


@pytest.fixture(scope="session")
def migrated_postgresql_url(postgresql_server: str) -> Iterator[str]:
    for url in _made_database(postgresql_server):
        upgrade(url)
        yield url


@pytest.fixture
def postgresql_url(migrated_postgresql_url: str) -> str:
    """A migrated database, emptied before each test."""
    engine = create_engine(migrated_postgresql_url)
    names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
    with engine.begin() as tx:
        tx.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    engine.dispose()
    return migrated_postgresql_url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database; the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


def _made_database(server: str) -> Iterator[str]:
    name = f"earshot_test_{uuid.uuid4().hex[:12]}"
    _admin(server, f'CREATE DATABASE "{name}"')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    _admin(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _admin(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
