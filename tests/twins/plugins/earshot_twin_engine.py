"""A sentiment engine for crash tests: instant, deterministic, and right by definition.

Items carry a mark "[item 000123]"; even numbers are negative, odd ones positive.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from monitor.domain.types import Label, ScoreRequest, Sentiment

_MARK = re.compile(r"\[item (\d+)\]")


class TwinEngine:
    model = "twin-1"

    def score(self, requests: Sequence[ScoreRequest]) -> list[Sentiment]:
        return [_sentiment(request.text) for request in requests]

    def close(self) -> None:
        pass


def _sentiment(text: str) -> Sentiment:
    mark = _MARK.search(text)
    label = Label.NEG if mark and int(mark[1]) % 2 == 0 else Label.POS
    probs = {"neg": 0.02, "neu": 0.02, "pos": 0.02, label.value: 0.96}
    return Sentiment(label=label, probs=probs, lang="en", model="twin-1", needs_reply=0.0)


def build(options: Mapping[str, object]) -> TwinEngine:
    return TwinEngine()
