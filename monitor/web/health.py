"""Is it alive, is it able to work, and the numbers behind it. No personal data in any of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from monitor.domain.errors import StoreUnavailable
from monitor.store import views
from monitor.web.services import WebServices

LARGEST_LAG_S = 120.0
OLDEST_ALERT_S = 900.0


@dataclass(frozen=True, slots=True)
class Measured:
    """One look at the database."""

    now: datetime
    queue: views.QueueView
    sources: list[views.SourceView]

    @property
    def oldest_alert_s(self) -> float:
        """Age of the oldest alert that still waits; 0 when none does."""
        return _age(self.now, self.queue.oldest_outbox) or 0.0

    @property
    def overdue_s(self) -> float:
        """By how much the most belated source is late."""
        waiting = [s.next_due for s in self.sources if s.enabled and not s.running]
        return max((max(0.0, _age(self.now, due) or 0.0) for due in waiting), default=0.0)


def build_router(services: WebServices) -> APIRouter:
    """Return the routes for monitoring."""
    router = APIRouter(include_in_schema=False)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers(services))

    @router.get("/healthz")
    def alive() -> Response:
        return PlainTextResponse("ok\n")

    @router.get("/readyz")
    def ready() -> Response:
        return readiness(services)

    @router.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return router


def readiness(services: WebServices) -> Response:
    """Say whether the parts work, 200 or 503, with every finding."""
    try:
        measured = measure(services)
    except StoreUnavailable:
        return JSONResponse({"ready": False, "checks": {"database": "unavailable"}}, 503)
    lag = services.scheduler_lag()
    checks = {
        "database": True,
        "scheduler": lag is None or lag <= LARGEST_LAG_S,
        "outbox": measured.oldest_alert_s <= OLDEST_ALERT_S,
    }
    findings = {
        "scheduler_lag_s": lag,
        "oldest_source_overdue_s": round(measured.overdue_s, 1),
        "oldest_outbox_s": round(measured.oldest_alert_s, 1),
        "last_success": {source.name: _iso(source.last_success) for source in measured.sources},
        "health": {source.name: source.health for source in measured.sources},
    }
    ok = all(checks.values())
    words = {name: "ok" if good else "late" for name, good in checks.items()}
    return JSONResponse({"ready": ok, "checks": words} | findings, 200 if ok else 503)


def measure(services: WebServices) -> Measured:
    """Look at the database once. Raises StoreUnavailable."""
    now = services.clock()
    with services.database.read() as tx:
        return Measured(now, views.queue_state(tx), views.source_states(tx, now=now))


class Numbers(Collector):
    """Measures when Prometheus asks."""

    def __init__(self, services: WebServices) -> None:
        self.services = services

    def collect(self) -> Iterable[Metric]:
        """Yield the gauges; only `earshot_up 0` when the database does not answer."""
        try:
            measured = measure(self.services)
        except StoreUnavailable:
            yield _gauge("earshot_up", "Whether the database answers.", 0)
            return
        yield _gauge("earshot_up", "Whether the database answers.", 1)
        yield from _queues(measured)
        yield from _sources(measured)


def _queues(measured: Measured) -> Iterable[Metric]:
    queue = measured.queue
    yield _gauge("earshot_mentions", "Stored mentions.", queue.mentions)
    yield _gauge("earshot_mentions_unscored", "Mentions to be scored.", queue.unscored)
    yield _gauge("earshot_quarantined", "Unusable items kept aside.", queue.quarantined)
    yield _gauge(
        "earshot_outbox_oldest_seconds", "Age of the oldest waiting alert.", measured.oldest_alert_s
    )
    yield _by("earshot_tasks_open", "Open tasks.", "priority", dict(queue.open_tasks))
    yield _by("earshot_outbox", "Alerts by state.", "state", dict(queue.outbox))


def _sources(measured: Measured) -> Iterable[Metric]:
    success = {s.name: s.last_success.timestamp() for s in measured.sources if s.last_success}
    healthy = {s.name: float(s.health == "healthy") for s in measured.sources}
    yield _by("earshot_source_last_success", "Unix time of it.", "source", success)
    yield _by("earshot_source_healthy", "1 when the source is healthy.", "source", healthy)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _by(name: str, text: str, label: str, values: dict[str, float] | dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family


def _age(now: datetime, moment: datetime | None) -> float | None:
    return None if moment is None else (now - moment).total_seconds()


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
