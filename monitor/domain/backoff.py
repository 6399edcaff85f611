"""When to read a source again. Pure: the same name and count always give the same delay.

Delays are spread by name, so that a hundred sources that failed together (a network outage) do not
come back in the same second.
"""

from __future__ import annotations

from hashlib import blake2b

FIRST_S = 60.0
LONGEST_S = 6 * 3600.0
LONGEST_ASKED_S = 24 * 3600.0
"""A source may ask for a longer pause than ours, but not for ever."""

_SPREAD = 0.2
_REGULAR_SPREAD = 0.05
_REGULAR_SPREAD_S = 60.0


def after_success_s(name: str, every_s: float, *, asked_s: float | None = None) -> float:
    """Seconds until the next regular run: `every_s` and up to 5 % (at most a minute) more.

    `asked_s` is the pause that the source asked for (Retry-After), if any.
    """
    spread = min(every_s * _REGULAR_SPREAD, _REGULAR_SPREAD_S) * _fraction(name)
    return max(every_s + spread, _heeded(asked_s))


def after_failure_s(name: str, failures: int, *, asked_s: float | None = None) -> float:
    """Seconds until the next try after `failures` failures in a row (1 for the first).

    Doubles from a minute to six hours, less up to a fifth; never earlier than the source asked
    for, which is heeded up to a day.
    """
    doublings = min(max(failures, 1) - 1, 16)
    delay: float = min(FIRST_S * 2**doublings, LONGEST_S)
    return max(delay * (1 - _SPREAD * _fraction(f"{name} {failures}")), _heeded(asked_s))


def _heeded(asked_s: float | None) -> float:
    # The comparison is false for "not a number", which a header may well contain.
    return min(asked_s, LONGEST_ASKED_S) if asked_s is not None and asked_s > 0 else 0.0


def _fraction(name: str) -> float:
    return int.from_bytes(blake2b(name.encode(), digest_size=4).digest(), "big") / 2**32
