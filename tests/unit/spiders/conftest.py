from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.domain.crawl import CrawlOutcome, NetworkPolicy, SourcePlan
from monitor.domain.errors import SourceUnavailable
from monitor.domain.faults import no_fault
from spiders.crawl import Fetched, SourceCrawl, Surroundings
from tests.twins.memory_sink import MemorySink

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Site = Callable[[str], str | bytes | None]
"""Returns the body at an address; None is a 404."""


@dataclass
class Bench:
    """Runs source crawls on a made-up site, without a network."""

    writer: ThreadPoolExecutor
    sink: MemorySink = field(default_factory=MemorySink)
    asked: list[str] = field(default_factory=list)
    events: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    headers: Mapping[str, str] = field(default_factory=dict)
    max_pages: int = 50

    def crawl(self, kind: str, site: Site, url: str = "https://site.example", **options: Any):
        """Return the outcome of one run; `asked` has the addresses of this run only."""
        self.asked.clear()
        plan = SourcePlan(name="s", kind=kind, brand="Acme", url=url, options=options)
        around = Surroundings(
            sink=self.sink,
            writer=self.writer,
            owner="tester",
            network=NetworkPolicy(max_pages=self.max_pages),
            clock=lambda: NOW,
            fault=no_fault,
            report=lambda event, _source, facts: self.events.append((event, facts)),
        )
        crawl = SourceCrawl(plan, around)
        asyncio.run(crawl.run(self._fetch_from(site)))
        outcome = crawl.outcome
        assert isinstance(outcome, CrawlOutcome)
        return outcome

    def _fetch_from(self, site: Site):
        async def fetch(url: str, headers: Mapping[str, str]) -> Fetched:
            self.asked.append(url)
            body = site(url)
            if body is None:
                raise SourceUnavailable("the connection broke off")
            raw = body.encode() if isinstance(body, str) else body
            return Fetched(url=url, status=200, headers=self.headers, body=raw)

        return fetch

    def texts(self) -> list[str]:
        return sorted(item.text for item in self.sink.items.values())


@pytest.fixture
def bench() -> Iterator[Bench]:
    with ThreadPoolExecutor(1) as writer:
        yield Bench(writer)
