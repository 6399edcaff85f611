"""Turn labelled rows into the numbers the losses need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models import heads
from models.training.readers import Row

_SHARES = {"neg": (1.0, 0.0, 0.0), "neu": (0.0, 1.0, 0.0), "pos": (0.0, 0.0, 1.0),
           "mix": (0.5, 0.0, 0.5)}  # fmt: skip
UNKNOWN = -1.0


def targets(rows: Sequence[Row]) -> NDArray[np.float32]:
    """Return wanted outputs (rows, heads.SIZE); UNKNOWN where a row says nothing about one."""
    table = np.full((len(rows), heads.SIZE), UNKNOWN, dtype=np.float32)
    for line, row in zip(table, rows, strict=True):
        line[heads.SENTIMENT] = _SHARES[row.label]
        if row.stars is not None:
            line[heads.STARS] = [float(row.stars == star) for star in range(1, 6)]
        if row.detailed:
            _fill_details(line, row)
    return table


def two_class(rows: Sequence[Row]) -> NDArray[np.bool_]:
    """Return which rows come from a set without a neutral class."""
    return np.array([row.binary for row in rows])


def _fill_details(line: NDArray[np.float32], row: Row) -> None:
    line[heads.MIX] = float(row.label == "mix")
    line[heads.INTENT] = [float(name in row.intents) for name in heads.INTENTS]
    line[heads.RISK] = [float(name in row.risks) for name in heads.RISKS]
    line[heads.ASPECT] = [float(name in row.aspects) for name in heads.ASPECT_NAMES]
    line[heads.REPLY] = float(bool(row.reply))
