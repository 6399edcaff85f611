"""The rows of one run: read, cleaned, split, and joined by augmented ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.normalise import prepare
from models.training import augment, manifest, readers
from models.training.readers import Row
from models.training.recipe import Recipe

READ = 1500
"""Characters of a text that training looks at."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows and their cleaned texts, in step."""

    rows: list[Row]
    texts: list[str]


@dataclass(frozen=True, slots=True)
class Material:
    """`train` without augmented rows; `dev` for choices; `holdout` for the final figures."""

    train: Part
    dev: Part
    holdout: Part


def gather(folder: Path, tiers: tuple[str, ...], recipe: Recipe) -> Material:
    """Read every source of these tiers that may train weights that ship."""
    found: dict[str, list[Row]] = {"train": [], "dev": [], "holdout": []}
    for row in readers.read(folder, manifest.choose(tiers)):
        found[readers.split(row, recipe.seed)].append(row)
    return Material(**{name: part(rows) for name, rows in found.items()})


def part(rows: list[Row]) -> Part:
    """Clean the texts of rows."""
    return Part(rows, [prepare(row.text[:READ], row.target) for row in rows])


def augmented(train: Part, recipe: Recipe) -> Part:
    """Return the training rows and more made from the project's own set."""
    own = [row for row in train.rows if row.source == "voices"]
    pairs = augment.two_brands(own, int(recipe.batches["two_brands"]), recipe.seed)
    more = part([*augment.without_target(own), *pairs])
    return Part(train.rows + more.rows, train.texts + more.texts)


def limited(train: Part, most: dict[str, int]) -> Part:
    """Return at most `most[source]` rows of a source and language, the first ones."""
    keep = list(_first(train.rows, most))
    return Part([train.rows[n] for n in keep], [train.texts[n] for n in keep])


def _first(rows: Sequence[Row], most: dict[str, int]) -> Iterator[int]:
    seen: Counter[tuple[str, str]] = Counter()
    for number, row in enumerate(rows):
        seen[row.lang, row.source] += 1
        if row.source not in most or seen[row.lang, row.source] <= most[row.source]:
            yield number
