"""The web application put together. Every route needs a session unless it is named in OPEN."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from monitor.web import actions, api, faults, health, login, pages
from monitor.web.faults import SignInNeeded
from monitor.web.guard import Guard
from monitor.web.language import LanguageCookie
from monitor.web.render import Renderer
from monitor.web.services import WebServices
from monitor.web.sessions import find_session

__all__ = ["WebServices", "build_app"]

OPEN = frozenset({"/login", "/healthz", "/readyz", "/metrics"})
"""Routes that answer without a session. Static files and the API description do so too."""


def build_app(services: WebServices) -> FastAPI:
    """Return the application; nothing is opened or started by it."""
    renderer = Renderer.build(services)
    app = FastAPI(
        title="Earshot",
        version=services.version,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        dependencies=[Depends(_session_guard(services))],
    )
    app.include_router(health.build_router(services))
    app.include_router(login.build_router(services, renderer))
    app.include_router(pages.build_router(services, renderer))
    app.include_router(actions.build_router(services, renderer))
    app.include_router(api.build_router(services))
    app.mount("/static", _Static(), name="static")
    faults.add_to(app, renderer)
    app.add_middleware(LanguageCookie, languages=services.languages, secure=services.secure)
    app.add_middleware(Guard, hosts=services.hosts, secure=services.secure)
    return app


def _session_guard(services: WebServices) -> Callable[[Request], None]:
    cookie = login.session_cookie(services)

    def guard(request: Request) -> None:
        request.state.session = None
        if request.url.path in OPEN:
            return
        token = request.cookies.get(cookie, "")
        request.state.session = find_session(services, token) if token else None
        if request.state.session is None:
            raise SignInNeeded

    return guard


class _Static(StaticFiles):
    """Our own files. Their addresses carry a hash, so a browser may keep them for good."""

    def __init__(self) -> None:
        super().__init__(directory=Path(str(resources.files("monitor.web") / "static")))

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer a file."""
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer
