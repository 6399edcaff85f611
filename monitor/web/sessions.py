"""Signing in by a one-time link, and the session that follows."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.domain.ports import Clock
from monitor.store import sign_ins
from monitor.store.database import Database
from monitor.web.services import WebServices

LINK_LIFETIME = timedelta(hours=1)
EXTEND_EVERY = timedelta(minutes=5)
"""A session is prolonged at most this often, so that reading pages seldom writes."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person. `csrf` proves that a form came from one of our pages."""

    person: str
    csrf: str
    token: str


def issue_link(
    database: Database,
    clock: Clock,
    base_url: str,
    person: str,
    lifetime: timedelta = LINK_LIFETIME,
) -> str:
    """Return an address that signs `person` in once, within `lifetime`."""
    token = secrets.token_urlsafe(32)
    with database.write() as tx:
        sign_ins.add(tx, token, person, sign_ins.LINK, clock(), lifetime)
    return f"{base_url}/login?token={token}"


def open_session(services: WebServices, link_token: str) -> str | None:
    """Use a link up and return the token of a new session; None when the link is not good."""
    now = services.clock()
    token = secrets.token_urlsafe(32)
    with services.database.write() as tx:
        person = sign_ins.take(tx, link_token, sign_ins.LINK, now)
        if person is None:
            return None
        sign_ins.add(tx, token, person, sign_ins.SESSION, now, services.idle_lifetime)
    return token


def find_session(services: WebServices, token: str) -> Session | None:
    """Return the session of a cookie and let it live on; None when it has ended."""
    now = services.clock()
    with services.database.read() as tx:
        found = sign_ins.find(tx, token, sign_ins.SESSION, now)
    if found is None or now >= found.created_at + services.session_lifetime:
        return None
    _prolong(services, token, found, now)
    return Session(found.person, csrf_token(token), token)


def close_session(services: WebServices, token: str) -> None:
    """End a session."""
    with services.database.write() as tx:
        sign_ins.remove(tx, token)


def csrf_token(secret: str) -> str:
    """Return what forms must carry; it does not reveal the secret it is made from."""
    return hmac.new(secret.encode(), b"earshot form", hashlib.sha256).hexdigest()


def _prolong(services: WebServices, token: str, found: sign_ins.SignIn, now: datetime) -> None:
    until = min(now + services.idle_lifetime, found.created_at + services.session_lifetime)
    if until - found.expires_at >= EXTEND_EVERY:
        with services.database.write() as tx:
            sign_ins.extend(tx, token, until)
