"""The last gate before a connection: no spelling of a host name reaches a private address.

Every connection of the crawl asks this resolver, also for literal addresses and after redirects.
One answer that is not public refuses the whole name, so an attacker cannot mix in a private one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scrapy.resolver import HostResolution
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IResolutionReceiver,
)
from zope.interface import implementer, provider

from monitor.domain.addresses import is_allowed, is_public

if TYPE_CHECKING:
    from scrapy.crawler import AsyncCrawlerProcess


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves IPv4 and IPv6 names and passes on public or allowed addresses only."""

    def __init__(self, reactor: Any, *, allow: Sequence[str]) -> None:
        self._reactor = reactor
        self._inner: IHostnameResolver = reactor.nameResolver
        self._allow = tuple(allow)
        self.refused: set[tuple[str, int]] = set()
        """Host and port of every name that led to a private address."""

    @classmethod
    def from_crawler(cls, crawler: AsyncCrawlerProcess, reactor: Any) -> GuardedResolver:
        """Build from the process settings, as Scrapy asks."""
        return cls(reactor, allow=crawler.settings.getlist("EARSHOT_ALLOW"))

    def install_on_reactor(self) -> None:
        """Take the place of the resolver that was there."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - the name is Twisted's
        self,
        receiver: IResolutionReceiver,
        hostName: str,  # noqa: N803 - called by keyword
        portNumber: int = 0,  # noqa: N803 - called by keyword
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803 - called by keyword
        transportSemantics: str = "TCP",  # noqa: N803 - called by keyword
    ) -> IHostResolution:
        """Resolve, and answer with no address at all where one of them is not public."""
        judge = _Judge(self, receiver, hostName, portNumber)
        return self._inner.resolveHostName(
            judge, hostName, portNumber, addressTypes, transportSemantics
        )

    def permits(self, host: str, address: str, port: int) -> bool:
        """Tell whether this address may be connected to under this name."""
        opened = is_allowed(host, port, self._allow) or is_allowed(address, port, self._allow)
        return opened or is_public(address)


def refused_names() -> set[tuple[str, int]]:
    """Return host and port of every name that this process refused to connect to."""
    from twisted.internet import reactor  # noqa: PLC0415 - it must be installed before

    found: set[tuple[str, int]] = reactor.nameResolver.refused
    return found


@provider(IResolutionReceiver)
class _Judge:
    """Holds the answers back until all are known and found to be public."""

    def __init__(
        self, guard: GuardedResolver, receiver: IResolutionReceiver, host: str, port: int
    ) -> None:
        self._guard, self._receiver, self._host, self._port = guard, receiver, host, port
        self._addresses: list[Any] = []

    def resolutionBegan(self, resolution: HostResolution) -> None:  # noqa: N802 - Twisted's name
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's name
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        guard = self._guard
        if all(guard.permits(self._host, found.host, self._port) for found in self._addresses):
            for address in self._addresses:
                self._receiver.addressResolved(address)
        else:
            guard.refused.add((self._host, self._port))
        self._receiver.resolutionComplete()
