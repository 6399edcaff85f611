"""The nouns of Earshot: plain frozen records shared by every room.

All times are aware UTC datetimes. All languages are ISO 639-1 codes, or "und" when unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

UNDETERMINED = "und"


class Label(StrEnum):
    """Sentiment towards the target; `unsure` means "no label given", never a guess."""

    NEG = "neg"
    NEU = "neu"
    POS = "pos"
    MIX = "mix"
    UNSURE = "unsure"


class Kind(StrEnum):
    """What a mention is on its platform."""

    REVIEW = "review"
    MENTION = "mention"
    COMMENT = "comment"
    REPLY = "reply"
    ARTICLE = "article"


class TimeTrust(StrEnum):
    """Who says when a mention was published."""

    SERVER = "server"
    CLIENT = "client"
    INFERRED = "inferred"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One item as a spider found it, before it is stored. Ratings and dates are never invented."""

    external_id: str
    """Stable and unique within its source."""
    text: str
    url: str | None = None
    title: str | None = None
    kind: Kind = Kind.MENTION
    author: str | None = None
    author_id: str | None = None
    rating: float | None = None
    rating_scale: float | None = None
    """The best possible rating of the platform, for example 5 or 10."""
    lang: str | None = None
    """As declared by the source; not detected."""
    published_at: datetime | None = None
    published_trust: TimeTrust = TimeTrust.NONE
    edited_at: datetime | None = None
    parent_id: str | None = None
    subject: str | None = None
    """What it is about: product, place, app or article."""
    reach: int | None = None
    """Potential audience as published by the platform, never estimated."""
    deleted: bool = False
    """The source says that this item is gone: store a tombstone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A stored post, review or comment."""

    id: int
    source: str
    external_id: str
    brand: str
    kind: Kind
    url: str | None
    title: str | None
    text: str
    author: str | None
    rating: float | None
    rating_scale: float | None
    lang: str | None
    published_at: datetime | None
    collected_at: datetime
    parent_id: str | None
    subject: str | None
    reach: int | None
    revision: int
    """1 for the first text seen, plus one for each edit."""
    deleted: bool
    baseline: bool
    """Found on the first run of its source: stored and scored, but alerts nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRequest:
    """One text to score. `target` is the brand asked about, None for the text as a whole."""

    text: str
    target: str | None = None
    lang: str | None = None
    domain: str | None = None
    """"review" or "social" where it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """What an engine read. `probs` has the keys neg, neu, pos and sums to 1."""

    label: Label
    probs: Mapping[str, float]
    lang: str
    model: str
    """Model id and version, for example "earshot-mini-1"."""
    stars: float | None = None
    intents: Mapping[str, float] = field(default_factory=dict)
    risks: Mapping[str, float] = field(default_factory=dict)
    aspects: Mapping[str, str] = field(default_factory=dict)
    """Aspect name -> "+", "-" or "0"."""
    needs_reply: float | None = None
    why_unsure: str | None = None
    """For `unsure`: "language", "too short" or "low confidence"."""

    @property
    def confidence(self) -> float:
        """The highest probability, 0..1."""
        return max(self.probs.values(), default=0.0)


class Priority(StrEnum):
    """P1 is most urgent."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the answer to "why this priority?". Hard rules carry no points."""

    code: str
    points: float
    detail: str = ""


class TaskState(StrEnum):
    """Where a task stands; the rules of moving are in `lifecycle`."""

    NEW = "new"
    CLAIMED = "claimed"
    ON_HOLD = "on_hold"
    REPLIED = "replied"
    SOLVED = "solved"
    CLOSED = "closed"
    NO_ACTION = "no_action"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPlan:
    """What triage decided for one mention: a task to open, or to bring up to date."""

    priority: Priority
    points: float
    reasons: tuple[Reason, ...]
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A mention that needs an answer."""

    id: int
    mention: Mention
    sentiment: Sentiment | None
    state: TaskState
    priority: Priority
    points: float
    reasons: tuple[Reason, ...]
    owner: str | None
    due_at: datetime
    created_at: datetime
    version: int
    """Raised by every change; a stale version is refused."""
    hold_reason: str | None = None
    hold_until: datetime | None = None
    close_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What a channel shows about a task: channel-neutral and already complete."""

    key: str
    """The outbox dedupe key; opaque, carries no personal data."""
    task: Task
    now: datetime
    link: str
    """Address of the task in the web interface."""
    similar: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a channel accepted something, in the channel's own terms."""

    ref: str
    """For Slack "CHANNEL:TS"; for e-mail the Message-ID; for a webhook the delivery id."""
