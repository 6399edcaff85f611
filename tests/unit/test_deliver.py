from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import structlog
from sqlalchemy import func, insert, select

from monitor.domain.delivery import HELD
from monitor.domain.errors import DeliveryDelayed, DeliveryUncertain
from monitor.domain.types import Alert, Receipt
from monitor.jobs import deliver
from monitor.store import outbox
from monitor.store.database import Database, open_database
from monitor.store.tables import leases
from tests.twins.clock import ManualClock
from tests.twins.fake_slack import (
    ACCEPT_THEN_RESET,
    RESET,
    FakeSlack,
    Script,
    limited,
    raw,
    refuse,
)
from tests.unit.delivery_bench import Bench, bench, slack_channel

FAULTS = (
    "deliver.claimed",
    "deliver.sending_committed",
    "deliver.accepted",
    "deliver.sent_committed",
    "deliver.looked_up",
)


@pytest.fixture
def slack(clock: ManualClock) -> Iterator[FakeSlack]:
    with FakeSlack(clock=lambda: clock().timestamp()) as server:
        yield server


@pytest.fixture
def desk(sqlite_url: str, clock: ManualClock, slack: FakeSlack) -> Iterator[Bench]:
    database = open_database(sqlite_url)
    yield bench(database, clock, slack)
    database.close()


@pytest.fixture
def each_desk(database: Database, clock: ManualClock, slack: FakeSlack) -> Bench:
    """On both databases: for everything that depends on what SQL does."""
    return bench(database, clock, slack)


def test_delivers_what_is_due_once(desk):
    task_id = desk.task()

    assert desk.run() == 1
    assert desk.run() == 0
    assert desk.slack.posts_by_key() == {f"task:{task_id}:created:care": 1}
    (row,) = desk.rows()
    assert row["state"] == "sent"
    assert row["ref"] == f"{desk.slack.posts[0]['channel']}:{desk.slack.posts[0]['ts']}"


def test_asking_twice_is_one_message(each_desk):
    desk = each_desk
    task_id = desk.task()

    assert not desk.ask(task_id, "send", version=2)
    assert desk.ask(task_id, "update", version=2)
    assert not desk.ask(task_id, "update", version=2)


@pytest.mark.parametrize("point", FAULTS)
def test_a_kill_at_any_point_loses_nothing_and_repeats_nothing(each_desk, point):
    desk = each_desk
    task_id = desk.task()
    if point == "deliver.looked_up":
        desk.slack.script("chat.postMessage", ACCEPT_THEN_RESET)
    desk.kill_at(point)

    desk.restart()
    desk.run_until_idle()

    assert desk.slack.posts_by_key() == {f"task:{task_id}:created:care": 1}
    assert desk.states() == ["sent"]


def test_without_the_look_up_a_kill_repeats_the_message(desk):
    """The control: it shows that the test above can fail."""
    desk.task()
    desk.kill_at("deliver.accepted")
    desk.restart()
    desk.channels({"care": _Blind(slack_channel(desk.slack))})

    desk.run_until_idle()

    assert list(desk.slack.posts_by_key().values()) == [2]


def test_a_lost_reply_is_looked_up_after_the_wait_and_not_repeated(desk):
    desk.task()
    desk.slack.script("chat.postMessage", ACCEPT_THEN_RESET)

    assert desk.run() == 0
    assert desk.states() == ["sending"]
    desk.clock.advance(59)
    desk.run()
    assert _methods(desk) == ["chat.postMessage"]
    desk.clock.advance(1)
    assert desk.run() == 1
    assert len(desk.slack.posts) == 1
    assert desk.rows()[0]["ref"].endswith(desk.slack.posts[0]["ts"])


def test_a_message_that_never_arrived_is_sent_again_with_the_same_id(desk):
    desk.task()
    desk.slack.script("chat.postMessage", RESET)

    desk.run_until_idle()

    ids = [call["client_msg_id"] for method, call in desk.slack.calls if "post" in method]
    assert len(ids) == 2
    assert len(set(ids)) == 1
    assert len(desk.slack.posts) == 1


def test_a_message_accepted_late_is_found(desk):
    desk.task()
    desk.slack.script("chat.postMessage", Script(reset=True, late_s=0.1))
    desk.run()
    for timer in desk.slack._timers:
        timer.join()
    desk.clock.advance(61)

    assert desk.run() == 1
    assert len(desk.slack.posts) == 1


