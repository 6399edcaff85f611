"""Collecting: items per CPU-second of a whole crawl beside a bare Scrapy spider.

Both read the same pages from a server on loopback, one after the other. The bare spider only picks
fields out and yields dicts; ours also obeys robots.txt, decodes, cleans, identifies and stores into
SQLite, one transaction a page. CPU time is user plus system time of the whole child process. What
starting up costs is taken out by a second run over a single page. EARSHOT_BENCH_PAGES sets the
number of pages (default 150).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from monitor.domain.crawl import CrawlPlan, NetworkPolicy, SourcePlan
from monitor.store import queue
from monitor.store.database import open_database
from monitor.store.migrate import upgrade

PAGES = int(os.environ.get("EARSHOT_BENCH_PAGES", "150"))
ROUNDS = 3
ROOT = Path(__file__).parents[2]
TEXTS = (
    "The teapot arrived broken and nobody answers my mails. Third order, third disappointment.",
    "Das Porzellan ist wunderschön, der Versand war schnell, die Verpackung sehr liebevoll. 😍",
    "A csésze füle letört, a vevőszolgálat két hete hallgat, pedig három levelet is írtam.",
    "Šķīvis bija saplīsis, bet naudu atmaksāja tajā pašā dienā, paldies par to!",
    "茶壶的盖子不合适，联系客服三次都没有回复，非常失望，不会再买了。",
)

BARE = """
import json, sys
import scrapy
from scrapy.crawler import CrawlerProcess

class Html(scrapy.Spider):
    name = "html"
    def parse(self, response):
        for card in response.css("div.review"):
            yield {
                "author": card.css(".author::text").get(),
                "rating": card.css("meta[itemprop=ratingValue]::attr(content)").get(),
                "published": card.css("time::attr(datetime)").get(),
                "text": card.css("p::text").get(),
            }
        for link in response.css("a[rel=next]::attr(href)"):
            yield response.follow(link.get())

class Feed(scrapy.Spider):
    name = "feed"
    def parse(self, response):
        response.selector.remove_namespaces()
        for item in response.xpath("//item"):
            yield {
                "id": item.xpath("guid/text()").get(),
                "title": item.xpath("title/text()").get(),
                "url": item.xpath("link/text()").get(),
                "author": item.xpath("creator/text()").get(),
                "published": item.xpath("pubDate/text()").get(),
                "text": item.xpath("description/text()").get(),
            }
        for link in response.xpath("//channel/link[@rel='next']/@href"):
            yield response.follow(link.get())

class Json(scrapy.Spider):
    name = "json"
    def parse(self, response):
        page = json.loads(response.text)
        for item in page["items"]:
            yield {
                "id": item["id"],
                "url": item["url"],
                "author": item["authors"][0]["name"],
                "published": item["date_published"],
                "text": item["content_html"],
            }
        if "next_url" in page:
            yield response.follow(page["next_url"])

