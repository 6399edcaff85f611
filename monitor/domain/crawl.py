"""What a crawl process is told and what it answers. Travels as JSON over standard input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """Limits of every outbound request."""

    contact: str = ""
    """Address or page of the operator, sent in the User-Agent. Empty: only `allow` is crawled."""
    allow: tuple[str, ...] = ()
    """Private addresses opened one by one, as "host:port"."""
    max_bytes: int = 5 * 1024 * 1024
    """Largest answer after decompression."""
    timeout_s: float = 15.0
    max_redirects: int = 5
    max_pages: int = 200
    """Per source and run."""
    delay_s: float = 1.0
    """Between two requests to one host; allowed loopback hosts are not delayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlan:
    """One source to crawl now."""

    name: str
    kind: str
    brand: str
    url: str = ""
    options: Json = field(default_factory=dict)
    """The source's own keys from the configuration, secrets already resolved."""
    every_s: int = 900
    lane: str = "pages"
    """Sources of one lane share a crawl process."""
    alert_old: bool = False
    """True: what the first crawl finds is news too, not a silent baseline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlPlan:
    """Everything one crawl process needs; it reads no configuration of its own."""

    database_url: str
    """Empty for a dry run: nothing is stored, mentions go to standard output as JSON lines."""
    owner: str
    """Lease token of the sources below; writing without the lease is refused."""
    sources: tuple[SourcePlan, ...]
    network: NetworkPolicy = field(default_factory=NetworkPolicy)
    progress: bool = False

    def to_json(self) -> str:
        """Serialise for the child's standard input."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, document: str) -> CrawlPlan:
        """Inverse of `to_json`."""
        raw = json.loads(document)
        network = raw["network"] | {"allow": tuple(raw["network"]["allow"])}
        return cls(
            database_url=raw["database_url"],
            owner=raw["owner"],
            sources=tuple(SourcePlan(**plan) for plan in raw["sources"]),
            network=NetworkPolicy(**network),
            progress=raw["progress"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store remembers of a source between two crawls."""

    cursor: Json
    validators: Json
    """url -> {"etag": ..., "last_modified": ...} for conditional requests."""
    baseline: bool
    """True on the first run: what is found now is old news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of one page of items."""

    new: int = 0
    edited: int = 0
    deleted: int = 0
    known: int = 0

    def __add__(self, other: Saved) -> Saved:
        """Add up two pages."""
        return Saved(
            new=self.new + other.new,
            edited=self.edited + other.edited,
            deleted=self.deleted + other.deleted,
            known=self.known + other.known,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlOutcome:
    """How the crawl of one source ended."""

    ok: bool
    reason: str
    """Scrapy's finish reason, or a sentence in plain words; never page text."""
    health: str
    """healthy | degraded | broken | unauthorised | rate_limited"""
    saved: Saved = field(default_factory=Saved)
    pages: int = 0
    not_modified: int = 0
    quarantined: int = 0
    retry_after_s: float | None = None
