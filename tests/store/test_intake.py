from __future__ import annotations

from datetime import datetime, timedelta, timezone

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from monitor.domain.crawl import CrawlOutcome, Saved
from monitor.domain.errors import BadItem, LeaseLost, StoreUnavailable
from monitor.domain.types import Kind, TimeTrust
from monitor.store import intake as intake_module
from monitor.store import queue
from monitor.store.database import Database
from monitor.store.incoming import CUT_NOTE, LONGEST_TEXT
from monitor.store.intake import Intake
from monitor.store.tables import mentions, quarantine, runs
from tests.store.samples import (
    PLAN,
    PUBLISHED,
    found,
    leased,
    older,
    scored,
    source_row,
    stored,
)
from tests.twins.clock import START, ManualClock

OK = CrawlOutcome(ok=True, reason="finished", health="healthy")


@pytest.fixture
def intake(database, clock):
    leased(database, clock)
    return Intake(database, clock)


def _save(intake: Intake, *items, **facts) -> Saved:
    return intake.save_page(PLAN, "me", items, **facts)


def test_a_new_item_is_stored_with_everything_it_says(intake, database):
    item = found(
        "42",
        "Das Porzellan kam zerbrochen an 😤",
        url="https://shop.example/42",
        title="Enttäuscht",
        kind=Kind.REVIEW,
        author="Jānis Bērziņš",
        author_id="u-7",
        rating=2,
        rating_scale=5,
        lang="de",
        published_at=PUBLISHED.astimezone(timezone(timedelta(hours=2))),
        published_trust=TimeTrust.SERVER,
        parent_id="41",
        subject="Teapot",
        reach=1200,
    )
    assert _save(intake, item) == Saved(new=1)
    (row,) = stored(database)
    said = {name: getattr(item, name) for name in ("url", "title", "text", "author", "author_id")}
    assert {name: row[name] for name in said} == said
    assert (row["source"], row["brand"], row["external_id"]) == ("shop", "Acme", "42")
    assert (row["kind"], row["rating"], row["rating_scale"]) == ("review", 2.0, 5.0)
    assert (row["published_at"], row["published_trust"]) == (PUBLISHED, "server")
    assert (row["lang"], row["parent_id"], row["subject"], row["reach"]) == (
        "de",
        "41",
        "Teapot",
        1200,
    )
    assert row["collected_at"] == row["changed_at"] == START
    assert (row["revision"], row["scored"], row["baseline"], row["deleted_at"]) == (
        1,
        0,
        True,
        None,
    )


def test_the_same_again_changes_nothing(intake, database, clock):
    page = [found("1"), found("2", "Szép", rating=4.0)]
    _save(intake, *page)
    before = stored(database)
    clock.advance(60)
    assert _save(intake, *page) == Saved(known=2)
    assert stored(database) == before


def test_an_item_twice_on_a_page_counts_once_and_its_last_word_counts(intake, database):
    assert _save(intake, found("1", "early"), found("1", "late")) == Saved(new=1, known=1)
    assert [row["text"] for row in stored(database)] == ["late"]


@pytest.mark.parametrize(
    "changed",
    [{"text": "Broken teapot"}, {"title": "Update"}, {"rating": 1.0}],
)
def test_an_edit_keeps_the_older_text_and_asks_for_a_new_score(intake, database, clock, changed):
    _save(intake, found("1", author="Zoltán", url="https://shop.example/1"))
    with database.write() as tx:
        queue.save_scores(tx, [scored(m) for m in queue.unscored(tx, 10)], now=clock())
    clock.advance(60)
    assert _save(intake, found("1", **changed)) == Saved(edited=1)
    (row,) = stored(database)
    assert {name: row[name] for name in changed} == changed
    assert (row["revision"], row["scored"], row["changed_at"]) == (2, 1, clock())
    assert (row["collected_at"], row["author"]) == (START, "Zoltán")
    assert older(database) == [(1, "Lovely teapot")]
    with database.read() as tx:
        assert [mention.revision for mention in queue.unscored(tx, 10)] == [2]


def test_what_is_edited_after_the_first_run_is_news(intake, database, clock):
    _save(intake, found("1"), found("2"))
    intake.finish(PLAN, "me", OK)
    leased(database, clock)
    _save(intake, found("1", "Broken teapot"), found("3"))
    assert {row["external_id"]: row["baseline"] for row in stored(database)} == {
        "1": False,
        "2": True,
        "3": False,
    }


