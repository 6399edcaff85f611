"""Any sequence classification checkpoint, from a folder or a hub. Needs the extra `torch`.

Options: `model` (folder or hub id, required), `revision`, `labels` (a table from the checkpoint's
own label names to neg, neu, pos; needed where it calls them LABEL_0 and so on), `languages` (codes
it serves, default: the five of Earshot), `threads`, `check` (false leaves out the self-check).
Only safetensors are loaded, and no code from the checkpoint is run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import batching, cores, selfcheck
from models.heads import LABELS
from models.language import SERVED, Detector, Guess
from models.normalise import normalise
from models.reading import EVEN, LANGUAGE, TOO_SHORT
from monitor.domain.errors import EngineError
from monitor.domain.types import UNDETERMINED, Label, ScoreRequest, Sentiment

Floats = NDArray[np.float32]

TOKENS_PER_BATCH = 2048
LONGEST = 512
MAX_CHARS = 20_000

_NAMES = {
    "neg": ("neg", "negative", "negativ", "negatív", "negatīvs", "1 star", "2 stars", "-1"),
    "neu": ("neu", "neutral", "neutrális", "neitrāls", "3 stars"),
    "pos": ("pos", "positive", "positiv", "pozitív", "pozitīvs", "4 stars", "5 stars"),
}
_NAMELESS = re.compile(r"label_\d+", re.IGNORECASE)


class TransformersEngine:
    """Scores with a checkpoint of somebody else. Safe to call from one thread at a time."""

    def __init__(self, name: str, parts: tuple[Any, Any], columns: Mapping[int, str],
                 languages: Sequence[str]) -> None:  # fmt: skip
        self._name, self._columns, self._languages = name, columns, languages
        self._tokenizer, self._network = parts
        self._detector = Detector()

    @property
    def model(self) -> str:
        """The checkpoint's name."""
        return self._name

    def score(self, requests: Sequence[ScoreRequest]) -> list[Sentiment]:
        """Score texts; see `monitor.domain.ports.Engine`. The target is not looked at."""
        texts = [normalise(request.text[:MAX_CHARS]) for request in requests]
        guesses = [
            self._detector.detect(text, request.target, request.lang)
            for text, request in zip(texts, requests, strict=True)
        ]
        probs = self._probabilities(texts)
        return [self._answer(*known) for known in zip(texts, guesses, probs, strict=True)]

    def close(self) -> None:
        """Let go of the weights."""
        self._network = None

    def _answer(self, text: str, guess: Guess, shares: Floats) -> Sentiment:
        why = self._why_not(text, guess)
        if why:
            return Sentiment(
                label=Label.UNSURE, probs=dict(EVEN), lang=guess.lang, model=self._name,
                why_unsure=why,
            )  # fmt: skip
        probs = dict.fromkeys(LABELS, 0.0)
        for column, name in self._columns.items():
            probs[name] += float(shares[column])
        best = max(probs, key=lambda name: probs[name])
        return Sentiment(label=Label(best), probs=probs, lang=guess.lang, model=self._name)

    def _why_not(self, text: str, guess: Guess) -> str | None:
        if guess.lang in self._languages:
            return None
        known = guess.lang != UNDETERMINED and any(char.isalpha() for char in text)
        return LANGUAGE if known else TOO_SHORT

    def _probabilities(self, texts: Sequence[str]) -> list[Floats]:
        """Return one row of class shares per text; windows of a text are averaged by length."""
        pieces, owners = self._windows(texts)
        order = sorted(range(len(pieces)), key=lambda n: len(pieces[n]))
        lengths = [len(window) for window in pieces]
        rows: dict[int, Floats] = {}
        for start, stop in batching.by_budget([lengths[n] for n in order], TOKENS_PER_BATCH):
            batch = order[start:stop]
            rows.update(zip(batch, self._run([pieces[n] for n in batch]), strict=True))
        return [_mean(rows, owned, lengths) for owned in _owned(owners, len(texts))]

    def _windows(self, texts: Sequence[str]) -> tuple[list[list[int]], list[int]]:
        pieces: list[list[int]] = []
        owners: list[int] = []
        longest = min(LONGEST, int(self._tokenizer.model_max_length))
        for number, ids in enumerate(self._tokenizer(list(texts))["input_ids"] if texts else []):
            windows = batching.windows(ids, longest)
            pieces.extend(windows)
            owners.extend([number] * len(windows))
        return pieces, owners

    def _run(self, pieces: Sequence[Sequence[int]]) -> Floats:
        import torch  # noqa: PLC0415

        filled = self._tokenizer.pad({"input_ids": list(pieces)}, return_tensors="pt")
        with torch.inference_mode():
            logits = self._network(**filled).logits
        shares: Floats = logits.float().softmax(-1).numpy()
        return shares


