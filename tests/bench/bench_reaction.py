"""Reaction: from a crawl that starts to the alert that Slack accepted, for one new item on a page.

Everything is real but Slack: HTTP, the crawl process (kept warm, as `earshot up` does), the shipped
model (loaded before the first round), SQLite on disk. ROUNDS new items, one after the other.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from monitor import logs
from monitor.bootstrap import App
from monitor.jobs import collect, deliver, score
from monitor.settings import load
from tests.twins.fake_slack import FakeSlack

ROUNDS = 20
CONFIG = """\
[[brands]]
name = "Aurora"
[[sources]]
name = "forum"
kind = "feed"
brand = "Aurora"
url = "http://{site}/feed.xml"
alert_old = true
[[channels]]
name = "care"
kind = "slack"
channel = "care"
[delivery]
burst = 100
soft_per_hour = 0
[network]
contact = "https://aurora.example/bot"
allow = ["{site}", "{slack}"]
"""
ENTRY = (
    "<item><guid isPermaLink='false'>{0}</guid><title>Broken {0}</title>"
    "<description>Number {0} is terrible, it broke after a day and nobody answers!</description>"
    "</item>"
)


class Site:
    """A feed that grows by one item at a time."""

    def __init__(self) -> None:
        self.items = 0
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.page(self.path)
                self.send_response(200 if body else 404)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, path: str) -> bytes:
        if path != "/feed.xml":
            return b""
        entries = "".join(ENTRY.format(number) for number in range(self.items, 0, -1))
        return f"<rss version='2.0'><channel><title>f</title>{entries}</channel></rss>".encode()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder)) as (app, site, slack):
        ctx = app.context
        rounds = [reaction(ctx, site, slack) for _ in range(ROUNDS + 1)][1:]
    parts = zip(*rounds, strict=True)
    for name, times in zip(("crawled", "scored", "accepted"), parts, strict=True):
        median, worst = statistics.median(times), max(times)
        sys.stdout.write(f"{name:<10} median {median:.2f} s  worst {worst:.2f} s after the start\n")


def reaction(ctx, site: Site, slack: FakeSlack) -> tuple[float, float, float]:
    """Return seconds from the start of the crawl to stored, scored, and accepted."""
    site.items += 1
    before = len(slack.posts)
    started = time.perf_counter()
    collect.run(ctx, names=["forum"], due_only=False)
    crawled = time.perf_counter() - started
    score.run(ctx)
    scored = time.perf_counter() - started
    deliver.run(ctx)
    accepted = time.perf_counter() - started
    assert len(slack.posts) == before + 1
    time.sleep(2)  # the next warm process finishes its imports, as it would between two ticks
    return crawled, scored, accepted


@contextmanager
def staged(folder: Path) -> Iterator[tuple[App, Site, FakeSlack]]:
    site = Site()
    with FakeSlack(ledger=folder / "slack.jsonl") as slack:
        config = folder / "earshot.toml"
        config.write_text(CONFIG.format(site=site.host, slack=slack.address))
        environ = {
            **os.environ,
            "EARSHOT_CONFIG": str(config),
            "EARSHOT_HOME": str(folder / "home"),
            "EARSHOT_SLACK_BOT_TOKEN": "xoxb-bench",
            "EARSHOT_SLACK_BASE_URL": slack.base_url,
            "EARSHOT_LOG_LEVEL": "error",
        }
        os.environ |= {"EARSHOT_LOG_LEVEL": "error", "EARSHOT_CONFIG": str(config)}
        logs.set_up(environ)
        with App(load(environ), environ, keep_crawler_warm=True) as app:
            yield app, site, slack
    site.server.shutdown()
