"""For channels where nobody can look up what was accepted."""

from __future__ import annotations

from datetime import datetime

from monitor.domain.errors import DeliveryUncertain
from monitor.domain.types import Receipt


class NoHistory:
    """Mixed into channels without a history."""

    @property
    def can_find(self) -> bool:
        """Nobody can tell what was accepted."""
        return False

    def find(self, key: str, since: datetime) -> Receipt | None:
        """Raise DeliveryUncertain: there is nothing to look in."""
        raise DeliveryUncertain(f"no history to find {key} in, since {since:%H:%M}")
