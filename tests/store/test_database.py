from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy import event, func, insert, make_url, select
from sqlalchemy.exc import DatabaseError

from monitor.domain.errors import ConfigError, StoreUnavailable
from monitor.store import database as database_module
from monitor.store.database import Database, open_database
from monitor.store.intake import Intake
from monitor.store.tables import leases
from tests.store.samples import found
from tests.twins.clock import START


def _row(name: str) -> dict[str, object]:
    return {"name": name, "owner": "me", "until": START}


def _count(database: Database) -> int:
    with database.read() as tx:
        return tx.execute(select(func.count()).select_from(leases)).scalar_one()


def test_write_commits_and_times_come_back_aware_utc(database):
    with database.write() as tx:
        tx.execute(insert(leases), [_row("a")])
    with database.read() as tx:
        assert tx.execute(select(leases.c.until)).scalar_one() == START


def test_an_error_in_the_block_leaves_nothing(database):
    def interrupted() -> None:
        with database.write() as tx:
            tx.execute(insert(leases), [_row("a")])
            raise InterruptedError

    with pytest.raises(InterruptedError):
        interrupted()
    assert _count(database) == 0


def test_a_reader_cannot_write(database):
    with pytest.raises((StoreUnavailable, DatabaseError)), database.read() as tx:
        tx.execute(insert(leases), [_row("a")])
    assert _count(database) == 0


def test_a_reader_sees_one_moment(sqlite_url):
    with closing(open_database(sqlite_url)) as database, database.read() as tx:
        assert tx.execute(select(func.count()).select_from(leases)).scalar_one() == 0
        with database.write() as other:
            other.execute(insert(leases), [_row("a")])
        assert tx.execute(select(func.count()).select_from(leases)).scalar_one() == 0


def test_our_own_mistake_is_not_called_an_outage(database):
    with pytest.raises(DatabaseError), database.read() as tx:
        tx.exec_driver_sql("SELECT * FROM no_such_table")


def test_every_sqlite_write_transaction_begins_immediate(sqlite_url, clock):
    with closing(open_database(sqlite_url)) as database:
        said: list[str] = []
        event.listen(
            database._writer, "connect", lambda raw, _: raw.set_trace_callback(said.append)
        )
        with database.write() as tx:
            tx.execute(insert(leases), [_row("a")])
        Intake(database, clock).import_items("a", "Acme", [found()], baseline=False)
        with database.write() as tx:
            tx.execute(select(leases)).all()
    spoken = [sql for sql in said if not sql.startswith("PRAGMA")]
    assert [sql for sql in spoken if "BEGIN" in sql] == ["BEGIN IMMEDIATE"] * 3
    assert [sql for sql in spoken if sql == "COMMIT"] == ["COMMIT"] * 3
    assert spoken[0] == "BEGIN IMMEDIATE"
    begun = False
    for sql in spoken:
        assert begun or sql == "BEGIN IMMEDIATE", sql
        begun = sql != "COMMIT"


def test_sqlite_is_durable_and_checks_foreign_keys(sqlite_url):
    with closing(open_database(sqlite_url)) as database, database.write() as tx:
        found = [
            tx.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 2, 1, database_module.WAIT_S * 1000]


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(database_module, "WAIT_S", 0.2)


def test_a_locked_file_is_told_and_heals(impatient, sqlite_url):
    path = make_url(sqlite_url).database
    with closing(open_database(sqlite_url)) as database:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailable, match="locked"), database.write() as tx:
                tx.execute(insert(leases), [_row("a")])
            assert _count(database) == 0
            other.execute("ROLLBACK")
        with database.write() as tx:
            tx.execute(insert(leases), [_row("a")])
        assert _count(database) == 1


def test_a_read_then_write_transaction_waits_for_the_other_writer(sqlite_url):
    path = make_url(sqlite_url).database
    with (
        closing(open_database(sqlite_url)) as database,
        closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO leases VALUES ('b', 'you', '2026-03-02 09:00:00.000000')")
        timer = threading.Timer(0.3, lambda: other.execute("COMMIT"))
        timer.start()
        with database.write() as tx:
            seen = tx.execute(select(func.count()).select_from(leases)).scalar_one()
            tx.execute(insert(leases), [_row("a")])
        timer.join()
        assert (seen, _count(database)) == (1, 2)


def test_a_full_database_is_told_keeps_what_it_has_and_heals(sqlite_url):
    with closing(open_database(sqlite_url)) as database:
        with database.write() as tx:
            tx.execute(insert(leases), [_row("kept")])
            pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
            tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StoreUnavailable, match="full"), database.write() as tx:
            tx.execute(insert(leases), [_row(f"lost {n}") for n in range(2000)])
        assert _count(database) == 1
        with database.write() as tx:
            tx.exec_driver_sql("PRAGMA max_page_count = 1000000")
            tx.execute(insert(leases), [_row(f"later {n}") for n in range(2000)])
        assert _count(database) == 2001


def test_a_file_that_is_no_database_is_told(tmp_path):
    path = tmp_path / "earshot.db"
    path.write_bytes(b"not a database " * 200)
    with (
        closing(open_database(f"sqlite:///{path}")) as database,
        pytest.raises(StoreUnavailable, match="not a database"),
        database.read(),
    ):
        pass


def test_a_missing_folder_is_told(tmp_path):
    with (
        closing(open_database(f"sqlite:///{tmp_path}/nowhere/earshot.db")) as database,
        pytest.raises(StoreUnavailable, match="cannot be opened"),
        database.write(),
    ):
        pass


@pytest.mark.postgres
def test_a_cut_connection_loses_the_transaction_and_heals(postgresql_url):
    def cut(database: Database) -> None:
        with database.write() as tx:
            tx.execute(insert(leases), [_row("a")])
            pid = tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            with database.write() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
            tx.execute(insert(leases), [_row("b")])

    with closing(open_database(postgresql_url)) as database:
        with pytest.raises(StoreUnavailable):
            cut(database)
        assert _count(database) == 0
        with database.write() as tx:
            tx.execute(insert(leases), [_row("a")])
        assert _count(database) == 1


def test_a_server_that_does_not_answer_is_told(postgresql_server):
    url = make_url(postgresql_server).set(port=1).render_as_string(hide_password=False)
    with (
        closing(open_database(url)) as database,
        pytest.raises(StoreUnavailable, match="connection"),
        database.read(),
    ):
        pass


@pytest.mark.parametrize(
    "url", ["", "sqlite://", "sqlite:///:memory:", "mysql://host/name", "postgresql+asyncpg://h/n"]
)
def test_other_urls_are_refused_in_words(url):
    with pytest.raises(ConfigError, match="database URL"):
        open_database(url)


def test_threads_take_turns_writing(sqlite_url):
    with closing(open_database(sqlite_url)) as database:

        def work(worker: int) -> None:
            for n in range(10):
                with database.write() as tx:
                    tx.execute(insert(leases), [_row(f"{worker}-{n}")])

        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert _count(database) == 60


def test_closing_twice_is_harmless(database: Database):
    database.close()
    database.close()
    assert _count(database) == 0
