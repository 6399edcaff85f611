"""Show one task, or act on it: claim, release, hold, wake, reply, close, dismiss, reopen.

Examples: `earshot task 12`, `earshot task 12 claim`,
`earshot task 12 hold --reason "waiting for supplier" --until 2d`,
`earshot task 12 close --reason solved`.
"""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from monitor.bootstrap import App
from monitor.cli._opened import opened
from monitor.cli._show import JsonFlag, as_facts, as_json, in_words
from monitor.domain.errors import NotAllowed, NotFound
from monitor.domain.types import Task
from monitor.render.records import task_record
from monitor.settings import parse_duration
from monitor.store.tasks import read_task
from monitor.store.views import timeline


class Action(StrEnum):
    """What can be done with a task here."""

    SHOW = "show"
    CLAIM = "claim"
    RELEASE = "release"
    HOLD = "hold"
    WAKE = "wake"
    REPLY = "reply"
    CLOSE = "close"
    DISMISS = "dismiss"
    REOPEN = "reopen"


def command(
    ctx: typer.Context,
    task_id: Annotated[int, typer.Argument(metavar="ID", help="Number of the task.")],
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.SHOW,
    *,
    reason: Annotated[str, typer.Option(help="Why; needed to hold and to close.")] = "",
    until: Annotated[
        str,
        typer.Option(help='End of a hold: "2d", "4h" or a time such as 2026-12-01T09:00+02:00.'),
    ] = "",
    url: Annotated[str, typer.Option(help="Where the reply stands.")] = "",
    by: Annotated[str, typer.Option("--as", help="Who acts; the user name by default.")] = "",
    version: Annotated[
        int | None, typer.Option(help="Refuse if the task has another version than this.")
    ] = None,
    json: JsonFlag = False,
) -> None:
    """Act, then show the task as it is afterwards."""
    with opened(ctx) as app:
        with app.database.read() as tx:
            task = read_task(tx, task_id)
        if task is None:
            raise NotFound(f"There is no task {task_id}.")
        seen = task.version if version is None else version
        changed = _act(app, action, task, seen, by or getpass.getuser(), reason, until, url)
        _show(app, changed, as_document=json)


def _act(  # noqa: PLR0917 - the options of the command, passed through once
    app: App, action: Action, task: Task, seen: int, who: str, reason: str, until: str, url: str
) -> Task:
    desk = app.desk
    match action:
        case Action.SHOW:
            return task
        case Action.HOLD:
            end = _moment(until, app.clock())
            return desk.hold(task.id, seen, who, reason=reason, until=end)
        case Action.REPLY:
            return desk.reply(task.id, seen, who, url=url)
        case Action.CLOSE:
            return desk.close(task.id, seen, who, reason=reason)
        case Action.DISMISS:
            return desk.no_action(task.id, seen, who, reason=reason)
        case _:
            plain = {
                Action.CLAIM: desk.claim,
                Action.RELEASE: desk.release,
                Action.WAKE: desk.wake,
                Action.REOPEN: desk.reopen,
            }
            return plain[action](task.id, seen, who)


def _moment(text: str, now: datetime) -> datetime:
    """Read a span from now, or a moment; without a zone it is local time."""
    try:
        return now + parse_duration(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise NotAllowed(
            'A hold needs its end: --until 2d, or a time such as "2026-12-01 09:00".'
        ) from None


def _show(app: App, task: Task, *, as_document: bool) -> None:
    with app.database.read() as tx:
        events = timeline(tx, task.id)
    now = app.clock()
    if as_document:
        history = [
            {"at": e.at, "actor": e.actor, "action": e.action, "facts": dict(e.facts)}
            for e in events
        ]
        as_json({**task_record(task), "history": history})
        return
    as_facts(_facts(app, task, now))
    for event in events:
        typer.echo(f"  {event.at:%Y-%m-%d %H:%M} UTC  {event.actor}: {event.action}")


def _facts(app: App, task: Task, now: datetime) -> dict[str, object]:
    reasons = "; ".join(
        f"{reason.code} {reason.points:+.0f} {reason.detail}".strip() for reason in task.reasons
    )
    return {
        "Task": f"{task.id} (version {task.version}), {app.link(task.id)}",
        "Priority": f"{task.priority.value}, {task.points:.0f} points",
        "Why": reasons,
        "State": task.state.value,
        "Owner": task.owner,
        "Due": f"{task.due_at:%Y-%m-%d %H:%M} UTC, {in_words(task.due_at, now)}",
        "On hold": _held(task),
        "Closed": task.close_reason,
        "Label": task.sentiment.label.value if task.sentiment else None,
        "Source": f"{task.mention.source}, {task.mention.brand}",
        "Original": task.mention.url,
        "Author": task.mention.author,
        "Title": task.mention.title,
        "Text": task.mention.text,
    }


def _held(task: Task) -> str | None:
    if task.hold_until is None:
        return None
    return f"until {task.hold_until:%Y-%m-%d %H:%M} UTC: {task.hold_reason}"
