from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import heads
from models.bundle import Bundle, Calibration
from models.language import Guess
from models.reading import LOW, TOO_SHORT, Floats, Seen, merge, probabilities, read, read_emoji
from monitor.domain.types import Label

BUNDLE = Bundle(
    folder=Path(),
    model="m-1",
    labels=("neg", "neu", "pos"),
    languages=("hu",),
    longest=128,
    calibrations={"hu": Calibration(threshold=0.45), "und": Calibration(threshold=0.5)},
    cuts={"complaint": 0.5, "fraud": 0.6, "aspects": 0.5, "mix": 0.7, "reply": 0.5, "stars": 0.8},
    cues={"legal": 0.8},
)


def _outputs(**parts: object) -> Floats:
    outputs = np.full(heads.SIZE, -5.0, dtype=np.float32)
    outputs[heads.SENTIMENT] = parts.get("sentiment", [0, 0, 0])
    outputs[heads.STARS] = parts.get("stars", [0, 0, 0, 0, 0])
    outputs[heads.MIX] = parts.get("mix", -5.0)
    return outputs


def _seen(outputs: Floats) -> Seen:
    return Seen(guess=Guess("hu", 0.9), outputs=outputs, margins=(0.0, 0.0))


def test_the_layout_has_no_gaps():
    parts = [heads.SENTIMENT, heads.MIX, heads.STARS, heads.INTENT, heads.RISK, heads.ASPECT,
             heads.REPLY]  # fmt: skip
    ends = [part.stop for part in parts]
    assert [part.start for part in parts] == [0, *ends[:-1]]
    assert ends[-1] == heads.SIZE
    assert len(heads.ASPECT_NAMES) == heads.ASPECT.stop - heads.ASPECT.start


def test_the_likeliest_label_wins():
    answer = read(BUNDLE, _seen(_outputs(sentiment=[0, 0, 3])))
    assert answer.label is Label.POS
    assert answer.confidence == pytest.approx(answer.probs["pos"])
    assert sum(answer.probs.values()) == pytest.approx(1)


def test_low_confidence_is_unsure():
    answer = read(BUNDLE, _seen(_outputs(sentiment=[0.1, 0, 0])))
    assert (answer.label, answer.why_unsure) == (Label.UNSURE, LOW)


def test_a_mixed_verdict_needs_its_cut_and_a_leaning():
    assert read(BUNDLE, _seen(_outputs(sentiment=[2, 0, 2], mix=3.0))).label is Label.MIX
    assert read(BUNDLE, _seen(_outputs(sentiment=[2, 0, 0], mix=0.0))).label is Label.NEG
    assert read(BUNDLE, _seen(_outputs(sentiment=[0, 3, 0], mix=3.0))).label is Label.NEU
    off = replace(BUNDLE, cuts={}, cues={})
    assert read(off, _seen(_outputs(sentiment=[2, 0, 0], mix=9.0))).label is Label.NEG


def test_the_labels_say_which_column_is_which():
    swapped = replace(BUNDLE, labels=("pos", "neu", "neg"))
    assert read(swapped, _seen(_outputs(sentiment=[3, 0, 0]))).label is Label.POS


def test_surface_margins_push_apart():
    how = Calibration(polar=2.0, neutral=1.0)
    probs = probabilities(_outputs(), (1.0, 0.0), how, BUNDLE.labels)
    assert probs["pos"] > probs["neu"] > probs["neg"]
    assert probabilities(_outputs(), (0.0, 2.0), how, BUNDLE.labels)["neu"] > 0.7


def test_details_over_their_cut_are_reported():
    outputs = _outputs(sentiment=[3, 0, 0], stars=[9, 0, 0, 0, 0])
    outputs[heads.INTENT.start + heads.INTENTS.index("complaint")] = 2.0
    outputs[heads.INTENT.start + heads.INTENTS.index("praise")] = 2.0
    outputs[heads.RISK.start + heads.RISKS.index("fraud")] = 2.0
    outputs[heads.ASPECT.start + heads.ASPECT_NAMES.index("price-")] = 2.0
    answer = read(BUNDLE, _seen(outputs))
    assert answer.intents == {"complaint": pytest.approx(0.88, abs=0.01)}
    assert answer.risks == {"fraud": pytest.approx(0.88, abs=0.01)}
    assert answer.aspects == {"price": "-"}
    assert answer.stars == pytest.approx(1.0, abs=0.05)
    assert answer.needs_reply == pytest.approx(0.0067, abs=0.001)


def test_a_risk_named_outright_is_reported_as_far_as_its_list_is_trusted():
    seen = replace(_seen(_outputs(sentiment=[3, 0, 0])), cues=frozenset({"legal", "press"}))
    assert read(BUNDLE, seen).risks == {"legal": 0.8}


def test_details_without_evidence_stay_off():
    answer = read(replace(BUNDLE, cuts={}, cues={}), _seen(_outputs(sentiment=[3, 0, 0])))
    assert (answer.intents, answer.risks, answer.aspects) == ({}, {}, {})
    assert (answer.stars, answer.needs_reply) == (None, None)


def test_emoji_alone_are_read_off_a_list():
    assert read_emoji(BUNDLE, "😍😍").label is Label.POS
    assert read_emoji(BUNDLE, "😍😡").why_unsure == LOW
    assert read_emoji(BUNDLE, "12").why_unsure == TOO_SHORT


def test_windows_are_merged_by_length_and_a_risk_in_one_is_a_risk():
    calm, alarming = _outputs(sentiment=[0, 0, 1]), _outputs(sentiment=[1, 0, 0])
    alarming[heads.RISK.start] = 4.0
    merged = merge(np.stack([calm, alarming]), np.array([30, 10], dtype=np.float32))
    assert merged[heads.SENTIMENT].tolist() == pytest.approx([0.25, 0, 0.75])
    assert merged[heads.RISK.start] == 4.0
