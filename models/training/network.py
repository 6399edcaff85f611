"""The network: a small BERT-like encoder over composed embeddings, with one linear head.

Shapes: B texts, T pieces, H hidden width. Pieces with id 0 are padding.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.heads import SIZE


class Pieces(nn.Module):  # type: ignore[misc]
    """Piece embeddings: an own vector plus the sum of hashed character n-gram vectors.

    Rare word forms borrow from the forms that share their n-grams. `collapse` turns the whole into
    one plain table, so nothing of it costs anything at run time.
    """

    def __init__(self, own: Tensor, grams: list[list[int]], buckets: int, width: int) -> None:
        super().__init__()
        self.own = nn.Embedding.from_pretrained(own, freeze=False, padding_idx=0, sparse=True)
        self.bag = nn.EmbeddingBag(buckets, width, mode="mean")
        self.out = nn.Linear(width, own.shape[1], bias=False)
        nn.init.normal_(self.bag.weight, std=0.1)
        nn.init.zeros_(self.out.weight)
        lengths = torch.tensor([len(found) for found in grams])
        self.register_buffer("flat", torch.tensor([g for found in grams for g in found]))
        self.register_buffer("starts", torch.cumsum(lengths, 0) - lengths)
        self.register_buffer("lengths", lengths)

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) -> (B, T, H)."""
        unique, place = torch.unique(ids, return_inverse=True)
        vectors = self.own(unique) + self.out(self._composed(unique))
        return functional.embedding(place, vectors)

    def collapse(self) -> Tensor:
        """Return the table (pieces, H) that gives the same embeddings by look-up."""
        every = torch.arange(self.own.num_embeddings)
        return (self.own(every) + self.out(self._composed(every))).detach()

    def _composed(self, pieces: Tensor) -> Tensor:
        lengths = self.lengths[pieces]
        offsets = torch.cumsum(lengths, 0) - lengths
        within = torch.arange(int(lengths.sum())) - torch.repeat_interleave(offsets, lengths)
        flat = self.flat[torch.repeat_interleave(self.starts[pieces], lengths) + within]
        result: Tensor = self.bag(flat, offsets)
        return result


class Layer(nn.Module):  # type: ignore[misc]
    """One post-norm transformer layer."""

    def __init__(self, hidden: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.out = nn.Linear(hidden, hidden)
        self.norm_a = nn.LayerNorm(hidden, eps=1e-12)
        self.up = nn.Linear(hidden, inner)
        self.down = nn.Linear(inner, hidden)
        self.norm_b = nn.LayerNorm(hidden, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """(B, T, H) and an additive mask (B, 1, 1, T) -> (B, T, H)."""
        batch, length, hidden = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.heads, hidden // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        scores = query @ key.transpose(-1, -2) / math.sqrt(hidden // self.heads) + bias
        mixed = scores.softmax(-1) @ value
        mixed = mixed.transpose(1, 2).reshape(batch, length, hidden)
        x = self.norm_a(x + self.dropout(self.out(mixed)))
        inner = self.down(functional.gelu(self.up(x)))
        result: Tensor = self.norm_b(x + self.dropout(inner))
        return result


class Ear(nn.Module):  # type: ignore[misc]
    """Encoder and head. `mark` is the id of the piece that stands for the target."""

    def __init__(self, pieces: nn.Module, shape: dict[str, Any], mark: int) -> None:
        super().__init__()
        hidden = int(shape["hidden"])
        self.pieces, self.mark = pieces, mark
        self.positions = nn.Embedding(int(shape["positions"]), hidden)
        self.norm = nn.LayerNorm(hidden, eps=1e-12)
        self.dropout = nn.Dropout(float(shape["dropout"]))
        self.layers = nn.ModuleList(
            Layer(hidden, int(shape["heads"]), int(shape["inner"]), float(shape["dropout"]))
            for _ in range(int(shape["layers"]))
        )
        self.head = nn.Linear(3 * hidden, SIZE)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) -> (B, outputs): see models.heads."""
        real = (ids != 0).to(torch.float32)
        bias = (1.0 - real)[:, None, None, :] * -1e4
        place = torch.arange(ids.shape[1], device=ids.device)
        x = self.dropout(self.norm(self.pieces(ids) + self.positions(place)))
        for layer in self.layers:
            x = layer(x, bias)
        result: Tensor = self.head(self.dropout(self._pool(x, real, ids)))
        return result

    def _pool(self, x: Tensor, real: Tensor, ids: Tensor) -> Tensor:
        """First piece, mean of all, mean of the target's mentions (of all, where there is none)."""
        mean = _mean(x, real)
        marked = (ids == self.mark).to(torch.float32)
        found = marked.sum(1, keepdim=True).clamp(max=1.0)
        target = _mean(x, marked) * found + mean * (1.0 - found)
        return torch.cat([x[:, 0], mean, target], dim=-1)


def _mean(x: Tensor, weight: Tensor) -> Tensor:
    total = (x * weight[..., None]).sum(1)
    return total / weight.sum(1, keepdim=True).clamp(min=1.0)


def transplant(ear: Ear, weights: dict[str, Any], chosen: list[int]) -> None:
    """Copy positions, norms and the `chosen` layers of the pretrained body into `ear`."""

    def get(name: str) -> Tensor:
        return torch.from_numpy(weights[name].copy())

    kinds = get("embeddings.token_type_embeddings.weight")[0]
    positions = get("embeddings.position_embeddings.weight")[: ear.positions.num_embeddings]
    ear.positions.weight.data.copy_(positions + kinds)
    _copy_norm(ear.norm, get, "embeddings.LayerNorm")
    for layer, number in zip(ear.layers, chosen, strict=True):
        _copy_layer(layer, get, f"encoder.layer.{number}")


def _copy_layer(layer: Any, get: Any, name: str) -> None:
    inputs = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    layer.qkv.weight.data.copy_(torch.cat([get(f"{part}.weight") for part in inputs]))
    layer.qkv.bias.data.copy_(torch.cat([get(f"{part}.bias") for part in inputs]))
    places = {
        "out": "attention.output.dense", "up": "intermediate.dense", "down": "output.dense"
    }  # fmt: skip
    for ours, theirs in places.items():
        getattr(layer, ours).weight.data.copy_(get(f"{name}.{theirs}.weight"))
        getattr(layer, ours).bias.data.copy_(get(f"{name}.{theirs}.bias"))
    _copy_norm(layer.norm_a, get, f"{name}.attention.output.LayerNorm")
    _copy_norm(layer.norm_b, get, f"{name}.output.LayerNorm")


def _copy_norm(norm: Any, get: Any, name: str) -> None:
    norm.weight.data.copy_(get(f"{name}.weight"))
    norm.bias.data.copy_(get(f"{name}.bias"))
