"""Starts and stops the sample site: a real HTTP server on loopback in a thread."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from monitor.demo.app import Story, build
from monitor.demo.texts import load
from monitor.demo.timeline import Pace, Post, story

Clock = Callable[[], datetime]
HOST = "127.0.0.1"
SEED = 20
START_SECONDS = 15.0
TICK_SECONDS = 0.05


class SiteError(Exception):
    """The sample site could not be started."""


@dataclass(slots=True)
class RunningSite:
    """A sample site that answers at `url` until `stop` is called."""

    url: str
    server: uvicorn.Server
    threads: list[threading.Thread]
    closing: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Stop answering and wait until all threads have ended. Calling it twice is fine."""
        self.closing.set()
        self.server.should_exit = True
        for thread in self.threads:
            thread.join()


@dataclass(slots=True)
class Publisher:
    """Shows posts only after they are written to a ledger, one JSON object a line."""

    posts: tuple[Post, ...]
    ledger: Path
    elapsed: Callable[[], float]
    closing: threading.Event
    published: float = -1.0
    """Posts up to this second are in the ledger and can be seen."""

    def run(self) -> None:
        """Publish until every post is out or the site closes."""
        done = 0
        with self.ledger.open("a", encoding="utf-8") as lines:
            while not self.closing.wait(TICK_SECONDS) and done < len(self.posts):
                now = self.elapsed()
                while done < len(self.posts) and self.posts[done].at <= now:
                    lines.write(_ledger_line(self.posts[done]))
                    done += 1
                lines.flush()
                self.published = now


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def start(
    port: int = 0,
    *,
    clock: Clock = utc_now,
    seed: int = SEED,
    pace: Pace | None = None,
    posts: tuple[Post, ...] | None = None,
    ledger: Path | None = None,
    started: datetime | None = None,
) -> RunningSite:
    """Serve the site on loopback; port 0 takes a free one.

    `started` (aware) is when the story began, for a site that goes on after a restart.

    Without `posts` the authored story is told at `pace`. With `ledger` every post is written there
    before it can be seen, and the feeds show all posts instead of the newest forty.
    Raises SiteError when the port is taken or the server does not come up.
    """
    began = started or clock()

    def elapsed() -> float:
        return (clock() - began).total_seconds()

    plan = story(load(), seed, pace) if posts is None else posts
    closing = threading.Event()
    threads: list[threading.Thread] = []
    if ledger is None:
        tale = Story(plan, began, elapsed)
    else:
        publisher = Publisher(plan, ledger, elapsed, closing)
        threads.append(threading.Thread(target=publisher.run, name="demo-publisher"))
        tale = Story(plan, began, lambda: publisher.published, window=None)
    listening = _listen(port)
    server = _server(tale)
    threads.append(
        threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="demo-site")
    )
    url = f"http://{HOST}:{listening.getsockname()[1]}"
    return _started(RunningSite(url, server, threads, closing))


def _server(tale: Story) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            build(tale),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=2,
        )
    )


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as fault:
        listening.close()
        raise SiteError(f"The sample site cannot listen on {HOST}:{port}: {fault}.") from fault
    return listening


def _started(site: RunningSite) -> RunningSite:
    for thread in site.threads:
        thread.daemon = True
        thread.start()
    waited = 0.0
    while not site.server.started and waited < START_SECONDS:
        site.closing.wait(TICK_SECONDS)
        waited += TICK_SECONDS
    if not site.server.started:
        site.stop()
        raise SiteError("The sample site did not start in time.")
    return site


def _ledger_line(post: Post) -> str:
    entry = {"id": post.id, "place": post.place, "lang": post.lang, "at": post.at}
    mark = {"mark": f"[item {post.id:06d}]", "stars": post.stars}
    return json.dumps(entry | mark, ensure_ascii=False) + "\n"
