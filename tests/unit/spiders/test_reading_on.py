"""Cursors, paging, edits and deletions of each source over several runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from tests.unit.spiders.conftest import Bench

EPOCH = datetime(2026, 10, 1, tzinfo=UTC)


class Blog:
    """Answers like the REST interface of WordPress, as far as it is used."""

    def __init__(self, count: int, every: timedelta = timedelta(minutes=1)) -> None:
        self.rows = {
            number: {
                "id": number,
                "parent": 0,
                "author_name": f"Reader {number}",
                "date_gmt": (EPOCH + every * number).strftime("%Y-%m-%dT%H:%M:%S"),
                "content": {"rendered": f"<p>Comment {number}</p>"},
                "link": f"https://site.example/#comment-{number}",
                "type": "comment",
            }
            for number in range(1, count + 1)
        }

    def __call__(self, url: str) -> str | None:
        query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
        rows = sorted(self.rows.values(), key=lambda row: (row["date_gmt"], row["id"]))
        if "include" in query:
            wanted = {int(number) for number in query["include"].split(",")}
            rows = [row for row in rows if row["id"] in wanted]
        if "after" in query:
            after = datetime.fromisoformat(query["after"]).strftime("%Y-%m-%dT%H:%M:%S")
            rows = [row for row in rows if row["date_gmt"] > after]
        size, page = int(query["per_page"]), int(query.get("page", 1))
        return json.dumps(rows[size * (page - 1) : size * page])


def test_all_comments_are_read_and_then_only_the_last_two_days(bench: Bench):
    blog = Blog(450, every=timedelta(hours=2))
    first = bench.crawl("wordpress", blog)
    assert (first.saved.new, first.health) == (450, "healthy")
    blog.rows |= {451: {**blog.rows[450], "id": 451, "date_gmt": "2026-11-21T10:00:00"}}
    second = bench.crawl("wordpress", blog)
    assert second.saved.new == 1
    assert len(bench.asked) == 2
    assert 20 < second.saved.known < 130


def test_a_comment_deleted_while_paging_hides_no_other(bench: Bench):
    blog = Blog(250)
    calls = []

    def site(url: str) -> str | None:
        body = blog(url)
        calls.append(url)
        if len(calls) == 1:
            del blog.rows[1], blog.rows[2], blog.rows[3]
        return body

    bench.crawl("wordpress", site)
    assert {f"comment-{number}" for number in range(1, 251)} <= set(bench.sink.items)


def test_many_comments_of_one_second_are_all_read(bench: Bench):
    bench.crawl("wordpress", Blog(350, every=timedelta(0)))
    assert len(bench.sink.items) == 350


def test_edits_and_deletions_of_known_comments_are_seen(bench: Bench):
    blog = Blog(60, every=timedelta(hours=6))
    bench.crawl("wordpress", blog)
    blog.rows[5]["content"] = {"rendered": "<p>Changed my mind</p>"}
    del blog.rows[7]
    outcome = bench.crawl("wordpress", blog)
    assert (outcome.saved.edited, outcome.saved.deleted) == (1, 1)
    assert bench.sink.deleted == {"comment-7"}
    third = bench.crawl("wordpress", blog)
    assert (third.saved.edited, third.saved.deleted) == (0, 0)


def test_a_break_in_the_middle_is_made_good_by_the_next_run(bench: Bench):
    blog = Blog(300)
    broken = bench.crawl("wordpress", lambda url: blog(url) if len(bench.asked) < 3 else None)
    assert not broken.ok
    assert len(bench.sink.items) >= 199
    bench.crawl("wordpress", blog)
    assert len(bench.sink.items) == 300


def shop(*pages: list[tuple[str, str, str]], title: str = "Kettle"):
    """Return a site of review pages of (author, date, text) that follow one another."""

    def site(url: str) -> str:
        number = int(parse_qs(urlsplit(url).query).get("page", ["1"])[0])
        nodes = [
            {"@type": "Review", "author": a, "datePublished": d, "reviewBody": t}
            for a, d, t in pages[number - 1]
        ]
        product = json.dumps({"@type": "Product", "name": title, "review": nodes})
        more = f'<a rel="next" href="?page={number + 1}">' if number < len(pages) else ""
        return f'<html lang="en"><script type="application/ld+json">{product}</script>{more}</html>'

    return site


A = ("Ann", "2026-11-01", "Good")
B = ("Béla", "2026-11-02", "Rossz")
C = ("Cilla", "2026-11-03", "Vidēji")
D = ("匿名", "2026-11-04", "很好")


def test_review_pages_are_followed_and_an_edit_is_an_edit(bench: Bench):
    first = bench.crawl("schema_org", shop([A, B], [C, D]))
    assert (first.saved.new, first.pages) == (4, 2)
    changed = ("Béla", "2026-11-02", "Mégis jó")
    second = bench.crawl("schema_org", shop([A, changed], [C, D]))
    assert (second.saved.new, second.saved.edited) == (0, 1)


def test_an_unchanged_page_is_not_read_twice(bench: Bench):
    bench.crawl("schema_org", shop([A, B]))
    again = bench.crawl("schema_org", shop([A, B]))
    assert (again.not_modified, again.health, again.saved.known) == (1, "healthy", 0)


def test_another_configuration_reads_an_unchanged_page_again(bench: Bench):
    bench.crawl("schema_org", shop([A, B]))
    again = bench.crawl("schema_org", shop([A, B]), subject="Kettle 2")
    assert (again.not_modified, again.saved.known) == (0, 2)


def test_a_vanished_review_is_a_deletion_only_when_asked_for(bench: Bench):
    bench.crawl("schema_org", shop([A, B], [C, D]))
    assert bench.crawl("schema_org", shop([A], [C, D])).saved.deleted == 0
    bench.crawl("schema_org", shop([A, B], [C, D]), detect_deleted=True)
    assert bench.crawl("schema_org", shop([A, B], [D]), detect_deleted=True).saved.deleted == 1


def test_a_half_read_set_deletes_nothing(bench: Bench):
    whole = shop([A, B], [C, D])
    bench.crawl("schema_org", whole, detect_deleted=True)
    broken = bench.crawl(
        "schema_org", lambda url: None if "page=2" in url else whole(url), detect_deleted=True
    )
    assert not broken.ok
    assert bench.sink.deleted == set()


def test_a_set_that_vanishes_as_a_whole_is_a_fault(bench: Bench):
    many = [(f"Author {n}", "2026-11-01", f"Text {n}") for n in range(10)]
    bench.crawl("schema_org", shop(many), detect_deleted=True)
    outcome = bench.crawl("schema_org", shop(many[:2]), detect_deleted=True)
    assert (outcome.health, outcome.saved.deleted) == ("degraded", 0)
    assert "8 of 10" in outcome.reason


def test_known_pages_end_a_chain_quietly(bench: Bench):
    pages = [[(f"Author {n}", "2026-11-01", f"Text {n}")] for n in range(30)]
    first = bench.crawl("schema_org", shop(*pages))
    assert first.saved.new == 30
    second = bench.crawl("schema_org", shop(*pages))
    assert (second.pages, second.health) == (5, "healthy")


def test_the_page_limit_is_named(bench: Bench):
    bench.max_pages = 10
    pages = [[(f"Author {n}", "2026-11-01", f"Text {n}")] for n in range(30)]
    outcome = bench.crawl("schema_org", shop(*pages))
    assert (outcome.pages, outcome.ok, outcome.health) == (10, True, "degraded")
    assert "older items may be missing" in outcome.reason


def test_a_sitemap_leads_to_changed_pages_only(bench: Bench):
    times = {1: "2026-11-01", 2: "2026-11-02", 3: ""}

    def site(url: str) -> str:
        if url.endswith("sitemap.xml"):
            places = "".join(
                f"<url><loc>https://site.example/p/{n}</loc>"
                + (f"<lastmod>{time}</lastmod>" if time else "")
                + "</url>"
                for n, time in times.items()
            )
            return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{places}</urlset>"
        return shop([(f"Author {url[-1]}", "2026-11-01", "Text")], title=url)("")

    options = {"url": "", "sitemap": "https://site.example/sitemap.xml"}
    assert bench.crawl("schema_org", site, **options).saved.new == 3
    times[2] = "2026-11-20"
    outcome = bench.crawl("schema_org", site, **options)
    assert bench.asked == [
        "https://site.example/sitemap.xml",
        "https://site.example/p/2",
        "https://site.example/p/3",
    ]
    assert outcome.health == "healthy"


def test_a_page_that_changed_its_layout_is_degraded_until_it_is_well(bench: Bench):
    bench.crawl("schema_org", shop([A, B]))
    for _ in range(2):
        outcome = bench.crawl("schema_org", lambda _: "<html><body>New design</body></html>")
        assert outcome.health == "degraded"
        assert "2 items the time before" in outcome.reason
    assert bench.crawl("schema_org", shop([A, B, C])).health == "healthy"


def test_a_wrong_option_is_named(bench: Bench):
    outcome = bench.crawl("schema_org", shop([A]), detect_deletd=True)
    assert (outcome.ok, outcome.reason) == (
        False,
        'the option "detect_deletd" of this source is not valid',
    )


def test_progress_is_told_page_by_page(bench: Bench):
    bench.crawl("schema_org", shop([A, B], [C, D]))
    told = [facts for event, facts in bench.events if event == "progress"]
    assert told == [{"pages": 1, "items": 2}, {"pages": 2, "items": 4}]
