"""Collect: claim due sources and let a crawl process read them, one process per lane.

The process stores what it finds by itself, page by page. Whatever it left undone when it ends, by
its own will or not, counts as a failure of that source and is put off; nothing else waits for it.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog

from monitor.domain.crawl import CrawlPlan
from monitor.domain.errors import StoreUnavailable
from monitor.jobs.context import Context
from monitor.jobs.crawl_process import STOPPED
from monitor.store import queue
from monitor.store.recover import release_sources, renew_sources

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
    with _heartbeat(ctx, plan.owner):
        code = ctx.crawl(plan)
    if code == STOPPED:
        with ctx.database.write() as tx:
            release_sources(tx, plan.owner)
        return
    reason = "the crawl process ended early" if code >= 0 else f"killed by signal {-code}"
    with ctx.database.write() as tx:
        undone = queue.fail_leased(tx, plan.owner, reason, now=ctx.clock())
    if undone:
        log.warning("crawl_undone", sources=undone, exit_code=code)


@contextmanager
def _heartbeat(ctx: Context, owner: str) -> Iterator[None]:
    """Keep the leases alive as long as the crawl runs.

    They are short, so that what a killed process held is free again soon, and a crawl that lost
    its parent cannot write any more.
    """
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(ctx, owner, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(ctx: Context, owner: str, done: threading.Event) -> None:
    while not done.wait(ctx.crawl_lease_s / 3):
        try:
            with ctx.database.write() as tx:
                renew_sources(tx, owner, now=ctx.clock(), lease_s=ctx.crawl_lease_s)
        except StoreUnavailable as error:
            log.warning("lease_not_renewed", error=type(error).__name__)
