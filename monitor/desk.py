"""The desk: what a person may do with a task. One transaction each: state, event, outbox rows.

Every action names the version of the task that the person saw. A stale version is refused with who
did what when, so that two people never overwrite each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from monitor.domain.errors import NotAllowed, NotFound
from monitor.domain.lifecycle import Action, next_state
from monitor.domain.policy import ChannelRule
from monitor.domain.ports import Clock
from monitor.domain.types import Task
from monitor.store.announce import announce_change
from monitor.store.database import Database
from monitor.store.tasks import Event, change_task, read_task

CLOSE_REASONS = (
    "solved",
    "no answer after reminders",
    "answered publicly",
    "moved to private case",
    "duplicate",
    "not our brand",
    "spam or fake, reported",
    "removed by author or platform",
    "cannot be solved, explained",
    "customer withdrew",
)
HOLD_REASONS = (
    "waiting for the customer",
    "waiting for supplier or carrier",
    "technical fix planned",
    "legal or privacy check",
    "approval",
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Actions on tasks. `actor` is the person's name as shown to colleagues.

    Every method returns the task as it is afterwards and raises NotFound, NotAllowed or
    StaleVersion; nothing is changed then.
    """

    database: Database
    clock: Clock
    channels: tuple[ChannelRule, ...] = ()

    def claim(self, task_id: int, version: int, actor: str) -> Task:
        """Take the task: the actor becomes its owner."""
        return self._act(task_id, version, actor, Action.CLAIM, {"owner": actor})

    def release(self, task_id: int, version: int, actor: str) -> Task:
        """Give the task back to the queue."""
        return self._act(task_id, version, actor, Action.RELEASE, {"owner": None})

    def hold(self, task_id: int, version: int, actor: str, *, reason: str, until: datetime) -> Task:
        """Put the task on hold for a reason until an aware time in the future."""
        if not reason.strip():
            raise NotAllowed("A hold needs a reason: the customer will want to know it.")
        if until <= self.clock():
            raise NotAllowed("A hold needs an end in the future.")
        columns = {"hold_reason": reason.strip(), "hold_until": until}
        facts = {"reason": reason.strip(), "until": until.isoformat()}
        return self._act(task_id, version, actor, Action.HOLD, columns, facts)

    def wake(self, task_id: int, version: int, actor: str) -> Task:
        """End a hold."""
        columns = {"hold_reason": None, "hold_until": None}
        return self._act(task_id, version, actor, Action.WAKE, columns)

    def reply(self, task_id: int, version: int, actor: str, *, url: str = "") -> Task:
        """Mark the task as answered; `url` is where the answer stands."""
        columns = {"owner": actor}
        return self._act(task_id, version, actor, Action.REPLY, columns, {"url": url})

    def close(self, task_id: int, version: int, actor: str, *, reason: str) -> Task:
        """Close the task for a reason."""
        if not reason.strip():
            raise NotAllowed("Closing needs a reason.")
        columns = {"close_reason": reason.strip()}
        return self._act(task_id, version, actor, Action.CLOSE, columns, {"reason": reason.strip()})

    def no_action(self, task_id: int, version: int, actor: str, *, reason: str = "") -> Task:
        """Dismiss the task: nothing needs to be done."""
        columns = {"close_reason": reason.strip() or None}
        return self._act(task_id, version, actor, Action.NO_ACTION, columns, {"reason": reason})

    def reopen(self, task_id: int, version: int, actor: str) -> Task:
        """Put a finished task back into the queue."""
        columns = {"owner": None, "close_reason": None, "hold_reason": None, "hold_until": None}
        return self._act(task_id, version, actor, Action.REOPEN, columns)

    def _act(  # noqa: PLR0917 - private; the public actions above have few and named arguments
        self,
        task_id: int,
        version: int,
        actor: str,
        action: Action,
        columns: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
    ) -> Task:
        now = self.clock()
        with self.database.write() as tx:
            task = _existing(tx, task_id)
            if task.version == version:
                columns = {**columns, "state": next_state(task.state, action).value}
            event = Event(actor=actor, action=action.value, facts=facts or {}, at=now)
            change_task(tx, task_id, version, columns, event)
            changed = _existing(tx, task_id)
            announce_change(tx, changed, self.channels, now=now)
        return changed


def _existing(tx: Connection, task_id: int) -> Task:
    task = read_task(tx, task_id)
    if task is None:
        raise NotFound(f"There is no task {task_id}.")
    return task
