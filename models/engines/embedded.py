"""The default engine: shipped weights, a transformers tokenizer, ONNX Runtime; no torch.

Options: `path` (a model folder; default: the weights that ship), `threads` (default: the cores this
process may use), `check` (false leaves out the start-up self-check).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import batching, bundle, cores, heads, lexical, selfcheck
from models.bundle import Bundle
from models.cues import Cues
from models.language import Detector, Guess
from models.normalise import prepare
from models.reading import LANGUAGE, TOO_SHORT, Seen, merge, read, read_emoji, unread
from monitor.domain.errors import EngineError
from monitor.domain.types import UNDETERMINED, ScoreRequest, Sentiment

Floats = NDArray[np.float32]

TOKENS_PER_BATCH = 512
TEXTS_AT_ONCE = 1024
"""Texts in memory as pieces at a time, however many are asked for."""
MAX_CHARS = 20_000
"""A longer text is read up to here."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One text on its way: cleaned, with its language, and whether it will be read."""

    text: str
    guess: Guess
    why_not: str | None
    letters: bool


class EmbeddedEngine:
    """Scores with the model of one folder. Safe to call from one thread at a time."""

    def __init__(self, found: Bundle, threads: int) -> None:
        self._bundle = found
        self._detector = Detector()
        self._cues = Cues()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="earshot-model")
        loading = [self._pool.submit(self._detector.load), self._pool.submit(_session, found)]
        try:
            self._surface = _surface(found)
            self._tokenizer = _tokenizer(found)
            _, self._session = [each.result() for each in loading]
        except EngineError:
            self._pool.shutdown()
            raise

    @property
    def model(self) -> str:
        """Model id and version."""
        return self._bundle.model

    def score(self, requests: Sequence[ScoreRequest]) -> list[Sentiment]:
        """Score texts; see `monitor.domain.ports.Engine`."""
        answers: list[Sentiment] = []
        for start in range(0, len(requests), TEXTS_AT_ONCE):
            answers.extend(self._score_some(requests[start : start + TEXTS_AT_ONCE]))
        return answers

    def outputs(self, texts: Sequence[str]) -> list[Floats]:
        """Return the network's raw outputs (heads.SIZE,) for cleaned texts; for calibration."""
        return self._start(texts).collect()

    def close(self) -> None:
        """Stop the worker threads."""
        self._pool.shutdown()

    def _score_some(self, requests: Sequence[ScoreRequest]) -> list[Sentiment]:
        """Find languages and surface features while the network works in its threads."""
        texts = [prepare(request.text[:MAX_CHARS], request.target) for request in requests]
        running = self._start(texts)
        jobs = [self._job(request, text) for request, text in zip(requests, texts, strict=True)]
        margins = [
            (0.0, 0.0) if job.why_not else self._surface.margins(job.text, job.guess.lang)
            for job in jobs
        ]
        outputs = running.collect()
        return [self._answer(*known) for known in zip(jobs, margins, outputs, strict=True)]

    def _job(self, request: ScoreRequest, text: str) -> _Job:
        guess = self._detector.detect_prepared(text, request.lang)
        letters = any(char.isalpha() for char in text)
        return _Job(text, guess, _why_not(guess, self._bundle.languages), letters)

    def _answer(self, job: _Job, margins: tuple[float, float], outputs: Floats) -> Sentiment:
        if job.why_not == TOO_SHORT and not job.letters:
            return read_emoji(self._bundle, job.text)
        if job.why_not:
            return unread(self._bundle, job.guess.lang, job.why_not)
        seen = Seen(
            guess=job.guess,
            outputs=outputs,
            margins=margins,
            cues=frozenset(self._cues.found(job.text)),
        )
        return read(self._bundle, seen)

    def _start(self, texts: Sequence[str]) -> _Running:
        pieces: list[list[int]] = []
        owners: list[int] = []
        for number, ids in enumerate(self._tokenizer(list(texts))["input_ids"] if texts else []):
            for window in batching.windows(ids, self._bundle.longest):
                pieces.append(window)
                owners.append(number)
        order = sorted(range(len(pieces)), key=lambda n: len(pieces[n]))
        running = _Running(len(texts), owners, [len(window) for window in pieces])
        for batch in _batches(order, running.lengths):
            ids = batching.pad([pieces[n] for n in batch])
            running.add(batch, self._pool.submit(self._run, ids))
        return running

    def _run(self, ids: NDArray[np.int64]) -> Floats:
        try:
            outputs: Floats = self._session.run(None, {"ids": ids})[0]
        except Exception as error:  # onnxruntime's errors have no common base
            raise EngineError(f"The model {self.model} could not be run: {error}") from error
        return outputs


class _Running:
    """Batches that are being worked on; `collect` waits and gives one vector per text."""

    def __init__(self, texts: int, owners: list[int], lengths: list[int]) -> None:
        self.texts, self.owners, self.lengths = texts, owners, lengths
        self._futures: list[tuple[Sequence[int], Future[Floats]]] = []

    def add(self, windows: Sequence[int], future: Future[Floats]) -> None:
        self._futures.append((windows, future))

    def collect(self) -> list[Floats]:
        table = np.zeros((len(self.owners), heads.SIZE), dtype=np.float32)
        for windows, future in self._futures:
            table[list(windows)] = future.result()
        starts = np.searchsorted(self.owners, range(self.texts + 1))
        weights = np.array(self.lengths, dtype=np.float32)
        return [
            table[a] if b - a == 1 else merge(table[a:b], weights[a:b])
            for a, b in itertools.pairwise(starts)
        ]


def build(options: Mapping[str, object]) -> EmbeddedEngine:
    """Return a checked engine. Raises EngineError with one clear sentence."""
    path = options.get("path")
    found = bundle.load(Path(str(path)) if path else bundle.newest())
    threads = int(str(options.get("threads") or cores.usable()))
    engine = EmbeddedEngine(found, max(1, threads))
    if options.get("check", True):
        _checked(engine, found)
    return engine


def _checked(engine: EmbeddedEngine, found: Bundle) -> None:
    try:
        selfcheck.check(engine.score(selfcheck.requests()), found.model, found.languages)
    except EngineError:
        engine.close()
        raise


def _why_not(guess: Guess, served: Sequence[str]) -> str | None:
    """Why a text is not read by the network: nothing in it, or a language that is not served."""
    if guess.lang in served:
        return None
    return LANGUAGE if guess.lang != UNDETERMINED else TOO_SHORT


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield window numbers by batch, the longest first, so that threads end together."""
    found = list(batching.by_budget([lengths[n] for n in order], TOKENS_PER_BATCH))
    for start, stop in reversed(found):
        yield order[start:stop]


def _surface(found: Bundle) -> lexical.Surface:
    try:
        return lexical.load(found.path("lexical.npz"))
    except (OSError, KeyError, ValueError) as error:
        raise EngineError(f"The model file {found.path('lexical.npz')} is damaged.") from error


def _tokenizer(found: Bundle) -> Any:
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")  # torch is not missing
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

    path = found.path("tokenizer.json")
    try:
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(path), pad_token="[PAD]")  # noqa: S106  not a password
    except Exception as error:  # the Rust side raises bare Exception
        raise EngineError(f"The model file {path} is not a tokenizer.") from error
    tokenizer.model_input_names = ["input_ids"]
    tokenizer.model_max_length = 10**9
    return tokenizer


def _session(found: Bundle) -> Any:
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    path = found.path("model.onnx")
    try:
        return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no common base
        raise EngineError(f"The model file {path} cannot be loaded: {error}") from error
