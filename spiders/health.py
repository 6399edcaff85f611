"""How a crawl went, in one record: the pure end of every run."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.domain.crawl import CrawlOutcome, Saved
from monitor.domain.errors import EarshotError, SourceError, SourceUnavailable
from spiders.network.waiting import SourceUnauthorised

STOPPED = "stopped"
FINISHED = "finished"


@dataclass(slots=True)
class Tally:
    """Counts of one run while it goes on."""

    saved: Saved = field(default_factory=Saved)
    pages: int = 0
    items: int = 0
    not_modified: int = 0
    quarantined: int = 0
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Keep something a person should read, once."""
        if text and text not in self.notes:
            self.notes.append(text)


def finished(tally: Tally, *, items_before: int, empty_is_odd: bool) -> CrawlOutcome:
    """Judge a run that came to its end.

    A source that used to have items and now shows none is degraded, and so is one that needed a
    note; where no item at all could be read it is broken.
    """
    if tally.quarantined and not tally.items:
        reason = f"none of {tally.quarantined} items could be read: the page may have changed"
        return _outcome(tally, ok=False, reason=reason, health="broken")
    if empty_is_odd and not tally.items and not tally.not_modified:
        tally.note(_empty(items_before))
    if tally.quarantined > tally.items:
        tally.note(f"{tally.quarantined} of {tally.quarantined + tally.items} items are unreadable")
    health = "degraded" if tally.notes else "healthy"
    return _outcome(tally, ok=True, reason="; ".join(tally.notes) or FINISHED, health=health)


def failed(tally: Tally, error: SourceError) -> CrawlOutcome:
    """Record a run that a fault of the source ended; what was saved before stays."""
    wait = error.retry_after
    health = "rate_limited" if isinstance(error, SourceUnavailable) and wait is not None else ""
    if isinstance(error, SourceUnauthorised):
        health = "unauthorised"
    return _outcome(tally, ok=False, reason=error.reason, health=health or "broken", wait=wait)


def stopped(tally: Tally) -> CrawlOutcome:
    """Record a run that we ended ourselves; it says nothing about the source."""
    return _outcome(tally, ok=False, reason=STOPPED, health="healthy")


def own_fault(tally: Tally, error: Exception) -> CrawlOutcome:
    """Record a run that a fault of ours ended: the store, or a bug."""
    named = isinstance(error, EarshotError)
    reason = str(error) if named else f"a fault in Earshot ({type(error).__name__})"
    return _outcome(tally, ok=False, reason=reason, health="degraded")


def _empty(items_before: int) -> str:
    if items_before:
        return f"nothing found, but {items_before} items the time before: the page may have changed"
    return "nothing found at this address yet"


def _outcome(
    tally: Tally, *, ok: bool, reason: str, health: str, wait: float | None = None
) -> CrawlOutcome:
    return CrawlOutcome(
        ok=ok,
        reason=reason[:400],
        health=health,
        saved=tally.saved,
        pages=tally.pages,
        not_modified=tally.not_modified,
        quarantined=tally.quarantined,
        retry_after_s=wait,
    )
