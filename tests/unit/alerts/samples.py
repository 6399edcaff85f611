"""Tasks to alert about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from monitor.domain.types import (
    Alert,
    Kind,
    Label,
    Mention,
    Priority,
    Reason,
    Sentiment,
    Task,
    TaskState,
)
from tests.twins.clock import START


def mention(**facts: Any) -> Mention:
    known: dict[str, Any] = {
        "id": 1,
        "source": "shop-reviews",
        "external_id": "r-1",
        "brand": "Aurora",
        "kind": Kind.REVIEW,
        "url": "https://shop.example/reviews/1?a=1&b=2",
        "title": None,
        "text": "The kettle broke after two weeks. I want my money back!",
        "author": "Kovács Éva",
        "rating": 1.0,
        "rating_scale": 5.0,
        "lang": "en",
        "published_at": START - timedelta(hours=20),
        "collected_at": START - timedelta(minutes=2),
        "parent_id": None,
        "subject": "Kettle",
        "reach": None,
        "revision": 1,
        "deleted": False,
        "baseline": False,
    }
    return Mention(**{**known, **facts})


def task(about: Mention | None = None, **facts: Any) -> Task:
    known: dict[str, Any] = {
        "id": 12,
        "mention": about or mention(),
        "sentiment": Sentiment(
            label=Label.NEG, probs={"neg": 0.93, "neu": 0.05, "pos": 0.02}, lang="en", model="m-1"
        ),
        "state": TaskState.NEW,
        "priority": Priority.P2,
        "points": 55.2,
        "reasons": (Reason("negative", 23.2), Reason("intent", 12, "refund")),
        "owner": None,
        "due_at": START + timedelta(hours=1, minutes=50),
        "created_at": START,
        "version": 1,
    }
    return Task(**{**known, **facts})


def alert(about: Task | None = None, key: str = "task:12:created:care", **facts: Any) -> Alert:
    known: dict[str, Any] = {"now": START, "link": "http://127.0.0.1:8765/tasks/12"}
    return Alert(key=key, task=about or task(), **{**known, **facts})
