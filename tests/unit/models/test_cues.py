from __future__ import annotations

import pytest

from models.cues import STEMS, Cues
from models.heads import RISKS
from models.normalise import fold


def test_every_risk_has_its_words_and_they_are_folded():
    assert set(STEMS) == set(RISKS)
    assert all(stems == fold(stems) for stems in STEMS.values())


@pytest.mark.parametrize(
    ("text", "risks"),
    [
        ("My lawyer will be in touch.", {"legal"}),
        ("Ich gehe zur Verbraucherzentrale!", {"legal"}),
        ("Ételmérgezést kaptunk az egész család.", {"safety"}),
        ("etelmergezest kaptunk", {"safety"}),
        ("Ziņošu PTAC, krāpnieki tādi!", {"legal", "fraud"}),
        ("我的个人信息被泄露了", {"privacy"}),
        ("记者采访", {"press"}),
        ("I was disappointed, that is all.", set()),
        ("Nagyon csalódtam.", set()),
        ("Veikals ir atvērts.", set()),
        ("", set()),
    ],
)
def test_finds_what_is_named(text: str, risks: set[str]):
    assert Cues().found(text) == risks
