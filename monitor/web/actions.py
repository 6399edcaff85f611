"""What the buttons of a task do: one form each, brought to the desk with the version seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, StringConstraints

from monitor.desk import Desk
from monitor.domain.errors import NotAllowed, NotFound, StaleVersion
from monitor.domain.types import Task
from monitor.web import words
from monitor.web.login import check_form, local_path
from monitor.web.marks import safe_link
from monitor.web.pages import Notice, TaskId, task_page
from monitor.web.render import Renderer, session_of
from monitor.web.services import WebServices
from monitor.web.words import N_, Words

LONGEST_FIELD = 2000
Field = Annotated[str, StringConstraints(max_length=LONGEST_FIELD)]


class Filled(BaseModel):
    """A form as it was sent. `version` is that of the task the person saw."""

    form: Field = ""
    version: int
    reason: Field = ""
    note: Field = ""
    until: Field = ""
    url: Field = ""
    back: Field = ""

    @property
    def full_reason(self) -> str:
        """The chosen reason with the person's own words."""
        return ": ".join(part.strip() for part in (self.reason, self.note) if part.strip())


@dataclass(frozen=True, slots=True)
class Move:
    """Who does something to which task."""

    desk: Desk
    task_id: int
    person: str
    filled: Filled
    zone: ZoneInfo


def _hold(move: Move) -> Task:
    return move.desk.hold(
        move.task_id,
        move.filled.version,
        move.person,
        reason=move.filled.full_reason,
        until=_moment(move.filled.until, move.zone),
    )


def _reply(move: Move) -> Task:
    url = move.filled.url.strip()
    if url and safe_link(url) is None:
        raise NotAllowed(N_("The address of the answer must begin with http:// or https://."))
    return move.desk.reply(move.task_id, move.filled.version, move.person, url=url)


def _close(move: Move) -> Task:
    reason = move.filled.full_reason
    return move.desk.close(move.task_id, move.filled.version, move.person, reason=reason)


def _no_action(move: Move) -> Task:
    reason = move.filled.full_reason
    return move.desk.no_action(move.task_id, move.filled.version, move.person, reason=reason)


def _plain(name: str) -> Callable[[Move], Task]:
    def act(move: Move) -> Task:
        task: Task = getattr(move.desk, name)(move.task_id, move.filled.version, move.person)
        return task

    return act


ACTIONS: Mapping[str, Callable[[Move], Task]] = {
    "claim": _plain("claim"),
    "release": _plain("release"),
    "hold": _hold,
    "wake": _plain("wake"),
    "reply": _reply,
    "close": _close,
    "no_action": _no_action,
    "reopen": _plain("reopen"),
}


def build_router(services: WebServices, renderer: Renderer) -> APIRouter:
    """Return the routes that change tasks."""
    router = APIRouter(include_in_schema=False)

    @router.post("/tasks/{task_id}/{action}")
    def act(
        request: Request, task_id: TaskId, action: str, filled: Annotated[Filled, Form()]
    ) -> Response:
        session = session_of(request)
        check_form(request, filled.form)
        if action not in ACTIONS:
            raise NotFound(f"There is no action {action}.")
        move = Move(services.desk, task_id, session.person, filled, services.zone)
        try:
            ACTIONS[action](move)
        except StaleVersion as stale:
            notice = Notice("stale", _stale_words(renderer.words(request), stale))
            return task_page(services, renderer, request, task_id, notice=notice, status=409)
        except NotAllowed as refusal:
            notice = Notice("refused", renderer.words(request).gettext(str(refusal)))
            return task_page(services, renderer, request, task_id, notice=notice, status=409)
        onward = local_path(filled.back) if filled.back else f"/tasks/{task_id}?did={action}"
        return RedirectResponse(onward, 303)

    return router


def _stale_words(said: Words, stale: StaleVersion) -> str:
    text = said.gettext(
        "%(who)s was faster: \u201c%(what)s\u201d at %(when)s. "
        "Nothing that you entered was saved. Please look at the task again."
    )
    return text % {"who": stale.by, "what": said.of(words.EVENTS, stale.what), "when": stale.at}


def _moment(entered: str, zone: ZoneInfo) -> datetime:
    """Read what a date and time field sends, in the time zone of the pages."""
    try:
        return datetime.fromisoformat(entered).replace(tzinfo=zone)
    except ValueError:
        raise NotAllowed(N_("A hold needs an end in the future.")) from None
