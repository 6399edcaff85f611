"""The pages: inbox, task, sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response

from monitor.domain.errors import NotFound
from monitor.domain.lifecycle import allowed_actions
from monitor.domain.types import Task
from monitor.store import browse, views
from monitor.store.tasks import read_task
from monitor.web import words
from monitor.web.marks import LONGEST_TEXT
from monitor.web.query import LARGEST_ID, PAGE_SIZE, InboxQuery
from monitor.web.render import Renderer, session_of
from monitor.web.services import WebServices

PART = "x-earshot-part"
"""Request header of the page's own script: only the list is wanted."""
STALE_S = 30
"""After so many seconds a list is sent again without any change: its times have moved on."""
HOLD_HOURS = 24
TaskId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message on top of a page. `kind` is "done", "stale" or "refused"."""

    kind: str
    text: str


def build_router(services: WebServices, renderer: Renderer) -> APIRouter:
    """Return the routes of the pages."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def start() -> Response:
        return RedirectResponse("/inbox", 303)

    @router.get("/inbox")
    def inbox(request: Request) -> Response:
        return _inbox(services, renderer, request)

    @router.get("/tasks/{task_id}")
    def task(request: Request, task_id: TaskId, did: str = "") -> Response:
        notice = Notice("done", words.EVENTS[did]) if did in words.EVENTS else None
        return task_page(services, renderer, request, task_id, notice=notice)

    @router.get("/sources")
    def sources(request: Request) -> Response:
        now = services.clock()
        with services.database.read() as tx:
            states, queue = views.source_states(tx, now=now), views.queue_state(tx)
        return renderer.page(
            request, "sources.html", sources=states, queue=queue, health=words.HEALTH
        )

    return router


def task_page(
    services: WebServices,
    renderer: Renderer,
    request: Request,
    task_id: int,
    *,
    notice: Notice | None = None,
    status: int = 200,
) -> Response:
    """Show one task. Raises NotFound."""
    with services.database.read() as tx:
        task = _existing(read_task(tx, task_id), task_id)
        timeline = views.timeline(tx, task_id)
        revisions = views.revisions_of(tx, task.mention.id)
    return renderer.page(
        request,
        "task.html",
        status=status,
        task=task,
        timeline=timeline,
        older=[text for text in revisions if text.revision != task.mention.revision],
        actions={action.value for action in allowed_actions(task.state)},
        notice=notice,
        tables=words,
        longest=LONGEST_TEXT,
        hold_until=_in_a_day(services),
    )


def _inbox(services: WebServices, renderer: Renderer, request: Request) -> Response:
    query = InboxQuery.parse(request.query_params)
    wanted = query.filter(session_of(request).person)
    part = PART in request.headers
    with services.database.read() as tx:
        mark = f'"{browse.newest_change(tx)} {int(services.clock().timestamp()) // STALE_S}"'
        if part and request.headers.get("if-none-match") == mark:
            return Response(status_code=304)
        tasks = views.inbox(tx, wanted, limit=PAGE_SIZE, offset=query.offset)
        total = views.count_inbox(tx, wanted)
        queue = views.queue_state(tx)
        offered = browse.choices(tx)
    answer = renderer.page(
        request,
        "inbox_list.html" if part else "inbox.html",
        tasks=tasks,
        total=total,
        query=query,
        counts=queue.open_tasks,
        open_total=sum(queue.open_tasks.values()),
        stored=queue.mentions,
        waiting=queue.unscored,
        offered=offered,
        tables=words,
        pages=max(1, -(-total // PAGE_SIZE)),
    )
    answer.headers["ETag"] = mark
    return answer


def _existing(task: Task | None, task_id: int) -> Task:
    if task is None:
        raise NotFound(f"There is no task {task_id}.")
    return task


def _in_a_day(services: WebServices) -> str:
    until = services.clock().astimezone(services.zone) + timedelta(hours=HOLD_HOURS)
    return until.strftime("%Y-%m-%dT%H:%M")
