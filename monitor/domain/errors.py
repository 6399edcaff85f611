"""The error tree of Earshot.

EarshotError
├── ConfigError            a setting is missing or wrong; names file, line and key
├── SourceError            a source could not be read
│   ├── SourceUnavailable  passing: time-out, 5xx, 429
│   ├── SourceRefused      lasting: 401, 403, 404, robots.txt, private address
│   └── SourceChanged      it answered, but not in the shape expected
├── BadItem                one item is unusable; it goes to quarantine
├── EngineError            a sentiment model cannot be loaded or used
├── DeliveryError          a channel did not take an alert
│   ├── DeliveryRefused    definite: it was not and will not be accepted
│   ├── DeliveryDelayed    definite: it was not accepted now, try later
│   └── DeliveryUncertain  it may have been accepted
├── StoreUnavailable       the database is locked, full or gone for now; nothing was written
├── LeaseLost              another process took the work over; nothing was written
├── StaleVersion           somebody else changed the task first
├── NotAllowed             the state or the role forbids the action
└── NotFound               no such task, source, brand or model

Facts are attributes. `permanent` says whether trying again can help; `retry_after` is in seconds.
"""

from __future__ import annotations


class EarshotError(Exception):
    """Base of every error that Earshot raises on purpose. `str()` is fit for a person."""

    permanent: bool = True
    retry_after: float | None = None


class ConfigError(EarshotError):
    """A setting is missing or wrong. Lists every fault found, one sentence each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


class SourceError(EarshotError):
    """A source could not be read. `reason` never holds page text."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        self.reason = reason
        self.retry_after = retry_after
        super().__init__(reason)


class SourceUnavailable(SourceError):
    """The source is down or asks us to wait."""

    permanent = False


class SourceRefused(SourceError):
    """The source does not want to be read, or must not be."""


class SourceChanged(SourceError):
    """The answer does not have the shape this spider knows."""


class BadItem(EarshotError):
    """One item cannot be used. `excerpt` is the raw item for the quarantine, not for logs."""

    def __init__(self, reason: str, excerpt: str = "") -> None:
        self.reason = reason
        self.excerpt = excerpt
        super().__init__(reason)


class EngineError(EarshotError):
    """A sentiment model cannot be loaded, or fails its self-check."""


class DeliveryError(EarshotError):
    """A channel did not take an alert. `code` is the channel's own error word."""

    def __init__(self, code: str, *, retry_after: float | None = None) -> None:
        self.code = code
        self.retry_after = retry_after
        super().__init__(code)


class DeliveryRefused(DeliveryError):
    """Not accepted, and trying the same again cannot help."""


class DeliveryDelayed(DeliveryError):
    """Not accepted now; try again after `retry_after` seconds."""

    permanent = False


class DeliveryUncertain(DeliveryError):
    """It may have been accepted: look before posting again."""

    permanent = False


class StoreUnavailable(EarshotError):
    """The database cannot be used now; what we wanted to write was not written. Pause and retry."""

    permanent = False
    retry_after = 5.0

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The database cannot be used now: {reason}.")


class LeaseLost(EarshotError):
    """Another process took the work over; what we wanted to write was not written."""


class StaleVersion(EarshotError):
    """Somebody else changed the task first. `by`, `what` and `at` say who did what when."""

    def __init__(self, task_id: int, by: str, what: str, at: str) -> None:
        self.task_id, self.by, self.what, self.at = task_id, by, what, at
        super().__init__(f"Task {task_id} was changed meanwhile: {what} by {by} at {at}.")


class NotAllowed(EarshotError):
    """The state or the role forbids the action."""


class NotFound(EarshotError):
    """No such task, source, brand or model."""
