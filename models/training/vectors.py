"""Word vectors without a neural net: co-occurrence counts, PPMI, truncated SVD.

Gives every piece of the new vocabulary a meaning before the first training step, in minutes on a
CPU and the same on every run. A ridge regression over the pieces shared with the English body then
moves these vectors into that body's embedding space.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def cooccurrence(ids: NDArray[np.int64], texts: NDArray[np.int64], size: int, window: int) -> Any:
    """Return a sparse (size, size) matrix of counts weighted by 1 / distance, both directions.

    `ids` are the pieces of all texts in a row, `texts` the number of the text each belongs to.
    """
    from scipy import sparse  # type: ignore[import-untyped]  # noqa: PLC0415

    total = sparse.csr_matrix((size, size), dtype=np.float32)
    for distance in range(1, window + 1):
        same = texts[:-distance] == texts[distance:]
        left, right = ids[:-distance][same], ids[distance:][same]
        weight = np.full(len(left), 1.0 / distance, dtype=np.float32)
        total = total + sparse.coo_matrix((weight, (left, right)), shape=(size, size)).tocsr()
    return (total + total.T).tocsr()


def ppmi(counts: Any, smoothing: float = 0.75, floor: float = 1.0) -> Any:
    """Return positive point-wise mutual information; counts under `floor` are dropped."""
    counts = counts.tocoo()
    rows = np.asarray(counts.sum(axis=1)).ravel()
    contexts = np.asarray(counts.sum(axis=0)).ravel() ** smoothing
    keep = counts.data >= floor
    row, col, data = counts.row[keep], counts.col[keep], counts.data[keep]
    ratio = data * contexts.sum() / (rows[row] * contexts[col])
    values = np.log(np.maximum(ratio, 1e-9)).astype(np.float32)
    from scipy import sparse  # noqa: PLC0415

    positive = values > 0
    shape = counts.shape
    return sparse.csr_matrix((values[positive], (row[positive], col[positive])), shape=shape)


def reduce(matrix: Any, dims: int, seed: int) -> Floats:
    """Return unit-length vectors (pieces, dims): singular vectors scaled by the root values."""
    from sklearn.utils.extmath import randomized_svd  # noqa: PLC0415

    left, values, _ = randomized_svd(matrix, dims, n_iter=2, random_state=seed)
    vectors = left * np.sqrt(values)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Floats = (vectors / np.maximum(norms, 1e-6)).astype(np.float32)
    return result


def into_space(vectors: Floats, known: NDArray[np.int64], body: Floats, ridge: float) -> Floats:
    """Return `vectors` mapped linearly so that the rows `known` come close to `body`.

    The result has the mean and the mean distance from it that `body` has.
    """
    centre = body.mean(axis=0)
    inputs = vectors[known]
    gram = inputs.T @ inputs + ridge * np.eye(inputs.shape[1], dtype=np.float32)
    mapped = vectors @ np.linalg.solve(gram, inputs.T @ (body - centre))
    wanted = np.linalg.norm(body - centre, axis=1).mean()
    norms = np.linalg.norm(mapped, axis=1, keepdims=True)
    result: Floats = (centre + mapped * (wanted / np.maximum(norms, 1e-6))).astype(np.float32)
    return result
