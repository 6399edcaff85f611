from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.policy import TriagePolicy, Weights
from monitor.domain.triage import Surroundings, classify, triage
from monitor.domain.types import Priority, TaskPlan
from tests.unit.domain.mentions import NOW, mention, sentiment

POLICY = TriagePolicy()


def plan_for(text: str, label: str = "neg", **changes: object) -> TaskPlan | None:
    return triage(mention(text, **changes), sentiment(label), POLICY, NOW)


def codes(plan: TaskPlan | None) -> list[str]:
    assert plan is not None
    return [reason.code for reason in plan.reasons]


def test_blame_becomes_a_task_that_says_why() -> None:
    plan = plan_for("The kettle leaks.", rating=1.0, rating_scale=5.0)
    assert plan is not None
    assert {reason.code: reason.points for reason in plan.reasons} == {
        "negative": 22.5,
        "stars": 10,
    }
    assert plan.points == 32.5
    assert plan.priority is Priority.P3


def test_plain_praise_and_chatter_need_no_answer() -> None:
    assert plan_for("Lovely kettle, thank you.", "pos") is None
    assert plan_for("Aurora opens a shop in Riga.", "neu") is None


def test_a_question_is_answered_whatever_its_tone() -> None:
    assert codes(plan_for("Gibt es den Wasserkocher auch in Rot?", "neu")) == ["reply", "negative"]
    assert plan_for("好用，还有蓝色的吗？", "pos") is not None


def test_low_stars_win_over_a_friendly_text() -> None:
    assert plan_for("Nice.", "pos", rating=4.0, rating_scale=10.0) is not None
    assert plan_for("Nice.", "pos", rating=5.0, rating_scale=5.0) is None


def test_a_rating_without_a_scale_is_not_guessed() -> None:
    assert plan_for("Nice.", "pos", rating=2.0) is None


def test_an_unsure_label_goes_to_a_person_with_the_reason() -> None:
    unsure = sentiment("unsure", why_unsure="language")
    plan = triage(mention("Det var ok"), unsure, POLICY, NOW)
    assert plan is not None
    assert plan.reasons[0].code == "check_label"
    assert plan.reasons[0].detail == "language"


@pytest.mark.parametrize(
    ("risk", "text"),
    [
        ("safety", "The kettle caught fire in my kitchen!"),
        ("safety", "Die Maschine hat Feuer gefangen, meine Tochter wurde verletzt."),
        ("safety", "Ételmérgezést kaptunk, kórházban vagyunk."),
        ("safety", "Etelmergezest kaptunk a kavetol."),
        ("safety", "Tējkanna aizdegās, mani apdedzināja!"),
        ("safety", "Tejkanna aizdegas un mani apdedzinaja"),
        ("safety", "水壶漏电，孩子被烫伤了"),
        ("legal", "You will hear from my lawyer."),
        ("legal", "Ich gehe zur Verbraucherzentrale und zu meinem Anwalt."),
        ("legal", "Az ügyvédemhez fordulok."),
        ("legal", "Rakstīšu PTAC un savam advokātam."),
        ("legal", "我要打12315投诉，找律师起诉你们"),
        ("privacy", "Szivárogtak a személyes adataim."),
        ("discrimination", "Das Personal war offen rassistisch."),
        ("press", "Esmu žurnālists un gaidu jūsu komentāru."),
        ("threat", "我要自杀"),
    ],
)
def test_hard_rules_make_p1_in_every_language(risk: str, text: str) -> None:
    plan = plan_for(text, "neu")
    assert plan is not None
    assert plan.priority is Priority.P1
    assert plan.reasons[0].code == f"risk:{risk}"
    assert plan.due_at == NOW + timedelta(minutes=30)


def test_a_risk_word_inside_clear_praise_is_no_alarm() -> None:
    assert plan_for("My lawyer friend recommended it, I love it!", "pos") is None


@pytest.mark.parametrize(
    "text",
    [
        "assuing nothing",
        "Wonderful hospitality",
        "Die Pizza war verbrannt",
        "Ein Bericht der Redaktion",
        "Rakstīja žurnālists",
    ],
)
def test_words_that_only_look_like_a_risk_raise_no_alarm(text: str) -> None:
    assert plan_for(text, "neu") is None


def test_the_model_can_raise_a_hard_rule() -> None:
    risky = sentiment("neg", risks={"fraud": 0.9, "safety": 0.2})
    plan = triage(mention("They took the money twice."), risky, POLICY, NOW)
    assert codes(plan)[0] == "risk:fraud"


def test_competitors_and_deleted_mentions_are_never_answered() -> None:
    watched = TriagePolicy(competitors=frozenset({"Aurora"}))
    assert triage(mention(), sentiment(), watched, NOW) is None
    assert plan_for("Call my lawyer", deleted=True) is None


def test_surroundings_add_points() -> None:
    around = Surroundings(reach_percentile=1, repeat_contacts=3, similar_open=5)
    plain = triage(mention(), sentiment(), POLICY, NOW)
    loud = triage(mention(), sentiment(), POLICY, NOW, around)
    assert plain is not None
    assert loud is not None
    assert loud.points - plain.points == pytest.approx(30)


def test_the_strongest_intent_counts_once() -> None:
    angry = sentiment("neg", intents={"complaint": 0.9, "churn": 0.8, "warning": 0.1})
    plan = triage(mention(), angry, POLICY, NOW)
    assert plan is not None
    found = {reason.code: (reason.points, reason.detail) for reason in plan.reasons}
    assert found["intent"] == (15, "churn")


def test_default_weights_add_up_to_a_hundred() -> None:
    weights = Weights()
    single = (
        weights.negative, weights.risk, weights.reach, weights.velocity, weights.author,
        weights.cluster, weights.reply_wanted, weights.waiting,
    )  # fmt: skip
    assert sum(single) + max(weights.stars.values()) == 100


@given(st.floats(min_value=0, max_value=100))
def test_more_points_are_never_less_urgent(points: float) -> None:
    assert classify(points, POLICY.limits) >= classify(min(100.0, points + 1), POLICY.limits)


@given(st.text(), st.sampled_from(["neg", "neu", "pos", "mix", "unsure"]))
def test_any_text_is_triaged(text: str, label: str) -> None:
    plan = plan_for(text, label)
    assert plan is None or 0 <= plan.points <= 100
