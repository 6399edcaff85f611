from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from monitor.domain.types import TimeTrust
from spiders.structured.jsonld import read_script
from spiders.text.decode import decode
from spiders.text.html_text import html_text, one_line, plain_text
from spiders.text.values import absolute, as_id, fingerprint, read_date, read_fraction, read_number

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORDS = {
    "en": "Naïve café 👍🏽",
    "de": "Größe, Übermaß, schön",
    "hu": "árvíztűrő tükörfúrógép",
    "lv": "glāžšķūņa rūķīši",
    "zh": "非常好，很满意",
}


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("two\nlines", "two\nlines"),
        ("a &amp; b", "a & b"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("I <3 this", "I <3 this"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<p>x<script>alert(1)</script>y</p><style>p{}</style>", "xy"),
        ("<p>kept<!-- not kept --> too</p>", "kept too"),
        ("<b>bold</b>ly <i>said</i>", "boldly said"),
        ("a&nbsp;&nbsp;b", "a b"),
        ("<pre>a\n  b</pre>", "a\nb"),
        ("<p>never closed", "never closed"),
        ("</p></div>stray", "stray"),
        ("<img src=x onerror=alert(1)>", ""),
        ("<svg><text>no</text></svg>yes", "yes"),
        ("nul\x00 and bell\x07", "nul and bell"),
        ("<p>nul\x00 in markup</p>", "nul in markup"),
        ("don\x92t", "don’t"),
        ("&#x1F600; &#128077;", "😀 👍"),
        ("&lt;script&gt;", "<script>"),
        ("\ud800broken", "broken"),
        ("👨‍👩‍👧‍👦 <b>family</b>", "👨‍👩‍👧‍👦 family"),
        ("", ""),
    ],
)
def test_html_becomes_what_a_reader_sees(markup: str, text: str):
    assert html_text(markup) == text


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_every_language_comes_through_html_unchanged(words: str):
    assert html_text(f"<div><p>{words}</p></div>") == words
    assert html_text(words) == words


def test_titles_lose_a_second_escaping_and_their_line_breaks():
    assert one_line("Tom &amp;amp; Jerry\n<b>live</b>") == "Tom & Jerry live"
    assert plain_text("&lt;p&gt;one&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;") == "one\n\ntwo"


@pytest.mark.parametrize(
    "markup",
    ["<div>" * 200_000 + "deep", "<p>" + "x " * 500_000, "&" * 300_000, "<" * 300_000],
    ids=["deep", "long", "ampersands", "angles"],
)
def test_hostile_markup_takes_no_long_time(markup: str):
    started = time.perf_counter()
    html_text(markup)
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    ("text", "expected", "trust"),
    [
        ("2026-11-20T10:00:00+01:00", "2026-11-20T09:00:00+00:00", TimeTrust.SERVER),
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00+00:00", TimeTrust.SERVER),
        ("Fri, 20 Nov 2026 10:00:00 GMT", "2026-11-20T10:00:00+00:00", TimeTrust.SERVER),
        ("Fri, 20 Nov 2026 10:00:00 +0200", "2026-11-20T08:00:00+00:00", TimeTrust.SERVER),
        ("2026-11-20", "2026-11-20T00:00:00+00:00", TimeTrust.INFERRED),
        ("20.11.2026", "2026-11-20T00:00:00+00:00", TimeTrust.INFERRED),
        ("2026. 11. 20.", "2026-11-20T00:00:00+00:00", TimeTrust.INFERRED),
        ("2026年11月20日", "2026-11-20T00:00:00+00:00", TimeTrust.INFERRED),
        *((bad, None, TimeTrust.NONE) for bad in ("", None, "yesterday", "tegnap", "11/12/2026")),
        ("9999-12-31T23:59:59-14:00", None, TimeTrust.NONE),
        ("0001-01-01T00:00:00+14:00", None, TimeTrust.NONE),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None, TimeTrust.NONE),
        ("2027-01-01", None, TimeTrust.NONE),
        ("1970-01-01T00:00:00Z", None, TimeTrust.NONE),
        ("31.02.2026", None, TimeTrust.NONE),
    ],
)
def test_dates_are_read_or_left_out(text, expected, trust):
    found, said = read_date(text, NOW)
    assert (found.isoformat() if found else None, said) == (expected, trust)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (4, 4.0),
        ("4,5", 4.5),
        (" 4.5 stars", 4.5),
        ("-1", -1.0),
        *((bad, None) for bad in (True, None, "five", float("nan"), float("inf"), "", [4])),
    ],
)
def test_numbers_are_read_or_left_out(value, number):
    assert read_number(value) == number


