"""What the network is trained to minimise."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from models import heads

_DETAILS = (
    (heads.MIX, 0.4), (heads.INTENT, 0.4), (heads.RISK, 0.5), (heads.ASPECT, 0.4),
    (heads.REPLY, 0.2),
)  # fmt: skip
_STARS = 0.2
NEVER = -1e4


@dataclass(frozen=True, slots=True)
class Batch:
    """`wanted` (B, heads.SIZE) with -1 for unknown; `binary` (B,); `bias` (B, 3) of the source."""

    wanted: Tensor
    binary: Tensor
    bias: Tensor
    smoothing: float


def loss(outputs: Tensor, batch: Batch) -> Tensor:
    """Return the weighted sum of all heads' losses, averaged over the rows that know them."""
    total = _sentiment(outputs[:, heads.SENTIMENT] + batch.bias, batch)
    total = total + _STARS * _stars(outputs, batch.wanted)
    for part, weight in _DETAILS:
        total = total + weight * _binary(outputs[:, part], batch.wanted[:, part])
    return total


def _sentiment(logits: Tensor, batch: Batch) -> Tensor:
    """Cross entropy; rows of two-class sets choose between neg and pos only."""
    wanted = batch.wanted[:, heads.SENTIMENT]
    hidden = torch.zeros_like(logits)
    hidden[:, 1] = batch.binary * NEVER
    logs = (logits + hidden).log_softmax(-1)
    allowed = torch.ones_like(logits)
    allowed[:, 1] = 1.0 - batch.binary
    even = allowed / allowed.sum(-1, keepdim=True)
    soft = wanted * (1 - batch.smoothing) + even * batch.smoothing
    return -(soft * logs).sum(-1).mean()


def _stars(outputs: Tensor, wanted: Tensor) -> Tensor:
    known = wanted[:, heads.STARS][:, 0] >= 0
    if not bool(known.any()):
        return outputs.new_zeros(())
    logs = outputs[known][:, heads.STARS].log_softmax(-1)
    return -(wanted[known][:, heads.STARS] * logs).sum(-1).mean() * known.float().mean()


def _binary(logits: Tensor, wanted: Tensor) -> Tensor:
    """Sum over the outputs, mean over all rows of the batch."""
    known = (wanted >= 0).float()
    each = functional.binary_cross_entropy_with_logits(
        logits, wanted.clamp(min=0), reduction="none"
    )
    return (each * known).sum() / len(logits)
