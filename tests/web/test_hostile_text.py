"""Foreign text is shown, never run, and hides nothing."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from monitor.web.marks import safe_link, shortened, visible
from tests.web import filling

CORPUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea><script>alert(1)</script>",
    "<a href=javascript:alert(1)>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7}",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><button>x</button></form>",
    "\u202egnirts desrever\u202c",
    "zero\u200bwidth\u2060word\ufeff",
    "\x00\x07\x1b[31mred",
    "tag\U000e0041\U000e0042",
    "<\u200bscript>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "]]><!--",
    "javascript:alert(1)//",
    "😍👨‍👩‍👧‍👦 Öt szép szűzlány, ķīņš, 非常好",
]
TAGS = {"script", "img", "iframe", "base", "style", "textarea", "object", "embed"}


class Elements(HTMLParser):
    """Collects elements that could act."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def acting(page: str) -> list[str]:
    """Elements and attributes that our own templates never write."""
    reader = Elements()
    reader.feed(page)
    bad = []
    for tag, attributes in reader.found:
        own = (
            attributes.get("src", "").startswith("/static/") if tag in {"script", "img"} else False
        )
        if tag in TAGS and not own:
            bad.append(tag)
        bad += [name for name in attributes if name.startswith("on") or name in {"style", "srcdoc"}]
        for name in ("href", "src", "action"):
            address = attributes.get(name, "/") or "/"
            if not address.startswith(("/", "#", "https://shop.example")) or address[:2] == "//":
                bad.append(address)
    return bad


def test_nothing_of_a_text_acts_on_any_page(client, services, clock):
    items = [
        filling.found(
            n, text, title=text, author=text, subject=text, url=f"javascript:{text}", rating=1.0
        )
        for n, text in enumerate(CORPUS)
    ]
    tasks = filling.hear(services.database, clock, items)
    assert len(tasks) == len(CORPUS)
    for page in ("/inbox", "/sources", *(f"/tasks/{number}" for number in tasks)):
        assert acting(client.get(page).text) == [], page


def test_nothing_of_an_address_acts_on_the_page(client):
    for text in CORPUS:
        query = {"q": text, "brand": text, "owner": text, "language": text}
        assert acting(client.get("/inbox", params=query).text) == [], text


def test_hidden_characters_are_shown():
    assert str(visible("a\u202eb")) == (
        'a<span class="hidden-character" title="RIGHT-TO-LEFT OVERRIDE">U+202E</span>b'
    )
    assert "U+0000" in visible("\x00")
    assert "U+D800" in visible("\ud800")
    assert "U+200D" in visible("pass\u200dword")


@pytest.mark.parametrize(
    "text", ["👨‍👩‍👧", "❤️‍🔥", "👍🏽", "می‌خواهم", "क्‍ष", "line\nbreak\ttab", "é"]
)
def test_honest_text_is_left_alone(text):
    assert str(visible(text)) == text


@pytest.mark.parametrize(
    ("text", "longest", "cut"),
    [
        ("short", 10, "short"),
        ("abcdef", 3, "abc…"),
        ("ab👨‍👩‍👧cd", 4, "ab…"),
        ("aé" + "e\u0301" * 3, 3, "aé…"),
        ("字" * 10, 4, "字字字字…"),
    ],
)
def test_cutting_tears_no_character_apart(text, longest, cut):
    assert shortened(text, longest) == cut


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "//evil.example",
        "/local",
        "http://",
        "http://[",
        "https://evil\u202e.example",
        "",
        None,
    ],
)
def test_other_links_are_not_links(url):
    assert safe_link(url) is None


def test_http_links_are_links():
    assert safe_link(" https://shop.example/a?b=1#c ") == "https://shop.example/a?b=1#c"
