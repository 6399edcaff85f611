from __future__ import annotations

import pytest

from models.language import SERVED, Detector
from models.normalise import fold


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector()


TEXTS = [
    ("en", "The delivery was quick and the staff could not have been nicer."),
    ("de", "Die Lieferung war schnell und das Personal überaus freundlich."),
    ("hu", "A kiszállítás gyors volt, az eladók pedig nagyon kedvesek voltak."),
    ("lv", "Piegāde bija ātra, un pārdevēji bija ļoti laipni un izpalīdzīgi."),
    ("zh", "物流很快,店员也非常热情。"),
    ("fr", "La livraison était rapide et le personnel vraiment très aimable."),
    ("ru", "Доставка была быстрой, а персонал очень любезным."),
    ("ja", "配達がとても早くて、店員さんも親切でした。"),
    ("ko", "배송이 빠르고 직원들이 정말 친절했어요."),
    ("lt", "Pristatymas buvo greitas, o darbuotojai labai malonūs ir paslaugūs."),
]


@pytest.mark.parametrize(("lang", "text"), TEXTS)
def test_names_the_language(detector: Detector, lang: str, text: str):
    guess = detector.detect(text)
    assert guess.lang == lang
    assert guess.probability > 0.5


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        *((lang, fold(text)) for lang, text in TEXTS[:4]),
        ("hu", "koszonom szepen a gyors segitseget, mindenkinek ajanlom"),
        ("lv", "loti laba apkalposana, paldies par atro piegadi"),
        ("hu", "nagyon jo"),
        ("lv", "loti labi"),
        ("de", "sehr gut"),
        ("en", "very good"),
    ],
)
def test_needs_no_diacritics(detector: Detector, lang: str, text: str):
    assert detector.detect(text).lang == lang


@pytest.mark.parametrize("text", ["", "😀😀", "12:30", "@someone http://x.y", "a", "!!!"])
def test_says_nothing_where_nothing_can_be_said(detector: Detector, text: str):
    assert detector.detect(text) == detector.detect("")
    assert detector.detect(text).lang == "und"


def test_a_brand_name_does_not_count(detector: Detector):
    text = "Sehr Schnelle Lieferung Gesellschaft nagyon jó volt"
    assert detector.detect(text, "Sehr Schnelle Lieferung Gesellschaft").lang == "hu"


def test_believes_a_hint_for_a_short_text_only(detector: Detector):
    assert detector.detect("Super!", hint="lv").lang == "lv"
    assert (
        detector.detect("The delivery was quick and they were nice to us", hint="lv").lang == "en"
    )


def test_takes_region_codes_as_hints(detector: Detector):
    assert detector.detect("Super!", hint="de-AT").lang == "de"
    assert detector.detect("Super!", hint="??").lang in {"en", "de", "hu", "lv"}


@pytest.mark.parametrize(
    "text",
    [
        "Nie polecam tego",
        "Très bon produit",
        "Pésimo servicio",
        "Heel slechte service",
        "Dålig service",
        "Huono palvelu",
        "Nedoporučuji",
        "Очень плохой сервис",
        "Πολύ κακό",
    ],
)
def test_short_texts_in_other_languages_are_not_taken_for_ours(text: str) -> None:
    assert Detector().detect(text).lang not in SERVED
