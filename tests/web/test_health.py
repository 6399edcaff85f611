"""Health, readiness, numbers, and the page of sources."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from monitor.domain.crawl import CrawlOutcome
from monitor.store.database import open_database
from monitor.web.app import build_app
from tests.web import filling
from tests.web.conftest import BASE


def test_alive(stranger):
    assert stranger.get("/healthz").text == "ok\n"


def test_ready_with_findings(stranger, services, clock):
    filling.finish_crawl(
        services.database,
        clock,
        "forum",
        CrawlOutcome(ok=True, reason="finished", health="healthy"),
    )
    answer = stranger.get("/readyz")
    found = answer.json()
    assert answer.status_code == 200
    assert found["checks"] == {"database": "ok", "scheduler": "ok", "outbox": "ok"}
    assert found["last_success"]["forum"] == clock().isoformat()
    assert found["last_success"]["shop-reviews"] is None


def test_a_late_clock_is_not_ready(services):
    late = replace(services, scheduler_lag=lambda: 500.0)
    with TestClient(build_app(late), base_url=BASE) as client:
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["scheduler"]) == (503, "late")


def test_a_database_that_is_gone_is_said(services, tmp_path):
    gone = open_database(f"sqlite:///{tmp_path}/no/such/folder.db")
    with TestClient(build_app(replace(services, database=gone)), base_url=BASE) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").json() == {
            "ready": False,
            "checks": {"database": "unavailable"},
        }
        assert "earshot_up 0.0" in client.get("/metrics").text
        client.cookies.set("earshot_session", "x")
        page = client.get("/inbox")
        assert (page.status_code, "The database does not answer." in page.text) == (503, True)
        assert client.get("/api/v1/tasks").json() == {"error": "unavailable"}


def test_numbers(stranger, services, clock):
    filling.hear(services.database, clock, [filling.found(1, "Broken", author="Maya", rating=1.0)])
    text = stranger.get("/metrics").text
    assert "earshot_up 1.0" in text
    assert "earshot_mentions 1.0" in text
    assert 'earshot_tasks_open{priority="P' in text
    assert 'earshot_source_healthy{source="forum"} 0.0' in text
    assert "Maya" not in text


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (CrawlOutcome(ok=True, reason="finished", health="healthy"), "Healthy"),
        (CrawlOutcome(ok=False, reason="HTTP 503", health="broken"), "HTTP 503"),
        (CrawlOutcome(ok=False, reason="HTTP 401", health="unauthorised"), "Not authorised"),
    ],
)
def test_sources_say_how_they_are(client, services, clock, outcome, words):
    assert "Not read yet" in client.get("/sources").text
    filling.finish_crawl(services.database, clock, "forum", outcome)
    assert words in client.get("/sources").text


def test_without_sources_the_page_says_what_to_do(client, services, clock):
    filling.configure(services.database, clock(), [])
    assert "Switched off" in client.get("/sources").text
