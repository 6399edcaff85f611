"""A database with tasks to alert about, a fake Slack, and the job between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from alerts.channels.slack import build
from monitor.domain.delivery import DeliveryPolicy
from monitor.domain.ports import Channel
from monitor.domain.types import Priority
from monitor.jobs import deliver
from monitor.jobs.context import Context
from monitor.store import outbox
from monitor.store.database import Database
from monitor.store.tables import leases, mentions, tasks
from monitor.store.tables import outbox as outbox_table
from tests.twins.clock import ManualClock
from tests.twins.fake_slack import FakeSlack
from tests.unit.jobs_context import context

TOKEN = "xoxb-1-secret"


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the job runs after it."""


@dataclass
class Bench:
    database: Database
    clock: ManualClock
    slack: FakeSlack
    ctx: Context

    def task(self, priority: str = "P2", *, text: str = "It broke.", channel: str = "care") -> int:
        """Open a task and ask for its first message."""
        now = self.clock()
        with self.database.write() as tx:
            number = len(tx.execute(select(mentions.c.id)).all()) + 1
            mention_id = tx.execute(
                insert(mentions)
                .values(
                    source="shop",
                    external_id=str(number),
                    brand="Aurora",
                    kind="review",
                    text=text,
                    text_hash=f"{number:032x}",
                    author="Kovács Éva",
                    published_trust="none",
                    collected_at=now,
                    changed_at=now,
                    revision=1,
                    baseline=False,
                )
                .returning(mentions.c.id)
            ).scalar_one()
            task_id = tx.execute(
                insert(tasks)
                .values(
                    mention_id=mention_id,
                    brand="Aurora",
                    lang="en",
                    priority=priority,
                    points=50,
                    reasons=[],
                    state="new",
                    due_at=now + timedelta(hours=4),
                    created_at=now,
                    changed_at=now,
                    version=1,
                )
                .returning(tasks.c.id)
            ).scalar_one()
            outbox.enqueue(
                tx,
                task_id=task_id,
                version=1,
                channel=channel,
                action="send",
                priority=Priority(priority),
                now=now,
            )
        return int(task_id)

    def change(self, task_id: int, state: str = "claimed", channel: str = "care") -> None:
        """Change a task and ask for the message to be brought up to date."""
        with self.database.write() as tx:
            row = tx.execute(select(tasks).where(tasks.c.id == task_id)).one()
            version = row.version + 1
            tx.execute(
                update(tasks)
                .where(tasks.c.id == task_id)
                .values(state=state, version=version, owner="Eva")
            )
            outbox.enqueue(
                tx,
                task_id=task_id,
                version=version,
                channel=channel,
                action="update",
                priority=Priority(row.priority),
                now=self.clock(),
            )

    def ask(self, task_id: int, action: str, version: int) -> bool:
        """Enqueue once more, as it is."""
        with self.database.write() as tx:
            return outbox.enqueue(
                tx,
                task_id=task_id,
                version=version,
                channel="care",
                action=action,
                priority=Priority.P2,
                now=self.clock(),
            )

    def kill_at(self, point: str, rounds: int = 20) -> None:
        """Run until the job passes a fault point, and end there; its lease stays behind."""

        def fault(name: str) -> None:
            if name == point:
                raise Killed

        alive = self.ctx
        self.ctx = replace(alive, fault=fault, owner="killed")
        with pytest.raises(Killed):
            self._run_on(rounds)
        self.ctx = alive
        until = self.clock() + timedelta(seconds=self.ctx.delivery.lease_s)
        with self.database.write() as tx:
            tx.execute(insert(leases), [{"name": "sender:care", "owner": "killed", "until": until}])

    def _run_on(self, rounds: int) -> None:
        for _ in range(rounds):
            self.run()
            self.clock.advance(10)

    def run(self) -> int:
        """Run the job; waiting moves the clock."""
        return deliver.run(self.ctx, sleep=self.clock.advance)

    def run_until_idle(self, *, step_s: float = 30, rounds: int = 40) -> None:
        """Run as the scheduler does, until nothing waits any more."""
        for _ in range(rounds):
            self.run()
            if not {"new", "retry", "sending"} & set(self.states()):
                return
            self.clock.advance(step_s)
        raise AssertionError(f"still waiting: {self.rows()}")

    def rows(self) -> list[Mapping[str, Any]]:
        with self.database.read() as tx:
            return list(tx.execute(select(outbox_table).order_by("id")).mappings())

    def states(self) -> list[str]:
        return [row["state"] for row in self.rows()]

    def policy(self, **changes: Any) -> None:
        self.ctx = replace(self.ctx, delivery=replace(self.ctx.delivery, **changes))

    def channels(self, channels: Mapping[str, Channel]) -> None:
        self.ctx = replace(self.ctx, channels=channels)

    def restart(self) -> None:
        """Go on as a new process whose predecessor was killed."""
        self.ctx = replace(
            self.ctx, owner=f"{self.ctx.owner}+", channels={"care": slack_channel(self.slack)}
        )


def slack_channel(slack: FakeSlack, **options: object) -> Channel:
    known = {
        "channel": "#care",
        "bot_token": TOKEN,
        "base_url": slack.base_url,
        "allow": [slack.address],
        "timeout_s": 2,
    }
    return build({**known, **options})


def bench(database: Database, clock: ManualClock, slack: FakeSlack) -> Bench:
    ctx = context(
        database, clock, channels={"care": slack_channel(slack)}, delivery=DeliveryPolicy()
    )
    return Bench(database, clock, slack, ctx)