spider = {"html": Html, "feed": Feed, "json": Json}[sys.argv[1]]
process = CrawlerProcess({"LOG_LEVEL": "WARNING", "TELNETCONSOLE_ENABLED": False})
process.crawl(spider, start_urls=[sys.argv[2]])
process.start()
"""


def html_page(number: int, last: int) -> str:
    cards = "".join(
        '<div class="review" itemprop="review" itemscope itemtype="https://schema.org/Review">'
        f'<span class="author" itemprop="author">Customer {n}</span>'
        '<span itemprop="reviewRating" itemscope itemtype="https://schema.org/Rating">'
        f'<meta itemprop="ratingValue" content="{n % 5 + 1}"></span>'
        f'<time itemprop="datePublished" datetime="2026-11-20T10:00:{n % 60:02}Z">x</time>'
        f'<p itemprop="reviewBody">{TEXTS[n % 5]} ({n})</p></div>'
        for n in range(number * 20, number * 20 + 20)
    )
    more = f'<a rel="next" href="/html?page={number + 1}">next</a>' if number < last else ""
    head = "<html lang='en'><head><title>Kettle</title></head><body>"
    product = '<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Kettle</h1>'
    return f"{head}{product}{cards}</div>{more}</body></html>"


def feed_page(number: int, last: int) -> str:
    items = "".join(
        f"<item><guid isPermaLink='false'>{n}</guid><title>Review {n}</title>"
        f"<link>https://shop.example/r/{n}</link><dc:creator>Customer {n}</dc:creator>"
        "<pubDate>Fri, 20 Nov 2026 10:00:00 +0000</pubDate>"
        f"<description>&lt;p&gt;{TEXTS[n % 5]} ({n})&lt;/p&gt;</description></item>"
        for n in range(number * 100, number * 100 + 100)
    )
    more = f"<atom:link rel='next' href='/feed?page={number + 1}'/>" if number < last else ""
    spaces = "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:atom='http://www.w3.org/2005/Atom'"
    return f"<rss version='2.0' {spaces}><channel><title>x</title>{more}{items}</channel></rss>"


def json_page(number: int, last: int) -> str:
    items = [
        {
            "id": str(n),
            "url": f"https://shop.example/r/{n}",
            "authors": [{"name": f"Customer {n}"}],
            "date_published": "2026-11-20T10:00:00Z",
            "content_html": f"<p>{TEXTS[n % 5]} ({n})</p>",
        }
        for n in range(number * 100, number * 100 + 100)
    ]
    page = {"version": "https://jsonfeed.org/version/1.1", "items": items}
    more = {"next_url": f"/json?page={number + 1}"} if number < last else {}
    return json.dumps(page | more, ensure_ascii=False)


MAKERS: dict[str, tuple[Callable[[int, int], str], str, str, int]] = {
    "html": (html_page, "schema_org", "text/html; charset=utf-8", 20),
    "feed": (feed_page, "feed", "application/rss+xml; charset=utf-8", 100),
    "json": (json_page, "feed", "application/feed+json; charset=utf-8", 100),
}


class Pages(BaseHTTPRequestHandler):
    """Serves ready-made pages, so that the server takes little time from the two crawls."""

    protocol_version = "HTTP/1.1"
    ready: dict[str, bytes]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        page = parse_qs(parts.query).get("page", ["0"])[0]
        body = self.ready.get(f"{parts.path}?page={page}", b"")
        self.send_response(200 if body else 404)
        kind = MAKERS.get(parts.path[1:], ("", "", "text/plain"))[2]
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving(last: int) -> Iterator[str]:
    ready = {
        f"/{name}?page={number}": maker(number, last).encode()
        for name, (maker, *_) in MAKERS.items()
        for number in range(last + 1)
    }
    handler = type("Ready", (Pages,), {"ready": ready})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def cpu_of(command: list[str], told: str = "") -> tuple[float, float]:
    """Return CPU seconds and wall seconds of a child process."""
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stderr=errors)
        assert process.stdin is not None
        process.stdin.write(told.encode())
        process.stdin.close()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read()
    assert process.returncode == 0, said
    assert "crawl.finished" not in said or "health=healthy" in said, said
    return used.ru_utime + used.ru_stime, time.perf_counter() - started


def bare(name: str, address: str) -> tuple[float, float]:
    return cpu_of([sys.executable, "-c", BARE, name, f"http://{address}/{name}?page=0"])


def ours(name: str, address: str, expected: int) -> tuple[float, float]:
    kind = MAKERS[name][1]
    options = {"older": True} if kind == "feed" else {}
    url = f"http://{address}/{name}?page=0"
    plan = SourcePlan(name="bench", kind=kind, brand="Acme", url=url, options=options)
    with tempfile.TemporaryDirectory() as folder:
        database_url = f"sqlite:///{folder}/bench.db"
        upgrade(database_url)
        database = open_database(database_url)
        with database.write() as tx:
            now = datetime.now(UTC)
            queue.sync_sources(tx, [plan], now=now)
            queue.claim_sources(tx, owner="bench", now=now, lease_s=600, due_only=False)
        network = NetworkPolicy(allow=(address,), max_pages=PAGES + 1, delay_s=0)
        crawl = CrawlPlan(
            database_url=database_url, owner="bench", sources=(plan,), network=network
        )
        taken = cpu_of([sys.executable, "-m", "spiders"], crawl.to_json())
        with database.read() as tx:
            stored = tx.exec_driver_sql("SELECT count(*) FROM mentions").scalar()
        database.close()
    assert stored == expected, f"{stored} of {expected} items were stored"
    return taken


def main() -> None:
    out = sys.stdout.write
    out(f"{PAGES} pages, median of {ROUNDS} rounds; items per CPU-second without start-up\n\n")
    out("| pages | bare Scrapy | Earshot | ratio | start bare | start Earshot |\n")
    out("|---|---|---|---|---|---|\n")
    with serving(PAGES - 1) as many, serving(0) as one:
        for name, (_, _, _, size) in MAKERS.items():
            starts = {"bare": bare(name, one)[0], "ours": ours(name, one, size)[0]}
            rates: dict[str, list[float]] = {"bare": [], "ours": []}
            for _ in range(ROUNDS):
                items = (PAGES - 1) * size
                rates["bare"].append(items / (bare(name, many)[0] - starts["bare"]))
                rates["ours"].append(items / (ours(name, many, PAGES * size)[0] - starts["ours"]))
            theirs, own = (statistics.median(rates[side]) for side in ("bare", "ours"))
            out(
                f"| {name}, {size} items | {theirs:,.0f} | {own:,.0f} | {own / theirs:.2f} "
                f"| {starts['bare']:.2f} s | {starts['ours']:.2f} s |\n"
            )


if __name__ == "__main__":
    main()
