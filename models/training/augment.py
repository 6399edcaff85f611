"""More training rows out of the project's own set: two brands in one text, and no brand given."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from models.normalise import fold
from models.training.readers import Row

LONGEST_PAIR = 320
"""Characters of both texts together."""


def without_target(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield rows once more without their target, where the whole text carries the same verdict."""
    times = Counter(row.text for row in rows)
    for row in rows:
        if row.target and times[row.text] == 1:
            yield replace(row, target=None)


def two_brands(rows: Sequence[Row], count: int, seed: int) -> Iterator[Row]:
    """Yield pairs of texts about different brands joined to one; the verdict is on one of them."""
    chance = random.Random(seed)
    by_lang: dict[str, list[Row]] = {}
    for row in rows:
        if row.target and row.detailed:
            by_lang.setdefault(row.lang, []).append(row)
    for lang in sorted(by_lang):
        pool = by_lang[lang]
        pairs = (_pair(chance.sample(pool, 2), chance) for _ in range(count))
        yield from (row for row in pairs if row is not None)


def _pair(pair: Sequence[Row], chance: random.Random) -> Row | None:
    """Join two texts, the asked one first or last; None where they are long or share a brand."""
    asked, other = pair
    names = fold(asked.target or ""), fold(other.target or "")
    shared = names[0] in fold(other.text) or names[1] in fold(asked.text)
    if shared or len(asked.text) + len(other.text) > LONGEST_PAIR:
        return None
    parts = [asked.text, other.text]
    if chance.random() < 0.5:  # noqa: PLR2004  a coin
        parts.reverse()
    return replace(asked, text=" ".join(parts))
