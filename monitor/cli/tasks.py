"""List tasks in the order of work: most urgent first."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from monitor.cli._opened import opened
from monitor.cli._show import JsonFlag, as_json, as_table, in_words, one_line
from monitor.domain.lifecycle import OPEN_STATES
from monitor.domain.types import Priority, Task, TaskState
from monitor.render.records import task_record
from monitor.store.views import InboxFilter, count_inbox, inbox


def command(
    ctx: typer.Context,
    *,
    state: Annotated[
        list[TaskState] | None, typer.Option(help="Only this state; repeat for more.")
    ] = None,
    priority: Annotated[
        list[Priority] | None, typer.Option(help="Only this priority; repeat for more.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Finished tasks too.")] = False,
    brand: Annotated[str, typer.Option(help="Only this brand.")] = "",
    lang: Annotated[str, typer.Option(help="Only this language, for example lv.")] = "",
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    owner: Annotated[str, typer.Option(help="Only tasks of this person.")] = "",
    search: Annotated[str, typer.Option(help="Only with these words in text or author.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 50,
    offset: Annotated[int, typer.Option(min=0, help="How many to skip.")] = 0,
    json: JsonFlag = False,
) -> None:
    """Filter and list."""
    states = frozenset(TaskState) if everything else frozenset(state or OPEN_STATES)
    wanted = InboxFilter(
        states=states,
        priorities=frozenset(priority or ()),
        brand=brand,
        lang=lang,
        source=source,
        owner=owner,
        q=search,
    )
    with opened(ctx) as app:
        now = app.clock()
        with app.database.read() as tx:
            found = inbox(tx, wanted, limit=limit, offset=offset)
            total = count_inbox(tx, wanted)
    if json:
        as_json([task_record(task) for task in found])
    else:
        _show(found, total, now)


def _show(found: list[Task], total: int, now: datetime) -> None:
    as_table(
        f"Tasks: {len(found)} of {total}",
        ["id", "class", "state", "due", "brand", "lang", "label", "text"],
        [_row(task, now) for task in found],
        wide="text",
    )


def _row(task: Task, now: datetime) -> tuple[object, ...]:
    state = f"{task.state.value} ({task.owner})" if task.owner else task.state.value
    return (
        task.id,
        f"{task.priority.value} {task.points:.0f}",
        state,
        in_words(task.due_at, now),
        task.mention.brand,
        task.sentiment.lang if task.sentiment else task.mention.lang,
        task.sentiment.label.value if task.sentiment else "-",
        one_line(task.mention.text, 70),
    )
