"""From the network's outputs for one text to a `Sentiment`; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import emoji, heads
from models.bundle import Bundle, Calibration
from models.language import Guess
from monitor.domain.types import UNDETERMINED, Label, Sentiment

Floats = NDArray[np.float32]

EVEN: Mapping[str, float] = dict.fromkeys(heads.LABELS, 1 / 3)
LANGUAGE, TOO_SHORT, LOW = "language", "too short", "low confidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is known about one text before it becomes a Sentiment."""

    guess: Guess
    outputs: Floats
    """(heads.SIZE,), windows merged."""
    margins: tuple[float, float]
    cues: frozenset[str] = frozenset()
    """Risks that the text names outright."""


def unread(bundle: Bundle, lang: str, why: str) -> Sentiment:
    """Return the answer for a text that was not read."""
    return Sentiment(
        label=Label.UNSURE, probs=dict(EVEN), lang=lang, model=bundle.model, why_unsure=why
    )


def read_emoji(bundle: Bundle, text: str) -> Sentiment:
    """Return the answer for a text without letters: by its emoji, or `unsure`."""
    probs = emoji.probabilities(text)
    if probs is None:
        return unread(bundle, UNDETERMINED, TOO_SHORT)
    best = max(probs, key=lambda name: probs[name])
    sure = probs[best] >= bundle.calibrations[UNDETERMINED].threshold
    return Sentiment(
        label=Label(best) if sure else Label.UNSURE, probs=dict(probs), lang=UNDETERMINED,
        model=bundle.model, why_unsure=None if sure else LOW,
    )  # fmt: skip


def merge(outputs: Floats, weights: Floats) -> Floats:
    """Return one output vector for the windows (n, heads.SIZE) of a text.

    Sentiment, stars and mix are averaged by length; an intent, risk or aspect of one window counts
    for the text.
    """
    share = (weights / weights.sum())[:, None]
    merged: Floats = (outputs * share).sum(axis=0, dtype=np.float32)
    for part in (heads.INTENT, heads.RISK, heads.ASPECT, heads.REPLY):
        merged[part] = outputs[:, part].max(axis=0)
    return merged


def read(bundle: Bundle, seen: Seen) -> Sentiment:
    """Return the calibrated answer for one text."""
    calibration = bundle.calibrations.get(seen.guess.lang, bundle.calibrations[UNDETERMINED])
    probs = probabilities(seen.outputs, seen.margins, calibration, bundle.labels)
    label, why = _label(bundle, seen, probs, calibration)
    details = _details(bundle, seen)
    return Sentiment(
        label=label, probs=probs, lang=seen.guess.lang, model=bundle.model, why_unsure=why,
        **details,  # type: ignore[arg-type]
    )  # fmt: skip


def probabilities(
    outputs: Floats, margins: tuple[float, float], how: Calibration, labels: tuple[str, ...]
) -> dict[str, float]:
    """Return the probabilities of neg, neu and pos; they sum to 1."""
    inner = dict(zip(labels, outputs[heads.SENTIMENT].tolist(), strict=True))
    polar, neutral = margins
    logits = np.array(
        [
            how.inner * inner["neg"] - how.polar * polar + how.offsets[0],
            how.inner * inner["neu"] + how.neutral * neutral + how.offsets[1],
            how.inner * inner["pos"] + how.polar * polar + how.offsets[2],
        ]
    )
    raised = np.exp(logits - logits.max())
    return dict(zip(heads.LABELS, (raised / raised.sum()).tolist(), strict=True))


def _label(
    bundle: Bundle, seen: Seen, probs: Mapping[str, float], how: Calibration
) -> tuple[Label, str | None]:
    best = max(probs, key=lambda name: probs[name])
    mixed = float(_sigmoid(seen.outputs[heads.MIX])[0])
    if best != "neu" and mixed >= bundle.cuts.get("mix", 2.0):
        return Label.MIX, None
    if probs[best] < how.threshold:
        return Label.UNSURE, LOW
    return Label(best), None


def _details(bundle: Bundle, seen: Seen) -> dict[str, object]:
    """Return intents, risks, aspects, stars and reply as far as the bundle reports them."""
    cuts, outputs = bundle.cuts, seen.outputs
    found: dict[str, object] = {
        "intents": _above(heads.INTENTS, outputs[heads.INTENT], cuts),
        "risks": _risks(bundle, seen),
        "aspects": _aspects(outputs[heads.ASPECT], cuts.get("aspects", 2.0)),
    }
    if "reply" in cuts:
        found["needs_reply"] = round(float(_sigmoid(outputs[heads.REPLY])[0]), 4)
    if "stars" in cuts:
        raised = np.exp(outputs[heads.STARS] - outputs[heads.STARS].max())
        found["stars"] = round(float(raised @ np.arange(1, 6) / raised.sum()), 2)
    return found


def _risks(bundle: Bundle, seen: Seen) -> dict[str, float]:
    """Return the risks that the network reports or that the text names outright."""
    named = {name: bundle.cues[name] for name in sorted(seen.cues & set(bundle.cues))}
    read_off = _above(heads.RISKS, seen.outputs[heads.RISK], bundle.cuts)
    return {name: max(named.get(name, 0.0), read_off.get(name, 0.0)) for name in named | read_off}


def _above(names: tuple[str, ...], logits: Floats, cuts: Mapping[str, float]) -> dict[str, float]:
    shares = _sigmoid(logits).tolist()
    return {
        name: round(share, 4)
        for name, share in zip(names, shares, strict=True)
        if share >= cuts.get(name, 2.0)
    }


def _aspects(logits: Floats, cut: float) -> dict[str, str]:
    """Return the strongest polarity of every aspect that is over the cut."""
    table = _sigmoid(logits).reshape(len(heads.ASPECTS), len(heads.POLARITIES))
    return {
        name: heads.POLARITIES[int(line.argmax())]
        for name, line in zip(heads.ASPECTS, table, strict=True)
        if float(line.max()) >= cut
    }


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-values)), dtype=np.float32)