def test_a_deletion_erases_the_words_and_keeps_the_rest(intake, database, clock):
    _save(
        intake, found("1", "first", title="T", author="A", author_id="7", url="https://x.example")
    )
    _save(intake, found("1", "second", title="T", rating=1.0))
    clock.advance(60)
    gone = found("1", "", deleted=True)
    assert _save(intake, gone) == Saved(deleted=1)
    assert _save(intake, gone, gone) == Saved(known=2)
    (row,) = stored(database)
    assert [row[name] for name in ("text", "title", "author", "author_id", "url")] == [
        "",
        None,
        None,
        None,
        None,
    ]
    assert (row["deleted_at"], row["collected_at"], row["rating"]) == (clock(), START, 1.0)
    assert older(database) == [(1, "")]
    with database.read() as tx:
        assert queue.unscored(tx, 10) == []
        mention = queue.read_mention(tx, row["id"])
    assert mention is not None
    assert mention.deleted


def test_a_deletion_of_something_unknown_stores_nothing(intake, database):
    assert _save(intake, found("1", deleted=True)) == Saved(known=1)
    assert stored(database) == []


@pytest.mark.parametrize("text", ["Lovely teapot", "Broken teapot"])
def test_what_comes_back_is_a_new_revision(intake, database, text):
    _save(intake, found("1", author="A"))
    _save(intake, found("1", deleted=True))
    assert _save(intake, found("1", text, author="A")) == Saved(edited=1)
    (row,) = stored(database)
    assert (row["text"], row["author"], row["revision"], row["deleted_at"]) == (text, "A", 2, None)
    assert older(database) == [(1, "")]
    with database.read() as tx:
        assert len(queue.unscored(tx, 10)) == 1


AWKWARD = {
    "nul": ("a\0b", "a\ufffdb"),
    "lone half": ("a\ud83db", "a\ufffdb"),
    "split pair": ("a\ud83d\ude00b", "a😀b"),
    "family": ("👨‍👩‍👧‍👦" * 3, "👨‍👩‍👧‍👦" * 3),
    "right to left": ("\u202etopaet", "\u202etopaet"),
    "empty": ("", ""),
    "lv": ("Šķīvis saplīsa, žēl", "Šķīvis saplīsa, žēl"),
    "hu": ("Összetört a csésze", "Összetört a csésze"),
    "zh": ("茶壶碎了,客服不理人", "茶壶碎了,客服不理人"),
    "template": ("{{7*7}} %s ? $1 'x'; --", "{{7*7}} %s ? $1 'x'; --"),
}


@pytest.mark.parametrize(("text", "kept"), AWKWARD.values(), ids=AWKWARD.keys())
def test_awkward_text_is_not_lost(intake, database, text, kept):
    item = found(f"id {text}", text, title=text, author=text, subject=text, url=text, lang=text[:2])
    assert _save(intake, item) == Saved(new=1)
    assert _save(intake, item) == Saved(known=1)
    (row,) = stored(database)
    assert [row[name] for name in ("text", "title", "author", "subject", "url")] == [kept] * 5


