"""How states, reasons, times and numbers are said in the language of the visitor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import UnknownLocaleError
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal, format_percent

from monitor.domain.types import Label, Reason, Task, TaskState
from monitor.web.language import Language


def N_(text: str) -> str:  # noqa: N802 - the name that catalogue extraction knows
    """Mark a text for translation where it stands; it is translated where it is shown."""
    return text


STATES: Mapping[str, str] = {
    "new": N_("New"),
    "claimed": N_("Claimed"),
    "on_hold": N_("On hold"),
    "replied": N_("Replied"),
    "solved": N_("Solved"),
    "closed": N_("Closed"),
    "no_action": N_("No action"),
}
LABELS: Mapping[str, str] = {
    "neg": N_("negative"),
    "neu": N_("neutral"),
    "pos": N_("positive"),
    "mix": N_("mixed"),
    "unsure": N_("unsure"),
}
KINDS: Mapping[str, str] = {
    "review": N_("Review"),
    "mention": N_("Post"),
    "comment": N_("Comment"),
    "reply": N_("Reply"),
    "article": N_("Article"),
}
REASONS: Mapping[str, str] = {
    "negative": N_("Negative tone"),
    "stars": N_("Low rating"),
    "intent": N_("What the writer wants"),
    "risk": N_("Risk"),
    "reach": N_("Reach"),
    "velocity": N_("Reactions are coming in fast"),
    "author": N_("Wrote several times in 30 days"),
    "cluster": N_("Similar open tasks in 24 hours"),
    "reply": N_("Expects an answer"),
    "waiting": N_("Has been waiting"),
    "check_label": N_("Tone unclear: a person should look"),
    "risk:safety": N_("Safety or injury"),
    "risk:legal": N_("Legal threat or regulator"),
    "risk:privacy": N_("Personal data exposed"),
    "risk:discrimination": N_("Discrimination"),
    "risk:threat": N_("Threat of violence or self-harm"),
    "risk:press": N_("Press inquiry"),
}
DETAILS: Mapping[str, str] = {
    "warning": N_("warns others"),
    "churn": N_("wants to leave"),
    "refund": N_("wants a refund"),
    "complaint": N_("complains"),
    "technical": N_("has a technical problem"),
    "question": N_("asks a question"),
    "suggestion": N_("suggests something"),
    "language": N_("the language is not known well enough"),
    "too short": N_("the text is too short"),
    "low confidence": N_("the model is not confident"),
}
EVENTS: Mapping[str, str] = {
    "open": N_("Task opened"),
    "claim": N_("Claimed"),
    "release": N_("Given back to the queue"),
    "hold": N_("Put on hold"),
    "wake": N_("Taken off hold"),
    "reply": N_("Marked as replied"),
    "solve": N_("Solved"),
    "close": N_("Closed"),
    "no_action": N_("No action needed"),
    "reopen": N_("Reopened"),
    "edited": N_("The author edited the text"),
    "removed": N_("Removed at the source"),
}
HEALTH: Mapping[str, str] = {
    "healthy": N_("Healthy"),
    "degraded": N_("Partly working"),
    "broken": N_("Broken"),
    "unauthorised": N_("Not authorised"),
    "rate_limited": N_("Asked to slow down"),
    "unknown": N_("Not read yet"),
}
CLOSE_REASONS: Mapping[str, str] = {
    "solved": N_("Solved"),
    "no answer after reminders": N_("No answer after reminders"),
    "answered publicly": N_("Answered publicly"),
    "moved to private case": N_("Moved to a private case"),
    "duplicate": N_("Duplicate"),
    "not our brand": N_("Not our brand"),
    "spam or fake, reported": N_("Spam or fake, reported"),
    "removed by author or platform": N_("Removed by author or platform"),
    "cannot be solved, explained": N_("Cannot be solved, explained"),
    "customer withdrew": N_("Customer withdrew"),
}
HOLD_REASONS: Mapping[str, str] = {
    "waiting for the customer": N_("Waiting for the customer"),
    "waiting for supplier or carrier": N_("Waiting for supplier or carrier"),
    "technical fix planned": N_("Technical fix planned"),
    "legal or privacy check": N_("Legal or privacy check"),
    "approval": N_("Approval"),
}
REFUSALS = (
    N_("A hold needs a reason: the customer will want to know it."),
    N_("A hold needs an end in the future."),
    N_("Closing needs a reason."),
)
"""What the desk answers in these words; they are translated where they are shown."""
DAYS, HOURS, MINUTES = N_("%(n)s d"), N_("%(n)s h"), N_("%(n)s min")
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Said:
    """A reason in words."""

    title: str
    detail: str
    points: str
    share: float
    """Points as a share of 25, the most that one ground can give, for a bar; 0..1."""
    hard: bool
    """A rule that decides by itself."""


@dataclass(frozen=True, slots=True)
class Words:
    """Says things in one language, at one moment, in one time zone."""

    language: Language
    now: datetime
    zone: ZoneInfo

    def gettext(self, text: str) -> str:
        """Translate a text."""
        return self.language.gettext(text)

    def of(self, known: Mapping[str, str], code: str) -> str:
        """Translate a code by a table above; an unknown code is shown as it is."""
        return self.gettext(known[code]) if code in known else code.replace("_", " ")

    def state(self, state: TaskState) -> str:
        """Say where a task stands."""
        return self.of(STATES, state.value)

    def label(self, label: Label) -> str:
        """Say a sentiment."""
        return self.of(LABELS, label.value)

    def percent(self, share: float) -> str:
        """Say a share of 0..1."""
        return format_percent(share, locale=self.language.locale)

    def number(self, number: float) -> str:
        """Say a number."""
        return format_decimal(round(number, 1), locale=self.language.locale)

    def time(self, moment: datetime) -> str:
        """Say a moment with its date, in the time zone of the team."""
        locale = self.language.locale
        day = format_date(moment.astimezone(self.zone), "medium", locale=locale)
        clock = format_time(moment, "short", tzinfo=self.zone, locale=locale)
        return f"{day}, {clock} {moment.astimezone(self.zone):%Z}"

    def ago(self, moment: datetime) -> str:
        """Say how long ago (or in how long) something is, roughly."""
        if abs(moment - self.now) < timedelta(seconds=MINUTE):
            return self.gettext("just now") if moment <= self.now else self.gettext("in a moment")
        return format_timedelta(moment - self.now, add_direction=True, locale=self.language.locale)

    def due(self, task: Task) -> str:
        """Say how much time is left for the first answer, or by how much it is overdue."""
        seconds = (task.due_at - self.now).total_seconds()
        if seconds < 0:
            return self.gettext("%(time)s overdue") % {"time": self.span(-seconds)}
        return self.gettext("%(time)s left") % {"time": self.span(seconds)}

    def span(self, seconds: float) -> str:
        """Say a span in its two largest units."""
        days, rest = divmod(int(seconds), DAY)
        hours, rest = divmod(rest, HOUR)
        minutes = rest // MINUTE
        parts = [(days, DAYS), (hours, HOURS), (minutes, MINUTES)]
        said = [self._unit(number, unit) for number, unit in parts if number][:2]
        return " ".join(said) or self._unit(0, MINUTES)

    def _unit(self, number: int, unit: str) -> str:
        """Say a number with its unit, kept on one line."""
        return (self.gettext(unit) % {"n": number}).replace(" ", "\u00a0")

    def lang(self, code: str | None) -> str:
        """Say the name of a language."""
        if not code or code == "und":
            return self.gettext("unknown language")
        try:
            name = Locale.parse(code.replace("-", "_")).get_language_name(self.language.code)
        except (UnknownLocaleError, ValueError):
            return code
        return name or code

    def reasons(self, task: Task) -> list[Said]:
        """Say why a task has its priority."""
        return [self._reason(reason) for reason in task.reasons]

    def _reason(self, reason: Reason) -> Said:
        detail = self.of(DETAILS, reason.detail) if reason.detail in DETAILS else reason.detail
        return Said(
            title=self.of(REASONS, reason.code),
            detail=detail,
            points=f"+{self.number(reason.points)}" if reason.points else "",
            share=min(1.0, reason.points / 25),
            hard=reason.code.startswith("risk:"),
        )


def left_class(task: Task, now: datetime) -> str:
    """Return the style of the time left: "over", "soon" (under an hour) or "calm"."""
    seconds = (task.due_at - now).total_seconds()
    return "over" if seconds < 0 else "soon" if seconds < HOUR else "calm"
