"""A real WordPress on loopback, with its own database, read by the real crawl process."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from monitor.domain.crawl import SourcePlan
from monitor.store import queue
from monitor.store.views import revisions_of
from tests.e2e.stage import REPOSITORY, end, wait_for_port
from tests.unit.spiders.running import Ran, plan_of, run

RECIPE = REPOSITORY.parent / "shared" / "recipes" / "wordpress"
PACKAGE = Path("/usr/share/wordpress")
NEEDED = ("php", "mariadbd", "mariadb-install-db", "mariadb")
DATABASE_PORT, SITE_PORT = 13306, 18090
SITE = f"127.0.0.1:{SITE_PORT}"


@dataclass
class Blog:
    """A running site; `php` runs a line of PHP inside it."""

    folder: Path

    def php(self, code: str) -> None:
        script = (
            f"$_SERVER['HTTP_HOST']='{SITE}'; $_SERVER['SERVER_PROTOCOL']='HTTP/1.1';"
            f"$_SERVER['REMOTE_ADDR']='127.0.0.1'; require 'site/wp-load.php'; {code}"
        )
        subprocess.run(["php", "-r", script], cwd=self.folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Blog]:
    if not RECIPE.is_dir():
        pytest.skip("the recipe of the WordPress site is not beside this checkout")
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing or not PACKAGE.is_dir():
        pytest.skip(f"WordPress cannot be set up: {', '.join(missing) or 'wordpress'} is missing")
    folder = tmp_path_factory.mktemp("wordpress")
    database = _database(folder)
    site = _site(folder)
    try:
        yield Blog(folder)
    finally:
        end(site)
        end(database)


def _database(folder: Path) -> subprocess.Popen[bytes]:
    data, sockets = folder / "db", folder / "mysql.sock"
    as_whom = [f"--user={os.environ.get('USER', 'root')}"]
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", *as_whom, f"--datadir={data}",
         "--auth-root-authentication-method=normal"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = subprocess.Popen(
        ["mariadbd", "--no-defaults", *as_whom, f"--datadir={data}", f"--socket={sockets}",
         "--bind-address=127.0.0.1", f"--port={DATABASE_PORT}", f"--pid-file={folder / 'pid'}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for_port(DATABASE_PORT, 60)
    statements = (
        "CREATE DATABASE wp CHARACTER SET utf8mb4;"
        "CREATE USER wp@'%' IDENTIFIED BY 'wp'; CREATE USER wp@localhost IDENTIFIED BY 'wp';"
        "GRANT ALL ON wp.* TO wp@'%'; GRANT ALL ON wp.* TO wp@localhost;"
    )
    subprocess.run(
        ["mariadb", "--no-defaults", f"--socket={sockets}", "-uroot", "-e", statements],
        check=True, capture_output=True,
    )  # fmt: skip
    return server


def _site(folder: Path) -> subprocess.Popen[bytes]:
    shutil.copytree(PACKAGE, folder / "site", symlinks=False, ignore_dangling_symlinks=True)
    shutil.copy(RECIPE / "wp-config.php", folder / "site" / "wp-config.php")
    for name in ("setup.php", "seed.php"):
        shutil.copy(RECIPE / name, folder / name)
        subprocess.run(["php", name], cwd=folder, check=True, capture_output=True)
    server = subprocess.Popen(
        ["php", "-S", SITE], cwd=folder / "site",
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_for_port(SITE_PORT)
    return server


def crawl(kind: str, url: str, **options: object) -> Ran:
    source = SourcePlan(name=kind, kind=kind, brand="Acme", url=url, options=options)
    return run(plan_of(source, allow=(SITE,), timeout_s=15.0), timeout=90)


@pytest.mark.slow
def test_comments_arrive_whole_in_every_language(blog: Blog) -> None:
    ran = crawl("wordpress", f"http://{SITE}")
    by_author = {str(mention["author"]): str(mention["text"]) for mention in ran.mentions}
    assert by_author["Kovács Éva"].startswith("A termék két nap után elromlott")
    assert by_author["Kovács Éva"].endswith("😡")
    assert by_author["王伟"] == "水壶漏水,客服态度很差,要求退款。"
    assert "Great & cheap <3" in by_author["Ann O'Neil"]
    assert {"Jānis Bērziņš", "Jürgen Groß", "Acme Support"} <= by_author.keys()
    assert all(mention["published_at"] for mention in ran.mentions)


@pytest.mark.slow
def test_the_comment_feed_is_read_too(blog: Blog) -> None:
    ran = crawl("feed", f"http://{SITE}/comments/feed/")
    assert any("Piegāde kavējās" in str(mention["text"]) for mention in ran.mentions)


@pytest.mark.slow
def test_an_edit_and_a_removal_are_noticed(blog: Blog, database, clock) -> None:
    source = SourcePlan(name="blog", kind="wordpress", brand="Acme", url=f"http://{SITE}")

    def crawl_into_store() -> None:
        with database.write() as tx:
            queue.sync_sources(tx, [source], now=datetime.now(UTC))
            queue.claim_sources(tx, owner="me", now=datetime.now(UTC), lease_s=120, due_only=False)
        ran = run(
            plan_of(source, allow=(SITE,), database=database.url, owner="me", timeout_s=15.0),
            timeout=90,
        )
        assert ran.code == 0, ran.raw_errors[-500:]

    edited, removed = f"Edited {uuid4().hex}", f"Removed {uuid4().hex}"
    blog.php(
        f"foreach (['{edited}','{removed}'] as $t) wp_insert_comment(['comment_post_ID'=>1,"
        "'comment_author'=>$t,'comment_content'=>'As written','comment_approved'=>1]);"
    )
    crawl_into_store()
    blog.php(
        "foreach (get_comments() as $c) {"
        f"if ($c->comment_author=='{edited}') wp_update_comment(['comment_ID'=>$c->comment_ID,"
        "'comment_content'=>'As edited']);"
        f"if ($c->comment_author=='{removed}') wp_delete_comment($c->comment_ID, true); }}"
    )
    crawl_into_store()
    with database.read() as tx:
        found = {mention.author: mention for mention in queue.unscored(tx, 100)}
        old = [revision.text for revision in revisions_of(tx, found[edited].id)]
    assert (found[edited].text, found[edited].revision) == ("As edited", 2)
    assert old == ["As written"]
    assert removed not in found
