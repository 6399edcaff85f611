from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from monitor.desk import Desk
from monitor.domain.types import Found, Label, Priority, TaskState
from monitor.jobs import close_removed, score
from monitor.store.database import Database
from monitor.store.queue import unscored
from monitor.store.tables import mentions, outbox, sentiments, task_events, tasks
from monitor.store.tasks import read_task
from tests.twins.clock import ManualClock
from tests.unit.jobs_context import WordEngine, context, heard

BAD = Found(external_id="r1", text="A bad kettle.", author="Ilze", rating=1, rating_scale=5)


def count(database: Database, table) -> int:
    with database.read() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def first_task(database: Database):
    with database.read() as tx:
        task = read_task(tx, 1)
    assert task is not None
    return task


def test_blame_becomes_a_task_with_an_alert_for_each_channel(database, clock) -> None:
    heard(database, clock, BAD, Found(external_id="r2", text="Lovely."))
    assert score.run(context(database, clock)) == 2
    task = first_task(database)
    assert (task.state, task.priority, task.mention.text) == (TaskState.NEW, Priority.P3, BAD.text)
    assert task.sentiment is not None
    assert task.sentiment.label is Label.NEG
    assert (count(database, tasks), count(database, outbox), count(database, task_events)) == (
        1, 1, 1,
    )  # fmt: skip


def test_scoring_again_changes_nothing(database, clock) -> None:
    heard(database, clock, BAD)
    ctx = context(database, clock)
    score.run(ctx)
    assert score.run(ctx) == 0
    assert count(database, sentiments) == 1


def test_two_scorers_of_the_same_mentions_open_one_task(database, clock) -> None:
    heard(database, clock, BAD)
    ctx = context(database, clock)
    with database.read() as tx:
        waiting = unscored(tx, 10)
    score._score_batch(ctx, waiting)
    score._score_batch(ctx, waiting)
    assert (count(database, tasks), count(database, outbox), count(database, sentiments)) == (
        1, 1, 1,
    )  # fmt: skip


def test_a_baseline_is_scored_but_alerts_nobody(database, clock) -> None:
    heard(database, clock, BAD, baseline=True)
    score.run(context(database, clock))
    assert (count(database, sentiments), count(database, tasks)) == (1, 0)


def test_one_unreadable_text_does_not_hold_up_the_others(database, clock) -> None:
    heard(database, clock, Found(external_id="x", text="POISON"), BAD)
    ctx = context(database, clock)
    while score.run(ctx, limit=1):
        pass
    with database.read() as tx:
        failures = tx.execute(select(mentions.c.score_failures)).scalars().all()
    assert sorted(failures) == [0, 5]
    assert count(database, tasks) == 1


def test_an_edit_for_the_worse_opens_a_task(database, clock) -> None:
    heard(database, clock, Found(external_id="r1", text="Lovely."))
    ctx = context(database, clock)
    score.run(ctx)
    heard(database, clock, Found(external_id="r1", text="UPDATE: it went bad."))
    score.run(ctx)
    assert first_task(database).mention.revision == 2


def test_an_edit_brings_an_open_task_up_to_date_and_says_so(database, clock) -> None:
    heard(database, clock, BAD)
    ctx = context(database, clock)
    score.run(ctx)
    heard(database, clock, replace(BAD, text="A bad kettle. I see my lawyer."))
    score.run(ctx)
    task = first_task(database)
    assert (task.priority, task.version, task.mention.revision) == (Priority.P1, 2, 2)
    assert count(database, outbox) == 2


def test_an_edit_for_the_worse_reopens_a_closed_task(database, clock) -> None:
    heard(database, clock, BAD)
    ctx = context(database, clock)
    score.run(ctx)
    Desk(database, clock).close(1, 1, "Anna", reason="solved")
    heard(database, clock, replace(BAD, text="Still bad!"))
    score.run(ctx)
    assert first_task(database).state is TaskState.NEW


def test_a_removed_mention_closes_its_task(database, clock) -> None:
    heard(database, clock, BAD)
    ctx = context(database, clock)
    score.run(ctx)
    heard(database, clock, replace(BAD, deleted=True))
    assert close_removed.run(ctx) == 1
    task = first_task(database)
    assert (task.state, task.close_reason) == (TaskState.CLOSED, "removed at the source")
    assert task.mention.text == ""
    assert close_removed.run(ctx) == 0


@pytest.mark.parametrize(
    ("text", "target"),
    [("AURORA ist toll", "Aurora"), ("Aurorával elégedett", "Aurora"), ("x", None)],
)
def test_the_brand_is_asked_about_where_it_is_named(
    database: Database, clock: ManualClock, text: str, target: str | None
) -> None:
    engine = WordEngine()
    heard(database, clock, Found(external_id="r", text=text))
    score.run(context(database, clock, engine=engine))
    assert engine.asked[0].target == target