def test_fractions_need_both_parts():
    assert read_fraction("4/5") == (4, 5)
    assert read_fraction("4,5 von 5") == (4.5, 5)
    assert read_fraction("8 out of 10") == (8, 10)
    assert read_fraction("4/5/2026") is None
    assert read_fraction(4) is None


@pytest.mark.parametrize("lang", WORDS)
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_whatever_the_server_says(lang: str, charset: str):
    page = f"<html><p>{WORDS[lang]}</p></html>"
    assert decode(page.encode(charset), "text/html; charset=ISO-8859-1").text == page


@pytest.mark.parametrize(
    ("lang", "charset"),
    [("de", "latin-1"), ("hu", "cp1250"), ("lv", "cp1257"), ("zh", "gb18030"), ("hu", "iso8859-2")],
)
def test_old_charsets_are_read_where_somebody_names_them(lang: str, charset: str):
    page = f'<html><meta charset="{charset}"><p>{WORDS[lang]}</p></html>'
    assert decode(page.encode(charset), "text/html; charset=ISO-8859-1").text == page
    bare = f"<html><p>{WORDS[lang]}</p></html>"
    assert decode(bare.encode(charset), f"text/html; charset={charset}").text == bare


def test_a_name_that_is_no_charset_is_passed_over():
    assert decode("schön".encode(), "text/html; charset=none-such").text == "schön"
    assert decode(b"<?xml version='1.0' encoding='bogus'?><a>\xe4</a>").text.endswith("<a>ä</a>")


def test_a_document_cut_in_a_letter_is_still_utf8_but_uncertain():
    cut = WORDS["hu"].encode() + "ű".encode()[:1]
    decoded = decode(cut)
    assert decoded.text.startswith(WORDS["hu"])
    assert not decoded.certain


@pytest.mark.parametrize(
    ("script", "documents"),
    [
        ('{"a": 1}', [{"a": 1}]),
        ('{"a": 1};', [{"a": 1}]),
        ('<!-- {"a": 1} -->', [{"a": 1}]),
        ('//<![CDATA[\n{"a": 1}\n//]]>', [{"a": 1}]),
        ('/* note */ {"a": [1, 2,],}', [{"a": [1, 2]}]),
        ('{"a": "line\nbreak\ttab"}', [{"a": "line\nbreak\ttab"}]),
        ('{"a": "http://x/ // not a comment, ]"}', [{"a": "http://x/ // not a comment, ]"}]),
        ('{"a": 1}{"b": 2}', [{"a": 1}, {"b": 2}]),
        ("{&quot;a&quot;: 1}", [{"a": 1}]),
        ("null", [None]),
        ("", []),
    ],
)
def test_json_ld_is_read_although_it_is_not_quite_json(script: str, documents: list):
    assert read_script(script) == (documents, [])


@pytest.mark.parametrize("script", ["{broken", "{'single': 1}", "[" * 100_000, "var x = {}"])
def test_json_ld_beyond_repair_is_a_fault_and_no_crash(script: str):
    found, faults = read_script(script)
    assert found == []
    assert [fault.reason for fault in faults] == ["JSON-LD that cannot be read"]


def test_identifiers_fit_and_stay_apart():
    long, longer = "x" * 400, "x" * 401
    assert len(as_id(long)) <= 300
    assert as_id(long) != as_id(longer)
    assert as_id(" tag:\n a ") == "tag: a"
    assert fingerprint("a", "bc") != fingerprint("ab", "c")
    assert fingerprint(None, "a") != fingerprint("a", None)


def test_links_are_made_absolute_or_dropped():
    assert absolute("https://a.example/b/", "c") == "https://a.example/b/c"
    assert absolute("https://a.example/", "https://b.example/") == "https://b.example/"
    assert absolute("https://a.example/", "//[broken") == ""
    assert absolute("https://a.example/", "") == ""
