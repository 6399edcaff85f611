import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from monitor.demo import site
from tests.cli.conftest import CONFIG, PLUGINS


@pytest.fixture
def shop():
    running = site.start()
    yield running.url
    running.stop()


def configure(url, more=""):
    host = url.removeprefix("http://")
    Path("earshot.toml").write_text(
        CONFIG + f'allow = ["{host}"]\n\n[[sources]]\nname = "forum"\nkind = "feed"\n'
        f'brand = "Acme"\nurl = "{url}/forum/feed.xml"\n{more}',
        encoding="utf-8",
    )


def test_a_dry_run_prints_mentions_and_stores_nothing(earshot, shop, tmp_path):
    configure(shop)
    answer = earshot("crawl", "--dry-run", "--json")
    assert answer.code == 0, answer.err
    assert answer.lines[0]["source"] == "forum"
    assert {"external_id", "text", "published_at", "collected_at"} <= answer.lines[0].keys()
    assert not (tmp_path / "earshot-data").exists()


def test_a_crawl_stores_what_it_finds(earshot, shop):
    configure(shop)
    answer = earshot("crawl", "forum", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["sources"][0]["health"] == "healthy"
    assert len(earshot("export").lines) == answer.json["sources"][0]["mentions"] > 0


def test_a_source_that_fails_gives_exit_code_1_and_its_reason(earshot, shop):
    configure(
        shop, f'\n[[sources]]\nname = "gone"\nkind = "feed"\nbrand = "Acme"\nurl = "{shop}/no"\n'
    )
    tried = earshot("crawl", "--dry-run")
    assert tried.code == 1
    assert tried.err.startswith("gone: ")
    assert earshot("crawl").code == 1
    states = {one["name"]: one["health"] for one in earshot("status", "--json").json["sources"]}
    assert states["forum"] == "healthy"
    assert states["gone"] != "healthy"


def test_an_unknown_source_names_the_nearest(earshot, shop):
    configure(shop)
    assert 'did you mean "forum"?' in earshot("crawl", "forun").err


def test_init_looks_at_a_site_and_writes_a_file_that_works(earshot, shop):
    Path("earshot.toml").unlink()
    host = shop.removeprefix("http://")
    answer = earshot(
        "init", "--brand", "Aurora", "--languages", "en,hu", "--site", shop, "--allow", host,
        "--contact", "https://acme.example/bot", "--json",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "wordpress" in {source["kind"] for source in answer.json["sources"]}
    assert earshot("check").code == 0
    assert earshot("crawl", "--dry-run", "--json").lines


def test_init_never_overwrites(earshot):
    answer = earshot("init", "--brand", "A")
    assert answer.code == 1
    assert "--force" in answer.err
    assert Path("earshot.toml").read_text("utf-8") == CONFIG


@pytest.mark.parametrize("brand", ["Müller & Söhne", 'Quote"d \\ name', "品牌", "Ēdiens\u007f"])
def test_init_writes_any_name_as_valid_toml(earshot, brand):
    assert earshot("init", "--brand", brand, "--force").code == 0
    assert earshot("check").code == 0


@pytest.mark.parametrize(
    "arguments",
    [[], ["--brand", "A", "--languages", "english"], ["--brand", "A", "--site", "ftp://x"]],
)
def test_init_explains_what_is_missing(earshot, arguments):
    assert earshot("init", "--force", *arguments).code == 1


def test_init_does_not_look_into_the_private_network(earshot):
    answer = earshot("init", "--brand", "A", "--site", "http://127.0.0.1:1", "--force",
                     "--contact", "https://a.example", "--json")  # fmt: skip
    assert answer.code == 0
    assert "private" in answer.err
    assert answer.json["sources"] == []


@pytest.mark.slow
def test_up_runs_the_demo_and_stops_cleanly(tmp_path):
    environment = {name: v for name, v in os.environ.items() if not name.startswith("EARSHOT_")}
    environment |= {"EARSHOT_WEB_PORT": "0", "PYTHONPATH": str(PLUGINS)}
    with (tmp_path / "out").open("w+b") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "monitor.cli", "up"], cwd=tmp_path, env=environment, stdout=out
        )
        try:
            address = _wait_for_address(tmp_path / "out", process)
            with urllib.request.urlopen(f"{address}/healthz", timeout=10) as page:
                assert page.status == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0
        finally:
            process.kill()
            process.wait()
    assert b"Sign in (once): http" in (tmp_path / "out").read_bytes()


def _wait_for_address(out, process):
    for _ in range(600):
        lines = [line for line in out.read_text("utf-8").splitlines() if line.startswith("Pages:")]
        if lines:
            return lines[0].split()[1].removesuffix("/inbox")
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.1)
    pytest.fail("it did not start")
