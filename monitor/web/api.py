"""The read API, `/api/v1/...`: the same rows as the pages, as JSON."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from monitor.domain.errors import NotFound
from monitor.domain.types import Priority
from monitor.store import browse, views
from monitor.store.tasks import read_task
from monitor.web.query import LARGEST_ID, STATE_GROUPS
from monitor.web.services import WebServices
from monitor.web.shapes import (
    MentionPage,
    SourceShape,
    TaskPage,
    TaskWithHistory,
    event_shape,
    mention_shape,
    source_shape,
    task_shape,
)

StateGroup = Literal[
    "open", "done", "all", "new", "claimed", "on_hold", "replied", "solved", "closed", "no_action"
]
Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]
Priorities = Annotated[list[Priority], Field(max_length=4)]


class TaskQuery(BaseModel):
    """Which tasks to list."""

    state: StateGroup = "open"
    priority: Priorities = []
    brand: Text = ""
    lang: Text = ""
    source: Text = ""
    owner: Text = ""
    q: Text = ""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    offset: Annotated[int, Field(ge=0, le=100_000)] = 0

    @property
    def filter(self) -> views.InboxFilter:
        """The filter of the store."""
        return views.InboxFilter(
            states=STATE_GROUPS[self.state],
            priorities=frozenset(self.priority),
            brand=self.brand,
            lang=self.lang,
            source=self.source,
            owner=self.owner,
            q=self.q,
        )


def build_router(services: WebServices) -> APIRouter:
    """Return the routes of the API."""
    router = APIRouter(prefix="/api/v1", tags=["v1"])
    _add_tasks(router, services)
    _add_mentions(router, services)

    @router.get("/sources")
    def list_sources() -> list[SourceShape]:
        """List every configured source with its state."""
        with services.database.read() as tx:
            states = views.source_states(tx, now=services.clock())
        return [source_shape(state) for state in states]

    return router


def _add_tasks(router: APIRouter, services: WebServices) -> None:
    @router.get("/tasks")
    def list_tasks(asked: Annotated[TaskQuery, Query()]) -> TaskPage:
        """List tasks in the order of work: priority, time left, age."""
        with services.database.read() as tx:
            tasks = views.inbox(tx, asked.filter, limit=asked.limit, offset=asked.offset)
            total = views.count_inbox(tx, asked.filter)
        shown = [task_shape(task, _link(services, task.id)) for task in tasks]
        return TaskPage(total=total, limit=asked.limit, offset=asked.offset, tasks=shown)

    @router.get("/tasks/{task_id}")
    def show_task(task_id: Annotated[int, Path(ge=1, le=LARGEST_ID)]) -> TaskWithHistory:
        """Show one task with its history."""
        with services.database.read() as tx:
            task = read_task(tx, task_id)
            events = views.timeline(tx, task_id)
        if task is None:
            raise NotFound(f"There is no task {task_id}.")
        return TaskWithHistory(
            task=task_shape(task, _link(services, task_id)),
            events=[event_shape(event) for event in events],
        )


def _add_mentions(router: APIRouter, services: WebServices) -> None:
    @router.get("/mentions")
    def list_mentions(
        after: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
        source: Text = "",
        brand: Text = "",
        lang: Text = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 100,
    ) -> MentionPage:
        """List everything collected, oldest first, in pages that nothing slips between."""
        wanted = browse.MentionFilter(after=after, source=source, brand=brand, lang=lang)
        with services.database.read() as tx:
            found = browse.list_mentions(tx, wanted, limit=limit)
        shown = [mention_shape(mention) for mention in found]
        return MentionPage(next_after=found[-1].id if len(found) == limit else None, mentions=shown)


def _link(services: WebServices, task_id: int) -> str:
    return f"{services.base_url}/tasks/{task_id}"
