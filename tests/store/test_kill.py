"""A process killed in the middle of a page leaves the page whole or not at all."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from monitor.domain.crawl import Saved
from monitor.store.database import open_database
from monitor.store.intake import Intake
from tests.store.samples import PLAN, found, leased, older, source_row, stored

ROOT = Path(__file__).parents[2]
_CHILD = """
import os, signal, sys
import psycopg
from sqlalchemy import event
from sqlalchemy.engine import Engine
from monitor.store.intake import Intake
from monitor.store.mention_rows import MentionRows
from tests.store.test_kill import save
from tests.twins.clock import ManualClock

url, where = sys.argv[1:]

def die_before(call):
    def dying(rows, statement, values):
        if statement.startswith(where):
            os.kill(os.getpid(), signal.SIGKILL)
        return call(rows, statement, values)
    return dying

def before(connection, cursor, statement, *_):
    if statement.startswith(where):
        os.kill(os.getpid(), signal.SIGKILL)

def commit(connection):
    if where == "COMMIT":
        os.kill(os.getpid(), signal.SIGKILL)

def row(copy, row):
    # PostgreSQL takes the new rows by COPY.
    if where == "INSERT INTO mentions":
        os.kill(os.getpid(), signal.SIGKILL)

psycopg.Copy.write_row = row
MentionRows._run = die_before(MentionRows._run)
MentionRows._many = die_before(MentionRows._many)
event.listen(Engine, "before_cursor_execute", before)
event.listen(Engine, "commit", commit)
intake = Intake.open(url, ManualClock())
save(intake)
"""
MOMENTS = [
    "SELECT baseline_done",
    "INSERT INTO mentions",
    "INSERT INTO revisions",
    "UPDATE mentions SET title",
    "UPDATE mentions SET text",
    "UPDATE revisions",
    "UPDATE sources",
    "COMMIT",
]


def save(intake: Intake) -> Saved:
    news = [found(f"n{number}") for number in range(300)]
    page = [found("1", "edited"), found("2", deleted=True), *news]
    return intake.save_page(PLAN, "me", page, cursor={"since": 2}, validators={"u": {"etag": "2"}})


@pytest.fixture
def before(database, clock):
    leased(database, clock)
    intake = Intake(database, clock)
    intake.save_page(PLAN, "me", [found("1"), found("2")], cursor={"since": 1})
    return stored(database), source_row(database)


@pytest.mark.parametrize("where", MOMENTS)
def test_killed_in_the_middle_of_a_page(database, database_url, clock, before, where):
    command = [sys.executable, "-c", _CHILD, database_url, where]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL
    assert (stored(database), source_row(database)) == before
    assert older(database) == []
    assert save(Intake(database, clock)) == Saved(new=300, edited=1, deleted=1)
    assert older(database) == [(1, "Lovely teapot")]
    assert source_row(database)["cursor"] == {"since": 2}


def test_a_file_copied_at_any_moment_is_a_whole_one(sqlite_url, tmp_path, clock):
    """What a power cut leaves behind: the file and its log as they are at that moment."""
    path = Path(make_url(sqlite_url).database or "")
    with closing(open_database(sqlite_url)) as database:
        leased(database, clock)
        intake = Intake(database, clock)
        for page in range(20):
            items = [found(f"{page}-{n}") for n in range(50)]
            assert intake.save_page(PLAN, "me", items, cursor={"page": page}) == Saved(new=50)
            copy = tmp_path / "copy.db"
            copy.write_bytes(path.read_bytes())
            log = path.with_name(path.name + "-wal").read_bytes()
            copy.with_name("copy.db-wal").write_bytes(log[: len(log) - page * 700])
            _check_copy(copy, page)


def _check_copy(copy: Path, page: int) -> None:
    with closing(sqlite3.connect(copy)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = raw.execute("SELECT count(*) FROM mentions").fetchone()[0]
        cursor = raw.execute("SELECT cursor FROM sources").fetchone()[0]
    assert rows % 50 == 0
    known = rows // 50 - 1
    assert cursor.replace(" ", "") == (f'{{"page":{known}}}' if known >= 0 else "{}")
    assert known <= page
    copy.unlink()
