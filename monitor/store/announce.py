"""Telling the channels about a task: outbox rows for every channel whose rule matches it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from monitor.domain.policy import ChannelRule
from monitor.domain.routing import channels_for
from monitor.domain.types import Task
from monitor.store import outbox


def announce_new(
    tx: Connection, task: Task, rules: Sequence[ChannelRule], *, now: datetime
) -> None:
    """Queue the first message about a task; channels that were told already are left alone."""
    _enqueue(tx, task, rules, "send", now)


def announce_change(
    tx: Connection, task: Task, rules: Sequence[ChannelRule], *, now: datetime
) -> None:
    """Queue "show the present state" wherever the task was announced."""
    _enqueue(tx, task, rules, "update", now)


def _enqueue(
    tx: Connection,
    task: Task,
    rules: Sequence[ChannelRule],
    action: Literal["send", "update"],
    now: datetime,
) -> None:
    lang = task.sentiment.lang if task.sentiment else ""
    brand = task.mention.brand
    for channel in channels_for(rules, brand=brand, lang=lang, priority=task.priority):
        outbox.enqueue(
            tx,
            task_id=task.id,
            version=task.version,
            channel=channel,
            action=action,
            priority=task.priority,
            now=now,
        )
