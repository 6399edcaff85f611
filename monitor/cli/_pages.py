"""The pages of an application, put together for `earshot up`."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from monitor.bootstrap import App
from monitor.settings import Settings
from monitor.web.app import WebServices, build_app

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def pages_of(app: App) -> Any:
    """Return the ASGI application."""
    settings = app.settings
    services = WebServices(
        database=app.database,
        clock=app.clock,
        desk=app.desk,
        version=version("earshot"),
        base_url=settings.base_url,
        time_zone=_time_zone(settings),
        hosts=_hosts(settings),
        session_hours=settings.web.session_hours,
        scheduler_lag=lambda: _lag(app),
    )
    return build_app(services)


def _lag(app: App) -> float | None:
    return (app.clock() - app.last_tick).total_seconds() if app.last_tick else None


def _time_zone(settings: Settings) -> str:
    calendar = settings.calendar(settings.sla.calendar)
    return calendar.time_zone if calendar else settings.digest.time_zone


def _hosts(settings: Settings) -> frozenset[str]:
    """Return the names by which people come; a stranger's page cannot use another one.

    On an address that is open to others without a public_url, any name must do.
    """
    if settings.web.public_url:
        return _LOOPBACK | {urlsplit(settings.web.public_url).hostname or ""}
    return _LOOPBACK if settings.web.host in _LOOPBACK else frozenset()
