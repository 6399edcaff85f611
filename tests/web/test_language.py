"""The pages speak five languages, completely."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import monitor.web
from tests.web import filling

FOLDER = Path(monitor.web.__file__).parent
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
CODES = ("de", "hu", "lv", "zh")


def messages() -> set[str]:
    """Everything that the pages say, first plural form only."""
    found = extract_from_dir(
        FOLDER,
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2")],
        options_map={"templates/**.html": {"newstyle_gettext": "true"}},
        keywords=KEYWORDS,
    )
    return {text[0] if isinstance(text, tuple) else text for _, _, text, _, _ in found}


def catalogue(code: str) -> dict[str, tuple[str, ...]]:
    source = (FOLDER / "locale" / f"{code}.po").read_text(encoding="utf-8")
    found = {}
    for message in read_po(io.StringIO(source), locale=code):
        if not message.id:
            continue
        assert not message.fuzzy, message.id
        first = message.id[0] if isinstance(message.id, tuple) else message.id
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        found[first] = said
    return found


@pytest.mark.parametrize("code", CODES)
def test_every_text_is_translated_and_none_is_left_over(code):
    assert set(catalogue(code)) == messages()
    assert all(all(said) for said in catalogue(code).values())


@pytest.mark.parametrize("code", CODES)
def test_placeholders_survive_translation(code):
    for text, said in catalogue(code).items():
        for form in said:
            for name in re.findall(r"%\(\w+\)s|\{\w+\}", text):
                assert name in form, (text, form)


@pytest.mark.parametrize(
    ("code", "numbers"),
    [
        ("de", {1: "1 Aufgabe<", 2: "2 Aufgaben<"}),
        ("hu", {1: "1 feladat<", 2: "2 feladat<"}),
        ("lv", {1: "1 uzdevums<", 2: "2 uzdevumi<", 11: "11 uzdevumu<", 21: "21 uzdevums<"}),
        ("zh", {1: "1 个任务<", 2: "2 个任务<"}),
    ],
)
def test_plurals(client, services, clock, code, numbers):
    heard = 0
    for number, text in numbers.items():
        items = [filling.found(n, "Broken", rating=1.0) for n in range(heard, number)]
        filling.hear(services.database, clock, items)
        heard = number
        assert text in client.get(f"/inbox?lang={code}").text


@pytest.mark.parametrize(
    ("header", "html"),
    [
        ("hu", "hu"),
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("fr,lv;q=0.3,zh;q=0.8", "zh-Hans"),
        ("fr", "en"),
        ("", "en"),
        ("hu;q=0, de;q=x, *", "en"),
    ],
)
def test_the_browser_names_the_language(client, header, html):
    page = client.get("/inbox", headers={"Accept-Language": header}).text
    assert f'<html lang="{html}">' in page


def test_a_chosen_language_is_remembered_and_filters_stay(client):
    page = client.get("/inbox?q=x&lang=lv")
    assert '<html lang="lv">' in page.text
    assert "q=x&amp;lang=hu" in page.text
    assert '<html lang="lv">' in client.get("/sources").text
    assert '<html lang="lv">' in client.get("/sources?lang=xx").text


def test_the_api_does_not_change_the_language_of_the_pages(client):
    client.get("/api/v1/tasks?lang=lv")
    assert '<html lang="en">' in client.get("/inbox").text
