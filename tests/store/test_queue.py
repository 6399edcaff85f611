from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from monitor.domain.types import Label
from monitor.store import queue
from monitor.store.database import open_database
from monitor.store.intake import Intake
from monitor.store.tables import mentions, runs, sentiments, sources
from tests.store.samples import PLAN, found, leased, scored, source_row, stored

FORUM = dataclasses.replace(PLAN, name="forum", lane="browser")


def _sync(database, clock, *plans):
    with database.write() as tx:
        queue.sync_sources(tx, plans, now=clock())


def _claim(database, clock, owner="me", **facts):
    with database.write() as tx:
        return queue.claim_sources(tx, owner=owner, now=clock(), **({"lease_s": 600} | facts))


# Sources


def test_a_new_source_is_due_at_once_and_not_changed_by_a_second_look(database, clock):
    _sync(database, clock, PLAN, FORUM)
    before = source_row(database)
    clock.advance(60)
    _sync(database, clock, PLAN, FORUM)
    assert source_row(database) == before
    assert before["next_due"] == clock() - timedelta(seconds=60)
    assert (before["kind"], before["brand"], before["lane"], before["every_s"]) == (
        "feed",
        "Acme",
        "pages",
        900,
    )
    assert (before["cursor"], before["enabled"], before["baseline_done"]) == ({}, True, False)


def test_a_changed_source_is_due_again_and_keeps_its_memory(database, clock):
    leased(database, clock)
    Intake(database, clock).save_page(PLAN, "me", [], cursor={"since": 7})
    with database.write() as tx:
        queue.fail_leased(tx, "me", "crash", now=clock())
    clock.advance(5)
    _sync(database, clock, dataclasses.replace(PLAN, options={"max": 3}, every_s=60))
    row = source_row(database)
    assert (row["cursor"], row["every_s"], row["failures"]) == ({"since": 7}, 60, 0)
    assert (row["next_due"], row["health"], row["health_reason"]) == (clock(), "unknown", None)


def test_a_source_that_is_gone_sleeps_until_it_returns(database, clock):
    _sync(database, clock, PLAN, FORUM)
    _sync(database, clock, FORUM)
    assert not source_row(database)["enabled"]
    assert _claim(database, clock, due_only=False) == ["forum"]
    _sync(database, clock, PLAN, FORUM)
    assert _claim(database, clock) == ["shop"]


def test_the_longest_due_comes_first(database, clock):
    _sync(database, clock, PLAN)
    clock.advance(60)
    _sync(database, clock, PLAN, FORUM)
    assert _claim(database, clock) == ["shop", "forum"]
    assert source_row(database)["last_started"] == clock()


def test_a_leased_source_is_left_alone_until_the_lease_runs_out(database, clock):
    _sync(database, clock, PLAN)
    assert _claim(database, clock) == ["shop"]
    clock.advance(599)
    assert _claim(database, clock, "other") == []
    clock.advance(1)
    assert _claim(database, clock, "other") == ["shop"]


def test_claims_can_be_narrowed(database, clock):
    _sync(database, clock, PLAN, FORUM)
    assert _claim(database, clock, names=[]) == []
    assert _claim(database, clock, lane="browser") == ["forum"]
    assert _claim(database, clock, names=["shop", "forum", "unknown"]) == ["shop"]


def test_paused_and_early_sources_are_read_only_when_asked_for(database, clock):
    _sync(database, clock, PLAN, FORUM)
    with database.write() as tx:
        tx.execute(update(sources).where(sources.c.name == "shop").values(paused_reason="by hand"))
        tx.execute(
            update(sources)
            .where(sources.c.name == "forum")
            .values(next_due=clock() + timedelta(hours=1))
        )
    assert _claim(database, clock) == []
    assert sorted(_claim(database, clock, due_only=False)) == ["forum", "shop"]


def test_of_many_processes_exactly_one_gets_a_source(database_url, database, clock):
    plans = [dataclasses.replace(PLAN, name=f"shop {n}") for n in range(20)]
    _sync(database, clock, *plans)

    def grab(worker: int) -> list[str]:
        with closing(open_database(database_url)) as own:
            return _claim(own, clock, f"worker {worker}")

    with ThreadPoolExecutor(8) as pool:
        grabbed = [name for names in pool.map(grab, range(8)) for name in names]
    assert sorted(grabbed) == sorted(plan.name for plan in plans)


