"""Hashed character n-grams and word pairs: the surface features beside the transformer.

Word forms that no vocabulary holds (Hungarian and Latvian endings, slang, typos) still share
n-grams. Hashing needs no dictionary, so nothing but the weights is stored.
"""

from __future__ import annotations

import itertools
import re
import zlib

import numpy as np
from numpy.typing import NDArray

from models.normalise import fold

SIZES = (1, 2, 3, 4, 5)
MAX_CHARS = 2000
"""Longer texts are cut in the middle: opening and ending carry the verdict."""

_WORD = re.compile(r"\w+|[^\w\s]+")
_MULTIPLIER = np.uint32(0x01000193)
_SPREAD = np.uint32(0x9E3779B1)


def hashed(text: str, bits: int) -> NDArray[np.int64]:
    """Return the bucket (0 .. 2**bits - 1) of every n-gram of a cleaned text, repeats included."""
    codes = _codes(text)
    grams = codes.copy()
    found = [_bucket(grams, 1, bits)]
    for size in SIZES[1:]:
        grams = grams[: len(codes) - size + 1] * _MULTIPLIER ^ codes[size - 1 :]
        found.append(_bucket(grams, size, bits))
    return np.concatenate(found).astype(np.int64)


def table_size(bits: int) -> int:
    """Return the number of buckets: 2**bits for characters, half as many for words."""
    return (1 << bits) + (1 << bits - 1)


def words(text: str, bits: int) -> NDArray[np.int64]:
    """Return the bucket of every word and pair of words, after those of the characters."""
    found = _WORD.findall(fold(_middle(text)))
    pairs = [f"{a} {b}" for a, b in itertools.pairwise(found)]
    shift = 32 - (bits - 1)
    numbers = [zlib.crc32(word.encode("utf-8", "replace")) >> shift for word in found + pairs]
    return np.array(numbers, dtype=np.int64) + (1 << bits)


def counted(text: str, bits: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the distinct buckets of a text, ascending, and 1 + ln(count) of each."""
    every = np.concatenate([hashed(text, bits), words(text, bits)])
    buckets, counts = np.unique(every, return_counts=True)
    return buckets, (1.0 + np.log(counts)).astype(np.float32)


def normed(buckets: NDArray[np.int64], values: NDArray[np.float32], bits: int) -> None:
    """Scale in place: characters and words each to length one, together to length one."""
    start = int(np.searchsorted(buckets, 1 << bits))
    for part in (values[:start], values[start:]):
        norm = float(np.sqrt(2.0 * (part @ part)))
        part /= norm or 1.0  # noqa: PLW2901  in place is the point


def _middle(text: str) -> str:
    if len(text) <= MAX_CHARS:
        return text
    return text[: MAX_CHARS // 2] + text[-MAX_CHARS // 2 :]


def _codes(text: str) -> NDArray[np.uint32]:
    folded = f" {fold(_middle(text))} "
    return np.frombuffer(folded.encode("utf-32-le", "replace"), dtype=np.uint32)


def _bucket(grams: NDArray[np.uint32], size: int, bits: int) -> NDArray[np.uint32]:
    mixed = (grams ^ np.uint32(size * 0x85EBCA6B & 0xFFFFFFFF)) * _SPREAD
    mixed = (mixed ^ mixed >> np.uint32(15)) * _MULTIPLIER
    result: NDArray[np.uint32] = mixed >> np.uint32(32 - bits)
    return result
