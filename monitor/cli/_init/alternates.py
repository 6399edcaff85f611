"""Feeds that a page names itself: <link rel="alternate" type="application/rss+xml">.

One request with the same guard as crawls: every address a name resolves to must be on the open
internet, or opened by name, and the connection goes to exactly that address.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from monitor.domain.addresses import is_allowed, is_public
from monitor.domain.crawl import NetworkPolicy
from monitor.domain.errors import SourceRefused, SourceUnavailable

_FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/json",
)
_LARGEST_PAGE = 2 * 1024 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})


def feed_links(url: str, network: NetworkPolicy) -> list[str]:
    """Return the feeds that the page at `url` names; a page that cannot be read names none.

    Raises SourceRefused when the address is private and not opened.
    """
    try:
        final, page = _read(url, network)
    except SourceUnavailable:
        return []
    finder = _Finder()
    finder.feed(page)
    return [urljoin(final, link) for link in finder.links]


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the link if it is a feed."""
        found = {name: value or "" for name, value in attrs}
        is_feed = found.get("type", "").lower() in _FEED_TYPES
        if tag == "link" and "alternate" in found.get("rel", "").lower() and is_feed:
            self.links.append(found.get("href", ""))


def _read(url: str, network: NetworkPolicy) -> tuple[str, str]:
    for _ in range(network.max_redirects + 1):
        answer, body = _get(url, network)
        if answer.status not in _MOVED:
            charset = answer.headers.get_content_charset() or "utf-8"
            return url, _decoded(body, charset)
        url = urljoin(url, answer.headers.get("Location", ""))
    raise SourceUnavailable("it moves too often")


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")


def _get(url: str, network: NetworkPolicy) -> tuple[http.client.HTTPResponse, bytes]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceRefused("it leads to something that is no web page")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    connection = _Pinned(parts.hostname, port, network, secure=parts.scheme == "https")
    path = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    agent = f"Earshot (+{network.contact})" if network.contact else "Earshot"
    try:
        connection.request("GET", path, headers={"User-Agent": agent, "Accept": "text/html"})
        answer = connection.getresponse()
        return answer, answer.read(min(_LARGEST_PAGE, network.max_bytes))
    except (OSError, http.client.HTTPException) as error:
        raise SourceUnavailable(f"it does not answer ({type(error).__name__})") from None
    finally:
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """Connects to an address that was judged, not to whatever the name resolves to next."""

    def __init__(self, host: str, port: int, network: NetworkPolicy, *, secure: bool) -> None:
        super().__init__(host, port, timeout=network.timeout_s)
        self._secure, self._network = secure, network

    def connect(self) -> None:
        """Resolve, judge, connect."""
        address = _judged(self.host, self.port, self._network)
        plain = socket.create_connection((address, self.port), self.timeout)
        context = ssl.create_default_context() if self._secure else None
        self.sock = context.wrap_socket(plain, server_hostname=self.host) if context else plain


def _judged(host: str, port: int, network: NetworkPolicy) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise SourceUnavailable("its name cannot be resolved") from None
    addresses = [str(info[4][0]) for info in found]
    if is_allowed(host, port, network.allow):
        return addresses[0]
    if not network.contact:
        raise SourceRefused("a contact is needed to read the open web: --contact")
    if not all(map(is_public, addresses)):
        raise SourceRefused(f"its address is private; --allow {host}:{port} opens it")
    return addresses[0]
