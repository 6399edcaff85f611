"""Which channels hear about a task: a pure filter, every matching channel gets it."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.domain.policy import ChannelRule
from monitor.domain.types import Priority


def channels_for(
    rules: Iterable[ChannelRule], *, brand: str, lang: str, priority: Priority
) -> list[str]:
    """Return the names of the channels whose rule matches, in configured order."""
    return [rule.channel for rule in rules if _matches(rule, brand, lang, priority)]


def _matches(rule: ChannelRule, brand: str, lang: str, priority: Priority) -> bool:
    return (
        (not rule.brands or brand in rule.brands)
        and (not rule.languages or lang in rule.languages)
        and priority <= rule.min_priority
    )
