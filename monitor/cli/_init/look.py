"""Looks at a site for something to listen to: a dry run of every plausible source.

The crawl process does the reading, so the guard against private addresses, robots.txt and all
limits hold here too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urljoin, urlsplit

from monitor import registry
from monitor.cli._dry_run import dry_run
from monitor.cli._init.alternates import feed_links
from monitor.cli._init.answers import Answers
from monitor.domain.crawl import CrawlPlan, NetworkPolicy, SourcePlan

_FEED_PATHS = ("/feed", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json")
_PAGES = 2


@dataclass(frozen=True, slots=True)
class Proposal:
    """A source that gave items."""

    name: str
    kind: str
    url: str
    found: int

    def as_record(self) -> dict[str, object]:
        """Return it as plain values."""
        return asdict(self)


def look(answers: Answers) -> list[Proposal]:
    """Return every kind and address that gave items, most items first.

    Raises SourceError when nothing could be tried.
    """
    network = NetworkPolicy(contact=answers.contact, allow=answers.allow, max_pages=_PAGES)
    plans = {plan.name: plan for plan in _candidates(answers, network)}
    plan = CrawlPlan(database_url="", owner="init", sources=tuple(plans.values()), network=network)
    found: dict[str, set[str]] = defaultdict(set)
    for mention in dry_run(plan).mentions:
        found[mention["source"]].add(mention["external_id"])
    proposals = (
        Proposal(name, plans[name].kind, plans[name].url, len(found[name]))
        for name in _different(plans, found)
    )
    return sorted(proposals, key=lambda proposal: -proposal.found)


def _candidates(answers: Answers, network: NetworkPolicy) -> Iterable[SourcePlan]:
    kinds = registry.names("sources")
    if "wordpress" in kinds:
        yield _plan(answers, "wordpress", _root(answers.site))
    if "schema_org" in kinds:
        yield _plan(answers, "schema_org", answers.site)
    if "feed" in kinds:
        named = feed_links(answers.site, network)
        guesses = (urljoin(answers.site, path) for path in _FEED_PATHS)
        for url in dict.fromkeys([*named, answers.site, *guesses]):
            yield _plan(answers, "feed", url)


def _plan(answers: Answers, kind: str, url: str) -> SourcePlan:
    parts = urlsplit(url)
    words = re.findall(r"[a-z0-9]+", f"{parts.hostname} {parts.path} {parts.query}".lower())
    name = "-".join([kind.replace("_", "-"), *words])[:100]
    return SourcePlan(name=name, kind=kind, brand=answers.brands[0], url=url)


def _root(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _different(plans: Iterable[str], found: Mapping[str, set[str]]) -> list[str]:
    """Return the sources that gave items, one for each set of items, in the order they were tried.

    The same feed often stands under several addresses.
    """
    kept: dict[frozenset[str], str] = {}
    for name in plans:
        if name in found:
            kept.setdefault(frozenset(found[name]), name)
    return list(kept.values())
