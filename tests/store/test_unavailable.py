from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from monitor.domain.errors import StoreUnavailable
from monitor.store.database import open_database
from monitor.store.intake import Intake
from monitor.store.unavailable import _POSTGRESQL
from tests.store.samples import found, stored

PASSING = [code if len(code) == 5 else f"{code}000" for code in _POSTGRESQL]
OURS = ["22012", "23505", "42601", "42P01", "55000"]


def _raise(url: str, state: str) -> None:
    with closing(open_database(url)) as database, database.write() as tx:
        tx.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{state}'; END $$"))


@pytest.mark.postgres
@pytest.mark.parametrize("state", [*PASSING, "40P01", "40001", "57014", "57P01", "53300"])
def test_passing_troubles_of_the_server_are_told(postgresql_url, state):
    with pytest.raises(StoreUnavailable) as caught:
        _raise(postgresql_url, state)
    assert not caught.value.permanent
    assert caught.value.reason in str(caught.value)


@pytest.mark.postgres
@pytest.mark.parametrize("state", OURS)
def test_our_mistakes_stay_what_they_are(postgresql_url, state):
    with pytest.raises(DBAPIError):
        _raise(postgresql_url, state)


def test_a_damaged_file_is_told(sqlite_url, clock):
    path = Path(make_url(sqlite_url).database or "")
    with closing(open_database(sqlite_url)) as database:
        page = [found(str(number), "long " * 1000) for number in range(50)]
        Intake(database, clock).import_items("a", "Acme", page, baseline=False)
        with database.write() as tx:
            size = tx.exec_driver_sql("PRAGMA page_size").scalar_one()
    content = bytearray(path.read_bytes())
    content[size * 20 :] = b"\xff" * (len(content) - size * 20)
    path.write_bytes(content)
    damaged = pytest.raises(StoreUnavailable, match="damaged")
    with closing(open_database(sqlite_url)) as database, damaged:
        stored(database)


@pytest.mark.postgres
def test_a_lock_that_is_held_too_long_is_told(postgresql_url, monkeypatch):
    monkeypatch.setattr("monitor.store.database.WAIT_S", 1)
    with closing(open_database(postgresql_url)) as database, database.write() as tx:
        tx.exec_driver_sql("LOCK TABLE leases IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(StoreUnavailable, match="locked"), database.read() as other:
            other.exec_driver_sql("SELECT count(*) FROM leases")
