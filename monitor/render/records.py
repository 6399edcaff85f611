"""Mentions and tasks as plain values: the shape of exports, of `--json` and of the API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.domain.types import Mention, Sentiment, Task

MENTION_FIELDS = (
    "source",
    "external_id",
    "url",
    "title",
    "text",
    "author",
    "rating",
    "rating_scale",
    "lang",
    "published_at",
    "collected_at",
    "parent_id",
    "reach",
    "revision",
    "deleted",
)


def mention_record(mention: Mention) -> dict[str, Any]:
    """Return the public fields of a mention; times are ISO 8601 in UTC."""
    return {name: _plain(getattr(mention, name)) for name in MENTION_FIELDS}


def task_record(task: Task) -> dict[str, Any]:
    """Return a task with its mention; `lang` is the language as read, not as declared."""
    read_as = task.sentiment.lang if task.sentiment else task.mention.lang
    return {
        "id": task.id,
        "state": task.state.value,
        "priority": task.priority.value,
        "points": task.points,
        "reasons": [
            {"code": reason.code, "points": reason.points, "detail": reason.detail}
            for reason in task.reasons
        ],
        "due_at": _plain(task.due_at),
        "owner": task.owner,
        "brand": task.mention.brand,
        "lang": read_as,
        "version": task.version,
        "created_at": _plain(task.created_at),
        "hold_reason": task.hold_reason,
        "hold_until": _plain(task.hold_until),
        "close_reason": task.close_reason,
        "sentiment": None if task.sentiment is None else task.sentiment.label.value,
        "mention": mention_record(task.mention),
    }


def sentiment_record(sentiment: Sentiment) -> dict[str, Any]:
    """Return what an engine read of one text."""
    return {
        "label": sentiment.label.value,
        "probs": dict(sentiment.probs),
        "lang": sentiment.lang,
        "stars": sentiment.stars,
        "intents": dict(sentiment.intents),
        "risks": dict(sentiment.risks),
        "aspects": dict(sentiment.aspects),
        "needs_reply": sentiment.needs_reply,
        "model": sentiment.model,
        "why_unsure": sentiment.why_unsure,
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
