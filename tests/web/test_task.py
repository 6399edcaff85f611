"""One task: its text made safe, its story, and what may be done with it."""

from __future__ import annotations

import pytest

from tests.web import filling
from tests.web.conftest import act, sign_in


@pytest.fixture
def task_id(services, clock):
    item = filling.found(
        1, "It broke.\nI want a refund.", author="Maya", rating=1.0, rating_scale=5.0, lang="en"
    )
    return filling.hear(services.database, clock, [item])[0]


def test_a_task_shows_text_reasons_tone_and_link(client, task_id):
    page = client.get(f"/tasks/{task_id}").text
    for part in ("It broke.\nI want a refund.", "Maya", "wants a refund", "Negative tone", "95%"):
        assert part in page
    assert 'href="https://shop.example/item/1" rel="noopener nofollow noreferrer"' in page
    assert 'aria-label="1 of 5 stars"' in page


def test_an_unknown_task_is_said_in_words(client):
    answer = client.get("/tasks/4711")
    assert (answer.status_code, "There is nothing here." in answer.text) == (404, True)


@pytest.mark.parametrize("number", ["x", "1e3", "-1", str(2**70)])
def test_a_senseless_number_is_no_crash(client, number):
    assert client.get(f"/tasks/{number}").status_code in {404, 422}


def test_the_whole_life_of_a_task(client, task_id):
    assert "Claimed" in _after(client, act(client, task_id, "claim"))
    held = act(
        client,
        task_id,
        "hold",
        2,
        reason="waiting for the customer",
        note="asked for the receipt",
        until="2026-03-05T10:00",
    )
    page = _after(client, held)
    assert "waiting for the customer: asked for the receipt" in page
    assert "5 Mar 2026, 10:00 EET" in page
    assert "Claimed" in _after(client, act(client, task_id, "wake", 3))
    answered = act(client, task_id, "reply", 4, url="https://shop.example/answer")
    assert 'href="https://shop.example/answer"' in _after(client, answered)
    assert "Closed" in _after(client, act(client, task_id, "close", 5, reason="solved"))
    page = _after(client, act(client, task_id, "reopen", 6))
    assert page.count('class="what"') == 7, "opened and six actions"


def _after(client, answer) -> str:
    assert answer.status_code == 303, answer.text
    return client.get(answer.headers["location"]).text


def test_giving_back_and_dismissing(client, task_id):
    act(client, task_id, "claim")
    assert "nobody yet" in _after(client, act(client, task_id, "release", 2))
    assert "No action" in _after(client, act(client, task_id, "no_action", 3, note="own post"))


def test_a_stale_version_says_who_was_faster(client, services, task_id):
    services.desk.claim(task_id, 1, "Béla")
    answer = act(client, task_id, "claim", 1)
    assert answer.status_code == 409
    assert "Béla was faster: “Claimed” at 2026-03-02 09:00 UTC" in answer.text
    assert client.get(f"/api/v1/tasks/{task_id}").json()["task"]["owner"] == "Béla"


@pytest.mark.parametrize(
    ("action", "more", "words"),
    [
        ("hold", {"until": "2026-03-05T10:00"}, "A hold needs a reason"),
        ("hold", {"reason": "approval", "until": "2026-03-01T10:00"}, "end in the future"),
        ("hold", {"reason": "approval", "until": "tomorrow"}, "end in the future"),
        ("close", {"reason": "  "}, "Closing needs a reason"),
        ("reply", {"url": "javascript:alert(1)"}, "must begin with http"),
        ("wake", {}, "cannot be woken"),
    ],
)
def test_what_is_refused_is_explained_and_changes_nothing(client, task_id, action, more, words):
    answer = act(client, task_id, action, 1, **more)
    assert answer.status_code == 409
    assert words in answer.text
    assert client.get(f"/api/v1/tasks/{task_id}").json()["task"]["version"] == 1


def test_an_unknown_action_or_version_is_refused(client, task_id):
    assert act(client, task_id, "explode").status_code == 404
    data = {"form": "x", "version": "new"}
    assert client.post(f"/tasks/{task_id}/claim", data=data).status_code == 422
    assert act(client, task_id, "claim", note="x" * 3000).status_code == 422


def test_two_people_see_each_other(client, services, task_id):
    act(client, task_id, "claim")
    sign_in(client, services, "Béla")
    page = client.get(f"/tasks/{task_id}").text
    assert "Anna" in page
    assert "Take over" in page


def test_earlier_versions_of_an_edited_text_are_kept(client, services, clock, task_id):
    filling.hear(services.database, clock, [filling.found(1, "They answered. Better now.")])
    page = client.get(f"/tasks/{task_id}").text
    assert "They answered. Better now." in page
    assert "Earlier versions" in page
    assert "I want a refund." in page


def test_a_very_long_text_is_cut_on_the_page_only(client, services, clock):
    (long_id,) = filling.hear(services.database, clock, [filling.found(7, "ab" * 20_000)])
    page = client.get(f"/tasks/{long_id}").text
    assert len(page) < 40_000
    assert "longer than a page shows" in page
    full = client.get(f"/api/v1/tasks/{long_id}").json()["task"]["mention"]["text"]
    assert len(full) == 40_000
