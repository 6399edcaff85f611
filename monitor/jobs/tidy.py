"""Tidy: forget what only served the running of the machine and is old."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from monitor.jobs.context import Context
from monitor.store.tables import runs, sign_ins, slots

KEEP_RUNS = timedelta(days=30)
KEEP_SLOTS = timedelta(days=400)


def run(ctx: Context) -> int:
    """Delete old runs, schedule slots and expired sign-ins; return how many rows."""
    now = ctx.clock()
    old = (
        delete(runs).where(runs.c.started_at < now - KEEP_RUNS),
        delete(slots).where(slots.c.at < now - KEEP_SLOTS),
        delete(sign_ins).where(sign_ins.c.expires_at < now),
    )
    with ctx.database.write() as tx:
        return sum(tx.execute(statement).rowcount for statement in old)
