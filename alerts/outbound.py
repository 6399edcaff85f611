"""One HTTP request to the outside, with everything refused that a channel never needs.

No redirects, no proxies from the environment, no private addresses unless opened by name, one
connection per request, and one deadline for all of it. The failures say what a sender must know:
whether the other side may have acted.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from monitor.domain.addresses import is_allowed, is_public

_MOST_BYTES = 4 * 1024 * 1024
_PORTS = {"http": 80, "https": 443}


class OutboundError(Exception):
    """The request failed. `code` is one word, fit for a log."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class AddressRefused(OutboundError):
    """The address must not be used; nothing was sent."""


class NotReached(OutboundError):
    """There was no connection; nothing was sent."""


class NoAnswer(OutboundError):
    """The request left, the answer did not come in whole: it may have been accepted."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are lower case; bytes that are no UTF-8 are replaced."""

    status: int
    headers: Mapping[str, str]
    text: str


def check_url(url: str) -> None:
    """Raise AddressRefused unless this is a sound http or https address without credentials."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in _PORTS and bool(parts.hostname) and parts.username is None
        sound = sound and parts.port != 0 and url.isascii() and url.isprintable() and " " not in url
    except ValueError:
        sound = False
    if not sound:
        raise AddressRefused("bad_url")


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout_s: float,
    allow: Collection[str] = (),
) -> Answer:
    """Post once and return whatever came back, redirects and errors included.

    Raises AddressRefused, NotReached or NoAnswer.
    """
    check_url(url)
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
    deadline = time.monotonic() + timeout_s
    tls_name = host if parts.scheme == "https" else None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with _connect(host, port, tls_name, deadline, allow) as sock:
        connection = http.client.HTTPConnection(host, port)
        connection.default_port = _PORTS[parts.scheme]
        connection.sock = _Deadlined(sock, deadline)
        try:
            connection.request("POST", target, body, {**headers, "Connection": "close"})
            return _read(connection.getresponse())
        except TimeoutError:
            raise NoAnswer("timeout") from None
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(f"broken: {type(error).__name__}") from None


def _read(response: http.client.HTTPResponse) -> Answer:
    body = response.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise NoAnswer("answer too large")
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body.decode("utf-8", "replace"))


def _connect(
    host: str, port: int, tls_name: str | None, deadline: float, allow: Collection[str]
) -> socket.socket:
    sock = _open(_addresses(host, port, allow), port, deadline)
    if tls_name is None:
        return sock
    try:
        return _tls().wrap_socket(sock, server_hostname=tls_name)
    except OSError as error:
        sock.close()
        raise NotReached(f"tls: {type(error).__name__}") from None


def _addresses(host: str, port: int, allow: Collection[str]) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotReached("name not found") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not is_allowed(host, port, allow):
        addresses = [ip for ip in addresses if is_public(ip) or is_allowed(ip, port, allow)]
    if not addresses:
        raise AddressRefused("private_address")
    return addresses


def _open(addresses: Sequence[str], port: int, deadline: float) -> socket.socket:
    for address in addresses:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout=_left(deadline))
    raise NotReached("no connection")


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Deadlined:
    """The part of a socket that http.client uses, with one deadline for all reads and writes."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(_left(self._deadline))
        self._sock.sendall(data)

    def read_into(self, buffer: memoryview) -> int:
        self._sock.settimeout(_left(self._deadline))
        return self._sock.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Leave it open: the answer is read after http.client has let go of the connection."""


class _Reader(io.RawIOBase):
    def __init__(self, source: _Deadlined) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._source.read_into(memoryview(buffer))
