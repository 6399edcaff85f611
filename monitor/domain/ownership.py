"""Who holds a lease: ids of processes that other processes of the same machine can check.

An id is "host:pid:random", and work within a process may append ":something".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """One process."""

    host: str
    pid: int
    nonce: str

    def __str__(self) -> str:
        """Return the id as written into leases."""
        return f"{self.host}:{self.pid}:{self.nonce}"


def parse(owner: str) -> Owner | None:
    """Return the process behind a lease owner; None for ids of another form."""
    host, _, rest = owner.partition(":")
    pid, _, rest = rest.partition(":")
    nonce = rest.partition(":")[0]
    return Owner(host, int(pid), nonce) if host and pid.isdigit() and nonce else None


def is_dead(owner: str, me: Owner, alive: Callable[[int], bool]) -> bool:
    """Whether the process behind `owner` has certainly ended.

    Only processes of the same host can be judged. A process with our own pid but another nonce
    is gone: we have its number now.
    """
    other = parse(owner)
    if other is None or other.host != me.host or other == me:
        return False
    return other.pid == me.pid or not alive(other.pid)
