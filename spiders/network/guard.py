"""The outbound guard: what may be asked for at all, judged on every request and redirect."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address
from socket import inet_aton
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.domain.addresses import is_allowed, is_public
from monitor.domain.errors import SourceRefused

if TYPE_CHECKING:
    from collections.abc import Collection

    from scrapy import Request
    from scrapy.crawler import Crawler

_PORTS = {"http": 80, "https": 443}


class GuardMiddleware:
    """Refuses a request before anything is resolved; the resolver is the second gate."""

    def __init__(self, allow: Collection[str], contact: str) -> None:
        self._allow, self._contact = allow, contact

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> GuardMiddleware:
        """Build from the crawl's settings, as Scrapy asks."""
        settings = crawler.settings
        return cls(tuple(settings.getlist("EARSHOT_ALLOW")), settings.get("EARSHOT_CONTACT", ""))

    def process_request(self, request: Request) -> None:
        """Raise SourceRefused for an address that must not be read."""
        check_address(request.url, allow=self._allow, contact=self._contact)
        if is_own(urlsplit(request.url).hostname or ""):
            request.meta["autothrottle_dont_adjust_delay"] = True


def check_address(url: str, *, allow: Collection[str], contact: str) -> None:
    """Raise SourceRefused unless the address is http or https to a host that may be read.

    Names are not resolved here. Without a contact only addresses in `allow` pass.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise SourceRefused("the address cannot be read as a URL") from None
    if parts.scheme not in _PORTS or not host:
        raise SourceRefused(f"only http and https addresses are read, not {parts.scheme!r}")
    if parts.username or parts.password:
        raise SourceRefused("an address with a user name or password in it is not read")
    port = port or _PORTS[parts.scheme]
    if is_allowed(host, port, allow) or (
        host == "localhost" and is_allowed("127.0.0.1", port, allow)
    ):
        return
    _check_stranger(host, port, contact)


def is_own(host: str) -> bool:
    """Tell whether a host is a machine of one's own: there is no stranger to be spared."""
    literal = "127.0.0.1" if host == "localhost" else as_address(host)
    return literal is not None and not is_public(literal)


def _check_stranger(host: str, port: int, contact: str) -> None:
    if not contact:
        raise SourceRefused("set [network] contact: sites must be able to see who reads them")
    if port not in _PORTS.values():
        raise SourceRefused(f'port {port} is not open: put "{host}:{port}" into [network] allow')
    literal = as_address(host)
    if literal is not None and not is_public(literal):
        raise SourceRefused(
            f'{host} is a private address: put "{host}:{port}" into [network] allow to open it'
        )


def as_address(host: str) -> str | None:
    """Return the address a literal stands for, in any spelling that the system would connect to.

    Decimal, octal, hexadecimal and shortened forms of IPv4 count; a name is None.
    """
    bare = host.strip("[]").rstrip(".")
    try:
        return str(ip_address(bare))
    except ValueError:
        pass
    try:
        return str(IPv4Address(inet_aton(bare)))
    except (OSError, ValueError):
        return None
