from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.domain.crawl import NetworkPolicy
from monitor.domain.errors import SourceRefused, SourceUnavailable
from spiders.network import conditional
from spiders.network.guard import as_address, check_address
from spiders.network.resolver import GuardedResolver
from spiders.network.robots import read_rules
from spiders.network.waiting import SourceUnauthorised, judge, retry_after_s
from spiders.settings import scrapy_settings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALLOW = ("127.0.0.1:8081", "intranet.example:8080")
CONTACT = "https://acme.example/bot"


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/a",
        "http://shop.example:80/",
        "https://shop.example:443/",
        "http://127.0.0.1:8081/x",
        "http://localhost:8081/",
        "http://Intranet.example:8080/",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]/",
        "https://пример.example/",
    ],
)
def test_open_and_opened_addresses_pass(url: str):
    check_address(url, allow=ALLOW, contact=CONTACT)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://shop.example/", "only http and https"),
        ("file:///etc/passwd", "only http and https"),
        ("javascript:alert(1)", "only http and https"),
        ("//shop.example/", "only http and https"),
        ("https://", "only http and https"),
        ("http://[broken/", "cannot be read"),
        ("http://shop.example:99999/", "cannot be read"),
        ("https://user:secret@shop.example/", "user name or password"),
        ("https://shop.example:8443/", '"shop.example:8443" into [network] allow'),
        ("http://127.0.0.1/", "private address"),
        ("http://127.0.0.1:8082/", "port 8082"),
        ("http://2130706433/", "private address"),
        ("http://0x7f.1/", "private address"),
        ("http://[::ffff:10.0.0.1]/", "private address"),
        ("http://169.254.169.254/", "private address"),
    ],
)
def test_other_addresses_are_refused_with_what_to_do(url: str, reason: str):
    with pytest.raises(SourceRefused) as refusal:
        check_address(url, allow=ALLOW, contact=CONTACT)
    assert reason in refusal.value.reason
    assert "secret" not in refusal.value.reason


def test_without_a_contact_only_opened_addresses_are_read():
    check_address("http://127.0.0.1:8081/", allow=ALLOW, contact="")
    with pytest.raises(SourceRefused, match=r"\[network\] contact"):
        check_address("https://shop.example/", allow=ALLOW, contact="")


@pytest.mark.parametrize("host", ["shop.example", "localhost", "1.2.3.4.5", "0xgg", "256.1.1.1.1"])
def test_names_are_no_addresses(host: str):
    assert as_address(host) is None


def test_only_machines_of_ones_own_are_read_without_a_pause():
    own = ["127.0.0.1:8081", "[::1]:80", "10.0.0.5:80"]
    policy = NetworkPolicy(allow=(*own, "shop.example:8443", "8.8.8.8:8080"), delay_s=2.0)
    settings = scrapy_settings(policy)
    assert set(settings["DOWNLOAD_SLOTS"]) == {"localhost", "127.0.0.1", "::1", "10.0.0.5"}
    assert settings["DOWNLOAD_DELAY"] == 2.0


def test_the_settings_close_what_scrapy_leaves_open():
    settings = scrapy_settings(NetworkPolicy(contact=CONTACT))
    assert settings["DOWNLOAD_VERIFY_CERTIFICATES"] is True
    assert settings["TELNETCONSOLE_ENABLED"] is False
    assert settings["REMOTE_CONTROL_ENABLED"] is False
    assert settings["DOWNLOAD_HANDLERS"] == dict.fromkeys(["file", "data", "ftp", "s3"])
    assert settings["USER_AGENT"].endswith(f"(+{CONTACT})")
    assert settings["DOWNLOAD_MAXSIZE"] == 5 * 1024 * 1024


class Threads:
    """As much of a reactor as a resolver needs."""

    def __init__(self, answers: list[str]) -> None:
        self.nameResolver = self
        self._answers = answers

    def resolveHostName(self, receiver, name, port, *_):  # noqa: N802 - Twisted's name
        from twisted.internet.address import IPv4Address

        receiver.resolutionBegan(None)
        for answer in self._answers:
            receiver.addressResolved(IPv4Address("TCP", answer, port))
        receiver.resolutionComplete()


class Receiver:
    def __init__(self) -> None:
        self.hosts: list[str] = []
        self.done = False

    def resolutionBegan(self, _resolution) -> None:  # noqa: N802 - Twisted's name
        pass

    def addressResolved(self, address) -> None:  # noqa: N802 - Twisted's name
        self.hosts.append(address.host)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        self.done = True


def resolve(answers: list[str], name: str = "shop.example", port: int = 80):
    guard, receiver = GuardedResolver(Threads(answers), allow=ALLOW), Receiver()
    guard.resolveHostName(receiver, name, port)
    assert receiver.done
    return receiver.hosts, guard.refused


