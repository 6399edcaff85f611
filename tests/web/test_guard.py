"""Cross-site requests, large bodies, foreign hosts; and what every answer carries."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from monitor.web.app import build_app
from tests.web import filling
from tests.web.conftest import BASE, csrf
from tests.web.test_sign_in import paths

CROSS_SITE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
]


def unsafe(app):
    return [(m, p) for m, p in paths(app) if m not in {"GET", "HEAD", "OPTIONS"}]


def test_every_unsafe_route_refuses_other_sites(app, client, services, clock):
    task = filling.hear(services.database, clock, [filling.found(1, "Broken", rating=1.0)])
    assert task == [1]
    form = {"form": csrf(client), "version": "1"}
    routes = unsafe(app)
    assert len(routes) >= 3
    for method, path in routes:
        for headers in CROSS_SITE:
            answer = client.request(method, path, data=form, headers=headers)
            assert answer.status_code == 403, (path, headers)
    assert client.get("/api/v1/tasks/1").json()["task"]["version"] == 1


def test_an_origin_decides_where_the_browser_says_nothing_else(client, services, clock):
    filling.hear(services.database, clock, [filling.found(1, "Broken", rating=1.0)])
    data = {"form": csrf(client), "version": "1"}
    del client.headers["Sec-Fetch-Site"]
    refused = client.post("/tasks/1/claim", data=data, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    assert client.post("/tasks/1/claim", data=data, headers={"Origin": BASE}).status_code == 303


def test_every_unsafe_route_needs_the_form_token(app, client, services, clock):
    filling.hear(services.database, clock, [filling.found(1, "Broken", rating=1.0)])
    for method, path in unsafe(app):
        for form in ("", "0" * 64):
            answer = client.request(method, path, data={"form": form, "version": "1"})
            assert answer.status_code == 403, path
    assert client.get("/inbox").status_code == 200, "still signed in"


def test_reading_changes_nothing(app, client, services, clock):
    filling.hear(services.database, clock, [filling.found(1, "Broken", rating=1.0)])
    before = client.get("/api/v1/tasks/1").json()
    for method, path in paths(app):
        if method == "GET":
            client.get(path)
    assert client.get("/api/v1/tasks/1").json() == before


def test_headers_are_on_every_answer(client):
    for path in (
        "/inbox",
        "/login",
        "/nowhere",
        "/api/v1/tasks",
        "/static/earshot.css",
        "/healthz",
    ):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        if not path.startswith("/static"):
            assert headers["cache-control"] == "no-store", path


def test_static_files_may_be_kept_because_their_address_changes(client):
    page = client.get("/inbox").text
    assert "/static/earshot.css?v=" in page
    assert "immutable" in client.get("/static/earshot.css").headers["cache-control"]


def test_a_page_asks_no_other_host_for_anything(client):
    page = client.get("/inbox").text
    assert "//" not in page.replace("<!doctype html>", "").replace("http://www.w3.org", "")


@pytest.mark.parametrize("stated", [True, False])
def test_large_bodies_are_refused_with_and_without_a_length(client, stated):
    body = b"x" * (70 * 1024)
    content = body if stated else iter([body[:40_000], body[40_000:]])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/tasks/1/claim", content=content, headers=headers).status_code == 413


def test_a_length_that_is_no_number_is_refused(client):
    headers = {"Content-Length": "many"}
    assert client.post("/logout", content=b"", headers=headers).status_code == 400


def test_foreign_hosts_are_not_served(services):
    known = replace(services, hosts=frozenset({"earshot.test"}))
    with TestClient(build_app(known), base_url=BASE) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/healthz", headers={"Host": "earshot.test:8765"}).status_code == 200
        assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 421
