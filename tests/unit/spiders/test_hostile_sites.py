"""Sites that misbehave, all read by one process, with a healthy one beside them."""

from __future__ import annotations

import gzip
import resource
import socket
import ssl
import subprocess
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.domain.crawl import SourcePlan
from tests.twins.hostile_site import (
    Answer,
    HostileSite,
    cut,
    drip,
    half,
    hang,
    raw,
    redirect,
    reply,
)
from tests.unit.spiders.running import Ran, plan_of, rss, run, source

GOOD = rss(("1", "Fine"), ("2", "Jó"), ("3", "很好"))
BOMB = bytes(64 * 1024 * 1024)
TEXTS = {
    "en": "The kettle is great 👍",
    "de": "Der Kessel ist großartig, schöne Grüße",
    "hu": "Árvíztűrő tükörfúrógép, kitűnő vízforraló",
    "lv": "Ļoti laba tējkanna, paldies Jānim Bērziņam",
    "zh": "水壶很好，烧水很快，非常满意",
}


def _packed(encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.compress(BOMB)
    if encoding == "deflate":
        return zlib.compress(BOMB)
    if encoding == "br":
        import brotli

        return brotli.compress(BOMB, quality=5)
    from backports import zstd

    return zstd.compress(BOMB)


def _limited(retry_after: str | None, status: int = 429) -> Answer:
    return reply(status=status, headers={"Retry-After": retry_after} if retry_after else {})


def _feed_in(lang: str, charset: str, *, declared: str = "", header: str = "") -> Answer:
    text = rss(("1", TEXTS[lang]), lang=lang).split("?>", 1)[1]
    head = f"<?xml version='1.0' encoding='{declared}'?>" if declared else ""
    kind = f"text/xml; charset={header}" if header else "text/xml"
    return reply((head + text).encode(charset, "xmlcharrefreplace"), content_type=kind)


def _in_http_date(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


def _endless(asked, connection) -> None:
    """Every page has new ids and leads to one more."""
    number = int(asked.path.partition("?p=")[2] or 0)
    link = (
        f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='?p={number + 1}'/>"
    )
    reply(rss((f"new-{number}", f"Text number {number}"), extra=link))(asked, connection)


def _same_with_new_ids(asked, connection) -> None:
    number = int(asked.path.partition("?p=")[2] or 0)
    link = (
        f"<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='?p={number + 1}'/>"
    )
    reply(rss((f"id-{number}", "Always the same text"), extra=link))(asked, connection)


CASES: dict[str, dict[str, Answer]] = {
    # R2.1
    "hangs": {"/f": hang},
    "drips": {"/f": drip},
    "falls silent": {"/f": half(b"<rss>", promised=5000)},
    "hangs up early": {"/f": cut(b"<rss>", promised=5000)},
    # R2.2
    **{
        f"{encoding} bomb": {"/f": reply(_packed(encoding), headers={"Content-Encoding": encoding})}
        for encoding in ("gzip", "deflate", "br", "zstd")
    },
    "nested gzip bomb": {
        "/f": reply(gzip.compress(gzip.compress(BOMB)), headers={"Content-Encoding": "gzip, gzip"})
    },
    "too long": {"/f": reply(b"x" * (6 * 1024 * 1024))},
    # R2.3
    "redirect loop": {"/f": redirect("/g"), "/g": redirect("/f")},
    "long chain": {"/f": redirect("/1"), **{f"/{n}": redirect(f"/{n + 1}") for n in range(1, 20)}},
    "to file": {"/f": redirect("file:///etc/hostname")},
    "to data": {"/f": redirect("data:text/xml,<rss/>")},
    "to ftp": {"/f": redirect("ftp://127.0.0.1/x")},
    "to javascript": {"/f": redirect("javascript:alert(1)")},
    "moved once": {"/f": redirect("/g", 301), "/g": reply(GOOD)},
    # R2.4
    "endless": {"/f": _endless},
    "same again": {"/f": _same_with_new_ids},
    # R2.5
    "429": {"/f": _limited("120")},
    "429 date": {"/f": _limited(_in_http_date(3000))},
    "429 negative": {"/f": _limited("-5")},
    "429 ten years": {"/f": _limited("315360000")},
    "429 garbage": {"/f": _limited("soon")},
    "429 alone": {"/f": _limited(None)},
    "503 with time": {"/f": _limited("60", status=503)},
    **{f"status {n}": {"/f": reply(status=n)} for n in (400, 401, 403, 404, 410, 451, 500, 503)},
    # R2.6
    "latin header": {"/f": _feed_in("lv", "utf-8", header="ISO-8859-1")},
    "no charset": {"/f": _feed_in("hu", "utf-8")},
    "utf-16": {"/f": _feed_in("zh", "utf-16", declared="utf-16")},
    "gb18030": {"/f": _feed_in("zh", "gb18030", declared="gb2312")},
    "gb18030 undeclared": {"/f": _feed_in("zh", "gb18030")},
    "cp1257": {"/f": _feed_in("lv", "cp1257", declared="windows-1257")},
    "cp1257 undeclared": {"/f": _feed_in("lv", "cp1257", header="ISO-8859-1")},
    "cp1250 in header": {"/f": _feed_in("hu", "cp1250", header="windows-1250")},
    "latin-1 really": {"/f": _feed_in("de", "latin-1", header="ISO-8859-1")},
    "bom": {"/f": _feed_in("de", "utf-8-sig", header="ISO-8859-1")},
    # R2.9
    "random bytes": {"/f": reply(bytes(range(256)) * 40)},
    "nothing": {"/f": reply(b"")},
    "cut json": {"/f": reply('{"version":"https://jsonfeed.org/version/1","items":[{"id":"1"')},
    "deep json": {"/f": reply("[" * 200_000 + "]" * 200_000)},
    "xml bomb": {
        "/f": reply(
            "<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'>"
            + "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in pairwise("abcdefghi"))
            + "]><rss version='2.0'><channel><item><guid>1</guid><title>T &i;</title>"
            "<description>Fine</description></item></channel></rss>"
        )
    },
    "external entity": {
        "/f": reply(
            "<!DOCTYPE r [<!ENTITY a SYSTEM 'file:///etc/hostname'>]><rss version='2.0'><channel>"
            "<item><guid>1</guid><title>T</title><description>[&a;]</description></item>"
            "</channel></rss>"
        )
    },
    "one long line": {"/f": reply(rss(("1", "word " * 900_000)))},
    "sign-in page": {"/f": reply("<!doctype html><html><form><input type=password></form></html>")},
    "bad next to good": {
        "/f": reply(GOOD.replace("</channel>", "<item><guid>9</guid></item></channel>"))
    },
    "no http": {"/f": raw(b"SSH-2.0-OpenSSH_9.2\r\n")},
    # R2.11
    "robots forbid": {"/robots.txt": reply("User-agent: *\nDisallow: /f"), "/f": reply(GOOD)},
    "robots forbid us": {
        "/robots.txt": reply("User-agent: *\nAllow: /\n\nUser-agent: earshot\nDisallow: /"),
        "/f": reply(GOOD),
    },
    "robots forbid others": {
        "/robots.txt": reply("User-agent: *\nDisallow: /\n\nUser-agent: Earshot\nAllow: /"),
        "/f": reply(GOOD),
    },
    "robots 500": {"/robots.txt": reply(status=500), "/f": reply(GOOD)},
    "robots 403": {"/robots.txt": reply(status=403), "/f": reply(GOOD)},
    "robots hang": {"/robots.txt": hang, "/f": reply(GOOD)},
    "robots huge": {
        "/robots.txt": reply("# x\n" * 200_000 + "User-agent: *\nDisallow: /"),
        "/f": reply(GOOD),
    },
    "robots moved": {
        "/robots.txt": redirect("/r.txt"),
        "/r.txt": reply("User-agent: *\nDisallow: /f"),
        "/f": reply(GOOD),
    },
    "robots garbage": {"/robots.txt": reply(bytes(range(256))), "/f": reply(GOOD)},
    "robots for redirect": {
        "/robots.txt": reply("User-agent: *\nDisallow: /private"),
        "/f": redirect("/private/f"),
        "/private/f": reply(GOOD),
    },
}
OLDER = {"endless", "same again"}


class Canary:
    """Listens where nobody may come."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("0.0.0.0", 0))
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]

    def visitors(self) -> int:
        count = 0
        while True:
            try:
                connection, _ = self._listener.accept()
            except BlockingIOError:
                return count
            connection.close()
            count += 1

    def close(self) -> None:
        self._listener.close()


SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.000.000.001",
    "0177.0.0.1",
    "0177.1",
    "0x7f.0.0.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "127.0.0.1.",
    "127.0.0.2",
    "127.255.255.254",
    "127.1.1.1",
    "0.0.0.0",
    "0",
    "00",
    "0x0",
    "000.000.000.000",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "LocalHost",
    "10.0.0.1",
    "0x0a.1",
    "167772161",
    "172.16.0.1",
    "192.168.0.1",
    "192.168.1",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "192.0.0.8",
    "240.0.0.1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1]",
    "[fc00::1]",
    "[fd00::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]",
    "[100::1]",
    "[2001:db8::1]",
    "１２７.０.０.１",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "ⓛocalhost",
    "user@127.0.0.1",
    "example.com@127.0.0.1",
    "127.0.0.1%00.example.com",
]


class Arena:
    """All sites, one run over them, and what was seen from outside."""

    def __init__(self, stack: ExitStack, certificate: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.sites = {name: stack.enter_context(HostileSite(dict(p))) for name, p in CASES.items()}
        self.sites["self-signed"] = stack.enter_context(
            HostileSite({"/f": reply(GOOD)}, tls=context)
        )
        self.sites["healthy"] = stack.enter_context(HostileSite({"/f": reply(GOOD)}))
        self.closed = stack.enter_context(HostileSite({"/f": reply(GOOD)}))
        self.canary = Canary()
        stack.callback(self.canary.close)
        self.sites["to loopback"] = stack.enter_context(
            HostileSite({"/f": redirect(f"http://127.0.0.1:{self.canary.port}/")})
        )
        self.sites["to metadata"] = stack.enter_context(
            HostileSite({"/f": redirect("http://169.254.169.254/latest/meta-data/")})
        )
        self.ran = self._run()

    def _run(self) -> Ran:
        plans = [
            source(name, site.url("/f"), older=name in OLDER) for name, site in self.sites.items()
        ]
        # First in line, so that the healthy one has to wait for nobody.
        plans.sort(key=lambda plan: plan.name == "healthy")
        contact = "https://acme.example/bot"
        healthy = plan_of(plans[-1], allow=(self.sites["healthy"].address,), contact=contact)
        plans += [_spelled(number, host, self.canary.port) for number, host in enumerate(SPELLINGS)]
        plans.append(source("not opened", self.closed.url("/f")))
        allow = tuple(site.address for site in self.sites.values())
        self.started = time.monotonic()
        environ = {"http_proxy": self.closed.url(), "HTTP_PROXY": self.closed.url()}
        plan = plan_of(*plans, allow=allow, contact=contact, max_pages=30)
        run(healthy)
        self.rss_before = _most_memory()
        run(plan_of(*(each for each in plans if "bomb" in each.name), allow=allow))
        self.rss_after = _most_memory()
        return run(plan, environ, timeout=100)

    def outcome(self, name: str):
        return self.ran.outcome(name)


def _most_memory() -> float:
    """Return the most memory that any child held so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _spelled(number: int, host: str, port: int) -> SourcePlan:
    # Half of them on the canary's port, half on port 80, where the port check does not help.
    where = f"http://{host}:{port}/" if number % 2 else f"http://{host}/"
    return source(f"spelling {number}", where)


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    certificate = tmp_path_factory.mktemp("tls") / "site.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1"
        f" -keyout {certificate} -out {certificate}.crt".split(),
        check=True,
        capture_output=True,
    )
    certificate.write_bytes(certificate.read_bytes() + Path(f"{certificate}.crt").read_bytes())
    with ExitStack() as stack:
        yield Arena(stack, certificate)


def test_the_process_ends_well_and_records_every_source(arena: Arena):
    assert arena.ran.code == 0
    finished = [e for e in arena.ran.events if e["event"] == "crawl.finished"]
    assert len(finished) == len(arena.sites) + len(SPELLINGS) + 1


def test_the_healthy_source_is_read_beside_all_others(arena: Arena):
    assert arena.outcome("healthy")["health"] == "healthy"
    assert len(arena.ran.of("healthy")) == 3


def test_bombs_do_not_fill_the_memory(arena: Arena):
    assert arena.rss_after - arena.rss_before < 60


def test_nobody_came_to_a_private_address(arena: Arena):
    assert arena.canary.visitors() == 0
    assert arena.closed.connections == 0, "a proxy from the environment was used"


@pytest.mark.parametrize("number", range(len(SPELLINGS)), ids=SPELLINGS)
def test_every_spelling_of_a_private_address_is_refused(arena: Arena, number: int):
    outcome = arena.outcome(f"spelling {number}")
    assert not outcome["ok"]
    assert outcome["pages"] == 0


def test_sixty_spellings_are_tried():
    assert len(SPELLINGS) >= 60


REFUSED = {
    "hangs": "no complete answer within 3 seconds",
    "drips": "no complete answer within 3 seconds",
    "falls silent": "no complete answer within 3 seconds",
    "hangs up early": "the connection broke off",
    "gzip bomb": "unpacks to more than",
    "deflate bomb": "unpacks to more than",
    "br bomb": "unpacks to more than",
    "zstd bomb": "unpacks to more than",
    "nested gzip bomb": "unpacks to more than",
    "too long": "larger than",
    "redirect loop": "more than 5 redirects",
    "long chain": "more than 5 redirects",
    "to file": "redirects to an address that is not read",
    "to data": "redirects to an address that is not read",
    "to ftp": "redirects to an address that is not read",
    "to javascript": "redirects to an address that is not read",
    "to loopback": "is not open",
    "to metadata": "private address",
    "not opened": "is not open",
    "self-signed": "certificate",
    "random bytes": "no feed",
    "nothing": "empty",
    "cut json": "no feed",
    "deep json": "nested too deeply",
    "sign-in page": "a web page came instead",
    "no http": "",
    "robots forbid": "robots.txt does not allow",
    "robots forbid us": "robots.txt does not allow",
    "robots moved": "robots.txt does not allow",
    "robots for redirect": "robots.txt does not allow",
    "robots 500": "robots.txt could not be read (HTTP 500)",
    "robots hang": "robots.txt could not be read",
    "status 400": "HTTP 400",
    "status 404": "HTTP 404",
    "status 410": "gone for good",
    "status 451": "legal reasons",
    "status 500": "HTTP 500",
    "status 503": "HTTP 503",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_broken_source_says_why(arena: Arena, name: str):
    outcome = arena.outcome(name)
    assert (outcome["ok"], outcome["health"]) == (False, "broken")
    assert REFUSED[name] in outcome["reason"]
    assert arena.ran.of(name) == []


@pytest.mark.parametrize("name", ["status 401", "status 403"])
def test_a_missing_key_is_named(arena: Arena, name: str):
    assert arena.outcome(name)["health"] == "unauthorised"


WAITS = {
    "429": (120, 120),
    "429 date": (2000, 3000),
    "429 negative": (300, 300),
    "429 ten years": (3600, 3600),
    "429 garbage": (300, 300),
    "429 alone": (300, 300),
    "503 with time": (60, 60),
}


@pytest.mark.parametrize("name", WAITS)
def test_a_site_that_asks_for_a_pause_gets_it(arena: Arena, name: str):
    outcome = arena.outcome(name)
    least, most = WAITS[name]
    assert outcome["health"] == "rate_limited"
    assert least <= outcome["retry_after_s"] <= most
    assert len(arena.sites[name].paths()) == 1


@pytest.mark.parametrize("name", ["hangs", "drips", "status 500", "hangs up early"])
def test_passing_trouble_is_tried_twice_at_most(arena: Arena, name: str):
    assert len(arena.sites[name].paths()) == 2


def test_redirects_are_followed_five_times_at_most(arena: Arena):
    assert len(arena.sites["long chain"].paths()) == 6


ALLOWED = ["moved once", "robots forbid others", "robots 403", "robots huge", "robots garbage"]


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_read(arena: Arena, name: str):
    assert arena.outcome(name)["health"] == "healthy"
    assert len(arena.ran.of(name)) == 3


CHARSETS = {
    "latin header": "lv",
    "no charset": "hu",
    "utf-16": "zh",
    "gb18030": "zh",
    "gb18030 undeclared": "zh",
    "cp1257": "lv",
    "cp1257 undeclared": "lv",
    "cp1250 in header": "hu",
    "latin-1 really": "de",
    "bom": "de",
}


@pytest.mark.parametrize("name", CHARSETS)
def test_lies_about_the_charset_do_no_harm(arena: Arena, name: str):
    assert [mention["text"] for mention in arena.ran.of(name)] == [TEXTS[CHARSETS[name]]]


def test_endless_paging_stops_at_the_page_limit_and_says_so(arena: Arena):
    outcome = arena.outcome("endless")
    assert outcome["pages"] == 30
    assert outcome["health"] == "degraded"
    assert "30 pages" in outcome["reason"]


def test_old_items_under_new_ids_are_noticed(arena: Arena):
    outcome = arena.outcome("same again")
    assert outcome["pages"] < 10
    assert "the same items come back" in outcome["reason"]


def test_entities_are_not_expanded_but_the_item_is_kept(arena: Arena):
    assert [m["text"] for m in arena.ran.of("xml bomb")] == ["Fine"]
    hostname = Path("/etc/hostname").read_text(encoding="utf-8").strip()
    assert hostname not in str(arena.ran.of("external entity"))


def test_a_bad_item_does_not_cost_the_good_ones(arena: Arena):
    assert len(arena.ran.of("bad next to good")) == 3
    assert arena.outcome("bad next to good")["quarantined"] == 1


def test_a_very_long_text_is_kept(arena: Arena):
    assert len(arena.ran.of("one long line")[0]["text"]) > 4_000_000


def test_we_say_who_we_are(arena: Arena):
    agents = {asked.headers["user-agent"] for asked in arena.sites["healthy"].asked}
    assert agents == {"Earshot/0.1.0 (+https://acme.example/bot)"}
    assert "referer" not in arena.sites["healthy"].asked[-1].headers
