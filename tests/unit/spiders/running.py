"""Runs `python -m spiders` for real and reads what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.domain.crawl import CrawlPlan, NetworkPolicy, SourcePlan

ROOT = Path(__file__).parents[3]
LOGS = {"EARSHOT_LOG": "json", "EARSHOT_LOG_LEVEL": "debug"}


@dataclass
class Ran:
    """What one crawl process did."""

    code: int
    mentions: list[dict[str, Any]]
    events: list[dict[str, Any]]
    raw_errors: str = field(repr=False)

    def outcome(self, source: str) -> dict[str, Any]:
        found = [e for e in self.events if e["event"] == "crawl.finished" and e["source"] == source]
        assert len(found) == 1, (source, found, self.raw_errors[-2000:])
        return found[0]

    def of(self, source: str) -> list[dict[str, Any]]:
        return [mention for mention in self.mentions if mention["source"] == source]


def source(name: str, url: str, kind: str = "feed", **options: Any) -> SourcePlan:
    return SourcePlan(name=name, kind=kind, brand="Acme", url=url, options=options)


def plan_of(
    *sources: SourcePlan,
    allow: tuple[str, ...] = (),
    database: str = "",
    owner: str = "tester",
    **network: Any,
) -> CrawlPlan:
    policy = NetworkPolicy(allow=allow, **{"timeout_s": 3.0, "delay_s": 0.0, **network})
    return CrawlPlan(
        database_url=database, owner=owner, sources=sources, network=policy, progress=True
    )


def start(plan: CrawlPlan, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "spiders"],
        cwd=ROOT,
        env={**os.environ, **LOGS, **(environ or {})},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    process.stdin.write(plan.to_json())
    process.stdin.close()
    process.stdin = None
    return process


def finish(process: subprocess.Popen[str], timeout: float = 60) -> Ran:
    out, errors = process.communicate(timeout=timeout)
    said = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    events = [event for event in said if event.get("logger", "earshot").startswith("earshot")]
    mentions = [json.loads(line) for line in out.splitlines()]
    return Ran(process.returncode, mentions, events, errors)


def run(plan: CrawlPlan, environ: Mapping[str, str] | None = None, timeout: float = 60) -> Ran:
    return finish(start(plan, environ), timeout)


def rss(*items: tuple[str, str], title: str = "Shop", lang: str = "en", extra: str = "") -> str:
    """Return a feed of (id, text) entries."""
    entries = "".join(
        f"<item><guid isPermaLink='false'>{id_}</guid><title>Title {id_}</title>"
        f"<link>https://shop.example/{id_}</link><pubDate>Fri, 20 Nov 2026 10:00:00 +0000</pubDate>"
        f"<description><![CDATA[<p>{text}</p>]]></description></item>"
        for id_, text in items
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{title}</title>"
        f"<language>{lang}</language>{extra}{entries}</channel></rss>"
    )
