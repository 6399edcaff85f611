"""Reading an answer's status: go on, come back later, or leave."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from monitor.domain.errors import SourceRefused, SourceUnavailable

LONGEST_WAIT_S = 3600.0
DEFAULT_WAIT_S = 300.0
_TOO_MANY = 429
_GONE_FOR_NOW = 503


class SourceUnauthorised(SourceRefused):
    """The source wants to know who asks: a key is missing, wrong or has expired."""


def judge(status: int, headers: Mapping[str, str], now: datetime) -> None:
    """Return for 2xx and 304; raise SourceUnavailable or SourceRefused for everything else.

    `headers` has lower-case names. A 429, and a 503 that says when to come back, carries
    `retry_after` in seconds, at most an hour.
    """
    if 200 <= status < 300 or status == 304:  # noqa: PLR2004 - the HTTP classes
        return
    if status == _TOO_MANY:
        wait = retry_after_s(headers.get("retry-after"), now)
        raise SourceUnavailable(
            "the site asks to be read less often (HTTP 429)",
            retry_after=DEFAULT_WAIT_S if wait is None else wait,
        )
    if status >= 500:  # noqa: PLR2004 - HTTP server errors
        wait = retry_after_s(headers.get("retry-after"), now) if status == _GONE_FOR_NOW else None
        raise SourceUnavailable(f"the site is in trouble (HTTP {status})", retry_after=wait)
    raise _refusal(status)


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Return the seconds to wait, 0 to one hour; None where the header is missing or garbage."""
    if value is None:
        return None
    text = value.strip()
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, now)
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return min(seconds, LONGEST_WAIT_S)


def _until(text: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return math.nan
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)


_REFUSALS = {
    401: "a key or a sign-in is needed (HTTP 401)",
    403: "the site does not let us read this (HTTP 403)",
    404: "there is nothing at this address (HTTP 404)",
    410: "the site says this address is gone for good (HTTP 410)",
    451: "the page is withheld for legal reasons (HTTP 451)",
}


def _refusal(status: int) -> SourceRefused:
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP redirection
        return SourceRefused(f"the site redirects to an address that is not read (HTTP {status})")
    reason = _REFUSALS.get(status, f"the site refuses the request (HTTP {status})")
    unauthorised = status in (401, 403)
    return SourceUnauthorised(reason) if unauthorised else SourceRefused(reason)
