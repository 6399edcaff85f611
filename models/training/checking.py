"""Dev figures while training runs, and the weighted verdict of both branches afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models import heads
from models.batching import by_budget, pad
from models.training.batches import middle_cut
from models.training.network import Ear
from models.training.readers import Row

LONGEST = 128
TOKENS = 2048


class Check:
    """Macro-F1 of the network alone on a few dev rows of every source."""

    def __init__(
        self, rows: Sequence[Row], texts: Sequence[str], tokenizer: Any, most: int
    ) -> None:
        groups: dict[str, list[int]] = {}
        for number, row in enumerate(rows):
            group = groups.setdefault(f"{row.lang} {row.source}", [])
            if row.label != "mix" and len(group) < most:
                group.append(number)
        self.rows, self.groups = rows, groups
        self.ids = [middle_cut(each.ids, LONGEST) for each in tokenizer.encode_batch(list(texts))]

    def __call__(self, ear: Ear) -> dict[str, float]:
        """Return the figures by "language source"."""
        return {name: self._figure(ear, group) for name, group in self.groups.items() if group}

    def _figure(self, ear: Ear, group: Sequence[int]) -> float:
        logits = outputs(ear, [self.ids[n] for n in group])[:, heads.SENTIMENT]
        rows = [self.rows[n] for n in group]
        logits[[row.binary for row in rows], 1] = -np.inf
        given = [heads.LABELS[n] for n in logits.argmax(1)]
        return round(macro_f1([row.label for row in rows], given), 3)


def outputs(ear: Ear, ids: Sequence[list[int]]) -> NDArray[np.float32]:
    """Return the network's outputs (texts, heads.SIZE) for encoded texts, in their order."""
    order = sorted(range(len(ids)), key=lambda n: len(ids[n]))
    table = np.zeros((len(ids), heads.SIZE), dtype=np.float32)
    with torch.no_grad():
        for start, stop in by_budget([len(ids[n]) for n in order], TOKENS):
            batch = order[start:stop]
            table[batch] = ear(torch.from_numpy(pad([ids[n] for n in batch]))).numpy()
    return table


def macro_f1(wanted: Sequence[str], given: Sequence[str]) -> float:
    """Return the mean F1 of the classes that occur in `wanted`."""
    scores = []
    for name in sorted(set(wanted)):
        hits = sum(w == g == name for w, g in zip(wanted, given, strict=True))
        scores.append(2 * hits / max(1, wanted.count(name) + list(given).count(name)))
    return sum(scores) / len(scores)