def test_a_megabyte_is_kept_and_more_is_cut_with_a_note(intake, database):
    whole = "é" * (LONGEST_TEXT // 2)
    assert _save(intake, found("1", whole), found("2", whole + "xyz")) == Saved(new=2)
    first, second = stored(database)
    assert first["text"] == whole
    assert second["text"] == whole + CUT_NOTE
    assert _save(intake, found("2", whole + "xyz")) == Saved(known=1)
    assert _save(intake, found("2", whole + "abc")) == Saved(edited=1)


def test_long_ids_stay_apart(intake, database):
    one, two = "https://shop.example/" + "a" * 500 + "1", "https://shop.example/" + "a" * 500 + "2"
    assert _save(intake, found(one), found(two, parent_id=one)) == Saved(new=2)
    assert _save(intake, found(one), found(two)) == Saved(known=2)
    first, second = stored(database)
    assert second["parent_id"] == first["external_id"] != second["external_id"]
    assert max(len(row["external_id"]) for row in stored(database)) == 300


def test_senseless_numbers_and_codes_do_not_lose_the_item(intake, database):
    item = found("1", rating=float("nan"), rating_scale=float("inf"), reach=10**30, lang="x" * 40)
    assert _save(intake, item) == Saved(new=1)
    (row,) = stored(database)
    assert (row["rating"], row["rating_scale"], row["reach"]) == (None, None, 2**63 - 1)
    assert len(row["lang"]) <= 12


def test_a_time_without_a_zone_is_no_time(intake, database):
    naive = datetime(2026, 2, 27, 18, 30)  # noqa: DTZ001 - that is the case
    early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
    trusted = {"published_trust": TimeTrust.SERVER}
    _save(
        intake, found("1", published_at=naive, **trusted), found("2", published_at=early, **trusted)
    )
    assert [(row["published_at"], row["published_trust"]) for row in stored(database)] == [
        (None, "none"),
        (None, "none"),
    ]


def test_cursor_and_validators_travel_with_the_page(intake):
    _save(intake, found("1"), cursor={"since": 1}, validators={"a": {"etag": "1"}, "b": {}})
    _save(intake, validators={"a": {"etag": "2"}, "b": None, "c": {}})
    _save(intake, found("2"))
    state = intake.load("shop", "me")
    assert (state.cursor, state.validators) == ({"since": 1}, {"a": {"etag": "2"}, "c": {}})
    assert state.baseline


def test_validators_do_not_grow_for_ever(intake, monkeypatch):
    monkeypatch.setattr(intake_module, "MOST_VALIDATORS", 3)
    for number in range(5):
        _save(intake, validators={str(number): {}})
    assert list(intake.load("shop", "me").validators) == ["2", "3", "4"]


def test_without_the_lease_nothing_is_written(intake, database, clock):
    clock.advance(3601)
    with database.write() as tx:
        assert queue.claim_sources(tx, owner="other", now=clock(), lease_s=60, due_only=False)
    for attempt in (
        lambda: _save(intake, found("1"), cursor={"since": 9}),
        lambda: intake.load("shop", "me"),
        lambda: intake.finish(PLAN, "me", OK),
    ):
        with pytest.raises(LeaseLost):
            attempt()
    assert stored(database) == []
    row = source_row(database)
    assert (row["cursor"], row["lease_owner"], row["failures"]) == ({}, "other", 0)


def test_a_lease_that_ran_out_no_longer_counts(intake, database, clock):
    clock.advance(3600)
    with pytest.raises(LeaseLost):
        _save(intake, found("1"))
    assert stored(database) == []


def test_a_good_end(intake, database, clock):
    clock.advance(30)
    outcome = CrawlOutcome(
        ok=True, reason="finished", health="healthy", saved=Saved(new=3, known=2), pages=4
    )
    intake.finish(PLAN, "me", outcome)
    row = source_row(database)
    late = row["next_due"] - clock() - timedelta(seconds=PLAN.every_s)
    assert timedelta(0) <= late <= timedelta(seconds=60)
    assert (row["health"], row["health_reason"], row["failures"]) == ("healthy", None, 0)
    assert row["last_success"] == row["last_new"] == clock()
    assert (row["baseline_done"], row["lease_owner"], row["lease_until"]) == (True, None, None)
    with database.read() as tx:
        run = tx.execute(select(runs)).one()
    assert (run.job, run.source, run.ok, run.reason) == ("crawl", "shop", True, "finished")
    assert (run.started_at, run.finished_at) == (START, clock())
    assert run.counts == {
        "new": 3,
        "edited": 0,
        "deleted": 0,
        "known": 2,
        "pages": 4,
        "not_modified": 0,
        "quarantined": 0,
    }


def test_failures_wait_longer_each_time_and_one_success_forgets_them(intake, database, clock):
    waits = []
    for failures in range(4):
        if failures:
            leased(database, clock)
        bad = CrawlOutcome(ok=False, reason="time-out " * 99, health="degraded")
        intake.finish(PLAN, "me", bad)
        waits.append(source_row(database)["next_due"] - clock())
        clock.set(source_row(database)["next_due"])
    assert waits == sorted(waits)
    row = source_row(database)
    assert (row["failures"], row["health"], row["baseline_done"]) == (4, "degraded", False)
    leased(database, clock)
    intake.finish(PLAN, "me", OK)
    assert source_row(database)["failures"] == 0


def test_a_pause_asked_for_is_kept(intake, database, clock):
    limited = CrawlOutcome(ok=False, reason="429", health="rate_limited", retry_after_s=7200)
    intake.finish(PLAN, "me", limited)
    row = source_row(database)
    assert row["next_due"] == clock() + timedelta(hours=2)
    assert row["health"] == "rate_limited"


def test_faults_are_kept_once(intake, database, clock):
    faults = [BadItem("no id", "<item>\0\ud800"), BadItem("no id", "<item>" * 2000)]
    intake.quarantine("shop", faults)
    intake.quarantine("shop", faults)
    intake.quarantine("forum", faults[:1])
    intake.quarantine("shop", [])
    with database.read() as tx:
        rows = tx.execute(select(quarantine).order_by("id")).all()
    assert [row.source for row in rows] == ["shop", "shop", "forum"]
    assert [len(row.excerpt) for row in rows] == [8, 4000, 8]
    assert {row.reason for row in rows} == {"no id"}


def test_an_import_needs_no_lease_and_no_source(database, clock):
    importer = Intake(database, clock)
    items = [found("1"), found("2")]
    assert importer.import_items("archive", "Acme", items, baseline=False) == Saved(new=2)
    assert importer.import_items("archive", "Acme", items, baseline=True) == Saved(known=2)
    assert [(row["brand"], row["baseline"]) for row in stored(database)] == [("Acme", False)] * 2


def test_one_source_does_not_see_the_items_of_another(intake, database, clock):
    _save(intake, found("1", "from the shop"))
    intake.import_items("forum", "Acme", [found("1", "from the forum")], baseline=False)
    assert [row["revision"] for row in stored(database)] == [1, 1]


def test_a_page_that_does_not_fit_leaves_nothing(sqlite_url, clock):
    intake = Intake.open(sqlite_url, clock)
    database: Database = intake._database
    leased(database, clock)
    with database.write() as tx:
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
    page = [found(str(n), "long " * 500) for n in range(200)]
    with pytest.raises(StoreUnavailable, match="full"):
        _save(intake, *page, cursor={"since": 1})
    assert stored(database) == []
    assert source_row(database)["cursor"] == {}
    with database.write() as tx:
        tx.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert _save(intake, *page, cursor={"since": 1}) == Saved(new=200)
    intake.close()


@pytest.mark.postgres
def test_a_connection_cut_in_the_middle_of_a_page_leaves_nothing(
    postgresql_url, clock, monkeypatch
):
    intake = Intake.open(postgresql_url, clock)
    leased(intake._database, clock)
    write_row = psycopg.Copy.write_row

    def cut(copy: psycopg.Copy, row: tuple) -> None:
        if row[6] == "50":
            pid = copy.connection.info.backend_pid
            with intake._database.write() as other:
                other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")
        write_row(copy, row)

    page = [found(str(number), "long " * 5000) for number in range(100)]
    with monkeypatch.context() as patched:
        patched.setattr(psycopg.Copy, "write_row", cut)
        with pytest.raises(StoreUnavailable):
            _save(intake, *page, cursor={"since": 1})
    assert stored(intake._database) == []
    assert _save(intake, *page, cursor={"since": 1}) == Saved(new=100)
    intake.close()


ITEMS = st.builds(
    found,
    external_id=st.sampled_from(["1", "2", "3", "4", "\0", "x" * 400]),
    text=st.one_of(st.sampled_from(["a", "b"]), st.text(st.characters(codec=None), max_size=5)),
    rating=st.sampled_from([None, 1, 5.0]),
    deleted=st.booleans(),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pages=st.lists(st.lists(ITEMS, max_size=6), max_size=5))
def test_a_page_stored_again_changes_nothing(intake, database, pages):
    for page in pages:
        saved = _save(intake, *page)
        assert saved.new + saved.edited + saved.deleted + saved.known == len(page)
        with database.read() as tx:
            live = select(func.count()).where(mentions.c.deleted_at.is_(None))
            before = stored(database), older(database), tx.execute(live).scalar_one()
        assert _save(intake, *page) == Saved(known=len(page))
        with database.read() as tx:
            assert before == (stored(database), older(database), tx.execute(live).scalar_one())


def test_the_clock_is_the_one_given(database):
    clock = ManualClock()
    clock.advance(86400)
    Intake(database, clock).import_items("archive", "Acme", [found()], baseline=False)
    assert stored(database)[0]["collected_at"] == clock()
