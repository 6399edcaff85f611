"""Conditional requests: ask "has it changed?" and remember what the site answered.

Per address: the site's ETag and Last-Modified, a digest of the last body for sites that offer
neither, and a seal of the configuration: under another one everything is read again.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

from monitor.domain.crawl import Json
from spiders.text.values import fingerprint

_FORMAT = 1


def seal(*configuration: object) -> str:
    """Return a mark of everything that changes what is read from the same bytes."""
    return fingerprint(_FORMAT, *configuration)


def request_headers(known: Json | None, sealed: str) -> dict[str, str]:
    """Return If-None-Match and If-Modified-Since as far as the site gave us what to send."""
    if known is None or known.get("seal") != sealed:
        return {}
    pairs = (("If-None-Match", known.get("etag")), ("If-Modified-Since", known.get("modified")))
    return {name: value for name, value in pairs if value}


def unchanged(known: Json | None, sealed: str, status: int, body: bytes) -> bool:
    """Tell whether the site, or the bytes themselves, say that nothing is new."""
    if known is None or known.get("seal") != sealed:
        return False
    return status == 304 or bool(body and known.get("digest") == _digest(body))  # noqa: PLR2004 - Not Modified


def remember(headers: Mapping[str, str], body: bytes, sealed: str) -> dict[str, str]:
    """Return what to know about this address next time. `headers` has lower-case names."""
    return {
        "etag": headers.get("etag", ""),
        "modified": headers.get("last-modified", ""),
        "digest": _digest(body),
        "seal": sealed,
    }


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest() if body else ""
