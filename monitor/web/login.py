"""Signing in and out.

The link of a mail or a terminal only shows a button; the button uses the link up. So a scanner
that opens every link of a mail does not sign anybody in and does not spoil the link.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from monitor.web.faults import WrongForm
from monitor.web.render import Renderer, session_of
from monitor.web.services import WebServices
from monitor.web.sessions import close_session, csrf_token, open_session

LONGEST_TOKEN = 200


def session_cookie(services: WebServices) -> str:
    """Return the name of the session cookie; `__Host-` binds it to the host and to https."""
    return "__Host-earshot" if services.secure else "earshot_session"


def login_cookie(services: WebServices) -> str:
    """Return the name of the cookie that ties the sign-in form to one browser."""
    return "__Host-earshot-login" if services.secure else "earshot_login"


def local_path(wished: str) -> str:
    """Return a path of this site to go on to; the inbox for anything else."""
    local = wished.startswith("/") and not wished.startswith(("//", "/\\")) and wished.isprintable()
    return wished if local else "/inbox"


def check_form(request: Request, form: str) -> None:
    """Raise WrongForm unless the form came from a page of this session."""
    if not hmac.compare_digest(session_of(request).csrf.encode(), form.encode()):
        raise WrongForm


def build_router(services: WebServices, renderer: Renderer) -> APIRouter:
    """Return the routes of signing in and out."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    def show(request: Request, token: str = "", next: str = "") -> Response:  # noqa: A002 - the name of the query parameter
        return _form(services, renderer, request, token=token[:LONGEST_TOKEN], onward=next)

    @router.post("/login")
    def enter(
        request: Request,
        token: Annotated[str, Form(max_length=LONGEST_TOKEN)] = "",
        form: Annotated[str, Form(max_length=LONGEST_TOKEN)] = "",
        onward: Annotated[str, Form(max_length=2000)] = "",
    ) -> Response:
        proof = csrf_token(request.cookies.get(login_cookie(services), ""))
        if not hmac.compare_digest(proof.encode(), form.encode()):
            return _form(services, renderer, request, token=token, onward=onward, fault="form")
        session = open_session(services, token)
        if session is None:
            return _form(services, renderer, request, token="", onward=onward, fault="link")
        return _signed_in(services, session, local_path(onward))

    @router.post("/logout")
    def leave(
        request: Request, form: Annotated[str, Form(max_length=LONGEST_TOKEN)] = ""
    ) -> Response:
        check_form(request, form)
        close_session(services, session_of(request).token)
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(session_cookie(services), path="/", secure=services.secure)
        return answer

    return router


def _form(
    services: WebServices,
    renderer: Renderer,
    request: Request,
    *,
    token: str,
    onward: str,
    fault: str = "",
) -> Response:
    secret = secrets.token_urlsafe(32)
    answer = renderer.page(
        request,
        "login.html",
        status=403 if fault else 200,
        token=token,
        form=csrf_token(secret),
        onward=local_path(onward) if onward else "",
        fault=fault,
    )
    _set(services, answer, login_cookie(services), secret, "strict", 3600)
    return answer


def _signed_in(services: WebServices, session: str, onward: str) -> Response:
    answer = RedirectResponse(onward, 303)
    seconds = int(services.session_lifetime.total_seconds())
    _set(services, answer, session_cookie(services), session, "lax", seconds)
    answer.delete_cookie(login_cookie(services), path="/", secure=services.secure)
    return answer


def _set(  # noqa: PLR0917 - a cookie has this many properties
    services: WebServices, answer: Response, name: str, value: str, same_site: str, age: int
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=age,
        path="/",
        httponly=True,
        secure=services.secure,
        samesite="strict" if same_site == "strict" else "lax",
    )
