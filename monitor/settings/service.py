"""The tables that decide how urgent something is and when an answer is due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from monitor.settings.sections import Name, Section, Share
from monitor.settings.values import WEEKDAYS, DayHours, Language, ServiceSpan, Span, TimeZoneName

Points = Annotated[float, Field(ge=0, le=100)]
_STAR_LEVELS = ("1", "2", "3", "4", "5")


def _country(value: str) -> str:
    if not value:
        return value
    import holidays  # noqa: PLC0415 - half a second that only configured calendars should cost

    known = holidays.list_supported_countries(include_aliases=False)
    country, _, subdivision = value.partition("-")
    if country not in known:
        raise ValueError('a country is its two-letter code in capitals, for example "HU"')
    if subdivision and subdivision not in known[country]:
        raise ValueError(f"{country} has no region {subdivision} with holidays of its own")
    return value


class Calendar(Section):
    """When a team works."""

    name: Name
    """Unique."""
    time_zone: TimeZoneName = "UTC"
    """Whose local time the hours are."""
    mon: DayHours = ()
    """Open hours on Mondays, for example "09:00-17:00"; left out: closed."""
    tue: DayHours = ()
    """Open hours on Tuesdays."""
    wed: DayHours = ()
    """Open hours on Wednesdays."""
    thu: DayHours = ()
    """Open hours on Thursdays."""
    fri: DayHours = ()
    """Open hours on Fridays."""
    sat: DayHours = ()
    """Open hours on Saturdays."""
    sun: DayHours = ()
    """Open hours on Sundays."""
    holidays: Annotated[str, AfterValidator(_country)] = ""
    """Country whose public holidays are closed, for example "HU", "LV" or "DE-BY"."""
    closed: tuple[date, ...] = ()
    """Further closed days, for example 2026-12-24."""

    @model_validator(mode="after")
    def _open_at_all(self) -> Self:
        if not any(self.hours.values()):
            raise ValueError(
                'no open hours; write at least one day, for example mon = "09:00-17:00"'
            )
        return self

    @property
    def hours(self) -> dict[int, DayHours]:
        """Weekday (Monday is 0) -> spans of local time; closed days are missing."""
        spans = {number: getattr(self, day) for number, day in enumerate(WEEKDAYS)}
        return {number: span for number, span in spans.items() if span}

    def closed_days(self, first_year: int, last_year: int) -> frozenset[date]:
        """Return public holidays and the extra closed days of these years, both included."""
        country, _, subdivision = self.holidays.partition("-")
        if not country:
            return frozenset(self.closed)
        import holidays  # noqa: PLC0415 - as above

        years = range(first_year, last_year + 1)
        public = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
        return frozenset(public) | frozenset(self.closed)


class Targets(Section):
    """What is promised for one priority class."""

    first_response: ServiceSpan
    """Until the first answer."""
    update_on_hold: ServiceSpan
    """Longest silence while a task is on hold."""
    resolution: ServiceSpan
    """Until it is solved."""


def _days(number: int) -> Span:
    return Span(timedelta(days=number), "business_days")


def _targets(first: Span, update: Span, resolution: int) -> Targets:
    return Targets(first_response=first, update_on_hold=update, resolution=_days(resolution))


_DEFAULTS: Mapping[str, Targets] = {
    "P1": _targets(Span(timedelta(minutes=30)), Span(timedelta(hours=4)), 1),
    "P2": _targets(Span(timedelta(hours=4), "business_time"), _days(1), 3),
    "P3": _targets(_days(1), _days(3), 5),
    "P4": _targets(_days(3), _days(5), 10),
}


class Sla(Section):
    """Service targets per priority class, and when to remind."""

    P1: Targets = _DEFAULTS["P1"]
    """Most urgent."""
    P2: Targets = _DEFAULTS["P2"]
    """Today."""
    P3: Targets = _DEFAULTS["P3"]
    """Soon."""
    P4: Targets = _DEFAULTS["P4"]
    """When there is time."""
    calendar: str = ""
    """Calendar of all business spans; empty: the first calendar, or around the clock."""
    warn: tuple[Share, ...] = (0.5, 0.8)
    """Shares of the time used at which the owner is reminded."""
    escalate: tuple[Annotated[float, Field(ge=1, le=10)], ...] = (1.0, 1.5, 2.0)
    """Shares at which the next level is told."""

    @model_validator(mode="before")
    @classmethod
    def _keep_other_defaults(cls, found: Any) -> Any:
        """One key of a class can be changed alone; the others keep their default."""
        if not isinstance(found, Mapping):
            return found
        return {
            key: {**dict(_DEFAULTS[key]), **value}
            if key in _DEFAULTS and isinstance(value, Mapping)
            else value
            for key, value in found.items()
        }


class Weights(Section):
    """Most points that each ground can add; the defaults add up to 100."""

    negative: Points = 25
    """Probability of a negative label."""
    stars: Mapping[str, Points] = Field(default={"1": 10, "2": 7, "3": 3})
    """Points per star of a five-star rating; other scales are converted."""
    intents: Mapping[str, Points] = Field(
        default={
            "warning": 20,
            "churn": 15,
            "refund": 12,
            "complaint": 12,
            "technical": 8,
            "question": 8,
            "suggestion": 3,
        }
    )
    """Points per intent; the strongest one counts."""
    risk: Points = 20
    """A hard rule matched; the class is P1 in any case, this is for the order within."""
    reach: Points = 10
    """Potential audience, as a percentile within its source."""
    velocity: Points = 5
    """How fast reactions come in."""
    author: Points = 10
    """Repeated contact or a person on the VIP list."""
    cluster: Points = 10
    """Part of a growing group of similar texts."""
    reply_wanted: Points = 5
    """A question or direct address."""
    waiting: Points = 5
    """Share of the service target already used."""

    @model_validator(mode="after")
    def _known_stars(self) -> Self:
        if not set(self.stars) <= set(_STAR_LEVELS):
            raise ValueError('stars are written as "1" to "5", for example stars = { "1" = 10 }')
        return self


class Classes(Section):
    """Fewest points of each priority class; everything below P3 is P4."""

    P1: Points = 75
    """Most urgent."""
    P2: Points = 50
    """Today."""
    P3: Points = 25
    """Soon."""

    @model_validator(mode="after")
    def _falling(self) -> Self:
        if not self.P1 > self.P2 > self.P3:
            raise ValueError("the limits must fall: P1 above P2 above P3")
        return self


class Triage(Section):
    """What becomes a task, and how urgent it is."""

    weights: Weights = Weights()
    """Points per ground."""
    classes: Classes = Classes()
    """Points per class."""
    risk_terms: Mapping[str, Mapping[Language, tuple[str, ...]]] = Field(default_factory=dict)
    """Risk -> language -> beginnings of words that make a P1; replaces the built-in list there."""
    risk_threshold: Share = 0.7
    """Least probability at which the model's own risk reading makes a P1."""
    intent_threshold: Share = 0.5
    """Least probability at which an intent counts."""
    low_stars: Annotated[float, Field(ge=0, le=5)] = 3
    """Ratings up to this many of five stars always want an answer."""
