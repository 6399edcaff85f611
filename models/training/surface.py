"""Train the linear readings of the surface branch, one pair per language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import lexical
from models.ngrams import counted, normed, table_size
from models.training.readers import Row

Floats = NDArray[np.float32]


def train(rows: Sequence[Row], texts: Sequence[str], how: Mapping[str, float]) -> lexical.Surface:
    """Return the surface branch learnt from these rows; `texts` are the rows' cleaned texts.

    `how`: bits, strength (C of the support vector machine), own (weight of the project's rows).
    """
    bits = int(how["bits"])
    rarity: dict[str, Floats] = {}
    weights: dict[str, Floats] = {}
    for lang in sorted({row.lang for row in rows}):
        chosen = [n for n, row in enumerate(rows) if row.lang == lang]
        table = counts([texts[n] for n in chosen], bits)
        rarity[lang] = _rarity(table)
        found = _weighed(table, rarity[lang], bits)
        weights[lang] = _pair(found, [rows[n] for n in chosen], how)
    return lexical.pack(bits, rarity, weights)


def counts(texts: Sequence[str], bits: int) -> Any:
    """Return a sparse matrix (texts, buckets) of 1 + ln(count)."""
    found = [counted(text, bits) for text in texts]
    return _matrix([pair[0] for pair in found], [pair[1] for pair in found], table_size(bits))


def _matrix(columns: Sequence[NDArray[np.int64]], values: Sequence[Floats], width: int) -> Any:
    from scipy import sparse  # type: ignore[import-untyped]  # noqa: PLC0415

    starts = np.concatenate([[0], np.cumsum([len(row) for row in columns])])
    flat = np.concatenate(columns).astype(np.int32)
    return sparse.csr_matrix((np.concatenate(values), flat, starts), shape=(len(columns), width))


def _rarity(table: Any) -> Floats:
    """Inverse document frequency; 0 for a bucket seen once or never."""
    seen = np.bincount(table.indices, minlength=table.shape[1])
    values = np.log((1 + table.shape[0]) / (1 + seen)) + 1
    result: Floats = np.where(seen > 1, values, 0).astype(np.float32)
    return result


def _weighed(table: Any, rarity: Floats, bits: int) -> Any:
    """Return the matrix the linear models see: rare buckets count more, lengths are even."""
    table = table.copy()
    table.data *= rarity[table.indices]
    for start, stop in zip(table.indptr[:-1], table.indptr[1:], strict=True):
        normed(table.indices[start:stop], table.data[start:stop], bits)
    return table


def _pair(found: Any, rows: Sequence[Row], how: Mapping[str, float]) -> Floats:
    """Return (2, buckets): polarity from pos and neg rows, neutrality from three-class sets."""
    polar = [n for n, row in enumerate(rows) if row.label in {"pos", "neg"}]
    three = [n for n, row in enumerate(rows) if not row.binary and row.label != "mix"]
    counting = np.array([how["own"] if row.source == "voices" else 1.0 for row in rows])
    first = _fit(found[polar], [rows[n].label == "pos" for n in polar], counting[polar], how)
    second = _fit(found[three], [rows[n].label == "neu" for n in three], counting[three], how)
    return np.stack([first, second])


def _fit(
    found: Any, wanted: Sequence[bool], counting: NDArray[np.float64], how: Mapping[str, float]
) -> Floats:
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    model = LinearSVC(C=how["strength"], class_weight="balanced", fit_intercept=False)
    model.fit(found, np.array(wanted), sample_weight=counting)
    result: Floats = model.coef_[0].astype(np.float32)
    return result
