from __future__ import annotations

import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from monitor.store.database import Database, open_database
from monitor.store.migrate import upgrade
from monitor.store.tables import mentions, sources
from tests.twins.hostile_site import Answer, Asked, HostileSite, hang, reply
from tests.unit.spiders.running import finish, plan_of, rss, run, source, start

TEXTS = [("1", "Great kettle"), ("2", "Kiváló vízforraló"), ("3", "Ļoti laba tējkanna")]


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'earshot.db'}"
    upgrade(address)
    return address


@pytest.fixture
def database(url: str):
    opened = open_database(url)
    yield opened
    opened.close()


def lease(database: Database, *names: str, owner: str = "tester") -> None:
    """Claim sources as the job that starts crawls does."""
    now = datetime.now(UTC)
    fresh = {
        "kind": "feed",
        "brand": "Acme",
        "config_hash": "x",
        "every_s": 900,
        "next_due": now,
        "cursor": {},
        "validators": {},
    }
    until = {"lease_owner": owner, "lease_until": now + timedelta(minutes=5)}
    with database.write() as tx:
        for name in names:
            changed = tx.execute(update(sources).where(sources.c.name == name).values(until))
            if not changed.rowcount:
                tx.execute(insert(sources).values(name=name, **fresh, **until))


def row(database: Database, name: str):
    with database.read() as tx:
        return tx.execute(select(sources).where(sources.c.name == name)).one()


def texts(database: Database) -> list[str]:
    with database.read() as tx:
        return sorted(tx.execute(select(mentions.c.text)).scalars())


def tagged(body: str, tag: str) -> Answer:
    """Answer 304 to whoever brings the tag."""

    def answer(asked: Asked, connection) -> None:
        known = asked.headers.get("if-none-match") == tag
        chosen = reply(status=304) if known else reply(body, headers={"ETag": tag})
        chosen(asked, connection)

    return answer


def test_a_feed_is_stored_once_and_then_asked_whether_it_changed(url: str, database: Database):
    with HostileSite({"/feed": tagged(rss(*TEXTS), '"v1"')}) as site:
        plan = plan_of(source("shop", site.url("/feed")), allow=(site.address,), database=url)
        lease(database, "shop")
        first = run(plan)
        lease(database, "shop")
        second = run(plan)
    assert (first.code, second.code) == (0, 0)
    assert first.outcome("shop")["saved"]["new"] == 3
    assert second.outcome("shop")["not_modified"] == 1
    assert second.outcome("shop")["health"] == "healthy"
    assert texts(database) == sorted(text for _, text in TEXTS)
    assert row(database, "shop").lease_owner is None
    assert row(database, "shop").baseline_done


def test_edits_are_seen_vanished_entries_stay_and_silence_is_noticed(url: str, database: Database):
    with HostileSite({"/feed": reply(rss(*TEXTS))}) as site:
        plan = plan_of(source("shop", site.url("/feed")), allow=(site.address,), database=url)
        outcomes = []
        for page in (rss(*TEXTS), rss(("2", "Mégsem kiváló"), ("4", "开水壶很好")), rss()):
            site.pages["/feed"] = reply(page)
            lease(database, "shop")
            outcomes.append(run(plan).outcome("shop"))
    saved = outcomes[1]["saved"]
    assert (saved["new"], saved["edited"], saved["deleted"]) == (1, 1, 0)
    assert texts(database) == sorted(
        ["Great kettle", "Mégsem kiváló", "Ļoti laba tējkanna", "开水壶很好"]
    )
    assert [outcome["health"] for outcome in outcomes] == ["healthy", "healthy", "degraded"]
    assert "2 items the time before" in outcomes[2]["reason"]
    assert row(database, "shop").cursor == {"_items": 2}


def test_without_the_lease_nothing_is_written(url: str, database: Database):
    with HostileSite({"/feed": reply(rss(*TEXTS))}) as site:
        lease(database, "shop", owner="somebody else")
        plan = plan_of(source("shop", site.url("/feed")), allow=(site.address,), database=url)
        ran = run(plan)
    assert ran.code == 0
    assert texts(database) == []
    assert row(database, "shop").lease_owner == "somebody else"
    assert [e["event"] for e in ran.events] == ["crawl.lease_lost"]


def test_a_kill_at_any_moment_loses_nothing(url: str, database: Database):
    points = ["crawl.fetched", "crawl.before_save", "crawl.saved"]
    with HostileSite({"/feed": tagged(rss(*TEXTS), '"v1"')}) as site:
        plan = plan_of(source("shop", site.url("/feed")), allow=(site.address,), database=url)
        kept = []
        for point in points:
            lease(database, "shop")
            assert run(plan, {"EARSHOT_FAULT": point}).code == -signal.SIGKILL
            kept.append(len(texts(database)))
        lease(database, "shop")
        run(plan)
    assert kept == [0, 0, 3]
    assert texts(database) == sorted(text for _, text in TEXTS)


def test_sigterm_keeps_what_is_stored_and_is_recorded(url: str, database: Database):
    with HostileSite({"/feed": reply(rss(*TEXTS))}) as site, HostileSite({"/feed": hang}) as slow:
        plan = plan_of(
            source("shop", site.url("/feed")),
            source("slow", slow.url("/feed")),
            allow=(site.address, slow.address),
            database=url,
            timeout_s=30.0,
        )
        lease(database, "shop", "slow")
        process = start(plan)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and not (texts(database) and slow.paths()):
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        stopped_at = time.monotonic()
        ran = finish(process)
    assert time.monotonic() - stopped_at < 10
    assert ran.code == 0
    assert len(texts(database)) == 3
    assert ran.outcome("slow")["reason"] == "stopped"
    assert row(database, "slow").lease_owner is None
