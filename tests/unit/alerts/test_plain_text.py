from __future__ import annotations

import pytest
import regex

from alerts.plain_text import block, cut, line, storable
from tests.unit.alerts.hostile import FAMILY, TEXTS


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ein Satz.\r\n\r\n\r\nNoch einer. ", "Ein Satz.\n\nNoch einer."),
        ("a\x1b[31mb", "a␛[31mb"),
        ("a\x00b\x7f", "a␀b␡"),
        ("a\u202eb", "a‹U+202E›b"),
        ("pass\u200bword\ufeff", "password"),
        ("a\ud800b", "a\ufffdb"),
        ("z" + "\u0301" * 50, "z" + "\u0301" * 4),
        ("hi \U000e0041\U000e0042", "hi"),
        ("line\u2028line", "line\nline"),
        ("Nagyon rossz volt! 😡", "Nagyon rossz volt! 😡"),
        ("Ļoti slikti – nekad vairs", "Ļoti slikti – nekad vairs"),
        ("很差！\n退款", "很差！\n退款"),
    ],
)
def test_nothing_stays_hidden(text, shown):
    assert block(text) == shown


@pytest.mark.parametrize(
    "text",
    [FAMILY, "👍🏿", "🇭🇺", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "ﬁé"],
)
def test_signs_of_many_characters_stay_whole(text):
    assert block(text) == text


def test_one_line_stays_one_line():
    assert line(" a\r\nb\tc\u2029d ") == "a b c d"


def test_right_to_left_names_cannot_reorder_their_neighbours():
    assert line("דנה") == "\u2068דנה\u2069"
    assert line("Dana") == "Dana"


@pytest.mark.parametrize(
    ("text", "signs", "room", "cut_text"),
    [
        ("abc", 3, None, "abc"),
        ("abcd", 3, None, "ab…"),
        ("a bcd", 3, None, "a…"),
        (FAMILY * 3, 3, None, FAMILY * 3),
        (FAMILY * 4, 3, None, FAMILY * 2 + "…"),
        (FAMILY * 4, 10, 20, FAMILY * 2 + "…"),
        ("e\u0301" * 5, 2, None, "e\u0301…"),
        ("", 3, None, ""),
        ("abc", 3, 0, "…"),
    ],
)
def test_cuts_by_sign_and_never_inside_one(text, signs, room, cut_text):
    assert cut(text, signs, room=room) == cut_text


@pytest.mark.parametrize("room", [50, 600, 2_900])
def test_a_cut_keeps_to_its_room_whatever_the_text(room):
    for text in TEXTS:
        short = cut(block(text), 600, room=room)
        assert len(short) <= room
        assert len(regex.findall(r"\X", short)) <= 600
        assert not short.rstrip("…").endswith("\u200d") or len(block(text)) <= room


def test_storable_text_can_be_encoded():
    for text in TEXTS:
        storable(text).encode()
