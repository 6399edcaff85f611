"""Find out which language a text is in.

py3langid, restricted to the served languages and those they are mistaken for, after brand names,
links and handles are gone; scripts decide where they can; frequent words help with short texts and
with texts typed without diacritics.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.normalise import TARGET_MARK, fold, prepare
from monitor.domain.types import UNDETERMINED

SERVED = ("en", "de", "hu", "lv", "zh")
OTHERS = (
    "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "sl", "hr", "ro", "lt", "et", "fi", "sv",
    "da", "no", "tr", "ru", "uk", "bg", "el", "ar", "he", "vi", "id",
)  # fmt: skip
SHORT = 30
"""Up to this many letters a hint counts twice."""

_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\u1100-\u11ff\uac00-\ud7af]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_MASKED = re.compile(rf"@user|\bhttp\b|#\w+|{TARGET_MARK}")
_WORD = re.compile(r"[^\W\d_]+")
_PRIOR_SERVED = math.log(4.0)
_WORD_WEIGHT = 1.2
_HINT_WEIGHT = 2.0

_FREQUENT: Mapping[str, str] = {
    "en": "the and is was not very with this that for have it you my they but good great bad never",
    "de": "der die das und ist war nicht sehr mit fur ich ein eine auch nur gut schlecht super von"
    " wie wir es zu auf leider danke immer wieder nie gern",
    "hu": "a az es nem van volt hogy de csak meg nagyon jo rossz szuper koszonom ez egy mar sem is"
    " mindig soha minden ki be el ajanlom kedves gyors lassu szep",
    "lv": "un ir nav ar par bet ka loti paldies labi slikti ja no vai tikai man mums viss jau tas"
    " ta es kas nekad vienmer labs laba slikta apkalposana ka pec uz",
}


@dataclass(frozen=True, slots=True)
class Guess:
    """A language code, "und" when nothing can be said, and how sure that is (0..1)."""

    lang: str
    probability: float


class Detector:
    """Loads py3langid's model when it is first asked; one per engine."""

    def __init__(self) -> None:
        self._identifier: Any = None
        self._words = {lang: frozenset(text.split()) for lang, text in _FREQUENT.items()}

    def detect(self, text: str, target: str | None = None, hint: str | None = None) -> Guess:
        """Return the most probable language of `text`; `target` and the like are left out."""
        return self.detect_prepared(prepare(text, target), hint)

    def detect_prepared(self, prepared: str, hint: str | None = None) -> Guess:
        """As `detect`, for a text that `prepare` has cleaned already."""
        bare = _MASKED.sub(" ", prepared)
        letters = sum(map(len, _WORD.findall(bare)))
        scripted = _by_script(bare, letters)
        if scripted is not None:
            return scripted
        known = hint[:2].lower() if hint else None
        if letters < 2:  # noqa: PLR2004  a single letter says nothing
            return Guess(known, 0.5) if known and letters else Guess(UNDETERMINED, 0.0)
        return self._by_letters(bare, letters, known)

    def _by_letters(self, bare: str, letters: int, hint: str | None) -> Guess:
        scores = {lang: math.log(max(p, 1e-9)) for lang, p in self.load().rank(bare)}
        words = set(_WORD.findall(fold(bare)))
        for lang in SERVED:
            found = len(words & self._words.get(lang, frozenset()))
            scores[lang] += _PRIOR_SERVED + _WORD_WEIGHT * found
        if hint in scores:
            scores[hint] += _HINT_WEIGHT * (2.0 if letters <= SHORT else 1.0)
        return _best(scores)

    def load(self) -> Any:
        """Read py3langid's model unless it is there; `detect` does so by itself."""
        if self._identifier is None:
            from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

            self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
            self._identifier.set_languages([*SERVED, *OTHERS])
        return self._identifier


def _by_script(bare: str, letters: int) -> Guess | None:
    """Scripts that name their language; a third of the letters is enough."""
    for lang, pattern in _SCRIPTS:
        share = len(pattern.findall(bare)) / max(1, letters)
        if share > (0.1 if lang == "ja" else 0.3):
            return Guess(lang, min(1.0, 0.5 + share))
    return None


def _best(scores: Mapping[str, float]) -> Guess:
    best = max(scores, key=lambda lang: scores[lang])
    total = sum(math.exp(score - scores[best]) for score in scores.values())
    return Guess(best, 1.0 / total)
