"""An alert as JSON, in the shapes that the rest of Earshot uses for tasks and mentions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from alerts.compose import Card
from alerts.plain_text import storable
from monitor.domain.types import Alert, Mention, Task


def payload(event: str, alert: Alert, card: Card) -> dict[str, Any]:
    """Return the body of a post. The text is as it was found; the summary is fit to be shown."""
    return {
        "event": event,
        "id": alert.key,
        "at": _time(alert.now),
        "summary": card.header,
        "link": alert.link,
        "similar": alert.similar,
        "task": _task(alert.task),
    }


def _task(task: Task) -> dict[str, Any]:
    sentiment = task.sentiment
    return {
        "id": task.id,
        "version": task.version,
        "state": task.state.value,
        "priority": task.priority.value,
        "points": task.points,
        "reasons": [asdict(reason) for reason in task.reasons] if not task.mention.deleted else [],
        "due_at": _time(task.due_at),
        "owner": task.owner,
        "hold_reason": task.hold_reason,
        "hold_until": _time(task.hold_until),
        "close_reason": task.close_reason,
        "brand": task.mention.brand,
        "lang": sentiment.lang if sentiment else task.mention.lang,
        "label": sentiment.label.value if sentiment else None,
        "mention": _mention(task.mention),
    }


def _mention(mention: Mention) -> dict[str, Any]:
    known = {
        "source": mention.source,
        "external_id": mention.external_id,
        "kind": mention.kind.value,
        "rating": mention.rating,
        "rating_scale": mention.rating_scale,
        "lang": mention.lang,
        "published_at": _time(mention.published_at),
        "collected_at": _time(mention.collected_at),
        "revision": mention.revision,
        "deleted": mention.deleted,
    }
    if mention.deleted:
        return known
    return known | {
        "url": mention.url,
        "title": storable(mention.title or "") or None,
        "text": storable(mention.text),
        "author": storable(mention.author or "") or None,
        "parent_id": mention.parent_id,
        "reach": mention.reach,
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
