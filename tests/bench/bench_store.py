"""Storing: rows a second of `Intake.save_page` beside the bare driver's executemany.

Both write the same rows into tables made by the same migration, in batches of the same size, one
transaction a batch, with the same pragmas, in turn on the same machine. The bare side gets its
rows ready-made; the intake gets items as a spider yields them, checks its lease, looks up what is
known, cleans, hashes and stores. EARSHOT_BENCH_STOCK sets the rows stored before the second half
(default 1,000,000), EARSHOT_BENCH_POSTGRESQL the server (empty: SQLite only).
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from monitor.domain.crawl import SourcePlan
from monitor.domain.types import Found, Kind, TimeTrust
from monitor.store import queue
from monitor.store.database import open_database
from monitor.store.incoming import content_of
from monitor.store.intake import Intake
from monitor.store.mention_rows import COLUMNS, INSERT, MentionRows
from monitor.store.migrate import upgrade

STOCK = int(os.environ.get("EARSHOT_BENCH_STOCK", "1000000"))
POSTGRESQL = os.environ.get(
    "EARSHOT_BENCH_POSTGRESQL", "postgresql+psycopg://127.0.0.1:5432/postgres"
)
ROUNDS = 6
PLAN = SourcePlan(name="bench", kind="feed", brand="Acme")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXTS = (
    "The teapot arrived broken and nobody answers my mails. Third order, third disappointment.",
    "Das Porzellan ist wunderschön, der Versand war schnell, die Verpackung sehr liebevoll. 😍",
    "A csésze füle letört, a vevőszolgálat két hete hallgat, pedig három levelet is írtam.",
    "Šķīvis bija saplīsis, bet naudu atmaksāja tajā pašā dienā, paldies par to!",
    "茶壶的盖子不合适,联系客服三次都没有回复,非常失望,不会再买了。",
)


@dataclass(frozen=True)
class Bench:
    """A migrated database, opened by both sides."""

    name: str
    intake: Intake
    bare: Callable[[list[tuple[Any, ...]]], None]
    stamp: Callable[[datetime], object]


def items(first: int, amount: int) -> list[Found]:
    return [
        Found(
            external_id=f"review:{number * 2654435761 % 2**32:08x}:{number}",  # in no order
            url=f"https://shop.example/products/{number % 997}#review-{number}",
            title="Review",
            text=f"{TEXTS[number % 5]} ({number})",
            kind=Kind.REVIEW,
            author=f"Customer {number % 4999}",
            rating=float(number % 5 + 1),
            rating_scale=5.0,
            lang=("en", "de", "hu", "lv", "zh")[number % 5],
            published_at=NOW - timedelta(minutes=number % 100_000),
            published_trust=TimeTrust.SERVER,
            subject=f"Product {number % 997}",
        )
        for number in range(first, first + amount)
    ]


def rows(bench: Bench, found: Iterable[Found]) -> list[tuple[Any, ...]]:
    now = bench.stamp(NOW)
    head = ("bench", "Acme", False, now, now, 1)
    return [(*head, *content_of(item, bench.stamp)) for item in found]


def seconds(work: Callable[[Any], object], batches: list[Any]) -> float:
    start = time.perf_counter()
    for batch in batches:
        work(batch)
    return time.perf_counter() - start


def save(bench: Bench) -> Callable[[list[Found]], object]:
    return lambda page: bench.intake.save_page(PLAN, "bench", page)


def compare(bench: Bench, size: int, numbers: Iterator[int]) -> None:
    """Print medians over rounds that take turns, so that a busy machine hits both sides alike."""
    per_round = max(1, 10_000 // size)
    bare, ours, again = [], [], []
    for turn in range(ROUNDS):
        pages = [items(next(numbers) * 5000, size) for _ in range(per_round)]
        ready = [rows(bench, items(next(numbers) * 5000, size)) for _ in range(per_round)]
        if turn % 2:
            bare.append(seconds(bench.bare, ready))
        ours.append(seconds(save(bench), pages))
        if not turn % 2:
            bare.append(seconds(bench.bare, ready))
        again.append(seconds(save(bench), pages))
    total = size * per_round
    rates = [total / statistics.median(times) for times in (bare, ours, again)]
    share = statistics.median(b / o for b, o in zip(bare, ours, strict=True))
    say(
        f"| {bench.name} | {size:,} | {rates[0]:,.0f} | {rates[1]:,.0f} | {share:.0%} "
        f"| {rates[2]:,.0f} |"
    )


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measure(make: Callable[[], Any]) -> None:
    with make() as bench:
        numbers = count(1)
        for size in (50, 5000):
            compare(bench, size, numbers)
    with make() as bench:
        numbers = count(STOCK // 5000 + 1)
        for first in range(0, STOCK, 50_000):
            found = items(first, min(50_000, STOCK - first))
            bench.intake.import_items(PLAN.name, PLAN.brand, found, baseline=False)
        named = Bench(f"{bench.name}, {STOCK:,} stored", bench.intake, bench.bare, bench.stamp)
        for size in (50, 5000):
            compare(named, size, numbers)


def prepared(url: str) -> Intake:
    upgrade(url)
    database = open_database(url)
    with database.write() as tx:
        queue.sync_sources(tx, [PLAN], now=NOW)
        queue.claim_sources(tx, owner="bench", now=NOW, lease_s=1e6)
    return Intake(database, lambda: NOW)


def _stamp_of(intake: Intake) -> Callable[[datetime], object]:
    with intake._database.write() as tx:
        return MentionRows(tx).stamp


@contextmanager
def on_sqlite() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="earshot-bench-") as folder:
        path = Path(folder) / "bench.db"
        intake = prepared(f"sqlite:///{path}")
        raw = sqlite3.connect(path, isolation_level=None)
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("PRAGMA cache_size = -65536")
        raw.execute("PRAGMA wal_autocheckpoint = 4000")

        def bare(batch: list[tuple[Any, ...]]) -> None:
            raw.execute("BEGIN IMMEDIATE")
            raw.executemany(INSERT, batch)
            raw.execute("COMMIT")

        yield Bench("SQLite", intake, bare, _stamp_of(intake))
        raw.close()
        intake.close()


@contextmanager
def on_postgresql() -> Iterator[Bench]:
    name = f"earshot_bench_{uuid.uuid4().hex[:8]}"
    server = make_url(POSTGRESQL).set(drivername="postgresql")
    with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        url = make_url(POSTGRESQL).set(database=name)
        intake = prepared(url.render_as_string(hide_password=False))
        raw = psycopg.connect(server.set(database=name).render_as_string(hide_password=False))
        marks = ", ".join(["%s"] * len(COLUMNS))
        statement = f"INSERT INTO mentions ({', '.join(COLUMNS)}) VALUES ({marks})"

        def bare(batch: list[tuple[Any, ...]]) -> None:
            with raw.cursor() as cursor:
                cursor.executemany(statement, batch)  # type: ignore[arg-type]
            raw.commit()

        yield Bench("PostgreSQL", intake, bare, _stamp_of(intake))
        raw.close()
        intake.close()
        admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')  # type: ignore[arg-type]


def main() -> None:
    say("| database | batch | bare driver, rows/s | intake, rows/s | share | known again, rows/s |")
    say("|---|---|---|---|---|---|")
    measure(on_sqlite)
    if POSTGRESQL:
        measure(on_postgresql)
