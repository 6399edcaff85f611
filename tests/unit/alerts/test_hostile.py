"""Every hostile text, in every field, through every channel."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from alerts.channels.console import build as console
from alerts.channels.email import build as email
from alerts.channels.slack import build as slack_channel
from alerts.channels.webhook import build as webhook
from alerts.compose import TEXT_SIGNS
from monitor.domain.types import Alert, Reason
from tests.twins.fake_smtp import FakeSmtp
from tests.twins.webhook_receiver import SECRET, WebhookReceiver
from tests.unit.alerts.hostile import TEXTS
from tests.unit.alerts.samples import alert, mention, task

_TERMINAL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066\u2067]")
_TAGS = {
    "html", "head", "meta", "title", "body", "h1", "p", "br", "blockquote", "a",
}  # fmt: skip


def _alerts() -> list[Alert]:
    return [_hostile(text) for text in TEXTS]


def _hostile(text: str) -> Alert:
    about = mention(
        text=text,
        title=text,
        author=text,
        subject=text,
        brand=text,
        source=text,
        lang=text,
        url=f"https://shop.example/{text}",
    )
    reasons = (Reason(text, 3, text), Reason("risk:legal", 0, text))
    return alert(task(about, owner=text, close_reason=text, hold_reason=text, reasons=reasons))


def test_the_collection_is_large_enough():
    assert len(TEXTS) >= 120
    assert len(set(TEXTS)) == len(TEXTS)


def test_slack_takes_every_text_and_none_becomes_markup(slack):
    options = {
        "channel": "#care",
        "bot_token": "xoxb-1",
        "base_url": slack.base_url,
        "allow": [slack.address],
        "notification": "full",
    }
    channel = slack_channel(options)

    for item in _alerts():
        channel.send(item)

    assert len(slack.posts) == len(TEXTS)
    for post in slack.posts:
        assert "<" not in post["text"]
        assert ">" not in post["text"]
        assert len(post["text"]) <= 4_000
        for element in _elements(post["blocks"]):
            if element["type"] == "plain_text":
                assert "<" not in element["text"]
                assert ">" not in element["text"]
            else:
                links = r"(<https?://[^<>|\s]+\|[^<>|]+>( · )?)+"
                assert re.fullmatch(links, element["text"])


def _elements(blocks: list[dict]) -> list[dict]:
    return [e for b in blocks for e in (b["elements"] if b["type"] == "context" else [b["text"]])]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]


def test_email_takes_every_text_and_none_becomes_a_header_or_a_tag():
    with FakeSmtp() as smtp:
        channel = email({"to": ["a@b.example"], "sender": "c@d.example", "smtp_url": smtp.url})
        for item in _alerts():
            channel.send(item)
        mails, envelopes = smtp.mails, smtp.envelopes

    assert len(mails) == len(TEXTS)
    assert {to for _, to in envelopes} == {("a@b.example",)}
    for mail in mails:
        assert mail["Bcc"] is None
        assert len(mail.get_all("Subject")) == len(mail.get_all("From")) == 1
        assert len(list(mail.iter_parts())) == 2
        page = _Tags()
        page.feed(mail.get_body(("html",)).get_content())
        assert page.seen <= _TAGS
        assert not {name for name in page.attributes if name.startswith("on")}
        assert all(link.startswith(("https://shop.example/", "http://127")) for link in page.links)


def test_webhook_posts_every_text_as_sound_json():
    with WebhookReceiver() as receiver:
        options = {
            "url_secret": receiver.url,
            "signing_secret": SECRET,
            "allow": [receiver.address],
        }
        channel = webhook(options)
        for item in _alerts():
            channel.send(item)
        posts = receiver.posts

    assert len(posts) == len(TEXTS)
    for post, text in zip(posts, TEXTS, strict=True):
        if text.isprintable() and text.isascii():
            assert post["task"]["mention"]["text"] == text
        assert "\x00" not in json.dumps(post, ensure_ascii=False)


def test_console_prints_every_text_and_none_drives_the_terminal(capsys):
    channel = console({})

    for item in _alerts():
        channel.send(item)

    shown = capsys.readouterr().out
    assert shown.count("╭") >= len(TEXTS)
    assert not _TERMINAL.search(shown)


def test_console_of_an_old_terminal(monkeypatch):
    import io

    old = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", old)

    for item in _alerts()[:40]:
        console({}).send(item)

    old.flush()
    assert b"P2" in old.buffer.getvalue()


@pytest.mark.parametrize("language", ["en", "de", "hu", "lv", "zh"])
def test_no_language_has_a_place_that_breaks(capsys, language):
    for item in _alerts()[::5]:
        console({"language": language, "time_zone": "Asia/Shanghai"}).send(item)

    assert capsys.readouterr().out
    assert TEXT_SIGNS == 600
