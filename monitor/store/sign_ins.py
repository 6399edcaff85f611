"""Sign-in links and sessions. Only hashes of tokens are stored; times are aware UTC."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from monitor.store.tables import sign_ins

LINK = "link"
SESSION = "session"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who holds a token, and since when."""

    person: str
    created_at: datetime
    expires_at: datetime


def add(  # noqa: PLR0917 - a row has this many columns
    tx: Connection, token: str, person: str, kind: str, now: datetime, lifetime: timedelta
) -> None:
    """Remember a token by its hash and forget those that have run out."""
    tx.execute(delete(sign_ins).where(sign_ins.c.expires_at <= now))
    tx.execute(
        insert(sign_ins).values(
            token_hash=_hash(token),
            person=person,
            kind=kind,
            created_at=now,
            expires_at=now + lifetime,
        )
    )


def find(tx: Connection, token: str, kind: str, now: datetime) -> SignIn | None:
    """Return the owner of a token that has not run out."""
    row = tx.execute(
        select(sign_ins).where(
            sign_ins.c.token_hash == _hash(token),
            sign_ins.c.kind == kind,
            sign_ins.c.expires_at > now,
        )
    ).one_or_none()
    return None if row is None else SignIn(row.person, row.created_at, row.expires_at)


def take(tx: Connection, token: str, kind: str, now: datetime) -> str | None:
    """Use a token up: return its person exactly once, None ever after or when it ran out."""
    row = tx.execute(
        delete(sign_ins)
        .where(sign_ins.c.token_hash == _hash(token), sign_ins.c.kind == kind)
        .returning(sign_ins.c.person, sign_ins.c.expires_at)
    ).one_or_none()
    return row.person if row is not None and row.expires_at > now else None


def extend(tx: Connection, token: str, until: datetime) -> None:
    """Let a token live until then."""
    tx.execute(
        update(sign_ins).where(sign_ins.c.token_hash == _hash(token)).values(expires_at=until)
    )


def remove(tx: Connection, token: str) -> None:
    """Forget a token."""
    tx.execute(delete(sign_ins).where(sign_ins.c.token_hash == _hash(token)))


def _hash(token: str) -> str:
    """Hash a token of 256 random bits; a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).hexdigest()