def build(options: Mapping[str, object]) -> TransformersEngine:
    """Return a checked engine. Raises EngineError with one clear sentence."""
    name = str(options.get("model") or "")
    if not name:
        raise EngineError('The transformers engine needs the option "model": a folder or hub id.')
    torch = _torch()
    torch.set_num_threads(int(str(options.get("threads") or cores.usable())))
    parts = _load(name, options.get("revision"))
    columns = columns_of(parts[1].config.id2label, options.get("labels"), name)
    languages = tuple(map(str, _sequence(options.get("languages")) or SERVED))
    engine = TransformersEngine(_short(name), parts, columns, languages)
    if options.get("check", True):
        selfcheck.check(engine.score(selfcheck.requests()), engine.model, languages)
    return engine


def columns_of(names: Mapping[int, str], given: object, model: str) -> dict[int, str]:
    """Return the class of every output column. Raises EngineError when the names do not tell."""
    table = {name: label for label, known in _NAMES.items() for name in known}
    if isinstance(given, Mapping):
        table.update({str(key).lower(): str(value) for key, value in given.items()})
    unknown = [name for name in names.values() if table.get(str(name).lower()) not in LABELS]
    if unknown:
        kind = "numbers its labels" if all(map(_NAMELESS.fullmatch, unknown)) else "has the labels"
        raise EngineError(
            f"The model {model} {kind} {', '.join(unknown)}: say what they mean in the option"
            ' "labels", for example labels = {LABEL_0 = "neg", LABEL_1 = "neu", LABEL_2 = "pos"}.'
        )
    columns = {int(number): table[str(name).lower()] for number, name in names.items()}
    if not {"neg", "pos"} <= set(columns.values()):
        raise EngineError(f"The model {model} has no label for negative or none for positive.")
    return columns


def _torch() -> Any:
    try:
        import torch  # noqa: PLC0415
    except ImportError as error:
        raise EngineError(
            "The transformers engine needs torch: install Earshot with the extra `torch`."
        ) from error
    return torch


def _load(name: str, revision: object) -> tuple[Any, Any]:
    from transformers import (  # noqa: PLC0415
        AutoModelForSequenceClassification,
        AutoTokenizer,
    )

    how = {"revision": str(revision) if revision else None, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, **how)
        network = AutoModelForSequenceClassification.from_pretrained(
            name, use_safetensors=True, **how
        )
    except (OSError, ValueError, KeyError) as error:
        raise EngineError(f"The model {name} cannot be loaded: {error}") from error
    return tokenizer, network.eval()


def _short(name: str) -> str:
    return Path(name).name if Path(name).is_dir() else name


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()


def _owned(owners: Sequence[int], texts: int) -> list[list[int]]:
    found: list[list[int]] = [[] for _ in range(texts)]
    for window, owner in enumerate(owners):
        found[owner].append(window)
    return found


def _mean(rows: Mapping[int, Floats], windows: Sequence[int], lengths: Sequence[int]) -> Floats:
    weights = np.array([lengths[n] for n in windows], dtype=np.float32)
    table = np.stack([rows[n] for n in windows])
    return np.asarray((table * (weights / weights.sum())[:, None]).sum(axis=0), dtype=np.float32)
