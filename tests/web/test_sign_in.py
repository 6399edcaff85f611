"""Nothing is shown and nothing is done without a session that came from a link."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from monitor.web.app import OPEN, build_app
from monitor.web.login import local_path
from monitor.web.sessions import issue_link
from tests.web.conftest import BASE, fields, sign_in


def paths(app) -> list[tuple[str, str]]:
    """Every method and address of the application, with numbers in the places of ids."""
    found = []
    for route in _routes(app):
        for method in sorted(getattr(route, "methods", None) or []):
            path = route.path.replace("{task_id}", "1").replace("{action}", "claim")
            found.append((method, path))
    return found


def _routes(router):
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        yield from [route] if inner is None else _routes(inner)


def test_every_route_but_the_open_ones_needs_a_session(app, stranger):
    asked = [(m, p) for m, p in paths(app) if p not in OPEN and p != "/api/openapi.json"]
    assert len(asked) >= 10
    for method, path in asked:
        answer = stranger.request(method, path)
        if path.startswith("/api/"):
            assert answer.status_code == 401, path
        else:
            assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login"), path


def test_open_routes_are_these_and_no_others():
    assert set(OPEN) == {"/login", "/healthz", "/readyz", "/metrics"}


def test_the_page_asked_for_is_opened_after_signing_in(stranger, services):
    wanted = stranger.get("/inbox?state=done&q=a b").headers["location"]
    link = issue_link(services.database, services.clock, BASE, "Anna").removeprefix(BASE)
    page = stranger.get(f"{link}&{wanted.partition('?')[2]}")
    answer = stranger.post("/login", data=fields(page.text))
    assert answer.headers["location"].startswith("/inbox?state=done&q=a")


def test_opening_the_link_does_not_use_it_up(stranger, services):
    link = issue_link(services.database, services.clock, BASE, "Anna").removeprefix(BASE)
    for _ in range(3):
        page = stranger.get(link)
    assert stranger.post("/login", data=fields(page.text)).status_code == 303
    assert stranger.get("/inbox").status_code == 200


def test_a_link_works_once(stranger, services):
    link = issue_link(services.database, services.clock, BASE, "Anna").removeprefix(BASE)
    assert stranger.post("/login", data=fields(stranger.get(link).text)).status_code == 303
    stranger.cookies.clear()
    again = stranger.post("/login", data=fields(stranger.get(link).text))
    assert again.status_code == 403
    assert "used already" in again.text


def test_a_link_runs_out_after_an_hour(stranger, services, clock):
    link = issue_link(services.database, services.clock, BASE, "Anna").removeprefix(BASE)
    clock.advance(3601)
    assert stranger.post("/login", data=fields(stranger.get(link).text)).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "../../etc", "é" * 10])
def test_a_guessed_token_is_refused(stranger, token):
    data = fields(stranger.get("/login", params={"token": token or "y"}).text)
    assert stranger.post("/login", data=data | {"token": token}).status_code == 403
    assert stranger.get("/inbox").status_code == 303


def test_the_form_is_tied_to_the_browser_that_got_it(stranger, services):
    link = issue_link(services.database, services.clock, BASE, "Anna").removeprefix(BASE)
    data = fields(stranger.get(link).text)
    stranger.cookies.clear()
    answer = stranger.post("/login", data=data)
    assert answer.status_code == 403
    assert fields(answer.text)["token"] == data["token"], "the link is still good"


def test_a_new_session_id_at_every_sign_in(stranger, services):
    sign_in(stranger, services, "Anna")
    first = stranger.cookies["earshot_session"]
    sign_in(stranger, services, "Anna")
    assert stranger.cookies["earshot_session"] != first


def test_a_session_ends_after_hours_of_silence(client, clock):
    clock.advance(3.9 * 3600)
    assert client.get("/inbox").status_code == 200
    clock.advance(3.9 * 3600)
    assert client.get("/inbox").status_code == 200
    clock.advance(4.1 * 3600)
    assert client.get("/inbox").status_code == 303


def test_a_session_ends_after_twelve_hours_however_busy(client, clock):
    for _ in range(11):
        clock.advance(3600)
        assert client.get("/inbox").status_code == 200
    clock.advance(3601)
    assert client.get("/inbox").status_code == 303


def test_signing_out_ends_the_session_on_the_server(client):
    token = client.cookies["earshot_session"]
    form = fields(client.get("/sources").text)["form"]
    assert client.post("/logout", data={"form": form}).status_code == 303
    client.cookies.set("earshot_session", token)
    assert client.get("/inbox").status_code == 303


def test_only_hashes_are_stored(services, client):
    from sqlalchemy import select

    from monitor.store.tables import sign_ins

    with services.database.read() as tx:
        stored = " ".join(str(tuple(row)) for row in tx.execute(select(sign_ins)))
    assert client.cookies["earshot_session"] not in stored


def test_cookies_are_hidden_from_scripts_and_secure_under_https(services):
    secure = replace(services, base_url="https://earshot.test")
    with TestClient(
        build_app(secure), base_url="https://earshot.test", follow_redirects=False
    ) as client:
        client.headers["Sec-Fetch-Site"] = "same-origin"
        link = issue_link(services.database, services.clock, "", "Anna")
        page = client.get(link)
        answer = client.post("/login", data=fields(page.text))
    cookies = [*page.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")]
    session = next(c for c in cookies if c.startswith("__Host-earshot="))
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in session
    assert answer.headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("wished", "path"),
    [
        ("/tasks/5?did=claim", "/tasks/5?did=claim"),
        ("https://evil.example", "/inbox"),
        ("//evil.example", "/inbox"),
        ("/\\evil.example", "/inbox"),
        ("/a\r\nSet-Cookie: x", "/inbox"),
        ("javascript:alert(1)", "/inbox"),
        ("", "/inbox"),
    ],
)
def test_only_own_paths_are_gone_on_to(wished, path):
    assert local_path(wished) == path
