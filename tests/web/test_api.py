"""The API sends the same rows as the pages, in the documented shape."""

from __future__ import annotations

import pytest

from tests.web import filling

MENTION = {
    "source",
    "external_id",
    "url",
    "title",
    "text",
    "author",
    "rating",
    "rating_scale",
    "lang",
    "published_at",
    "collected_at",
    "parent_id",
    "reach",
    "revision",
    "deleted",
}
TASK = {
    "id",
    "state",
    "priority",
    "points",
    "reasons",
    "due_at",
    "owner",
    "brand",
    "lang",
    "mention",
}


@pytest.fixture
def filled(services, clock):
    items = [filling.found(n, f"Broken {n}", rating=1.0, rating_scale=5.0) for n in range(5)]
    return filling.hear(services.database, clock, items)


def test_a_list_of_tasks(client, filled):
    answer = client.get("/api/v1/tasks?limit=2&offset=1").json()
    assert (answer["total"], len(answer["tasks"])) == (5, 2)
    task = answer["tasks"][0]
    assert set(task) >= TASK
    assert set(task["mention"]) >= MENTION
    assert task["link"] == f"http://earshot.test/tasks/{task['id']}"
    assert task["due_at"].endswith("Z")


def test_filters(client, filled, services):
    services.desk.claim(filled[0], 1, "Anna")
    assert client.get("/api/v1/tasks?state=claimed").json()["total"] == 1
    assert client.get("/api/v1/tasks?owner=Anna").json()["total"] == 1
    assert client.get("/api/v1/tasks?q=Broken 3").json()["total"] == 1
    assert client.get("/api/v1/tasks?priority=P1").json()["total"] == 0
    assert client.get("/api/v1/tasks?brand=Zephyra").json()["total"] == 0


def test_one_task_with_its_history(client, filled, services):
    services.desk.claim(filled[0], 1, "Anna")
    answer = client.get(f"/api/v1/tasks/{filled[0]}").json()
    assert [event["action"] for event in answer["events"]] == ["open", "claim"]
    missing = client.get("/api/v1/tasks/4711")
    assert (missing.status_code, missing.json()) == (404, {"error": "not found"})


def test_mentions_are_paged_without_gaps(client, filled):
    seen, after = [], 0
    while after is not None:
        page = client.get(f"/api/v1/mentions?limit=2&after={after}").json()
        seen += [mention["external_id"] for mention in page["mentions"]]
        after = page["next_after"]
    assert seen == [f"item-{n}" for n in range(5)]
    assert client.get("/api/v1/mentions?source=forum").json()["mentions"] == []


def test_sources(client, filled):
    found = {source["name"]: source for source in client.get("/api/v1/sources").json()}
    assert found["shop-reviews"]["mentions"] == 5
    assert found["forum"]["health"] == "unknown"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1000",
        "offset=-1",
        "state=burning",
        "priority=P9",
        "q=%00",
        "q=" + "x" * 300,
    ],
)
def test_wrong_parameters_are_named(client, query):
    answer = client.get(f"/api/v1/tasks?{query}")
    assert answer.status_code == 422
    assert answer.json()["parameters"]


@pytest.mark.parametrize("number", ["0", "-1", "x", str(2**64)])
def test_wrong_numbers(client, number):
    assert client.get(f"/api/v1/tasks/{number}").status_code == 422
    assert client.get(f"/api/v1/mentions?after=-1{number}").status_code == 422


def test_the_description_names_every_route_of_the_api(stranger):
    description = stranger.get("/api/openapi.json").json()
    assert set(description["paths"]) == {
        "/api/v1/tasks",
        "/api/v1/tasks/{task_id}",
        "/api/v1/mentions",
        "/api/v1/sources",
    }
    assert description["info"] == {"title": "Earshot", "version": "1.2.3"}
