"""Fit, per language, how the network and the surface branch add up to honest probabilities.

Six numbers a language (see `models.bundle.Calibration`), fitted on dev rows by least cross entropy;
every set of a language counts by the weight the configuration gives it, not by its size, and every
class of a set alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import heads
from models.bundle import Calibration
from models.cues import Cues
from models.normalise import prepare
from models.training.readers import Row
from monitor.domain.types import UNDETERMINED

Floats = NDArray[np.float64]

START = (1.0, 0.5, 0.5, 0.0, 0.0)
PULL = 0.01
"""Ridge towards START: small dev sets shall not bend the calibration."""
UNSURE_SHARE = 0.05
"""The threshold leaves at most this share of dev rows without a label."""
HIGHEST_THRESHOLD = 0.5
LEAST_AGREEMENT = 0.75
"""Share of dev rows on which `needs_reply` must agree with people to be reported."""
MOST_STARS_OFF = 0.8
"""Stars are reported when they are off by no more than this on average."""


@dataclass(frozen=True, slots=True)
class Points:
    """Dev rows with what both branches said: `logits` (n, 3) and `margins` (n, 2)."""

    rows: Sequence[Row]
    logits: Floats
    margins: Floats

    def of(self, lang: str, weights: Mapping[str, float]) -> Points:
        """Return the rows of a language whose set has a weight and whose verdict is not mixed."""
        keep = [
            n for n, row in enumerate(self.rows)
            if row.lang == lang and row.label != "mix" and row.source in weights
        ]  # fmt: skip
        return Points([self.rows[n] for n in keep], self.logits[keep], self.margins[keep])


def fit(
    points: Points, langs: Sequence[str], weights: Mapping[str, float]
) -> dict[str, Calibration]:
    """Return one calibration per language, and their mean without surface as "und"."""
    found = {lang: _fit_one(points.of(lang, weights), weights) for lang in langs}
    inner = float(np.mean([entry.inner for entry in found.values()]))
    return {**found, UNDETERMINED: Calibration(inner=inner, threshold=HIGHEST_THRESHOLD)}


def combined(logits: Floats, margins: Floats, values: Sequence[float]) -> Floats:
    """Return calibrated logits (n, 3)."""
    inner, polar, neutral, low, high = values
    result = inner * logits
    result = result + np.stack(
        [-polar * margins[:, 0] + low, neutral * margins[:, 1], polar * margins[:, 0] + high], 1
    )
    return np.asarray(result)


def _fit_one(points: Points, weights: Mapping[str, float]) -> Calibration:
    from scipy.optimize import minimize  # type: ignore[import-untyped]  # noqa: PLC0415

    wanted = np.array([heads.LABELS.index(row.label) for row in points.rows])
    binary = np.array([row.binary for row in points.rows])
    share = _shares(points.rows, weights)

    def cost(values: Floats) -> float:
        logs = _log_probs(combined(points.logits, points.margins, tuple(values)), binary)
        pull = PULL * float(((values - np.array(START)) ** 2).sum())
        return -float((share * logs[np.arange(len(wanted)), wanted]).sum()) + pull

    bounds = [(0.05, 5), (0, 8), (0, 8), (-3, 3), (-3, 3)]
    inner, polar, neutral, low, high = map(
        float, minimize(cost, np.array(START), method="L-BFGS-B", bounds=bounds).x
    )
    probs = np.exp(
        _log_probs(
            combined(points.logits, points.margins, (inner, polar, neutral, low, high)), binary
        )
    )
    threshold = min(HIGHEST_THRESHOLD, float(np.quantile(probs.max(1), UNSURE_SHARE)))
    return Calibration(
        inner=round(inner, 4), polar=round(polar, 4), neutral=round(neutral, 4),
        offsets=(round(low, 4), 0.0, round(high, 4)), threshold=round(threshold, 3),
    )  # fmt: skip


def _shares(rows: Sequence[Row], weights: Mapping[str, float]) -> Floats:
    """Return each row's share of the cost: its set's weight, spread evenly over the set's classes.

    Complaints are the majority in most sets; unless classes count alike, praise is read as blame.
    """
    sizes = Counter((row.source, row.label) for row in rows)
    classes = Counter(source for source, _ in sizes)
    raw = np.array([weights[r.source] / classes[r.source] / sizes[r.source, r.label] for r in rows])
    return np.asarray(raw / raw.sum())


def _log_probs(logits: Floats, binary: NDArray[np.bool_]) -> Floats:
    shown = logits.copy()
    shown[binary, 1] = -50.0
    shown -= shown.max(1, keepdims=True)
    return np.asarray(shown - np.log(np.exp(shown).sum(1, keepdims=True)))


def cuts(
    wanted: NDArray[np.float32], outputs: NDArray[np.float32], precision: float, least: int
) -> dict[str, float]:
    """Return the reporting cut of every detail the dev rows support.

    An output is on when some cut reaches `precision` with at least `least` hits; the lowest such
    cut is taken. Outputs that never do are left out, that is, off.
    """
    found: dict[str, float] = {}
    names = [*zip(heads.INTENTS, range(9, 19), strict=True)]
    names += [*zip(heads.RISKS, range(19, 26), strict=True), ("mix", 3)]
    parts = {name: slice(column, column + 1) for name, column in names}
    for name, part in {**parts, "aspects": heads.ASPECT}.items():
        cut = _cut(wanted[:, part].ravel(), outputs[:, part].ravel(), precision, least)
        if cut is not None:
            found[name] = cut
    return {**found, **_gates(wanted, outputs)}


def cue_shares(rows: Sequence[Row], precision: float, least: int) -> dict[str, float]:
    """Return how often the words of each risk really mean it, for the lists that reach `precision`.

    The lists were not learnt from rows, so training rows may judge them.
    """
    named, right = Counter[str](), Counter[str]()
    cues = Cues()
    for row in rows:
        found = cues.found(prepare(row.text, row.target))
        named.update(found)
        right.update(found & set(row.risks))
    return {
        risk: round(right[risk] / count, 3)
        for risk, count in sorted(named.items())
        if right[risk] >= least and right[risk] / count >= precision
    }


def _gates(wanted: NDArray[np.float32], outputs: NDArray[np.float32]) -> dict[str, float]:
    """Return "reply" and "stars" where dev rows show that they can be trusted."""
    found = {}
    known = wanted[:, heads.REPLY][:, 0] >= 0
    agreed = (wanted[known, heads.REPLY] > 0.5) == (outputs[known, heads.REPLY] > 0)  # noqa: PLR2004  half
    if agreed.size and float(agreed.mean()) >= LEAST_AGREEMENT:
        found["reply"] = 0.5
    rated = wanted[:, heads.STARS][:, 0] >= 0
    if rated.any() and _star_error(wanted[rated], outputs[rated]) <= MOST_STARS_OFF:
        found["stars"] = MOST_STARS_OFF
    return found


def _star_error(wanted: NDArray[np.float32], outputs: NDArray[np.float32]) -> float:
    """Return how many stars the expected value is off on average."""
    raised = np.exp(outputs[:, heads.STARS] - outputs[:, heads.STARS].max(1, keepdims=True))
    given = (raised / raised.sum(1, keepdims=True)) @ np.arange(1, 6)
    return float(np.abs(given - wanted[:, heads.STARS] @ np.arange(1, 6)).mean())


def _cut(
    wanted: NDArray[np.float32], logits: NDArray[np.float32], precision: float, least: int
) -> float | None:
    known = wanted >= 0
    right, shares = wanted[known] > 0, 1 / (1 + np.exp(-logits[known]))
    for cut in np.arange(0.05, 0.96, 0.025):
        chosen = shares >= cut
        hits = int((right & chosen).sum())
        if hits >= least and hits / int(chosen.sum()) >= precision:
            return round(float(cut), 3)
    return None
