"""How long and how fast the network learns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Rates are AdamW's at their highest; they fall along a cosine as the plan is used up."""

    steps: int
    shards: int
    """Batches per step, each in a thread of its own."""
    warmup: int
    body_rate: float
    piece_rate: float
    head_rate: float
    decay: float
    smoothing: float
    average: float
    """Share of the old average kept per step."""
    save_every: int
    minutes: float
    """Stop after this long, however many steps are done; the rate falls with the time used up."""
