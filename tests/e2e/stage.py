"""The stage for end-to-end runs: a sample site, a fake Slack and Earshot, as real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PLUGINS = REPOSITORY / "tests" / "twins" / "plugins"
CHANNEL = "care"

CONFIG = """\
[[brands]]
name = "Aurora"

{sources}
[[channels]]
name = "care"
kind = "slack"
channel = "{channel}"

[model]
engine = "{engine}"

[triage]
low_stars = 0

[network]
contact = "https://aurora.example/bot"
allow = ["{site_host}", "{slack_host}"]
delay = "1s"

[delivery]
request_timeout = "2s"
look_up_after = "{look_up_after}"
min_interval = "1s"
burst = 100
soft_per_hour = 0

[web]
port = {web_port}
"""

SOURCE = """\
[[sources]]
name = "{place}"
kind = "{kind}"
brand = "Aurora"
url = "{url}"
every = "1s"
alert_old = true
"""
KINDS = {
    "shop": ("schema_org", "/shop/reviews"),
    "blog": ("wordpress", ""),
    "forum": ("feed", "/forum/feed.xml"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where everything of one run is."""

    folder: Path
    site: str
    slack: str
    environment: dict[str, str]

    @property
    def site_ledger(self) -> Path:
        return self.folder / "site.jsonl"

    @property
    def slack_ledger(self) -> Path:
        return self.folder / "slack.jsonl"

    @property
    def config(self) -> Path:
        return self.folder / "earshot.toml"

    @property
    def database(self) -> Path:
        return self.folder / "home" / "earshot.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """What is played on the stage."""

    items: int = 60
    rate: float = 5.0
    lost_replies: float = 0.0
    late: float = 0.0
    late_s: float = 0.5
    look_up_after: str = "3s"
    engine: str = "twin"
    places: tuple[str, ...] = ("shop", "blog", "forum")
    database_url: str = ""


@contextmanager
def raised(folder: Path, play: Play) -> Iterator[Stage]:
    """Start the site and the fake Slack and write the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    site_port, slack_port = free_port(), free_port()
    site = _python(
        "monitor.demo", "--port", str(site_port), "--items", str(play.items),
        "--rate", str(play.rate), "--ledger", str(folder / "site.jsonl"),
        "--places", *play.places,
    )  # fmt: skip
    slack = _python(
        "tests.twins.fake_slack", "--port", str(slack_port),
        "--ledger", str(folder / "slack.jsonl"), "--lost-replies", str(play.lost_replies),
        "--late", str(play.late), "--late-s", str(play.late_s), "--channel", CHANNEL,
    )  # fmt: skip
    try:
        wait_for_port(site_port)
        wait_for_port(slack_port)
        yield _stage(folder, play, site_port, slack_port)
    finally:
        for process in (site, slack):
            end(process)


def _stage(folder: Path, play: Play, site_port: int, slack_port: int) -> Stage:
    site_host, slack_host = f"127.0.0.1:{site_port}", f"127.0.0.1:{slack_port}"
    sources = [
        SOURCE.format(place=place, kind=KINDS[place][0], url=f"http://{site_host}{KINDS[place][1]}")
        for place in play.places
    ]
    document = CONFIG.format(
        sources="\n".join(sources),
        site_host=site_host,
        slack_host=slack_host,
        channel=CHANNEL,
        engine=play.engine,
        look_up_after=play.look_up_after,
        web_port=free_port(),
    )
    (folder / "earshot.toml").write_text(document, encoding="utf-8")
    home = folder / "home"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(PLUGINS), str(REPOSITORY)]),
        "EARSHOT_CONFIG": str(folder / "earshot.toml"),
        "EARSHOT_HOME": str(home),
        "EARSHOT_SLACK_BOT_TOKEN": "xoxb-test-token",
        "EARSHOT_SLACK_BASE_URL": f"http://{slack_host}/api/",
    }
    if play.database_url:
        environment["EARSHOT_DATABASE_URL"] = play.database_url
    return Stage(
        folder=folder,
        site=f"http://{site_host}",
        slack=f"http://{slack_host}",
        environment=environment,
    )


def earshot(stage: Stage, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    """Start the product in a process group of its own; output goes to earshot.log."""
    with (stage.folder / "earshot.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            env={**stage.environment, **environment},
            cwd=stage.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def kill(process: subprocess.Popen[bytes], *, children: bool) -> None:
    """SIGKILL the process, and its crawl processes too when asked."""
    victims = [process.pid, *(descendants(process.pid) if children else [])]
    for victim in victims:
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    process.wait()


def descendants(pid: int) -> list[int]:
    """Return the ids of all living children and their children."""
    listing = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = [tuple(map(int, line.split())) for line in listing.stdout.splitlines()]
    found, wanted = [], [pid]
    while wanted:
        parent = wanted.pop()
        children = [child for child, of in pairs if of == parent]
        found += children
        wanted += children
    return found


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop, then make it stop."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a port that nobody listens on at present."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, seconds: float = 30) -> None:
    """Wait until somebody listens; raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port}")


def lines(path: Path) -> list[dict[str, object]]:
    """Return the objects of a JSONL file; a cut last line is left out."""
    if not path.exists():
        return []
    whole = path.read_text(encoding="utf-8").rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def _python(*arguments: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.Popen(
        [sys.executable, "-m", *arguments], env=environment, stdout=subprocess.DEVNULL
    )
