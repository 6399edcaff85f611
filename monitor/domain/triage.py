"""Triage: does a mention need an answer, how urgently, why, and by when.

A pure function of the mention, its sentiment, what is known around it, the policy and the time.
Hard rules come first (they make P1 whatever the points say); then points from 0 to 100 are added
up. The additive form with visible reasons is common practice in customer service; the weights are
configuration (`TriagePolicy`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.calendar import add_business_days, add_business_time
from monitor.domain.folding import fold, has_word_beginning
from monitor.domain.policy import ClassLimits, SlaTarget, SlaUnit, TriagePolicy
from monitor.domain.types import Label, Mention, Priority, Reason, Sentiment, TaskPlan

QUESTION_MARKS = "?？؟"
_SURELY_POSITIVE = 0.6
"""With at least this P(positive) a risk word alone is no alarm: "no fire hazard, love it"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the store knows around a mention. Shares are 0..1."""

    reach_percentile: float = 0.0
    """Among the mentions of the same source."""
    repeat_contacts: int = 0
    """Earlier mentions by the same author in 30 days."""
    similar_open: int = 0
    """Other open tasks of the brand on the same subject in 24 hours."""


ALONE = Surroundings()


def triage(
    mention: Mention,
    sentiment: Sentiment,
    policy: TriagePolicy,
    now: datetime,
    around: Surroundings = ALONE,
) -> TaskPlan | None:
    """Return the task that this mention deserves, or None when it needs no answer.

    `now` is aware UTC: the due time counts from it. The reasons are ordered: hard rules, why a
    person must look, then points from most to least.
    """
    if mention.deleted or mention.brand in policy.competitors:
        return None
    risks = tuple(_hard_rules(mention, sentiment, policy))
    if not risks and not needs_answer(mention, sentiment, policy):
        return None
    points = sorted(_points(mention, sentiment, policy, around, risks), key=lambda r: -r.points)
    total = min(100.0, sum(reason.points for reason in points))
    priority = Priority.P1 if risks else classify(total, policy.limits)
    return TaskPlan(
        priority=priority,
        points=round(total, 1),
        reasons=(*risks, *_notes(sentiment), *points),
        due_at=due_at(policy, priority, now),
    )


def needs_answer(mention: Mention, sentiment: Sentiment, policy: TriagePolicy) -> bool:
    """Whether a person should answer, hard rules aside.

    Blame, low ratings, questions and texts that the model is unsure about go to a person; plain
    praise and neutral chatter do not.
    """
    if sentiment.label in {Label.NEG, Label.MIX, Label.UNSURE}:
        return True
    stars = stars_of(mention)
    if stars is not None and stars <= policy.low_stars:
        return True
    return reply_wanted(mention, sentiment)


def stars_of(mention: Mention) -> float | None:
    """Return the rating on a scale of five, or None when there is none or its scale is unknown."""
    if mention.rating is None or not mention.rating_scale:
        return None
    return mention.rating / mention.rating_scale * 5


def reply_wanted(mention: Mention, sentiment: Sentiment) -> bool:
    """Whether the writer seems to expect an answer: the model says so, or there is a question."""
    if sentiment.needs_reply is not None:
        return sentiment.needs_reply >= 0.5  # noqa: PLR2004 - more likely than not
    return any(mark in mention.text for mark in QUESTION_MARKS)


def classify(points: float, limits: ClassLimits) -> Priority:
    """Return the class of a number of points."""
    if points >= limits.p1:
        return Priority.P1
    if points >= limits.p2:
        return Priority.P2
    return Priority.P3 if points >= limits.p3 else Priority.P4


def due_at(policy: TriagePolicy, priority: Priority, now: datetime) -> datetime:
    """Return when the first response is due, counted from `now` (UTC) by the SLA."""
    return span_end(policy, policy.sla[priority], now)


def span_end(policy: TriagePolicy, target: SlaTarget, start: datetime) -> datetime:
    """Return the end of an SLA span that begins at `start` (UTC)."""
    if target.unit is SlaUnit.CLOCK:
        return start + target.amount
    if target.unit is SlaUnit.BUSINESS_TIME:
        return add_business_time(policy.calendar, start, target.amount)
    return add_business_days(policy.calendar, start, max(1, target.amount.days))


def _hard_rules(mention: Mention, sentiment: Sentiment, policy: TriagePolicy) -> Iterator[Reason]:
    by_model = {
        risk: f"model {share:.0%}"
        for risk, share in sentiment.risks.items()
        if share >= policy.risk_threshold
    }
    by_words = {} if _surely_positive(sentiment) else dict(_risk_words(mention, policy))
    for risk in sorted(by_model.keys() | by_words.keys()):
        yield Reason(f"risk:{risk}", 0, by_words.get(risk) or by_model[risk])


def _surely_positive(sentiment: Sentiment) -> bool:
    return sentiment.label is Label.POS and sentiment.probs.get("pos", 0) >= _SURELY_POSITIVE


def _risk_words(mention: Mention, policy: TriagePolicy) -> Iterator[tuple[str, str]]:
    folded = fold(f"{mention.title or ''} {mention.text}")
    for risk, by_language in policy.risk_terms.items():
        for terms in by_language.values():
            found = next((term for term in terms if has_word_beginning(folded, term)), None)
            if found:
                yield risk, f'"{found}"'


def _notes(sentiment: Sentiment) -> Iterator[Reason]:
    if sentiment.label is Label.UNSURE:
        yield Reason("check_label", 0, sentiment.why_unsure or "")


def _points(
    mention: Mention,
    sentiment: Sentiment,
    policy: TriagePolicy,
    around: Surroundings,
    risks: tuple[Reason, ...],
) -> Iterator[Reason]:
    weights = policy.weights
    grounds = (
        ("negative", weights.negative * sentiment.probs.get("neg", 0), ""),
        ("stars", *_star_points(mention, policy)),
        ("intent", *_intent_points(sentiment, policy)),
        ("risk", weights.risk if risks else 0, ""),
        ("reach", weights.reach * around.reach_percentile, str(mention.reach or "")),
        ("author", weights.author * min(1, around.repeat_contacts / 3), _n(around.repeat_contacts)),
        ("cluster", weights.cluster * min(1, around.similar_open / 5), _n(around.similar_open)),
        ("reply", weights.reply_wanted * reply_wanted(mention, sentiment), ""),
    )
    for code, points, detail in grounds:
        if round(points, 1) > 0:
            yield Reason(code, round(points, 1), detail)


def _star_points(mention: Mention, policy: TriagePolicy) -> tuple[float, str]:
    stars = stars_of(mention)
    if stars is None:
        return 0, ""
    return policy.weights.stars.get(max(1, round(stars)), 0), f"{stars:g}"


def _intent_points(sentiment: Sentiment, policy: TriagePolicy) -> tuple[float, str]:
    seen = [
        (policy.weights.intents.get(name, 0.0), name)
        for name, share in sentiment.intents.items()
        if share >= policy.intent_threshold
    ]
    return max(seen, default=(0.0, ""))


def _n(count: int) -> str:
    return str(count) if count else ""
