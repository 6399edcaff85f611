"""Every fault said in words: as a page, and as JSON below /api."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from monitor.domain.errors import NotFound, StoreUnavailable
from monitor.web.render import Renderer

NOT_FOUND = 404
Handler = Callable[[Request, Exception], Awaitable[Response]]


class SignInNeeded(Exception):
    """The request carries no session that is alive."""


class WrongForm(Exception):
    """The form did not come from one of our pages, or its session has ended."""


KINDS: dict[type[Exception], tuple[int, str]] = {
    NotFound: (404, "not found"),
    StoreUnavailable: (503, "unavailable"),
    WrongForm: (403, "wrong form"),
    Exception: (500, "unexpected"),
}


def add_to(app: FastAPI, renderer: Renderer) -> None:
    """Let the application answer every exception in words."""
    for kind, (status, name) in KINDS.items():
        app.add_exception_handler(kind, _worded(renderer, status, name))
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(RequestValidationError, _wrong_request(renderer))
    app.add_exception_handler(HTTPException, _http(renderer))


def _answer(renderer: Renderer, request: Request, status: int, kind: str) -> Response:
    if _is_api(request):
        return JSONResponse({"error": kind}, status)
    return renderer.page(request, "fault.html", status=status, kind=kind)


def _worded(renderer: Renderer, status: int, kind: str) -> Handler:
    async def handle(request: Request, _: Exception) -> Response:
        return _answer(renderer, request, status, kind)

    return handle


def _wrong_request(renderer: Renderer) -> Handler:
    async def handle(request: Request, fault: Exception) -> Response:
        if _is_api(request) and isinstance(fault, RequestValidationError):
            places = [".".join(str(part) for part in error["loc"]) for error in fault.errors()]
            return JSONResponse({"error": "wrong parameters", "parameters": places}, 422)
        return _answer(renderer, request, 422, "wrong request")

    return handle


def _http(renderer: Renderer) -> Handler:
    async def handle(request: Request, fault: Exception) -> Response:
        status = fault.status_code if isinstance(fault, HTTPException) else 500
        kind = "not found" if status == NOT_FOUND else "wrong request"
        return _answer(renderer, request, status, kind)

    return handle


async def _sign_in(request: Request, _: Exception) -> Response:
    if _is_api(request):
        return JSONResponse({"error": "sign in"}, 401)
    return RedirectResponse(_login_address(request), 303)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def _login_address(request: Request) -> str:
    if request.method != "GET" or request.url.path == "/":
        return "/login"
    query = f"?{request.url.query}" if request.url.query else ""
    return f"/login?next={quote(request.url.path + query, safe='')}"