def test_a_history_that_cannot_be_read_leaves_the_alert_uncertain(desk):
    task_id = desk.task()
    desk.slack.script("chat.postMessage", ACCEPT_THEN_RESET)
    desk.slack.script("conversations.list", refuse("missing_scope"))

    desk.run_until_idle()

    (row,) = desk.rows()
    assert (row["state"], row["error"]) == ("uncertain", "history: missing_scope")
    desk.clock.advance(3600)
    assert desk.run() == 0
    desk.change(task_id)
    assert desk.run() == 1, "the next change goes out as a message of its own"
    assert desk.slack.posts_by_key() == {
        f"task:{task_id}:created:care": 1,
        f"task:{task_id}:v2:care": 1,
    }


def test_a_history_that_cannot_be_read_now_is_asked_again(desk):
    desk.task()
    desk.slack.script("chat.postMessage", ACCEPT_THEN_RESET)
    desk.slack.script(
        "conversations.history", limited("60"), raw(502, "<html>"), refuse("fatal_error")
    )

    desk.run_until_idle()

    assert desk.states() == ["sent"]
    assert len(desk.slack.posts) == 1


def test_a_channel_without_history_never_repeats(desk):
    desk.channels({"care": _Scripted(DeliveryUncertain("broken"))})
    desk.task()

    desk.run()
    desk.clock.advance(3600)

    assert desk.run() == 0
    assert [(row["state"], row["error"]) for row in desk.rows()] == [("uncertain", "broken")]


def test_a_kill_on_a_channel_without_history_leaves_it_uncertain(desk):
    channel = _Scripted()
    desk.channels({"care": channel})
    desk.task()
    desk.kill_at("deliver.accepted")
    desk.clock.advance(61)

    desk.run()

    assert desk.states() == ["uncertain"]
    assert len(channel.sent) == 1


def test_slack_asks_to_wait_and_the_whole_channel_waits(each_desk):
    desk = each_desk
    desk.task()
    desk.slack.script("chat.postMessage", limited("120"))
    desk.run()
    desk.task("P1")

    desk.clock.advance(119)
    assert desk.run() == 0
    desk.clock.advance(1)
    assert desk.run() == 2
    assert len([method for method in _methods(desk) if "post" in method]) == 3


def test_a_pause_does_not_outlive_a_clock_that_was_set_back(desk):
    with desk.database.write() as tx:
        outbox.pause(tx, "care", desk.clock() + timedelta(days=30), "ratelimited")
    desk.task()

    assert desk.run() == 1


@pytest.mark.parametrize(
    ("code", "state"),
    [("channel_not_found", "dead"), ("invalid_auth", "dead"), ("internal_error", "sending")],
)
def test_answers_decide_the_state(desk, code, state):
    desk.task()
    desk.slack.script("chat.postMessage", refuse(code))

    desk.run()

    assert [(row["state"], row["error"]) for row in desk.rows()] == [(state, code)]


def test_refused_alerts_come_back_when_the_cause_is_mended(desk):
    desk.task()
    desk.slack.script("chat.postMessage", refuse("token_revoked"))
    desk.run()

    with desk.database.write() as tx:
        assert outbox.revive(tx, "care", now=desk.clock()) == 1
    assert desk.run() == 1
    assert desk.states() == ["sent"]


def test_an_outage_of_hours_loses_nothing(desk):
    for _ in range(4):
        desk.task()
    desk.channels(
        {
            "care": slack_channel(
                desk.slack, base_url="http://127.0.0.1:1/api/", allow=["127.0.0.1:1"]
            )
        }
    )
    for _ in range(25):
        desk.run()
        desk.clock.advance(600)
    assert set(desk.states()) <= {"new", "retry"}

    desk.restart()
    desk.run_until_idle()

    assert set(desk.slack.posts_by_key().values()) == {1}
    assert len(desk.slack.posts) == 4


def test_urgent_alerts_overtake_and_equals_keep_their_order(each_desk):
    desk = each_desk
    ids = [desk.task(priority) for priority in ("P3", "P2", "P1", "P2")]

    desk.run()

    order = [int(post["key"].split(":")[1]) for post in desk.slack.posts]
    assert order == [ids[2], ids[1], ids[3], ids[0]]


def test_changes_are_shown_in_the_message(desk):
    task_id = desk.task()
    desk.run()

    desk.change(task_id)
    assert desk.run() == 1
    assert len(desk.slack.messages) == 1
    assert "claimed" in desk.slack.messages[0]["blocks"][0]["text"]["text"]
    assert "owner: Eva" in str(desk.slack.messages[0]["blocks"])


def test_several_changes_are_one_update(each_desk):
    desk = each_desk
    task_id = desk.task()
    desk.run()
    for state in ("claimed", "on_hold", "claimed", "closed"):
        desk.change(task_id, state)

    assert desk.run() == 1
    assert _methods(desk) == ["chat.postMessage", "chat.update"]
    assert "closed" in str(desk.slack.messages[0]["blocks"])
    assert desk.states() == ["sent"] * 5


def test_a_change_before_the_first_message_is_part_of_it(each_desk):
    desk = each_desk
    task_id = desk.task()
    desk.change(task_id)

    assert desk.run() == 1
    assert _methods(desk) == ["chat.postMessage"]
    assert "claimed" in str(desk.slack.messages[0]["blocks"])
    assert [(row["state"], row["error"]) for row in desk.rows()] == [
        ("sent", None),
        ("sent", "folded"),
    ]


def test_a_change_waits_until_the_first_message_is_certain(desk):
    task_id = desk.task()
    desk.slack.script("chat.postMessage", ACCEPT_THEN_RESET)
    desk.run()
    desk.change(task_id)
    desk.clock.advance(45)
    assert desk.run() == 0

    desk.clock.advance(20)
    assert desk.run() == 2
    assert _methods(desk)[-1] == "chat.update"


def test_an_update_that_got_no_answer_is_repeated(desk):
    task_id = desk.task()
    desk.run()
    desk.change(task_id)
    desk.slack.script("chat.update", ACCEPT_THEN_RESET)

    desk.run_until_idle()

    assert [method for method in _methods(desk) if method.startswith("chat")] == [
        "chat.postMessage",
        "chat.update",
        "chat.update",
    ]
    assert len(desk.slack.posts) == 1


def test_a_message_that_a_person_deleted_is_not_posted_again(desk):
    task_id = desk.task()
    desk.run()
    desk.slack.delete(desk.slack.messages[0])
    desk.change(task_id)

    desk.run()

    assert desk.states() == ["sent", "dead"]
    assert len(desk.slack.posts) == 1


def test_changes_that_a_channel_cannot_show_are_folded(desk):
    channel = _Scripted()
    desk.channels({"care": channel})
    task_id = desk.task()
    desk.run()
    desk.change(task_id)

    assert desk.run() == 0
    assert desk.states() == ["sent", "sent"]
    assert len(channel.sent) == 1


def test_keeps_to_the_rate_of_the_channel(desk):
    for _ in range(12):
        desk.task()
    begun = desk.clock()

    desk.run()

    times = [post["at"] - begun.timestamp() for post in desk.slack.posts]
    assert len(times) == 12
    assert times[4] == pytest.approx(0)
    for first, sixth in zip(times, times[5:], strict=False):
        assert sixth - first >= 5


def test_the_rate_holds_across_runs_and_processes(desk):
    for _ in range(5):
        desk.task()
    desk.run()
    desk.restart()
    desk.task()
    before = desk.clock()

    desk.run()

    assert desk.clock() - before == timedelta(seconds=5)


def test_a_run_ends_in_time_and_the_rest_stays_due(desk):
    for _ in range(30):
        desk.task()
    before = desk.clock()

    done = desk.run()

    assert desk.clock() - before <= timedelta(seconds=20)
    assert 15 <= done <= 25
    assert desk.states().count("new") == 30 - done


