"""After a crash: take back what processes that are certainly gone still hold.

Leases run out by themselves; this only saves the wait on the machine where the crash was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from monitor.store.tables import leases, sources


def free_dead(tx: Connection, is_dead: Callable[[str], bool]) -> list[str]:
    """Free sources and leases whose owner is dead; return what was freed.

    A freed source stays due and is not blamed: it was our process that ended.
    """
    freed = [f"source {name}" for name in _free_sources(tx, is_dead)]
    return freed + _free_leases(tx, is_dead)


def renew_sources(tx: Connection, owner: str, *, now: datetime, lease_s: float) -> int:
    """Prolong the leases of an owner; return how many it still holds."""
    statement = (
        update(sources)
        .where(sources.c.lease_owner == owner)
        .values(lease_until=now + timedelta(seconds=lease_s))
    )
    return tx.execute(statement).rowcount


def release_sources(tx: Connection, owner: str) -> None:
    """Give back what an owner holds without blaming the sources; they stay due."""
    free = {"lease_owner": None, "lease_until": None}
    tx.execute(update(sources).where(sources.c.lease_owner == owner).values(free))


def _free_sources(tx: Connection, is_dead: Callable[[str], bool]) -> list[str]:
    held = select(sources.c.name, sources.c.lease_owner).where(sources.c.lease_owner.is_not(None))
    dead = [row.name for row in tx.execute(held) if is_dead(row.lease_owner)]
    free = {"lease_owner": None, "lease_until": None}
    tx.execute(update(sources).where(sources.c.name.in_(dead)).values(free))
    return dead


def _free_leases(tx: Connection, is_dead: Callable[[str], bool]) -> list[str]:
    named = or_(leases.c.name == "leader", leases.c.name.startswith("sender:"))
    held = tx.execute(select(leases.c.name, leases.c.owner).where(named))
    dead = [row.name for row in held if is_dead(row.owner)]
    tx.execute(delete(leases).where(leases.c.name.in_(dead)))
    return dead
