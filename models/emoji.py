"""What a text of nothing but emoji says: a short list instead of a guess."""

from __future__ import annotations

from collections.abc import Mapping

_GOOD = "😀😃😄😁😆😊🙂😍🥰😘🤩😋🤗😎🥳😇👍👏🙌💪🙏❤🧡💛💚💙💜🖤🤍💖💕💗💓💯⭐🌟🎉🔥✅👌🤝😻♥☺💐🏆"
_BAD = "😡🤬😠👎😤😒🙄😞😔😟🙁☹😣😖😫😩😢😭🤮🤢💩😱🤦💔🚫❌😾😿🖕😑😬😪🥱😵🤯⛔"
SURE = 0.85
"""The probability given when all known emoji agree."""


def probabilities(text: str) -> Mapping[str, float] | None:
    """Return neg, neu and pos by the share of good and bad emoji; None when none is known."""
    good = sum(char in _GOOD for char in text)
    bad = sum(char in _BAD for char in text)
    if not good + bad:
        return None
    rest = (1 - SURE) / 2
    lean = good / (good + bad)
    pos = rest + (SURE - rest) * lean
    neg = rest + (SURE - rest) * (1 - lean)
    return {"neg": neg, "neu": 1 - pos - neg, "pos": pos}
