"""Write what ships: ONNX in 8-bit integers, tokenizer, surface tables, configuration."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from models import bundle, heads
from models.bundle import Calibration
from models.training.network import Ear, Pieces

FILES = ("model.onnx", "tokenizer.json", "lexical.npz")


class ByteTable(nn.Module):  # type: ignore[misc]
    """A piece table in 8-bit integers with one scale per piece."""

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        scale = table.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
        self.register_buffer("bytes", (table / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        """(B, T) -> (B, T, H)."""
        result: Tensor = self.bytes[ids].to(torch.float32) * self.scale[ids]
        return result


def onnx(ear: Ear, path: Path) -> None:
    """Write the network: piece table and weight matrices in 8 bits, activations quantised live.

    Seven bits of range: on processors without VNNI instructions eight would overflow.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic  # noqa: PLC0415

    whole = path.with_suffix(".float.onnx")
    float_onnx(ear, whole)
    quantize_dynamic(
        whole, path, op_types_to_quantize=["MatMul", "Gemm"], per_channel=True, reduce_range=True,
        weight_type=QuantType.QInt8, extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip
    whole.unlink()


def float_onnx(ear: Ear, path: Path) -> None:
    """Write the network with 32-bit matrices (the piece table in bytes)."""
    if isinstance(ear.pieces, Pieces):
        ear.pieces = ByteTable(ear.pieces.collapse())
    ear.eval()
    example = torch.ones(2, 7, dtype=torch.long)
    torch.onnx.export(
        ear, (example,), str(path), input_names=["ids"], output_names=["outputs"],
        dynamic_axes={"ids": {0: "texts", 1: "pieces"}, "outputs": {0: "texts"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip


def config(
    folder: Path, *, model: str, longest: int, calibrations: dict[str, Calibration],
    cuts: dict[str, float], cues: dict[str, float], facts: dict[str, Any],
) -> None:  # fmt: skip
    """Write config.json with the hash of every file; the last step of an export."""
    found = {
        "model": model,
        "labels": list(heads.LABELS),
        "languages": sorted(lang for lang in calibrations if lang != "und"),
        "longest": longest,
        "files": {name: bundle.digest(folder / name) for name in FILES},
        "calibrations": {lang: asdict(entry) for lang, entry in calibrations.items()},
        "cuts": cuts,
        "cues": cues,
        "facts": facts,
    }
    text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    (folder / bundle.CONFIG).write_text(text, "utf-8")
