"""A web application on a real database, and a browser-like client that is signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from monitor.desk import Desk
from monitor.store.database import Database
from monitor.web.app import WebServices, build_app
from monitor.web.sessions import issue_link
from tests.twins.clock import ManualClock
from tests.web import filling

BASE = "http://earshot.test"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Pages are tested on SQLite; `test_both_databases` walks through them on both kinds."""
    return sqlite_url


@pytest.fixture
def services(database: Database, clock: ManualClock) -> WebServices:
    filling.configure(database, clock())
    return WebServices(
        database=database,
        clock=clock,
        desk=Desk(database, clock),
        version="1.2.3",
        base_url=BASE,
        time_zone="Europe/Riga",
    )


@pytest.fixture
def app(services: WebServices) -> FastAPI:
    return build_app(services)


@pytest.fixture
def stranger(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        client.headers.update(SAME_ORIGIN | {"Accept-Language": "en"})
        yield client


@pytest.fixture
def client(stranger: TestClient, services: WebServices) -> TestClient:
    sign_in(stranger, services, "Anna")
    return stranger


def sign_in(client: TestClient, services: WebServices, person: str) -> None:
    link = issue_link(services.database, services.clock, BASE, person)
    page = client.get(link.removeprefix(BASE))
    answer = client.post("/login", data=fields(page.text))
    assert answer.status_code == 303


def fields(html: str) -> dict[str, str]:
    """The hidden fields of the forms of a page."""
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in inputs}


def csrf(client: TestClient) -> str:
    """The form token of the signed-in session."""
    page = client.get("/sources").text
    return re.search(r'name="form" value="(\w+)"', page)[1]


def act(client: TestClient, task_id: int, action: str, version: int = 1, **more: str):
    """Press a button of a task."""
    data = {"form": csrf(client), "version": str(version), **more}
    return client.post(f"/tasks/{task_id}/{action}", data=data)
