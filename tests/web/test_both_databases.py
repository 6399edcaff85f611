"""One walk through all pages on each kind of database."""

from __future__ import annotations

import pytest

from tests.web import filling
from tests.web.conftest import act


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def test_a_walk_through_everything(client, services, clock):
    items = [
        filling.found(1, "Broken. Kérem vissza a pénzem! 退款", rating=1.0, rating_scale=5.0),
        filling.found(2, "I got an electric shock", rating=1.0, rating_scale=5.0, lang="en"),
    ]
    first, second = filling.hear(services.database, clock, items)
    query = "/inbox?state=open&priority=P1&brand=Aurora&language=en&source=shop-reviews&q=SHOCK"
    assert f'data-id="{second}"' in client.get(query).text
    assert f'data-id="{first}"' in client.get("/inbox", params={"q": "退款"}).text
    assert client.get("/inbox", params={"q": "\x00", "owner": "\x00"}).status_code == 200
    assert act(client, first, "claim").status_code == 303
    assert act(client, first, "claim").status_code == 409
    held = act(client, first, "hold", 2, reason="approval", until="2026-03-05T10:00")
    assert held.status_code == 303
    assert "5 Mar 2026, 10:00 EET" in client.get(f"/tasks/{first}").text
    assert client.get(f"/tasks/{2**63 - 1}").status_code == 404
    assert client.get("/sources").status_code == 200
    assert client.get("/api/v1/tasks?owner=Anna&state=on_hold").json()["total"] == 1
    assert len(client.get("/api/v1/mentions?brand=Aurora").json()["mentions"]) == 2
    assert len(client.get("/api/v1/sources").json()) == 3
    assert client.get("/readyz").json()["ready"]
    assert 'earshot_tasks_open{priority="P1"} 1.0' in client.get("/metrics").text
    clock.advance(5 * 3600)
    assert client.get("/inbox").status_code == 303, "the session has ended"
