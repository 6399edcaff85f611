"""Mentions and sentiments to test with, complete but for what a test changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from monitor.domain.types import Kind, Label, Mention, Sentiment

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def mention(text: str = "The kettle leaks.", **changes: Any) -> Mention:
    values: dict[str, Any] = {
        "id": 1,
        "source": "shop",
        "external_id": "r1",
        "brand": "Aurora",
        "kind": Kind.REVIEW,
        "url": "https://shop.example/r1",
        "title": None,
        "author": "Ilze",
        "rating": None,
        "rating_scale": None,
        "lang": None,
        "published_at": NOW,
        "collected_at": NOW,
        "parent_id": None,
        "subject": None,
        "reach": None,
        "revision": 1,
        "deleted": False,
        "baseline": False,
    }
    return Mention(text=text, **{**values, **changes})


def sentiment(label: str = "neg", **changes: Any) -> Sentiment:
    share = {"neg": 0.05, "neu": 0.05, "pos": 0.05}
    share[label if label in share else "neu"] = 0.9
    values: dict[str, Any] = {"label": Label(label), "probs": share, "lang": "en", "model": "test"}
    return Sentiment(**{**values, **changes})
