"""The ports: what the core needs from engines and channels. Adapters implement these."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from monitor.domain.types import Alert, Receipt, ScoreRequest, Sentiment

Clock = Callable[[], datetime]
"""Returns the present moment as an aware UTC datetime."""


class Engine(Protocol):
    """Runs a sentiment model.

    Adapters live in `models/engines/<name>.py` as a function
    `build(options: Mapping[str, object]) -> Engine`.
    """

    @property
    def model(self) -> str:
        """Model id and version."""

    def score(self, requests: Sequence[ScoreRequest]) -> list[Sentiment]:
        """Score texts.

        Order is kept and the length equals the input's; equal input gives equal output; an empty
        text is `unsure`. Any number of requests: the engine batches by itself.
        Raises EngineError.
        """

    def close(self) -> None:
        """Free threads and memory; the engine is not used afterwards."""


class Channel(Protocol):
    """Delivers alerts to one place.

    Adapters live in `alerts/channels/<name>.py` as a function
    `build(options: Mapping[str, object]) -> Channel`.
    """

    @property
    def can_update(self) -> bool:
        """Whether `update` changes the message in place."""

    @property
    def can_find(self) -> bool:
        """Whether `find` can tell if a message was accepted."""

    def send(self, alert: Alert) -> Receipt:
        """Deliver for the first time. One attempt, no hidden retries.

        Raises DeliveryRefused, DeliveryDelayed or DeliveryUncertain.
        """

    def update(self, alert: Alert, receipt: Receipt) -> Receipt:
        """Show the present state in the message that `receipt` names. Idempotent."""

    def find(self, key: str, since: datetime) -> Receipt | None:
        """Look for an accepted message with this key, no older than `since`.

        None means: certainly not there. Raises DeliveryDelayed or DeliveryUncertain when the
        history cannot be read to its end.
        """

    def close(self) -> None:
        """Free connections."""
