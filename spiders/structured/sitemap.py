"""Sitemaps and sitemap indexes, plain or gzipped."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from lxml import etree

from monitor.domain.errors import SourceChanged

_GZIP = b"\x1f\x8b"
_LARGEST = 50 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """One address of a sitemap. `lastmod` as written, empty where there is none."""

    url: str
    lastmod: str


@dataclass(frozen=True, slots=True)
class Sitemap:
    """Pages, or further sitemaps."""

    pages: tuple[Place, ...]
    sitemaps: tuple[Place, ...]


def read_sitemap(body: bytes) -> Sitemap:
    """Read a sitemap. Raises SourceChanged when it is none."""
    data = _unpacked(body) if body.startswith(_GZIP) else body
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True
    )
    try:
        root = etree.fromstring(data.lstrip(), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or etree.QName(root).localname not in ("urlset", "sitemapindex"):
        raise SourceChanged("the answer is no sitemap")
    return Sitemap(pages=_places(root, "url"), sitemaps=_places(root, "sitemap"))


def _unpacked(body: bytes) -> bytes:
    """Unpack no more than the sitemap protocol allows, whatever is inside."""
    try:
        return zlib.decompressobj(wbits=31).decompress(body, _LARGEST)
    except zlib.error:
        raise SourceChanged("the sitemap is damaged") from None


def _places(root: etree._Element, name: str) -> tuple[Place, ...]:
    found = []
    for node in root.iterfind(f"{{*}}{name}"):
        url = (node.findtext("{*}loc") or "").strip()
        if url:
            found.append(Place(url, (node.findtext("{*}lastmod") or "").strip()))
    return tuple(found)
