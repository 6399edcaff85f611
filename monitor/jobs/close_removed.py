"""Close the open tasks whose mention is gone at its source; its text is erased already."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from monitor.domain.types import Task, TaskState
from monitor.jobs.context import Context
from monitor.store import tasks
from monitor.store.announce import announce_change

_BATCH = 100
REASON = "removed at the source"


def run(ctx: Context) -> int:
    """Close them and have their messages updated; return how many."""
    with ctx.database.read() as tx:
        if not tasks.removed_but_open(tx, limit=1):
            return 0
    now = ctx.clock()
    with ctx.database.write() as tx:
        gone = tasks.removed_but_open(tx, limit=_BATCH)
        for task in gone:
            _close(ctx, tx, task, now)
    return len(gone)


def _close(ctx: Context, tx: Connection, task: Task, now: datetime) -> None:
    columns = {"state": TaskState.CLOSED.value, "close_reason": REASON}
    event = tasks.Event(actor="triage", action="removed", facts={}, at=now)
    tasks.change_task(tx, task.id, task.version, columns, event)
    changed = tasks.read_task(tx, task.id)
    assert changed is not None
    announce_change(tx, changed, ctx.policy.channels, now=now)
