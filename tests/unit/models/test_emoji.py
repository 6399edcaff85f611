from __future__ import annotations

import pytest

from models import emoji
from models.normalise import normalise


@pytest.mark.parametrize(
    ("text", "best"),
    [("😍😍👏", "pos"), ("❤️❤️", "pos"), ("😡🤬", "neg"), ("👎🏻", "neg"), ("👍👍👎", "pos")],
)
def test_known_emoji_lean(text: str, best: str):
    probs = emoji.probabilities(normalise(text))
    assert probs is not None
    assert max(probs, key=lambda name: probs[name]) == best
    assert sum(probs.values()) == pytest.approx(1)


def test_emoji_that_disagree_are_even():
    probs = emoji.probabilities("😍😡")
    assert probs is not None
    assert probs["pos"] == pytest.approx(probs["neg"])


@pytest.mark.parametrize("text", ["", "12 !", "🚲📦"])
def test_others_say_nothing(text: str):
    assert emoji.probabilities(text) is None
