from __future__ import annotations

import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, make_url, text

from monitor.domain.errors import ConfigError
from monitor.store.database import open_database
from monitor.store.migrate import current, downgrade, is_current, upgrade
from monitor.store.tables import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/earshot.db"
    return request.getfixturevalue("empty_postgresql_url")


def _tables(url: str) -> set[str]:
    with closing(open_database(url)) as database, database.read() as tx:
        return set(inspect(tx).get_table_names())


def test_upgrade_from_empty_gives_the_tables_of_the_code(empty_url):
    assert not is_current(empty_url)
    upgrade(empty_url)
    assert is_current(empty_url)
    with closing(open_database(empty_url)) as database, database.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == [], "run python -m monitor.store.migrations"


def test_down_to_base_and_up_again(empty_url):
    upgrade(empty_url)
    downgrade(empty_url, "base")
    assert current(empty_url) is None
    assert _tables(empty_url) == {"alembic_version"}
    upgrade(empty_url)
    upgrade(empty_url)
    assert is_current(empty_url)


def test_a_newer_database_is_refused_in_words(database_url):
    with closing(open_database(database_url)) as database, database.write() as tx:
        before = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for attempt in (is_current, upgrade):
        with pytest.raises(ConfigError, match="written by a newer one"):
            attempt(database_url)
    with closing(open_database(database_url)) as database, database.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": before})


def test_looking_does_not_make_a_file(tmp_path):
    url = f"sqlite:///{tmp_path}/earshot.db"
    assert current(url) is None
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_for_its_owner_only(sqlite_template, tmp_path):
    path = tmp_path / "data" / "earshot.db"
    upgrade(f"sqlite:///{path}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


_KILLED_HALFWAY = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from monitor.store.migrate import upgrade

def kill(connection, cursor, statement, *_):
    if "CREATE TABLE tasks" in statement:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(Engine, "before_cursor_execute", kill)
upgrade(sys.argv[1])
"""


def test_a_migration_killed_halfway_leaves_nothing_and_can_be_repeated(empty_url):
    child = subprocess.run([sys.executable, "-c", _KILLED_HALFWAY, empty_url], check=False)
    assert child.returncode == -signal.SIGKILL
    assert current(empty_url) is None
    assert _tables(empty_url) == set()
    upgrade(empty_url)
    assert is_current(empty_url)


def test_two_processes_that_start_together_migrate_once(empty_url):
    code = "import sys; from monitor.store.migrate import upgrade; upgrade(sys.argv[1])"
    children = [subprocess.Popen([sys.executable, "-c", code, empty_url]) for _ in range(3)]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    assert is_current(empty_url)


def test_broken_references_stop_a_migration(sqlite_url):
    with closing(sqlite3.connect(make_url(sqlite_url).database)) as raw, raw:
        raw.execute("INSERT INTO task_events VALUES (1, 99, '2026-03-02', 'me', 'claim', 1, '{}')")
    with pytest.raises(ConfigError, match="task_events"):
        upgrade(sqlite_url)
