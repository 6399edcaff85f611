"""One bad item must not cost the good ones on its page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from monitor.domain.errors import BadItem
from monitor.domain.types import Found

LONGEST_EXCERPT = 2000
_UNUSABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError, IndexError)

_T = TypeVar("_T")


def build_each(
    raw_items: Iterable[_T], build: Callable[[_T], Found], show: Callable[[_T], str]
) -> tuple[list[Found], list[BadItem]]:
    """Build a mention from every raw item; what fails becomes a fault with its reason.

    `show` gives the excerpt that a person will see in the quarantine.
    """
    items: list[Found] = []
    faults: list[BadItem] = []
    for raw in raw_items:
        try:
            items.append(build(raw))
        except BadItem as fault:
            faults.append(fault)
        except _UNUSABLE as error:
            missing = f"no usable {error}" if isinstance(error, KeyError) else type(error).__name__
            faults.append(BadItem(f"unusable item: {missing}", show(raw)[:LONGEST_EXCERPT]))
    return items, faults
