"""Card -> e-mail: headers that cannot be forged by a mention, a text part and an HTML part."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from uuid import NAMESPACE_URL, uuid5

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from alerts.compose import Card
from alerts.plain_text import cut, line, storable
from monitor.domain.types import Alert

SUBJECT_SIGNS = 120
_PLAIN_ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\]{1,253}")


def address_fault(text: str) -> str:
    """Return what is wrong with an e-mail address, "" if nothing is."""
    if not _PLAIN_ADDRESS.fullmatch(text) or not text.isprintable():
        return 'is no plain e-mail address like "team@shop.example"'
    try:
        text.rpartition("@")[2].encode("idna")
    except ValueError:
        return "has a domain that cannot exist"
    return ""


def write(alert: Alert, card: Card, sender: str, to: Sequence[str]) -> EmailMessage:
    """Write the mail. Its Message-ID follows from the key: a repeat can be recognised."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Subject"] = header(card.preview)
    message["Date"] = format_datetime(alert.now)
    message["Message-ID"] = message_id(alert.key, sender)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(storable(text_part(card)), cte="base64")
    message.add_alternative(storable(_template().render(card=card)), subtype="html", cte="base64")
    return message


def message_id(key: str, sender: str) -> str:
    """Return the Message-ID of a key: always the same, and without a word of the key."""
    domain = sender.rsplit("@", 1)[-1].encode("idna").decode()
    return f"<{uuid5(NAMESPACE_URL, f'earshot:{key}')}@{domain}>"


def header(text: str) -> str:
    """Return text as the value of a header: one line, no control characters.

    "=?" would start an encoded word, and the standard library decodes such words, line breaks
    included, when a header is set.
    """
    return cut(storable(line(text)), SUBJECT_SIGNS, room=SUBJECT_SIGNS * 4).replace("=?", "= ?")


def text_part(card: Card) -> str:
    """Return the mail as plain text."""
    head = (card.header, card.origin, card.times, card.author, card.state, card.note)
    body = (card.title, card.text)
    why = f"{card.why_label}: {' · '.join(card.why)}" if card.why else ""
    foot = (why, card.mood, card.similar, *(f"{link.label}: {link.url}" for link in card.links))
    parts = ("\n".join(part for part in group if part) for group in (head, body, foot))
    return "\n\n".join(part for part in parts if part) + "\n"


@cache
def _template() -> Template:
    pages = Environment(
        loader=PackageLoader("alerts", "mail"), autoescape=True, undefined=StrictUndefined
    )
    return pages.get_template("alert.html")
