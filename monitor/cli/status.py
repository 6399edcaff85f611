"""Show the state of every source and queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

import typer

from monitor.cli._opened import opened
from monitor.cli._show import JsonFlag, as_facts, as_json, as_table, in_words
from monitor.store.views import QueueView, SourceView, queue_state, source_states


def command(ctx: typer.Context, *, json: JsonFlag = False) -> None:
    """Read everything at one moment and show it."""
    with opened(ctx) as app:
        now = app.clock()
        with app.database.read() as tx:
            sources, queues = source_states(tx, now=now), queue_state(tx)
    if json:
        as_json({"at": now, "sources": [asdict(s) for s in sources], "queues": asdict(queues)})
        return
    as_table(
        "Sources",
        ["source", "kind", "read", "next", "found", "aside", "health"],
        [_source_row(source, now) for source in sources],
        wide="health",
    )
    as_facts({source.name: source.health_reason for source in sources if source.health_reason})
    as_facts(_queue_facts(queues, now))


def _source_row(source: SourceView, now: datetime) -> tuple[object, ...]:
    return (
        source.name,
        source.kind,
        in_words(source.last_success, now),
        "running" if source.running else in_words(source.next_due, now),
        source.mentions,
        source.quarantined,
        source.health if source.enabled else "disabled",
    )


def _queue_facts(queues: QueueView, now: datetime) -> dict[str, object]:
    waiting = in_words(queues.oldest_outbox, now) if queues.oldest_outbox else "nothing waits"
    return {
        "Mentions": queues.mentions,
        "To be scored": f"{queues.unscored} ({queues.scoring_failed} failed before)",
        "Open tasks": _counts(queues.open_tasks),
        "Alerts": _counts(queues.outbox),
        "Oldest undelivered alert": waiting,
        "Items set aside": queues.quarantined,
    }


def _counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{key} {number}" for key, number in sorted(numbers.items())) or "none"
