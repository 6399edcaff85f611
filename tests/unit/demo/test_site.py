"""The sample site speaks HTTP as the platforms do that it stands for."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import tomllib
from datetime import UTC, datetime, timedelta

import feedparser
import httpx2
import pytest

from monitor.demo.settings_text import demo_settings_toml
from monitor.demo.site import SEED, SiteError, start
from monitor.demo.texts import load
from monitor.demo.timeline import story, stream
from monitor.settings import Document
from tests.twins.clock import ManualClock


@pytest.fixture
def clock():
    return ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def site(clock):
    running = start(clock=clock, seed=SEED)
    yield running
    running.stop()


@pytest.fixture
def client(site):
    with httpx2.Client(base_url=site.url) as client:
        yield client


def reviews_of(html):
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    graph = json.loads(block.group(1))["@graph"]
    return [review for product in graph for review in product["review"]]


def walk(client, path):
    pages = []
    while path:
        page = client.get(path).text
        pages.append(page)
        following = re.search(r'<link rel="next" href="([^"]+)">', page)
        path = following and following.group(1)
    return pages


def test_review_pages_are_linked_to_the_end_and_hold_each_review_once(client):
    pages = walk(client, "/shop/reviews")
    ids = [review["@id"] for page in pages for review in reviews_of(page)]
    assert len(pages) >= 2
    assert len(ids) == len(set(ids)) >= 20
    assert {review["inLanguage"] for review in reviews_of(pages[0])} <= {
        "en",
        "de",
        "hu",
        "lv",
        "zh",
    }


def test_new_reviews_appear_first(client, clock):
    before = {r["@id"] for r in reviews_of(client.get("/shop/reviews").text)}
    clock.advance(120)
    after = {r["@id"] for r in reviews_of(client.get("/shop/reviews").text)}
    assert after - before


def test_one_product_carries_microdata(client, clock):
    clock.advance(3600)
    page = client.get("/shop/aurora-mini").text
    assert 'itemtype="https://schema.org/Review"' in page
    assert "ld+json" not in page


def test_an_unknown_product_is_not_found(client):
    assert client.get("/shop/borealis").status_code == 404


def test_comments_are_paged_with_totals_and_a_link(client, clock):
    clock.advance(600)
    first = client.get("/wp-json/wp/v2/comments", params={"per_page": 5})
    total, pages = int(first.headers["X-WP-Total"]), int(first.headers["X-WP-TotalPages"])
    assert len(first.json()) == 5
    assert pages == -(-total // 5)
    following = re.fullmatch(r'<(.+)>; rel="next"', first.headers["Link"]).group(1)
    second = client.get(following).json()
    assert not {c["id"] for c in first.json()} & {c["id"] for c in second}
    past_the_end = client.get("/wp-json/wp/v2/comments", params={"page": pages + 1})
    assert (past_the_end.status_code, past_the_end.json()) == (200, [])


def test_comments_after_a_time_in_ascending_order(client, clock):
    query = {"after": clock.now.strftime("%Y-%m-%dT%H:%M:%S"), "order": "asc", "per_page": 100}
    clock.advance(120)
    found = client.get("/wp-json/wp/v2/comments", params=query).json()
    times = [comment["date_gmt"] for comment in found]
    assert times
    assert times == sorted(times)
    assert all(moment > "2026-03-02T09:00:00" for moment in times)


@pytest.mark.parametrize(
    "query",
    [{"per_page": "101"}, {"page": "0"}, {"order": "up"}, {"orderby": "karma"}, {"after": "soon"}],
)
def test_a_wrong_parameter_is_refused_as_wordpress_does(client, query):
    answer = client.get("/wp-json/wp/v2/comments", params=query)
    assert answer.status_code == 400
    assert answer.json()["code"] == "rest_invalid_param"


def test_a_removed_comment_leaves_the_list_and_answers_401(client, clock):
    gone = next(p for p in story(load(), SEED) if p.place == "blog" and p.removed_at)
    own = f"/wp-json/wp/v2/comments/{gone.id}"
    clock.advance(gone.at + 1)
    assert client.get(own).json()["id"] == gone.id
    clock.advance(gone.removed_at - gone.at)
    answer = client.get(own)
    assert (answer.status_code, answer.json()["code"]) == (401, "rest_cannot_read")
    listed = client.get("/wp-json/wp/v2/comments", params={"per_page": 100}).json()
    assert gone.id not in {comment["id"] for comment in listed}
    assert client.get("/wp-json/wp/v2/comments/999999").status_code == 404


def test_articles_have_titles(client):
    found = client.get("/wp-json/wp/v2/posts").json()
    assert {post["title"]["rendered"] for post in found} >= {"Ask us anything"}
    assert client.get("/wp-json/wp/v2/posts/1").json()["id"] == 1
    assert client.get("/wp-json/wp/v2/posts/9").status_code == 404


@pytest.mark.parametrize("path", ["/forum/feed.xml", "/news/feed.xml"])
def test_feeds_parse_and_answer_304_to_either_validator(client, path, clock):
    first = client.get(path)
    parsed = feedparser.parse(first.content)
    assert not parsed.bozo
    assert parsed.entries
    assert all(entry.id and entry.title and entry.published_parsed for entry in parsed.entries)
    by_tag = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    by_time = client.get(path, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (by_tag.status_code, by_time.status_code) == (304, 304)
    clock.advance(600)
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_robots_and_the_start_page(client, site):
    assert "Disallow: /shop/checkout" in client.get("/robots.txt").text
    assert f"{site.url}/shop/aurora-one" in client.get("/sitemap.xml").text
    for path in ("/", "/blog/", "/forum/", "/news/"):
        assert client.get(path).status_code == 200


def test_a_taken_port_is_named(site):
    port = int(site.url.rpartition(":")[2])
    with pytest.raises(SiteError, match=str(port)):
        start(port)


def test_stop_closes_the_port(clock):
    running = start(clock=clock)
    running.stop()
    running.stop()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(running.url)


def test_the_ledger_knows_everything_that_can_be_seen(clock, tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    posts = stream(load(), 1, items=200, rate=100, places=["blog"])
    running = start(clock=clock, posts=posts, ledger=ledger)
    try:
        clock.advance(1)
        found = _until(lambda: _marks_of_comments(running.url), 100)
        written = {json.loads(line)["mark"] for line in ledger.read_text().splitlines()}
        assert found == written
        clock.advance(5)
        assert len(_until(lambda: _marks_of_comments(running.url), 200)) == 200
    finally:
        running.stop()


def _marks_of_comments(url):
    found = set()
    for page in (1, 2):
        query = {"per_page": 100, "page": page}
        comments = httpx2.get(f"{url}/wp-json/wp/v2/comments", params=query).json()
        found |= {re.search(r"\[item \d+\]", c["content"]["rendered"])[0] for c in comments}
    return found


def _until(read, size):
    deadline = time.monotonic() + 10
    while len(read()) < size and time.monotonic() < deadline:
        time.sleep(0.05)
    return read()


def test_the_module_serves_until_it_is_told_to_stop(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    command = [sys.executable, "-m", "monitor.demo", "--items", "3", "--rate", "1000"]
    with subprocess.Popen(
        [*command, "--ledger", str(ledger)], stdout=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip()
        assert httpx2.get(url).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_times_on_the_site_follow_the_clock(client, clock):
    clock.advance(60)
    newest = reviews_of(client.get("/shop/reviews").text)
    moments = [datetime.fromisoformat(review["datePublished"]) for review in newest]
    assert all(moment <= clock.now for moment in moments)
    assert max(moments) > clock.now - timedelta(minutes=1)


def test_the_demo_configuration_names_the_site(site):
    document = tomllib.loads(demo_settings_toml(site.url))
    assert [source["kind"] for source in document["sources"]] == [
        "schema_org",
        "wordpress",
        "feed",
        "feed",
    ]
    Document.model_validate_json(json.dumps(document))
    assert document["network"]["allow"] == [site.url.removeprefix("http://")]
