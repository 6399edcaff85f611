"""Scoring: texts a second of the embedded engine beside `transformers.pipeline`.

The pipeline runs a torch network of the same shape (layers, width, vocabulary) over the same
tokenizer in 32-bit floats, as it would from a checkpoint; its weights are random, which changes no
operation. Both see the texts of tests/quality, cleaned alike, and take turns. Needs the extra
`torch`. Further figures: latency of one short text, cold start and memory of the engine alone.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from models.engines import embedded
from models.normalise import prepare
from monitor.domain.types import ScoreRequest

ROUNDS = 5
SLICE = 200
WEIGHTS = Path(embedded.__file__).parents[1] / "weights"
QUALITY = Path(__file__).parents[1] / "quality"
COLD = (
    "import time; start = time.perf_counter()\n"
    "from models.engines import embedded\n"
    "from monitor.domain.types import ScoreRequest\n"
    "engine = embedded.build({})\n"
    "engine.score([ScoreRequest(text='Nagyon rossz volt, soha többet.')])\n"
    "print(time.perf_counter() - start)"
)


def main() -> None:
    texts = _texts()
    requests = [ScoreRequest(text=text) for text in texts]
    engine = embedded.build({})
    engine.score(requests)
    say(f"{len(texts)} texts, {os.cpu_count()} cores")
    _alone(engine.score, requests)
    if find_spec("torch") is None:
        say("torch is not installed (extra `torch`): no comparison with transformers.pipeline")
        return
    _beside(engine.score, requests, [prepare(text) for text in texts])


def _texts() -> list[str]:
    lines = [line for path in sorted(QUALITY.glob("texts/*.tsv")) for line in _lines(path)]
    texts = [line.split("\t")[3] for line in lines]
    random.Random(1).shuffle(texts)
    return texts


def _lines(path: Path) -> list[str]:
    lines = path.read_text("utf-8").splitlines()
    return [line for line in lines if line.count("\t") == 3]


def _alone(score: Callable[[Sequence[ScoreRequest]], object], requests: list[ScoreRequest]) -> None:
    times = []
    for request in requests[:SLICE]:
        started = time.perf_counter()
        score([request])
        times.append((time.perf_counter() - started) * 1000)
    quantiles = statistics.quantiles(times, n=100)
    say(f"one text: p50 {quantiles[49]:.1f} ms, p99 {quantiles[98]:.1f} ms")
    say(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most")
    cold = [float(subprocess.check_output([sys.executable, "-c", COLD])) for _ in range(3)]
    say(f"cold start to the first score: {statistics.median(cold):.2f} s (imports included)")


def _beside(
    score: Callable[[Sequence[ScoreRequest]], object],
    requests: list[ScoreRequest],
    texts: list[str],
) -> None:
    pipe = _pipeline()
    ways: dict[str, Callable[[], int]] = {
        "engine": lambda: len(requests) if score(requests) else 0,
        "pipeline, one by one": lambda: len(pipe(texts[:SLICE])),
        "pipeline, batch_size=32": lambda: len(pipe(texts[:SLICE], batch_size=32)),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            started = time.perf_counter()
            done = way()
            rates[name].append(done / (time.perf_counter() - started))
    medians = {name: statistics.median(found) for name, found in rates.items()}
    for name, rate in medians.items():
        say(f"{name:<24} {rate:8.1f} texts/s   engine is {medians['engine'] / rate:.1f} times that")


def _pipeline():
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        PreTrainedTokenizerFast,
        pipeline,
    )

    folder = next(path for path in WEIGHTS.iterdir() if path.is_dir())
    pieces = len(json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["vocab"])
    shape = BertConfig(
        vocab_size=pieces, hidden_size=384, num_hidden_layers=3, num_attention_heads=12,
        intermediate_size=1536, max_position_embeddings=160, num_labels=3,
    )  # fmt: skip
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]", model_max_length=160
    )
    network = BertForSequenceClassification(shape).eval()
    return pipeline("text-classification", model=network, tokenizer=tokenizer, truncation=True)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