def test_what_a_dead_process_left_is_put_off_and_freed(database, clock):
    _sync(database, clock, PLAN, FORUM)
    _claim(database, clock)
    clock.advance(30)
    with database.write() as tx:
        assert queue.fail_leased(tx, "me", "killed by signal 9", now=clock()) == ["forum", "shop"]
        assert queue.fail_leased(tx, "me", "killed by signal 9", now=clock()) == []
    row = source_row(database)
    assert (row["failures"], row["health"], row["lease_owner"]) == (1, "degraded", None)
    assert clock() < row["next_due"] <= clock() + timedelta(seconds=60)
    with database.read() as tx:
        journal = tx.execute(select(runs.c.source, runs.c.ok, runs.c.reason)).all()
    assert sorted(journal) == [
        ("forum", False, "killed by signal 9"),
        ("shop", False, "killed by signal 9"),
    ]


def test_a_source_that_keeps_crashing_is_called_broken(database, clock):
    health = []
    _sync(database, clock, PLAN)
    for _ in range(3):
        _claim(database, clock, due_only=False)
        with database.write() as tx:
            queue.fail_leased(tx, "me", "crash", now=clock())
        health.append(source_row(database)["health"])
    assert health == ["degraded", "degraded", "broken"]


# Mentions to score


def _unscored(database, limit=100):
    with database.read() as tx:
        return queue.unscored(tx, limit)


def _save_scores(database, clock, entries):
    with database.write() as tx:
        return queue.save_scores(tx, entries, now=clock())


def test_news_come_before_old_stock_and_each_by_age(database, clock):
    intake = Intake(database, clock)
    intake.import_items("a", "Acme", [found("1"), found("2")], baseline=True)
    intake.import_items("b", "Acme", [found("3"), found("4")], baseline=False)
    assert [mention.external_id for mention in _unscored(database)] == ["3", "4", "1", "2"]
    assert [mention.external_id for mention in _unscored(database, 3)] == ["3", "4", "1"]


def test_the_order_of_unscored_needs_no_sorting(sqlite_url):
    with closing(open_database(sqlite_url)) as database, database.read() as tx:
        plan = tx.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM mentions WHERE scored < revision AND "
            "deleted_at IS NULL AND score_failures < 5 ORDER BY baseline, id LIMIT 64"
        ).all()
    assert ["ix_mentions_unscored" in row[-1] for row in plan] == [True], plan


def test_scores_are_stored_once(database, clock):
    Intake(database, clock).import_items("a", "Acme", [found("1"), found("2")], baseline=False)
    entries = [scored(mention) for mention in _unscored(database)]
    ids = [mention.id for mention, _, _ in entries]
    assert _save_scores(database, clock, entries) == ids
    assert _save_scores(database, clock, entries) == ids
    assert _unscored(database) == []
    with database.read() as tx:
        rows = tx.execute(select(sentiments).order_by("id")).all()
    assert [(row.mention_id, row.revision, row.target, row.label) for row in rows] == [
        (ids[0], 1, "", "neg"),
        (ids[1], 1, "", "neg"),
    ]
    assert (rows[0].p_neg, rows[0].risks, rows[0].scored_at) == (0.8, {"legal": 0.5}, clock())


def test_a_second_model_adds_its_own_scores(database, clock):
    Intake(database, clock).import_items("a", "Acme", [found("1")], baseline=False)
    (mention,) = _unscored(database)
    _save_scores(database, clock, [scored(mention)])
    _save_scores(database, clock, [scored(mention, Label.MIX, "m-2")])
    with database.read() as tx:
        assert tx.execute(select(func.count()).select_from(sentiments)).scalar_one() == 2


def test_what_changed_while_it_was_read_is_not_scored(database, clock):
    intake = Intake(database, clock)
    page = [found("1"), found("2"), found("3"), found("4")]
    intake.import_items("a", "Acme", page, baseline=False)
    entries = [scored(mention) for mention in _unscored(database)]
    changes = [found("2", "edited"), found("3", deleted=True)]
    intake.import_items("a", "Acme", changes, baseline=False)
    with database.write() as tx:
        tx.execute(mentions.delete().where(mentions.c.external_id == "4"))
    assert _save_scores(database, clock, entries) == [entries[0][0].id]
    assert [mention.text for mention in _unscored(database)] == ["edited"]
    assert [row["scored"] for row in stored(database)] == [1, 0, 0]


