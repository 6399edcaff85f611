"""The inbox shows the right tasks, in every language of authors and readers."""

from __future__ import annotations

import re

import pytest

from monitor.demo.texts import load
from tests.web import filling
from tests.web.conftest import act


@pytest.fixture
def filled(services, clock):
    """One task per language and a few more, in two sources."""
    texts = [text for text in load().texts if text.place == "shop" and text.stars == 1]
    items = [
        filling.found(n, t.text, author=t.author, rating=1.0, rating_scale=5.0, lang=t.lang)
        for n, t in enumerate(texts)
    ]
    ids = filling.hear(services.database, clock, items)
    more = [filling.found(900, "Do you ship to Malta?", lang="en")]
    return ids + filling.hear(services.database, clock, more, source="forum")


def listed(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-id="(\d+)"', page)]


def test_nothing_heard_is_said_in_words(client):
    assert "Nothing has been heard yet." in client.get("/inbox").text


def test_praise_alone_leaves_nothing_to_answer(client, services, clock):
    filling.hear(services.database, clock, [filling.found(1, "Lovely", rating=5.0)])
    assert "Nothing is waiting for an answer." in client.get("/inbox").text


def test_no_match_offers_to_clear_the_filters(client, filled):
    page = client.get("/inbox?q=nowhere").text
    assert "No task matches these filters." in page
    assert 'href="/inbox">Show all open tasks' in page


def test_urgent_tasks_come_first_with_their_reason(client, filled):
    page = client.get("/inbox").text
    priorities = re.findall(r'<li class="task (P\d)', page)
    assert priorities == sorted(priorities)
    assert "Safety or injury" in page
    assert "electric shock" in page
    assert "30\u00a0min left" in page


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("priority=P1", {"P1"}),
        ("priority=P2&priority=P3", {"P2", "P3"}),
        ("priority=P9", {"P1", "P2", "P3", "P4"}),
    ],
)
def test_filter_by_priority(client, filled, query, wanted):
    page = client.get(f"/inbox?{query}").text
    assert set(re.findall(r'<li class="task (P\d)', page)) <= wanted


@pytest.mark.parametrize("lang", ["en", "de", "hu", "lv", "zh"])
def test_filter_by_language_and_quotes_carry_it(client, filled, lang):
    page = client.get(f"/inbox?language={lang}").text
    assert listed(page)
    quoted = re.findall(r'<span class="text" lang="([^"]+)"', page)
    assert set(quoted) == {lang}


@pytest.mark.parametrize(
    ("words", "found"),
    [("电", True), ("lietošanas", True), ("ELETVESZELY", False), ("Megrázott", True), ("%", False)],
)
def test_search_in_all_scripts(client, filled, words, found):
    assert bool(listed(client.get("/inbox", params={"q": words}).text)) is found


def test_filter_by_source_brand_owner_and_state(client, filled):
    assert len(listed(client.get("/inbox?source=forum").text)) == 1
    assert not listed(client.get("/inbox?brand=Zephyra").text)
    act(client, filled[0], "claim")
    assert listed(client.get("/inbox?owner=me").text) == [filled[0]]
    assert listed(client.get("/inbox?state=claimed").text) == [filled[0]]
    act(client, filled[0], "close", 2, reason="solved")
    assert listed(client.get("/inbox?state=done").text) == [filled[0]]
    assert filled[0] not in listed(client.get("/inbox").text)


def test_filters_stay_in_the_form_and_in_the_pager(client, services, clock):
    items = [filling.found(n, f"Broken {n}", rating=1.0, lang="de") for n in range(60)]
    filling.hear(services.database, clock, items)
    page = client.get("/inbox?language=de&q=Broken&page=2").text
    assert len(listed(page)) == 25
    assert "Page 2 of 3" in page
    assert 'value="Broken"' in page
    assert 'href="/inbox?language=de&amp;q=Broken&amp;page=3"' in page
    assert 'href="/inbox?language=de&amp;q=Broken"' in page
    seen = {n for p in (1, 2, 3) for n in listed(client.get(f"/inbox?page={p}").text)}
    assert len(seen) == 60


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999", "²"])
def test_a_senseless_page_number_is_not_an_error(client, filled, page):
    assert client.get("/inbox", params={"page": page}).status_code == 200


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ff", "state=;--", "language='", "owner=%F0%9F%98%8D"]
)
def test_senseless_filters_are_not_an_error(client, filled, query):
    assert client.get(f"/inbox?{query}").status_code == 200


def test_claiming_from_the_list_returns_to_the_list(client, filled):
    answer = act(client, filled[0], "claim", back="/inbox?priority=P1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox?priority=P1")
    assert "Anna" in client.get("/inbox").text


def test_the_script_gets_only_the_list(client, filled):
    part = client.get("/inbox", headers={"X-Earshot-Part": "list"}).text
    assert listed(part) == listed(client.get("/inbox").text)
    assert "<html" not in part


def test_an_unchanged_list_is_not_sent_again(client, filled, clock):
    part = {"X-Earshot-Part": "list"}
    mark = client.get("/inbox", headers=part).headers["etag"]
    again = part | {"If-None-Match": mark}
    assert client.get("/inbox", headers=again).status_code == 304
    assert client.get("/inbox", headers={"If-None-Match": mark}).status_code == 200, "a whole page"
    act(client, filled[0], "claim")
    assert client.get("/inbox", headers=again).status_code == 200
    mark = client.get("/inbox", headers=part).headers["etag"]
    clock.advance(60)
    assert client.get("/inbox", headers=part | {"If-None-Match": mark}).status_code == 200


def test_the_start_leads_to_the_inbox(client):
    assert client.get("/").headers["location"] == "/inbox"


def test_an_overdue_task_says_so(client, filled, clock):
    clock.advance(40 * 60)
    assert "10\u00a0min overdue" in client.get("/inbox?priority=P1").text
