from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.normalise import TARGET_MARK, fold, mask_target, normalise, prepare


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("5 &amp;lt; 6", "5 < 6"),
        ("nice<br />place", "nice place"),
        ("see https://example.org/a?b=c now", "see http now"),
        ("看www.example.com，很好", "看http,很好"),
        ("@Shop_1 hello", "@user hello"),
        ("mail me@example.org", "mail me@example.org"),
        ("soooooo goooood", "soo good"),
        ("10000 Ft", "10000 Ft"),
        ("why??????", "why???"),
        ("wait...", "wait..."),
        ("😡😡😡😡😡", "😡😡😡"),
        ("❤️", "❤"),
        ("zero\u200bwidth", "zerowidth"),
        ("ｆｕｌｌ　ｗｉｄｔｈ！", "full width!"),
        (" two\n\nlines\t", "two lines"),
        ("Köszönöm", "Köszönöm"),
        ("[CLS] [MASK]", "CLS MASK"),
        ("lone \ud83d surrogate", "lone surrogate"),
    ],
)
def test_cleans(raw: str, clean: str):
    assert normalise(raw) == clean


@given(st.text())
def test_cleaning_twice_changes_nothing_that_matters(text: str):
    assert TARGET_MARK not in normalise(text)
    assert "\n" not in normalise(text)


@given(st.text())
def test_folding_keeps_the_length(text: str):
    assert len(fold(text)) == len(text)


def test_folding_drops_case_and_diacritics():
    assert fold("ŐŪļĒ Ärger") == "oule arger"


@pytest.mark.parametrize(
    ("text", "target", "marked"),
    [
        ("Szikrában jártam", "Szikra", "* jártam"),
        ("a SZIKRA és a szikra", "Szikra", "a * és a *"),
        ("@kopkase labdien", "Kopkase", "* labdien"),
        ("Talorai un Taloras", "Talora", "* un *"),
        ("Vārti ir slēgti, vārtos neviena", "Vārti", "* ir slēgti, * neviena"),
        ("Nordfels  Bank und NordfelsBank", "Nordfels Bank", "* und *"),
        ("我在白鹿超市买的", "白鹿", "我在*超市买的"),
        ("我用Kék手机", "Kék", "我用*手机"),
        ("encompass, compassionately, compass", "Compass", "encompass, compassionately, *"),
        ("nothing here", "Compass", "nothing here"),
        ("nothing here", "@", "nothing here"),
        ("A+B (Berlin)", "A+B", "* (Berlin)"),
    ],
)
def test_marks_the_target(text: str, target: str, marked: str):
    assert mask_target(text, target) == marked.replace("*", TARGET_MARK)


def test_prepare_marks_before_handles_are_hidden():
    assert prepare("hi @Volthaus!", "Volthaus") == f"hi {TARGET_MARK} !"
    assert prepare("hi @Volthaus!", None) == "hi @user!"
    assert prepare("hi @Volthaus!", "  ") == "hi @user!"
