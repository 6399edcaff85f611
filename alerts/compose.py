"""Task -> card: everything a channel shows, in the order in which people read it.

The card is channel-neutral and holds plain text. Foreign text in it is already made visible and
cut (`alerts.plain_text`), but not escaped: each channel escapes for its own format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from alerts.labels import LABELS, Labels, Language
from alerts.plain_text import block, cut, line
from monitor.domain.lifecycle import DONE_STATES
from monitor.domain.types import Alert, Kind, Label, Mention, Priority, Reason, Task, TaskState

TEXT_SIGNS = 600
TEXT_ROOM = 2_400
"""Characters that a text may take: a sign may consist of many."""
NAME_SIGNS = 60
TITLE_SIGNS = 120
DETAIL_SIGNS = 80
_MOST_REASONS = 8
_LONGEST_URL = 2_000
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_SAFE_IN_URL = "!#$%&'()*+,/:;=?@[]~-._"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a click leads; always http or https."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How the readers of a channel want times and words."""

    language: Language = "en"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One alert, ready to be laid out. Empty parts are not shown."""

    priority: Priority
    done: bool
    """Nothing is left to do: shown in one line."""
    header: str
    origin: str
    times: str
    author: str
    title: str
    text: str
    note: str
    """Said about the text: removed, edited."""
    mood: str
    why: tuple[str, ...]
    why_label: str
    similar: str
    state: str
    """Owner, hold and close facts."""
    links: tuple[Link, ...]
    preview: str
    """For notifications: no personal data and no word of the mention."""
    shortened: str
    """Said by a channel that has no room for everything."""


def compose(alert: Alert, style: Style) -> Card:
    """Build the card of an alert as the task stands now."""
    task, words = alert.task, LABELS[style.language]
    mention = task.mention
    shown = not mention.deleted
    return Card(
        priority=task.priority,
        done=task.state in DONE_STATES,
        header=" · ".join(_header(alert, words, style)),
        origin=" · ".join(_origin(mention, task, shown=shown)),
        times=_times(mention, words, style, alert.now),
        author=_author(mention, words) if shown else "",
        title=cut(line(mention.title or ""), TITLE_SIGNS, room=TITLE_SIGNS * 4) if shown else "",
        text=cut(block(mention.text), TEXT_SIGNS, room=TEXT_ROOM) if shown else "",
        note=_note(mention, words),
        mood=_mood(task, words),
        why=tuple(_why(task, words, shown=shown)),
        why_label=words.why,
        similar=words.similar.format(alert.similar) if alert.similar else "",
        state=" · ".join(_state_facts(task, words, style, alert.now)),
        links=tuple(_links(alert, words, shown=shown)),
        preview=" · ".join(_preview(alert, words, style)),
        shortened=words.shortened,
    )


def span(length: timedelta, words: Labels) -> str:
    """Return a length of time in its two largest units, "0 min" at least."""
    seconds = max(int(length.total_seconds()), 0)
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // _MINUTE
    parts = [(days, words.units[0]), (hours, words.units[1]), (minutes, words.units[2])]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    shown = [unit.format(number) for number, unit in parts[:2] if number]
    return " ".join(shown) or words.units[2].format(0)


def moment(at: datetime, style: Style, now: datetime) -> str:
    """Return a time on the reader's clock; with the date unless it is today."""
    local, today = at.astimezone(style.zone), now.astimezone(style.zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def safe_url(url: str | None) -> str | None:
    """Return an address fit for a link, or None for anything but a sound http or https URL."""
    clean = (url or "").strip()
    if len(clean) > _LONGEST_URL:
        return None
    try:
        parts = urlsplit(clean)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username
    except ValueError:
        return None
    if not sound or any(sign.isspace() or not sign.isprintable() for sign in clean):
        return None
    quoted = quote(clean, safe=_SAFE_IN_URL)
    return quoted if len(quoted) <= _LONGEST_URL else None


def stars(mention: Mention) -> str:
    """Return a rating as signs and numbers, for example "★★☆☆☆ 2/5"."""
    if mention.rating is None or not mention.rating_scale:
        return ""
    if not isfinite(mention.rating) or not isfinite(mention.rating_scale):
        return ""
    share = min(max(mention.rating / mention.rating_scale, 0.0), 1.0)
    full = round(share * 5)
    return f"{'★' * full}{'☆' * (5 - full)} {mention.rating:g}/{mention.rating_scale:g}"


def name(text: str) -> str:
    """Return a foreign name as one short line."""
    return cut(line(text), NAME_SIGNS, room=NAME_SIGNS * 4)


def _header(alert: Alert, words: Labels, style: Style) -> Iterator[str]:
    task = alert.task
    yield task.priority.value
    yield words.states[task.state.value]
    if task.state in DONE_STATES or task.state is TaskState.REPLIED:
        return
    gap = task.due_at - alert.now
    form = words.left if gap >= timedelta() else words.overdue
    due = words.due.format(moment(task.due_at, style, alert.now))
    yield f"{due} ({form.format(span(abs(gap), words))})"


def _origin(mention: Mention, task: Task, *, shown: bool) -> Iterator[str]:
    yield name(mention.source)
    yield name(mention.brand)
    if mention.subject and shown:
        yield name(mention.subject)
    if rating := stars(mention):
        yield rating
    lang = mention.lang or (task.sentiment.lang if task.sentiment else "")
    if lang:
        yield name(lang)


def _times(mention: Mention, words: Labels, style: Style, now: datetime) -> str:
    found = words.found.format(moment(mention.collected_at, style, now))
    if mention.published_at is None:
        return found
    return f"{words.published.format(moment(mention.published_at, style, now))} · {found}"


def _author(mention: Mention, words: Labels) -> str:
    author = name(mention.author or "")
    return words.author.format(author) if author else words.no_author


def _note(mention: Mention, words: Labels) -> str:
    if mention.deleted:
        return words.removed
    return words.edited.format(mention.revision) if mention.revision > 1 else ""


def _mood(task: Task, words: Labels) -> str:
    sentiment = task.sentiment
    if sentiment is None:
        return ""
    mood = words.moods[sentiment.label.value]
    return mood if sentiment.label is Label.UNSURE else f"{mood} {sentiment.confidence:.0%}"


def _why(task: Task, words: Labels, *, shown: bool) -> Iterator[str]:
    for reason in task.reasons[:_MOST_REASONS]:
        yield _reason(reason, words, shown=shown)


def _reason(reason: Reason, words: Labels, *, shown: bool) -> str:
    rule = reason.code.partition(":")[0]
    label = words.codes.get(reason.code) or words.codes.get(rule) or line(reason.code)
    detail = words.intents.get(reason.detail, reason.detail) if shown else ""
    detail = cut(line(detail), DETAIL_SIGNS, room=DETAIL_SIGNS * 4)
    points = f"+{reason.points:g}" if reason.points else ""
    return " ".join(part for part in (label, f"({detail})" if detail else "", points) if part)


def _state_facts(task: Task, words: Labels, style: Style, now: datetime) -> Iterator[str]:
    if task.owner:
        yield words.owner.format(name(task.owner))
    reason = task.hold_reason if task.state is TaskState.ON_HOLD else task.close_reason
    if reason:
        yield words.reason.format(cut(line(reason), TITLE_SIGNS, room=TITLE_SIGNS * 4))
    if task.state is TaskState.ON_HOLD and task.hold_until:
        yield words.until.format(moment(task.hold_until, style, now))


def _links(alert: Alert, words: Labels, *, shown: bool) -> Iterator[Link]:
    original = safe_url(alert.task.mention.url) if shown else None
    if original:
        yield Link(words.original, original)
    task = safe_url(alert.link)
    if task:
        yield Link(words.task.format(alert.task.id), task)


def _preview(alert: Alert, words: Labels, style: Style) -> Iterator[str]:
    mention = alert.task.mention
    kind = words.review if mention.kind is Kind.REVIEW else words.mention
    yield f"{alert.task.priority.value} {kind}"
    yield name(mention.source)
    yield name(mention.brand)
    yield from list(_header(alert, words, style))[1:]
