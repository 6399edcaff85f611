from __future__ import annotations

import pytest

from monitor.domain.folding import fold, has_word_beginning


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ügyvédhez", "ugyvedhez"),
        ("Advokātam", "advokatam"),
        ("STRASSE straße", "strasse strasse"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("华为", "华为"),
        ("İstanbul", "istanbul"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_word_beginnings_and_unspaced_scripts() -> None:
    assert has_word_beginning("az ugyvedemhez", "ugyved")
    assert not has_word_beginning("superinjury", "injur")
    assert has_word_beginning("孩子被烫伤了", "烫伤")
