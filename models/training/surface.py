"""Train the linear readings of the surface branch, one pair per language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import lexical
from models.ngrams import counted
from models.training.readers import Row

Floats = NDArray[np.float32]


def train(
    rows: Sequence[Row], texts: Sequence[str], *, bits: int, strength: float
) -> lexical.Surface:
    """Return the surface branch learnt from these rows; `texts` are the rows' cleaned texts."""
    rarity: dict[str, Floats] = {}
    weights: dict[str, Floats] = {}
    for lang in sorted({row.lang for row in rows}):
        chosen = [n for n, row in enumerate(rows) if row.lang == lang]
        table = counts([texts[n] for n in chosen], bits)
        rarity[lang] = _rarity(table)
        found = _tfidf(table, rarity[lang])
        weights[lang] = _pair(found, [rows[n] for n in chosen], strength)
    return lexical.pack(bits, rarity, weights)


def counts(texts: Sequence[str], bits: int) -> Any:
    """Return a sparse matrix (texts, buckets) of 1 + ln(count)."""
    from scipy import sparse  # type: ignore[import-untyped]  # noqa: PLC0415

    found = [counted(text, bits) for text in texts]
    starts = np.concatenate([[0], np.cumsum([len(buckets) for buckets, _ in found])])
    columns = np.concatenate([buckets for buckets, _ in found]).astype(np.int32)
    values = np.concatenate([weight for _, weight in found])
    return sparse.csr_matrix((values, columns, starts), shape=(len(texts), 1 << bits))


def _rarity(table: Any) -> Floats:
    """Inverse document frequency; 0 for a bucket seen once or never."""
    seen = np.bincount(table.indices, minlength=table.shape[1])
    values = np.log((1 + table.shape[0]) / (1 + seen)) + 1
    result: Floats = np.where(seen > 1, values, 0).astype(np.float32)
    return result


def _tfidf(table: Any, rarity: Floats) -> Any:
    from scipy import sparse  # noqa: PLC0415
    from sklearn.preprocessing import normalize  # noqa: PLC0415

    return normalize(table @ sparse.diags(rarity).tocsr())


def _pair(found: Any, rows: Sequence[Row], strength: float) -> Floats:
    """Return (2, buckets): polarity from pos and neg rows, neutrality from three-class sets."""
    polar = [n for n, row in enumerate(rows) if row.label in {"pos", "neg"}]
    three = [n for n, row in enumerate(rows) if not row.binary and row.label != "mix"]
    first = _fit(found[polar], [rows[n].label == "pos" for n in polar], strength)
    second = _fit(found[three], [rows[n].label == "neu" for n in three], strength)
    return np.stack([first, second])


def _fit(found: Any, wanted: Sequence[bool], strength: float) -> Floats:
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    model = LinearSVC(C=strength, class_weight="balanced", fit_intercept=False)
    result: Floats = model.fit(found, np.array(wanted)).coef_[0].astype(np.float32)
    return result