def test_quiet_alerts_beyond_the_hourly_limit_wait_in_order(each_desk):
    desk = each_desk
    desk.policy(soft_per_hour=3, run_for_s=600)
    ids = [desk.task("P4") for _ in range(7)]
    start = desk.clock()

    desk.run()
    assert [row["error"] for row in desk.rows()] == [None] * 3 + [HELD] * 4
    assert {row["run_at"] for row in desk.rows()[3:]} == {start + timedelta(hours=1)}
    urgent = desk.task("P2")
    desk.run()
    assert desk.slack.posts[-1]["key"] == f"task:{urgent}:created:care"
    for _ in range(3):
        desk.clock.advance(3600)
        desk.run()

    order = [int(post["key"].split(":")[1]) for post in desk.slack.posts]
    assert [task_id for task_id in order if task_id != urgent] == ids
    hours = [int((post["at"] - start.timestamp()) // 3600) for post in desk.slack.posts]
    assert hours == [0, 0, 0, 0, 1, 1, 1, 2]


def test_no_hourly_limit_when_it_is_switched_off(desk):
    desk.policy(soft_per_hour=0, run_for_s=600)
    for _ in range(20):
        desk.task("P4")

    assert desk.run() == 20


def test_one_sender_at_a_time(each_desk):
    desk = each_desk
    desk.task()
    with desk.database.write() as tx:
        until = desk.clock() + timedelta(seconds=30)
        tx.execute(insert(leases), [{"name": "sender:care", "owner": "other", "until": until}])

    assert desk.run() == 0
    desk.clock.advance(31)
    assert desk.run() == 1
    with desk.database.read() as tx:
        assert tx.execute(select(func.count()).select_from(leases)).scalar_one() == 0


def test_two_senders_started_at_once_post_once(each_desk):
    desk = each_desk
    for _ in range(5):
        desk.task()
    contexts = [replace(desk.ctx, owner=f"process-{number}") for number in range(4)]
    for number, ctx in enumerate(contexts):
        contexts[number] = replace(ctx, channels={"care": slack_channel(desk.slack)})
    threads = [threading.Thread(target=deliver.run, args=(ctx,)) for ctx in contexts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    desk.run_until_idle()

    assert len(desk.slack.posts) == 5
    assert set(desk.slack.posts_by_key().values()) == {1}


def test_a_sender_that_stood_still_past_its_lease_sends_nothing(each_desk):
    desk = each_desk
    desk.task()
    rival = replace(desk.ctx, owner="rival", channels={"care": slack_channel(desk.slack)})

    def fault(name: str) -> None:
        if name == "deliver.sending_committed":
            desk.clock.advance(61)
            deliver.run(replace(rival, clock=desk.clock), sleep=desk.clock.advance)

    desk.ctx = replace(desk.ctx, fault=fault)
    desk.run()
    desk.restart()
    desk.ctx = replace(desk.ctx, fault=lambda name: None)
    desk.run_until_idle()

    assert desk.states() == ["sent"]
    assert len(desk.slack.posts) == 1


def test_a_hanging_channel_does_not_delay_another(desk):
    release = threading.Event()
    desk.channels(
        {"care": _Hanging(release), "night": slack_channel(desk.slack, channel="#alerts")}
    )
    desk.task(channel="care")
    desk.task(channel="night")
    runner = threading.Thread(target=desk.run)
    runner.start()
    try:
        for _ in range(200):
            if desk.slack.posts:
                break
            threading.Event().wait(0.02)
        assert len(desk.slack.posts) == 1
        assert runner.is_alive()
    finally:
        release.set()
        runner.join()


def test_an_unreachable_channel_rests_instead_of_trying_every_alert(desk):
    channel = _Scripted(*[DeliveryDelayed("no connection")] * 50)
    desk.channels({"care": channel})
    for _ in range(10):
        desk.task()

    desk.run()
    assert len(channel.tried) == 1
    desk.clock.advance(60)
    desk.run()
    assert len(channel.tried) == 2


def test_one_broken_message_does_not_stop_the_others(desk):
    desk.channels({"care": _Scripted(ValueError("Kovács Éva wrote this"))})
    for _ in range(3):
        desk.task()

    with structlog.testing.capture_logs() as logs:
        assert desk.run() == 2
    assert desk.states() == ["uncertain", "sent", "sent"]
    assert desk.rows()[0]["error"] == "bug: ValueError"
    assert "Kovács" not in str(logs)


def test_logs_hold_no_text_author_or_token(desk):
    desk.task(text="a very private complaint")
    desk.slack.script("chat.postMessage", refuse("internal_error"))

    with structlog.testing.capture_logs() as logs:
        desk.run_until_idle()

    said = str(logs)
    assert logs
    for secret in ("private", "Kovács", "xoxb"):
        assert secret not in said


def test_counts_similar_open_tasks(each_desk):
    desk = each_desk
    first = desk.task()
    for _ in range(3):
        desk.task()

    desk.run()

    shown = {post["key"]: str(post["blocks"]) for post in desk.slack.posts}
    assert "3 more open" in shown[f"task:{first}:created:care"]


def _methods(desk: Bench) -> list[str]:
    return [method for method, _ in desk.slack.calls if not method.startswith("conversations")]


class _Scripted:
    """A channel without history or updates that fails as told."""

    can_update = False
    can_find = False

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.tried: list[Alert] = []
        self.sent: list[Alert] = []

    def send(self, alert: Alert) -> Receipt:
        self.tried.append(alert)
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(alert)
        return Receipt(alert.key)

    def update(self, alert: Alert, receipt: Receipt) -> Receipt:
        raise AssertionError("nobody may update this")

    def find(self, key: str, since: datetime) -> Receipt | None:
        raise AssertionError("nobody may look here")

    def close(self) -> None:
        pass


class _Hanging(_Scripted):
    def __init__(self, release: threading.Event) -> None:
        super().__init__()
        self._release = release

    def send(self, alert: Alert) -> Receipt:
        self._release.wait(20)
        return super().send(alert)


class _Blind:
    """A channel that claims "not there" without looking."""

    can_update = True
    can_find = True

    def __init__(self, channel) -> None:
        self._channel = channel
        self.send, self.update, self.close = channel.send, channel.update, channel.close

    def find(self, key: str, since: datetime) -> Receipt | None:
        return None
