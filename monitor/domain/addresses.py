"""Which network addresses Earshot may talk to on behalf of a configuration or of a page.

The one set of rules for crawlers and for channels: an address is judged after it is resolved and
before it is connected to, so that no spelling of a host name can hide a private machine.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

_CLOSED = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT: "not private" to the standard library
        "192.0.0.0/24",
        "192.88.99.0/24",  # the retired 6to4 relay
        "198.18.0.0/15",
        "64:ff9b:1::/48",  # NAT64 prefixes of a local operator
        "100::/64",
        "2001:2::/48",
        "2001:10::/28",
        "2001:20::/28",
        "2001:db8::/32",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",  # site-local, retired but still routed in places
    )
)
_NAT64 = IPv6Network("64:ff9b::/96")


def is_public(address: str | Address) -> bool:
    """Tell whether an address belongs to the open internet.

    An IPv6 address that carries an IPv4 address (mapped, NAT64, 6to4, Teredo) is public only if
    that one is. Anything that is no address, a host name for example, is not public.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    carried = _carried(parsed)
    if carried:
        return all(is_public(inner) for inner in carried)
    return parsed.is_global and not _is_closed(parsed)


def is_allowed(host: str, port: int, allow: Collection[str]) -> bool:
    """Tell whether "host:port" was opened by name; IPv6 with or without brackets, any case."""
    bare = host.strip("[]").lower().rstrip(".")
    return not {f"{bare}:{port}", f"[{bare}]:{port}"}.isdisjoint(entry.lower() for entry in allow)


def _carried(address: Address) -> tuple[Address, ...]:
    if isinstance(address, IPv4Address):
        return ()
    if address.teredo:
        return address.teredo
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    inner = address.ipv4_mapped or address.sixtofour
    return (inner,) if inner else ()


def _is_closed(address: Address) -> bool:
    return (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or any(address in network for network in _CLOSED)
    )
