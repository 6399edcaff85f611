"""The numbers that decide: weights, class limits, SLA. All of them come from configuration.

Defaults follow common practice in customer service; every one can be changed in earshot.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from monitor.domain.calendar import ALWAYS_OPEN, Calendar
from monitor.domain.risk_terms import RISK_TERMS
from monitor.domain.types import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Most points that each ground can add; their sum is 100."""

    negative: float = 25
    stars: Mapping[int, float] = field(default_factory=lambda: {1: 10, 2: 7, 3: 3})
    """Points per star of a five-star rating; other scales are converted."""
    intents: Mapping[str, float] = field(
        default_factory=lambda: {
            "warning": 20,
            "churn": 15,
            "refund": 12,
            "complaint": 12,
            "technical": 8,
            "question": 8,
            "suggestion": 3,
        }
    )
    """The strongest intent counts, not their sum."""
    risk: float = 20
    reach: float = 10
    velocity: float = 5
    author: float = 10
    cluster: float = 10
    reply_wanted: float = 5
    waiting: float = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassLimits:
    """Fewest points of a class; everything below P3 is P4."""

    p1: float = 75
    p2: float = 50
    p3: float = 25


class SlaUnit(StrEnum):
    """How an SLA span is counted."""

    CLOCK = "clock"
    """Around the clock."""
    BUSINESS_TIME = "business_time"
    """Only while the calendar is open."""
    BUSINESS_DAYS = "business_days"
    """Whole open days; `amount` is a number of days."""


@dataclass(frozen=True, slots=True)
class SlaTarget:
    """One SLA span. `amount` of BUSINESS_DAYS is counted in days of 24 hours."""

    amount: timedelta
    unit: SlaUnit


def default_sla() -> dict[Priority, SlaTarget]:
    """First response: 30 min, 4 business hours, 1 and 3 business days."""
    return {
        Priority.P1: SlaTarget(timedelta(minutes=30), SlaUnit.CLOCK),
        Priority.P2: SlaTarget(timedelta(hours=4), SlaUnit.BUSINESS_TIME),
        Priority.P3: SlaTarget(timedelta(days=1), SlaUnit.BUSINESS_DAYS),
        Priority.P4: SlaTarget(timedelta(days=3), SlaUnit.BUSINESS_DAYS),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class TriagePolicy:
    """Everything triage needs to know beside the mention itself."""

    weights: Weights = field(default_factory=Weights)
    limits: ClassLimits = field(default_factory=ClassLimits)
    sla: Mapping[Priority, SlaTarget] = field(default_factory=default_sla)
    calendar: Calendar = ALWAYS_OPEN
    risk_terms: Mapping[str, Mapping[str, tuple[str, ...]]] = field(
        default_factory=lambda: RISK_TERMS
    )
    """Risk -> language -> beginnings of words (whole strings for Chinese)."""
    risk_threshold: float = 0.7
    """Least probability at which the model's risk head raises a hard rule."""
    intent_threshold: float = 0.5
    low_stars: float = 3.0
    """Ratings up to this many of five stars always want an answer."""
    competitors: frozenset[str] = frozenset()
    """Brands that are watched but never answered for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRule:
    """Which tasks a channel hears about. Empty sets mean "all"."""

    channel: str
    brands: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    min_priority: Priority = Priority.P4


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Triage and routing together."""

    triage: TriagePolicy = field(default_factory=TriagePolicy)
    channels: tuple[ChannelRule, ...] = ()
