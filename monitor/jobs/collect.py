"""Collect: claim due sources and let a crawl process read them, one process per lane.

The process stores what it finds by itself, page by page. Whatever it left undone when it ends, by
its own will or not, counts as a failure of that source and is put off; nothing else waits for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import structlog

from monitor.domain.crawl import CrawlPlan
from monitor.jobs.context import Context
from monitor.store import queue

log = structlog.get_logger("earshot.collect")


def run(
    ctx: Context,
    *,
    lane: str | None = None,
    names: Sequence[str] | None = None,
    due_only: bool = True,
) -> int:
    """Crawl what is due (or the sources named) and return the number of sources crawled."""
    owner = f"{ctx.owner}:{uuid.uuid4().hex[:8]}"
    with ctx.database.write() as tx:
        claimed = queue.claim_sources(
            tx,
            owner=owner,
            now=ctx.clock(),
            lease_s=ctx.crawl_lease_s,
            names=names,
            due_only=due_only,
            lane=lane,
        )
    if not claimed:
        return 0
    ctx.fault("collect.claimed")
    plan = CrawlPlan(
        database_url=ctx.database.url,
        owner=owner,
        sources=tuple(ctx.sources[name] for name in claimed if name in ctx.sources),
        network=ctx.network,
    )
    _crawl(ctx, plan)
    ctx.fault("collect.crawled")
    return len(claimed)


def _crawl(ctx: Context, plan: CrawlPlan) -> None:
    code = ctx.crawl(plan)
    reason = "the crawl process ended early" if code >= 0 else f"killed by signal {-code}"
    with ctx.database.write() as tx:
        undone = queue.fail_leased(tx, plan.owner, reason, now=ctx.clock())
    if undone:
        log.warning("crawl_undone", sources=undone, exit_code=code)