def test_nothing_to_save_is_fine(database, clock):
    assert _save_scores(database, clock, []) == []
    with database.write() as tx:
        queue.put_off_scoring(tx, [], now=clock())


def test_a_text_that_cannot_be_read_is_left_alone_until_it_changes(database, clock):
    intake = Intake(database, clock)
    intake.import_items("a", "Acme", [found("1"), found("2")], baseline=False)
    bad, good = (mention.id for mention in _unscored(database))
    for _ in range(queue.MOST_SCORE_FAILURES):
        assert [mention.id for mention in _unscored(database)] == [bad, good]
        with database.write() as tx:
            queue.put_off_scoring(tx, [bad], now=clock())
    assert [mention.id for mention in _unscored(database)] == [good]
    assert stored(database)[0]["score_failures"] == queue.MOST_SCORE_FAILURES
    intake.import_items("a", "Acme", [found("1", "readable")], baseline=False)
    assert [mention.id for mention in _unscored(database)] == [bad, good]


def test_one_mention_can_be_read(database, clock):
    Intake(database, clock).import_items("a", "Acme", [found("1", rating=3)], baseline=True)
    (mention,) = _unscored(database)
    with database.read() as tx:
        assert queue.read_mention(tx, mention.id) == mention
        assert queue.read_mention(tx, mention.id + 1) is None
    assert (mention.rating, mention.baseline, mention.collected_at) == (3.0, True, clock())


# Leases, slots, runs


def test_a_lease_has_one_owner_who_may_renew_it(database, clock):
    def take(owner):
        with database.write() as tx:
            return queue.take_lease(tx, "leader", owner, now=clock(), seconds=30)

    assert [take("a"), take("b"), take("a")] == [True, False, True]
    clock.advance(29)
    assert take("a")
    clock.advance(29)
    assert not take("b")
    clock.advance(1)
    assert [take("b"), take("a")] == [True, False]


def test_only_the_owner_can_give_a_lease_back(database, clock):
    with database.write() as tx:
        assert queue.take_lease(tx, "leader", "a", now=clock(), seconds=30)
        queue.drop_lease(tx, "leader", "b")
        assert not queue.take_lease(tx, "leader", "b", now=clock(), seconds=30)
        queue.drop_lease(tx, "leader", "a")
        assert queue.take_lease(tx, "leader", "b", now=clock(), seconds=30)


@pytest.mark.parametrize("attempt", ["lease", "slot"])
def test_of_many_processes_exactly_one_is_first(database_url, clock, attempt):
    def first(worker: int) -> bool:
        with closing(open_database(database_url)) as own, own.write() as tx:
            if attempt == "lease":
                return queue.take_lease(tx, "leader", f"w{worker}", now=clock(), seconds=30)
            return queue.take_slot(tx, "digest", "2026-W10", f"w{worker}", now=clock())

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(first, range(8))) == 1


def test_slots_are_apart(database, clock):
    with database.write() as tx:
        taken = [
            queue.take_slot(tx, schedule, slot, "me", now=clock())
            for schedule, slot in (("a", "1"), ("a", "2"), ("b", "1"), ("a", "1"))
        ]
    assert taken == [True, True, True, False]


def test_runs_are_written_down(database, clock):
    with database.write() as tx:
        first = queue.start_run(tx, "score", now=clock())
        second = queue.start_run(tx, "crawl", source="shop", now=clock())
    clock.advance(3)
    with database.write() as tx:
        queue.finish_run(
            tx, second, ok=False, reason="full\0 " * 99, counts={"new": 2}, now=clock()
        )
    with database.read() as tx:
        rows = tx.execute(select(runs).order_by("id")).all()
    assert [row.id for row in rows] == [first, second]
    assert (rows[0].job, rows[0].finished_at, rows[0].ok) == ("score", None, None)
    assert (rows[1].source, rows[1].ok, rows[1].counts) == ("shop", False, {"new": 2})
    assert rows[1].finished_at - rows[1].started_at == timedelta(seconds=3)
    assert rows[1].reason.startswith("full\ufffd")
