"""The figure to beat: a linear support vector machine on character 1- to 5-grams, untuned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.training.checking import macro_f1
from models.training.material import Material, Part

ROWS = 15_000
"""Training rows of a set that are used at most."""
HELD_OUT = 1_000
"""Hold-out rows of a set that are measured, as for the model."""
FLOORS = {
    "hu husst_hu", "lv ltec_lv", "lv nicmanis_lv", "de hotel_absa_de", "de brighter_weak",
    "zh waimai_zh", "zh chnsenticorp_htl_zh", "en cr_en", "en uci_en",
    "en voices", "de voices", "hu voices", "lv voices", "zh voices",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Floor:
    """Figures on the hold-out rows of one set, learnt from the training rows of that set."""

    accuracy: float
    macro_f1: float
    rows: int
    learnt_from: int


def measure(material: Material) -> dict[str, Floor]:
    """Return the floor of every set in FLOORS, by "language source"."""
    return {name: _measure(material, name) for name in sorted(FLOORS)}


def _measure(material: Material, name: str) -> Floor:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    texts, labels = _of(material.train, name)
    asked, wanted = _of(material.holdout, name)
    asked, wanted = asked[:HELD_OUT], wanted[:HELD_OUT]
    features = TfidfVectorizer(
        analyzer="char", ngram_range=(1, 5), sublinear_tf=True, min_df=2, lowercase=True
    )
    machine = LinearSVC().fit(features.fit_transform(texts[:ROWS]), labels[:ROWS])
    given = [str(label) for label in machine.predict(features.transform(asked))]
    right = sum(a == b for a, b in zip(wanted, given, strict=True))
    return Floor(right / len(wanted), macro_f1(wanted, given), len(wanted), len(texts[:ROWS]))


def _of(part: Part, name: str) -> tuple[Sequence[str], Sequence[str]]:
    keep = [
        number
        for number, row in enumerate(part.rows)
        if f"{row.lang} {row.source}" == name and row.label != "mix"
    ]
    return [part.texts[n] for n in keep], [part.rows[n].label for n in keep]
