"""Cut long texts into windows and group texts of like length, so that little is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

OVERLAP = 16
"""Pieces that neighbouring windows share, so that no phrase is cut in two everywhere."""


def windows(ids: Sequence[int], longest: int) -> list[list[int]]:
    """Return the text's pieces as windows of at most `longest`.

    `ids` starts and ends with the tokenizer's opening and closing piece; every window gets both.
    """
    if len(ids) <= longest:
        return [list(ids)]
    first, last, inner = ids[0], ids[-1], ids[1:-1]
    room = longest - 2
    stride = room - OVERLAP
    count = max(1, -(-(len(inner) - OVERLAP) // stride))
    return [[first, *inner[n * stride : n * stride + room], last] for n in range(count)]


def by_budget(lengths: Sequence[int], budget: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) over ascending lengths: rows times longest stays within the budget.

    A text longer than the budget is a batch of its own.
    """
    start = 0
    for stop in range(1, len(lengths) + 1):
        full = stop == len(lengths) or (stop + 1 - start) * lengths[stop] > budget
        if full:
            yield start, stop
            start = stop


def pad(pieces: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    """Return one array (texts, longest), filled up with 0."""
    table = np.zeros((len(pieces), max(map(len, pieces))), dtype=np.int64)
    for line, ids in zip(table, pieces, strict=True):
        line[: len(ids)] = ids
    return table
