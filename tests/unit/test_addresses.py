from __future__ import annotations

from ipaddress import ip_address

import pytest

from monitor.domain.addresses import is_allowed, is_public

PRIVATE = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "2001:db8::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "3fff::1",
    "5f00::1",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:100.64.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2002:a00:1::",
    "2002:c0a8:101::1",
    "2002:a9fe:a9fe::",
    "2001:0:7f00:1::",
    "2001:0:808:808:0:0:80ff:fffe",
]

PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.216.34",
    "172.32.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:81b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]

NO_ADDRESS = [
    "",
    "localhost",
    "0x7f.1",
    "2130706433",
    "127.1",
    "0177.0.0.1",
    "[::1]",
    "１２７.0.0.1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_refuses_addresses_that_are_not_on_the_open_internet(address: str) -> None:
    assert not is_public(address)
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_accepts_addresses_on_the_open_internet(address: str) -> None:
    assert is_public(address)
    assert is_public(ip_address(address))


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_refuses_what_is_no_address(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize(
    ("host", "port", "expected"),
    [
        ("127.0.0.1", 8081, True),
        ("127.0.0.1", 8082, False),
        ("LocalHost", 9000, True),
        ("localhost.", 9000, True),
        ("::1", 7000, True),
        ("[::1]", 7000, True),
        ("intranet", 80, False),
    ],
)
def test_opens_private_addresses_one_by_one(host: str, port: int, *, expected: bool) -> None:
    allow = ["127.0.0.1:8081", "localhost:9000", "[::1]:7000"]

    assert is_allowed(host, port, allow) is expected
