"""The surface branch: two linear readings per language over hashed n-grams.

One says positive or negative, the other neutral or not. They see word forms that the sub-word
vocabulary breaks up; calibration weighs them against the transformer, language by language.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.ngrams import counted, normed

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Surface:
    """Tables by language: `rarity` (buckets,) and `weights` (2, buckets), small integers.

    `scales` turns them back: rarity, polarity, neutrality.
    """

    bits: int
    rarity: dict[str, NDArray[np.uint8]]
    weights: dict[str, NDArray[np.int8]]
    scales: dict[str, tuple[float, float, float]]

    def margins(self, text: str, lang: str) -> tuple[float, float]:
        """Return (polarity, neutrality) of a cleaned text; zeros for a language without tables."""
        if lang not in self.weights:
            return 0.0, 0.0
        buckets, counts = counted(text, self.bits)
        rare, polar, neutral = self.scales[lang]
        values = counts * self.rarity[lang][buckets] * np.float32(rare)
        normed(buckets, values, self.bits)
        sums = self.weights[lang][:, buckets].astype(np.float32) @ values
        return float(sums[0]) * polar, float(sums[1]) * neutral


def load(path: Path) -> Surface:
    """Read what `save` wrote. Raises OSError, KeyError or ValueError."""
    with np.load(path, allow_pickle=False) as found:
        langs = sorted(name[2:] for name in found.files if name.startswith("w_"))
        return Surface(
            bits=int(found["bits"]),
            rarity={lang: found[f"r_{lang}"] for lang in langs},
            weights={lang: found[f"w_{lang}"] for lang in langs},
            scales={lang: tuple(map(float, found[f"s_{lang}"])) for lang in langs},  # type: ignore[misc]
        )


def save(surface: Surface, path: Path) -> None:
    """Write the tables, compressed."""
    arrays: dict[str, NDArray[np.generic]] = {"bits": np.array(surface.bits)}
    for lang in surface.weights:
        arrays[f"r_{lang}"] = surface.rarity[lang]
        arrays[f"w_{lang}"] = surface.weights[lang]
        arrays[f"s_{lang}"] = np.array(surface.scales[lang])
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def pack(bits: int, rarity: dict[str, Floats], weights: dict[str, Floats]) -> Surface:
    """Return the tables rounded to one byte a number."""
    scales = {}
    for lang, table in weights.items():
        top = np.abs(table).max(axis=1)
        scales[lang] = (float(rarity[lang].max()) / 255, float(top[0]) / 127, float(top[1]) / 127)
    return Surface(
        bits=bits,
        rarity={k: np.rint(v / scales[k][0]).astype(np.uint8) for k, v in rarity.items()},
        weights={
            k: np.rint(v / np.array(scales[k][1:])[:, None]).astype(np.int8)
            for k, v in weights.items()
        },
        scales=scales,
    )
