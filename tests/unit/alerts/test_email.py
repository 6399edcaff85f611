from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from alerts.channels.email import build
from monitor.domain.errors import (
    ConfigError,
    DeliveryDelayed,
    DeliveryError,
    DeliveryRefused,
    DeliveryUncertain,
)
from monitor.domain.types import Receipt
from tests.twins.clock import START
from tests.twins.fake_smtp import FakeSmtp, Trouble
from tests.unit.alerts.samples import alert, mention, task

TEAM = [f"person{number}@shop.example" for number in range(20)]


@pytest.fixture
def smtp() -> Iterator[FakeSmtp]:
    with FakeSmtp() as server:
        yield server


def _channel(smtp: FakeSmtp, **options: object):
    known = {"to": TEAM, "sender": "earshot@shop.example", "smtp_url": smtp.url, "timeout_s": 1}
    return build({**known, **options})


def test_mails_text_and_html_with_a_stable_id(smtp):
    channel = _channel(smtp)

    receipts = {channel.send(alert()).ref for _ in range(2)}

    (message_id,) = receipts
    mail = smtp.mails[0]
    assert mail["Message-ID"] == message_id
    assert message_id.endswith("@shop.example>")
    assert mail["Subject"].strip().startswith("P2 review · shop-reviews · Aurora · new")
    assert "Kovács" not in mail["Subject"]
    plain, html = (part.get_content() for part in mail.iter_parts())
    for part in (plain, html):
        for shown in ("money back", "Kovács Éva", "negative +23.2", "tasks/12"):
            assert shown in part
    assert smtp.envelopes[0] == ("earshot@shop.example", tuple(TEAM))


def test_is_smaller_than_what_mail_programs_cut_off(smtp):
    _channel(smtp).send(alert(task(mention(text="👨‍👩‍👧‍👦" * 12_500))))

    assert len(smtp.mails[0].as_bytes()) < 102_000


def test_one_bad_recipient_does_not_stop_the_others(smtp):
    smtp.troubles.append(Trouble(recipients={TEAM[3]: "550 no such user"}))

    _channel(smtp).send(alert())

    assert smtp.envelopes[0][1] == tuple(address for address in TEAM if address != TEAM[3])


def test_recipients_refused_for_now_get_it_later_and_the_others_not_again(smtp):
    channel = _channel(smtp)
    trouble = {TEAM[0]: "451 greylisted", TEAM[1]: "550 no such user", TEAM[2]: "451 greylisted"}
    smtp.troubles.append(Trouble(recipients=trouble))

    with pytest.raises(DeliveryDelayed, match="smtp_451 for 2 of 20"):
        channel.send(alert())
    channel.send(alert())

    assert [len(to) for _, to in smtp.envelopes] == [17, 2]
    assert set(smtp.envelopes[1][1]) == {TEAM[0], TEAM[2]}


def test_all_recipients_refused(smtp):
    smtp.troubles.append(Trouble(recipients=dict.fromkeys(TEAM, "550 no")))

    with pytest.raises(DeliveryRefused, match="smtp_550"):
        _channel(smtp).send(alert())


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (Trouble(sender="421 closing"), DeliveryDelayed),
        (Trouble(sender="451 later"), DeliveryDelayed),
        (Trouble(sender="550 not you"), DeliveryRefused),
        (Trouble(recipients={TEAM[5]: "421 closing"}), DeliveryDelayed),
        (Trouble(data="452 full"), DeliveryDelayed),
        (Trouble(data="552 too big"), DeliveryRefused),
        (Trouble(drop="mail"), DeliveryDelayed),
        (Trouble(drop="dot"), DeliveryUncertain),
        (Trouble(drop="data"), DeliveryUncertain),
        (Trouble(slow_s=4), DeliveryUncertain),
    ],
    ids=str,
)
def test_every_failure_is_classed(smtp, trouble, expected):
    smtp.troubles.append(trouble)

    with pytest.raises(DeliveryError) as raised:
        _channel(smtp).send(alert())

    assert type(raised.value) is expected


def test_nobody_listening(smtp):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(DeliveryDelayed, match="ConnectionRefused"):
        _channel(smtp, smtp_url=f"smtp://127.0.0.1:{port}").send(alert())


def test_no_mail_leaves_in_clear_when_tls_was_asked_for(smtp):
    with pytest.raises(DeliveryRefused, match="starttls"):
        _channel(smtp, smtp_url=f"{smtp.url}?starttls").send(alert())
    with pytest.raises(DeliveryDelayed):
        _channel(smtp, smtp_url=smtp.url.replace("smtp:", "smtps:")).send(alert())
    assert smtp.mails == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")  # of the server: no TLS here
@pytest.mark.parametrize(("password", "taken"), [("right", True), ("wrong", False)])
def test_signs_in(password, taken):
    with FakeSmtp(require_auth=True) as smtp:
        url = smtp.url.replace("//", f"//robot:{password}@")
        channel = _channel(smtp, smtp_url=url)
        if taken:
            channel.send(alert())
        else:
            with pytest.raises(DeliveryRefused, match="smtp_535"):
                channel.send(alert())
        assert len(smtp.mails) == taken


def test_names_with_every_letter(smtp):
    _channel(smtp, to=["ügyfél@példa.example", "anna@köln.example"]).send(alert())

    assert smtp.envelopes[0][1] == ("ügyfél@példa.example", "anna@xn--kln-sna.example")


def test_headers_cannot_be_forged_by_a_name(smtp):
    about = mention(brand="Aurora\r\nBcc: all@evil.example", source="x\nSubject: y\u2028z")

    _channel(smtp).send(alert(task(about)))

    mail = smtp.mails[0]
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject")) == 1
    assert smtp.envelopes[0][1] == tuple(TEAM)


def test_a_removed_mention_is_not_shown(smtp):
    _channel(smtp).send(alert(task(mention(deleted=True))))

    for part in smtp.mails[0].iter_parts():
        assert "money back" not in part.get_content()
        assert "Kovács" not in part.get_content()


def test_a_mail_cannot_be_changed_or_found(smtp):
    channel = _channel(smtp)

    assert not channel.can_update
    assert not channel.can_find
    with pytest.raises(DeliveryUncertain):
        channel.find("k", START)
    assert channel.update(alert(), Receipt("x")) == Receipt("x")


@pytest.mark.parametrize(
    "options",
    [
        {"to": []},
        {"to": ["no address"]},
        {"to": ["a@b.example\r\nBcc: x@y.example"]},
        {"to": ["a@b.example, c@d.example"]},
        {"sender": "Name <a@b.example>"},
        {"smtp_url": "http://x"},
        {"smtp_url": "smtp://mail.example?tls=maybe"},
        {"smtp_url": "smtp://robot:hunter2@mail.example"},
        {"smtp_url": None},
    ],
)
def test_wrong_options_are_named_without_secrets(smtp, options):
    with pytest.raises(ConfigError) as raised:
        _channel(smtp, **options)

    assert "email" in str(raised.value)
    assert "hunter2" not in str(raised.value)