def test_a_public_name_resolves():
    assert resolve(["8.8.8.8", "1.1.1.1"]) == (["8.8.8.8", "1.1.1.1"], set())


@pytest.mark.parametrize("private", ["127.0.0.1", "10.1.2.3", "100.64.0.1", "224.0.0.1"])
def test_one_private_answer_among_twenty_refuses_the_name(private: str):
    answers = [f"8.8.8.{n}" for n in range(1, 20)]
    assert resolve([*answers, private]) == ([], {("shop.example", 80)})


def test_a_name_that_changes_its_mind_is_judged_each_time():
    threads = Threads(["8.8.8.8"])
    guard = GuardedResolver(threads, allow=())
    first, second = Receiver(), Receiver()
    guard.resolveHostName(first, "rebind.example", 80)
    threads._answers = ["127.0.0.1"]
    guard.resolveHostName(second, "rebind.example", 80)
    assert (first.hosts, second.hosts) == (["8.8.8.8"], [])


def test_an_opened_address_is_open_on_its_port_only():
    assert resolve(["127.0.0.1"], "127.0.0.1", 8081)[0] == ["127.0.0.1"]
    assert resolve(["127.0.0.1"], "127.0.0.1", 8082)[0] == []
    assert resolve(["10.0.0.5"], "intranet.example", 8080)[0] == ["10.0.0.5"]
    assert resolve(["10.0.0.5"], "intranet.example", 80)[0] == []


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0),
        ("120", 120),
        (" 30 ", 30),
        ("1.5", 1.5),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("nan", None),
        ("inf", None),
        ("999999999999", 3600),
        ("Sun, 22 Nov 2026 12:10:00 GMT", 600),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 22 Nov 2099 11:00:00 GMT", 3600),
        ("Sun, 99 Nov 2026 11:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_every_form(value, seconds):
    assert retry_after_s(value, NOW) == seconds


@pytest.mark.parametrize("status", [200, 203, 206, 304])
def test_good_answers_pass(status: int):
    judge(status, {}, NOW)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        *((status, SourceRefused) for status in (301, 400, 404, 410, 451)),
        *((status, SourceUnauthorised) for status in (401, 403)),
        *((status, SourceUnavailable) for status in (429, 500, 503, 599)),
    ],
)
def test_bad_answers_are_passing_or_lasting(status: int, error: type):
    with pytest.raises(error) as raised:
        judge(status, {}, NOW)
    assert type(raised.value) is error
    assert str(status) in raised.value.reason


def test_a_missing_robots_file_allows_and_a_broken_one_forbids():
    read_rules(404, b"").check("https://a.example/")
    read_rules(302, b"").check("https://a.example/")
    with pytest.raises(SourceUnavailable, match="HTTP 503"):
        read_rules(503, b"").check("https://a.example/")


def test_robots_groups_follow_the_standard():
    text = "\ufeffUser-agent: *\nDisallow: /\n\nUser-agent: earshot\nDisallow: /p\nAllow: /p/ok"
    rules = read_rules(200, text.encode())
    rules.check("https://a.example/q")
    rules.check("https://a.example/p/ok")
    with pytest.raises(SourceRefused):
        rules.check("https://a.example/p/no")


@pytest.mark.parametrize(("line", "delay"), [("5", 5), ("0.5", 0.5), ("9999", 30), ("x", 0)])
def test_crawl_delay_counts_up_to_a_cap(line: str, delay: float):
    rules = read_rules(200, f"User-agent: *\nCrawl-delay: {line}\nDisallow:".encode())
    assert rules.delay_s() == delay


def test_an_answer_is_known_again_by_tag_time_or_bytes():
    seal = conditional.seal("feed", "Acme")
    known = conditional.remember({"etag": '"1"', "last-modified": "then"}, b"body", seal)
    assert conditional.request_headers(known, seal) == {
        "If-None-Match": '"1"',
        "If-Modified-Since": "then",
    }
    assert conditional.unchanged(known, seal, 304, b"")
    assert conditional.unchanged(known, seal, 200, b"body")
    assert not conditional.unchanged(known, seal, 200, b"other")


def test_under_another_configuration_everything_is_read_again():
    known = conditional.remember({"etag": '"1"'}, b"body", conditional.seal("feed", "Acme"))
    other = conditional.seal("feed", "Other")
    assert conditional.request_headers(known, other) == {}
    assert not conditional.unchanged(known, other, 200, b"body")


def test_an_empty_body_never_counts_as_known():
    seal = conditional.seal("x")
    known = conditional.remember({}, b"", seal)
    assert not conditional.unchanged(known, seal, 200, b"")
