"""Settings -> the domain's own records. Plain translation, no decisions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from monitor.domain.calendar import ALWAYS_OPEN, Calendar
from monitor.domain.crawl import NetworkPolicy
from monitor.domain.delivery import DeliveryPolicy
from monitor.domain.policy import (
    ChannelRule,
    ClassLimits,
    Policy,
    SlaTarget,
    SlaUnit,
    TriagePolicy,
    Weights,
)
from monitor.domain.risk_terms import RISK_TERMS
from monitor.domain.types import Priority
from monitor.settings import Settings
from monitor.settings import Triage as TriageSettings

_CALENDAR_YEARS = 3
"""Holidays are computed for last year, this one and the next."""


def policy_from(settings: Settings, now: datetime) -> Policy:
    """Return triage and routing as configured; `now` decides which holidays are computed."""
    return Policy(triage=triage_policy(settings, now), channels=channel_rules(settings))


def triage_policy(settings: Settings, now: datetime) -> TriagePolicy:
    """Return the triage policy as configured."""
    triage = settings.triage
    return TriagePolicy(
        weights=_weights(triage),
        limits=ClassLimits(p1=triage.classes.P1, p2=triage.classes.P2, p3=triage.classes.P3),
        sla=_sla(settings),
        calendar=_calendar(settings, now),
        risk_terms=_risk_terms(triage),
        risk_threshold=triage.risk_threshold,
        intent_threshold=triage.intent_threshold,
        low_stars=triage.low_stars,
        competitors=frozenset(brand.name for brand in settings.brands if brand.competitor),
    )


def channel_rules(settings: Settings) -> tuple[ChannelRule, ...]:
    """Return what each configured channel wants to hear about, in configured order."""
    return tuple(
        ChannelRule(
            channel=channel.name,
            brands=frozenset(channel.brands),
            languages=frozenset(channel.languages),
            min_priority=Priority(channel.min_priority),
        )
        for channel in settings.channels
    )


def delivery_policy(settings: Settings) -> DeliveryPolicy:
    """Return how alerts leave, as configured; the rest are defaults."""
    delivery = settings.delivery
    return DeliveryPolicy(
        request_timeout_s=delivery.request_timeout.total_seconds(),
        look_up_after_s=delivery.look_up_after.total_seconds(),
        min_interval_s=delivery.min_interval.total_seconds(),
        burst=delivery.burst,
        soft_per_hour=delivery.soft_per_hour,
    )


def network_policy(settings: Settings) -> NetworkPolicy:
    """Return the limits of outbound requests."""
    network = settings.network
    return NetworkPolicy(
        contact=network.contact,
        allow=network.allow,
        max_bytes=network.max_bytes,
        timeout_s=network.timeout.total_seconds(),
        max_redirects=network.max_redirects,
        max_pages=network.max_pages,
        delay_s=network.delay.total_seconds(),
    )


def _weights(triage: TriageSettings) -> Weights:
    own = triage.weights
    return Weights(
        negative=own.negative,
        stars={int(stars): points for stars, points in own.stars.items()},
        intents=own.intents,
        risk=own.risk,
        reach=own.reach,
        velocity=own.velocity,
        author=own.author,
        cluster=own.cluster,
        reply_wanted=own.reply_wanted,
        waiting=own.waiting,
    )


def _sla(settings: Settings) -> dict[Priority, SlaTarget]:
    spans = {
        priority: getattr(settings.sla, priority.value).first_response for priority in Priority
    }
    return {
        priority: SlaTarget(span.amount, SlaUnit(span.unit)) for priority, span in spans.items()
    }


def _calendar(settings: Settings, now: datetime) -> Calendar:
    chosen = settings.calendar(settings.sla.calendar)
    if chosen is None:
        return ALWAYS_OPEN
    first = now.year - 1
    return Calendar(
        zone=chosen.time_zone,
        hours=chosen.hours,
        holidays=chosen.closed_days(first, first + _CALENDAR_YEARS - 1),
    )


def _risk_terms(triage: TriageSettings) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    return {
        risk: {**RISK_TERMS.get(risk, {}), **triage.risk_terms.get(risk, {})}
        for risk in RISK_TERMS.keys() | triage.risk_terms.keys()
    }
