"""What the API sends: the public JSON shape of mentions, tasks and sources. Times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.domain.types import Mention, Reason, Sentiment, Task
from monitor.store.views import SourceView, TimelineEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionShape:
    """A post, review or comment."""

    id: int
    source: str
    external_id: str
    brand: str
    kind: str
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
    reach: int | None
    revision: int
    deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentShape:
    """What the model read."""

    label: str
    probs: dict[str, float]
    lang: str
    model: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonShape:
    """One ground of a priority."""

    code: str
    points: float
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskShape:
    """A mention that needs an answer."""

    id: int
    state: str
    priority: str
    points: float
    reasons: list[ReasonShape]
    due_at: datetime
    created_at: datetime
    owner: str | None
    brand: str
    lang: str
    version: int
    hold_reason: str | None
    hold_until: datetime | None
    close_reason: str | None
    link: str
    sentiment: SentimentShape | None
    mention: MentionShape


@dataclass(frozen=True, slots=True, kw_only=True)
class EventShape:
    """One line of a task's history."""

    at: datetime
    actor: str
    action: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWithHistory:
    """A task and everything that happened to it, oldest first."""

    task: TaskShape
    events: list[EventShape]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """Some tasks of many, in the order of work."""

    total: int
    limit: int
    offset: int
    tasks: list[TaskShape]


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionPage:
    """Mentions by rising id; ask again with `after=next_after` until it is null."""

    next_after: int | None
    mentions: list[MentionShape]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceShape:
    """The state of one source."""

    name: str
    kind: str
    brand: str
    enabled: bool
    running: bool
    health: str
    health_reason: str | None
    failures: int
    next_due: datetime
    last_success: datetime | None
    last_new: datetime | None
    mentions: int
    quarantined: int


def mention_shape(mention: Mention) -> MentionShape:
    """Show a mention."""
    return MentionShape(
        **{
            name: getattr(mention, name)
            for name in MentionShape.__dataclass_fields__
            if name != "kind"
        },
        kind=mention.kind.value,
    )


def task_shape(task: Task, link: str) -> TaskShape:
    """Show a task; `link` is the address of its page."""
    return TaskShape(
        id=task.id,
        state=task.state.value,
        priority=task.priority.value,
        points=task.points,
        reasons=[_reason(reason) for reason in task.reasons],
        due_at=task.due_at,
        created_at=task.created_at,
        owner=task.owner,
        brand=task.mention.brand,
        lang=task.sentiment.lang if task.sentiment else task.mention.lang or "und",
        version=task.version,
        hold_reason=task.hold_reason,
        hold_until=task.hold_until,
        close_reason=task.close_reason,
        link=link,
        sentiment=_sentiment(task.sentiment) if task.sentiment else None,
        mention=mention_shape(task.mention),
    )


def event_shape(event: TimelineEvent) -> EventShape:
    """Show one line of history."""
    return EventShape(at=event.at, actor=event.actor, action=event.action, version=event.version)


def source_shape(source: SourceView) -> SourceShape:
    """Show the state of a source."""
    return SourceShape(**{name: getattr(source, name) for name in SourceShape.__dataclass_fields__})


def _reason(reason: Reason) -> ReasonShape:
    return ReasonShape(code=reason.code, points=reason.points, detail=reason.detail)


def _sentiment(sentiment: Sentiment) -> SentimentShape:
    return SentimentShape(
        label=sentiment.label.value,
        probs=dict(sentiment.probs),
        lang=sentiment.lang,
        model=sentiment.model,
        confidence=sentiment.confidence,
    )
