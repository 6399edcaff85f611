"""The feed source on a real comment server, with real answers, edits and deletions."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests.unit.spiders.conftest import Bench

pytestmark = pytest.mark.skipif(
    shutil.which("isso", path=Path(sys.executable).parent) is None, reason="isso is not installed"
)
TEXTS = {
    "Ann": "Great kettle 👍",
    "Jürgen": "Schöner Kessel, aber zu laut",
    "Éva": "Szörnyű minőség, soha többet!",
    "Jānis": "Ļoti laba tējkanna",
    "王": "水壶质量很差",
}


class Isso:
    """A comment server of our own on loopback."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.root = f"http://127.0.0.1:{free.getsockname()[1]}"
        settings = folder / "isso.cfg"
        settings.write_text(
            f"[general]\ndbpath = {folder / 'comments.db'}\nhost = http://127.0.0.1:9/\n"
            f"[server]\nlisten = {self.root}/\n[guard]\nenabled = false\n"
            "[rss]\nbase = http://127.0.0.1:9\nlimit = 100\n",
            encoding="utf-8",
        )
        self._process = subprocess.Popen(
            [Path(sys.executable).parent / "isso", "-c", settings, "run"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                self.call("/info")
            except URLError:
                time.sleep(0.1)
            else:
                return
        pytest.fail("isso did not start")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def call(self, path: str, body: dict | None = None, method: str = "GET", **headers: str):
        data = json.dumps(body).encode() if body is not None else None
        told = {"Content-Type": "application/json", **headers}
        request = Request(self.root + path, data=data, headers=told, method=method)
        with urlopen(request, timeout=10) as answer:
            return answer.read(), answer.headers

    def comment(self, author: str, text: str, parent: int | None = None) -> tuple[int, str]:
        """Return the number of the new comment and the cookie that may change it."""
        body = {"author": author, "text": text, "title": "Kettle", "parent": parent}
        answer, headers = self.call("/new?uri=%2Fkettle", body, "POST")
        number = json.loads(answer)["id"]
        cookies = [value.split(";")[0] for value in headers.get_all("Set-Cookie", [])]
        return number, next(each for each in cookies if each.startswith(f"{number}="))


@pytest.fixture
def isso(tmp_path: Path) -> Iterator[Isso]:
    server = Isso(tmp_path)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def test_comments_answers_and_edits_of_a_real_server(isso: Isso, bench: Bench):
    numbers = [isso.comment(author, text) for author, text in TEXTS.items()]
    isso.comment("Support", "Sajnáljuk!", parent=numbers[2][0])

    def site(url: str) -> bytes:
        return isso.call(url.removeprefix("https://site.example"))[0]

    feed = "https://site.example/feed?uri=%2Fkettle"
    first = bench.crawl("feed", site, url=feed, content="comment")
    assert (first.saved.new, first.health) == (6, "healthy")
    assert bench.texts() == sorted([*TEXTS.values(), "Sajnáljuk!"])
    answers = [item for item in bench.sink.items.values() if item.parent_id]
    assert [(item.text, item.kind) for item in answers] == [("Sajnáljuk!", "reply")]
    assert answers[0].parent_id in bench.sink.items
    number, cookie = numbers[0]
    isso.call(f"/id/{number}", {"text": "Not so great"}, "PUT", Cookie=cookie)
    number, cookie = numbers[1]
    isso.call(f"/id/{number}", None, "DELETE", Cookie=cookie)
    second = bench.crawl("feed", site, url=feed, content="comment")
    assert (second.saved.new, second.saved.edited, second.saved.deleted) == (0, 1, 0)
