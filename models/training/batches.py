"""Draw training batches: languages equally often, sources by weight, texts of like length."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.batching import by_budget, pad
from models.training.readers import Row

POOL = 32
"""Batches drawn at a time and sorted by length together."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Row numbers of one batch and their padded pieces (rows, longest)."""

    rows: NDArray[np.int64]
    ids: NDArray[np.int64]


class Sampler:
    """Draws rows with replacement in shuffled rounds, so that none is seen twice before all are."""

    def __init__(
        self, rows: Sequence[Row], languages: dict[str, float], sources: dict[str, float], seed: int
    ) -> None:
        self.random = random.Random(seed)
        self.groups: dict[tuple[str, str], list[int]] = {}
        for number, row in enumerate(rows):
            self.groups.setdefault((row.lang, row.source), []).append(number)
        keys = [key for key in sorted(self.groups) if key[0] in languages]
        totals: dict[str, float] = {}
        for lang, source in keys:
            totals[lang] = totals.get(lang, 0.0) + sources.get(source, 0.0)
        self.keys = keys
        self.weights = [
            languages[lang] * sources.get(source, 0.0) / totals[lang] for lang, source in keys
        ]
        self.queues: dict[tuple[str, str], list[int]] = {key: [] for key in keys}

    def draw(self, count: int) -> list[int]:
        """Return `count` row numbers."""
        keys = self.random.choices(self.keys, self.weights, k=count)
        return [self._next(key) for key in keys]

    def _next(self, key: tuple[str, str]) -> int:
        queue = self.queues[key]
        if not queue:
            queue.extend(self.groups[key])
            self.random.shuffle(queue)
        return queue.pop()


def stream(
    sampler: Sampler, texts: Sequence[str], tokenizer: Any, *, size: int, longest: int
) -> Iterator[Drawn]:
    """Yield batches without end; `size` texts on average, fewer of long ones, more of short."""
    while True:
        numbers = sampler.draw(size * POOL)
        encoded = [e.ids for e in tokenizer.encode_batch([texts[n] for n in numbers])]
        pieces = [middle_cut(ids, longest) for ids in encoded]
        budget = sum(len(ids) for ids in pieces) // POOL
        order = sorted(range(len(numbers)), key=lambda n: len(pieces[n]))
        batches = list(by_budget([len(pieces[n]) for n in order], budget))
        sampler.random.shuffle(batches)
        for start, stop in batches:
            chosen = order[start:stop]
            yield Drawn(np.array([numbers[n] for n in chosen]), pad([pieces[n] for n in chosen]))


def middle_cut(ids: list[int], longest: int) -> list[int]:
    """Return at most `longest` pieces: the opening and the ending."""
    if len(ids) <= longest:
        return ids
    half = longest // 2
    return ids[: longest - half] + ids[-half:]
