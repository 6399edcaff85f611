from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from alerts.compose import Style, compose, safe_url, span, stars
from alerts.labels import LABELS
from monitor.domain.lifecycle import DONE_STATES
from monitor.domain.risk_terms import RISK_TERMS
from monitor.domain.types import Kind, Label, Priority, Reason, TaskState
from tests.twins.clock import START
from tests.unit.alerts.samples import alert, mention, task

EN = Style()


def test_the_card_of_a_new_task():
    card = compose(alert(similar=4), EN)

    assert card.header == "P2 · new · reply due 10:50 (1 h 50 min left)"
    assert card.origin == "shop-reviews · Aurora · Kettle · ★☆☆☆☆ 1/5 · en"
    assert card.times == "published 2026-03-01 13:00 · found 08:58"
    assert card.author == "by Kovács Éva"
    assert card.why == ("negative +23.2", "intent (refund) +12")
    assert card.mood == "negative 93%"
    assert card.similar == "4 more open from this source in 24 h"
    assert [link.label for link in card.links] == ["Open original", "Open task 12"]


def test_times_are_those_of_the_readers():
    style = Style(zone=ZoneInfo("Asia/Shanghai"))

    card = compose(alert(), style)

    assert "due 18:50" in card.header
    assert card.times == "published 2026-03-01 21:00 · found 16:58"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Europe/Budapest", "2026-10-25 02:30"), ("Europe/Riga", "2026-10-25 03:30")],
)
def test_times_on_the_day_when_clocks_change(zone, expected):
    due = START.replace(month=10, day=25, hour=0, minute=30)

    assert expected in compose(alert(task(due_at=due)), Style(zone=ZoneInfo(zone))).header


def test_an_overdue_task_says_by_how_much():
    card = compose(alert(task(due_at=START - timedelta(days=2, hours=3))), EN)

    assert card.header.endswith("(2 d 3 h overdue)")


@pytest.mark.parametrize("state", sorted(DONE_STATES))
def test_a_task_that_is_done_has_no_due_time(state):
    card = compose(alert(task(state=state, close_reason="refunded")), EN)

    assert card.done
    assert "due" not in card.header
    assert card.state == "reason: refunded"


def test_a_task_on_hold_says_why_and_until_when():
    facts = {"hold_reason": "waiting for the carrier", "hold_until": START + timedelta(hours=3)}
    card = compose(alert(task(state=TaskState.ON_HOLD, owner="Eva", **facts)), EN)

    assert card.state == "owner: Eva · reason: waiting for the carrier · until 12:00"


def test_a_removed_mention_leaves_nothing_behind():
    about = mention(deleted=True, title="Broken", text="The kettle", url="https://x.example/1")
    reasons = (Reason("risk:legal", 0, '"lawyer"'), Reason("negative", 20))
    card = compose(alert(task(about, reasons=reasons)), EN)

    everything = str(card)
    for gone in ("Broken", "kettle", "Kettle", "Kovács", "x.example", "lawyer"):
        assert gone not in everything
    assert card.note.startswith("Removed at the source")
    assert card.why == ("legal threat", "negative +20")


def test_an_edited_mention_says_so():
    assert compose(alert(task(mention(revision=3))), EN).note == "edited by the author (3 versions)"


def test_the_preview_holds_no_word_of_the_mention():
    about = mention(title="Broken", author="Kovács Éva")

    preview = compose(alert(task(about)), EN).preview

    assert preview.startswith("P2 review · shop-reviews · Aurora · new · reply due")
    for private in ("Kovács", "kettle", "Broken", "Kettle"):
        assert private not in preview


def test_an_unsure_label_has_no_share():
    sentiment = replace(task().sentiment, label=Label.UNSURE)

    assert compose(alert(task(sentiment=sentiment)), EN).mood == "unsure"
    assert compose(alert(task(sentiment=None)), EN).mood == ""


def test_missing_facts_leave_no_gaps():
    about = mention(
        author=None, rating=None, lang=None, subject=None, url=None, published_at=None, title=None
    )
    card = compose(alert(task(about, sentiment=None, reasons=())), EN)

    assert card.origin == "shop-reviews · Aurora"
    assert card.author == "author not given"
    assert card.times == "found 08:58"
    assert [link.label for link in card.links] == ["Open task 12"]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0 min"),
        (59, "0 min"),
        (60, "1 min"),
        (3_600, "1 h"),
        (6_600, "1 h 50 min"),
        (86_400, "1 d"),
        (90_000, "1 d 1 h"),
        (86_460, "1 d"),
    ],
)
def test_spans_name_their_two_largest_units(seconds, shown):
    assert span(timedelta(seconds=seconds), LABELS["en"]) == shown


@pytest.mark.parametrize(
    ("rating", "scale", "shown"),
    [
        (1.0, 5.0, "★☆☆☆☆ 1/5"),
        (8.5, 10.0, "★★★★☆ 8.5/10"),
        (0.0, 5.0, "☆☆☆☆☆ 0/5"),
        (7.0, 5.0, "★★★★★ 7/5"),
        (-1.0, 5.0, "☆☆☆☆☆ -1/5"),
        (3.0, None, ""),
        (3.0, 0.0, ""),
        (float("nan"), 5.0, ""),
        (float("inf"), 5.0, ""),
    ],
)
def test_ratings_of_every_scale(rating, scale, shown):
    assert stars(mention(rating=rating, rating_scale=scale)) == shown


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "//shop.example",
        "ftp://shop.example",
        "http://",
        "https://bank.example@evil.example/",
        "https://x.example/a b",
        "https://x.example/\u202e",
        "https://[broken",
        "https://x.example/" + "a" * 2_000,
    ],
)
def test_links_that_are_not_sound_are_left_out(url):
    assert safe_url(url) is None


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://x.example/a?b=1&c=2#d", "https://x.example/a?b=1&c=2#d"),
        ('https://x.example/"><b>|', "https://x.example/%22%3E%3Cb%3E%7C"),
        (
            "https://x.example/vélemény/很差",
            "https://x.example/v%C3%A9lem%C3%A9ny/%E5%BE%88%E5%B7%AE",
        ),
        ("https://x.example/%41", "https://x.example/%41"),
    ],
)
def test_links_are_quoted(url, kept):
    assert safe_url(url) == kept


@pytest.mark.parametrize("language", LABELS)
def test_every_language_has_every_word_with_the_same_slots(language):
    words, english = LABELS[language], LABELS["en"]

    assert set(words.states) == {state.value for state in TaskState}
    assert set(words.moods) == {label.value for label in Label}
    assert {f"risk:{name}" for name in RISK_TERMS} <= set(words.codes)
    for part in ("states", "codes", "intents", "moods"):
        assert getattr(words, part).keys() == getattr(english, part).keys()
    for field in fields(words):
        value = getattr(words, field.name)
        if isinstance(value, str):
            assert _slots(value) == _slots(getattr(english, field.name)), field.name


def _slots(text: str) -> list[str]:
    return [spec or "" for _, name, spec, _ in Formatter().parse(text) if name is not None]


@pytest.mark.parametrize("language", LABELS)
def test_every_language_makes_whole_cards(language):
    for state in TaskState:
        for kind in Kind:
            card = compose(
                alert(
                    task(mention(kind=kind, revision=2), state=state, priority=Priority.P1),
                    similar=2,
                ),
                Style(language=language),
            )
            assert "{" not in str(card).replace("{}", "")
            assert card.header.startswith("P1 · ")
