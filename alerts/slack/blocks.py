"""Card -> Slack message: Block Kit within Slack's limits, and the line for notifications.

Foreign text stands only in `plain_text` elements, where Slack applies no markup; `&`, `<` and `>`
are escaped everywhere, as Slack asks, so that no text can become a mention, a link or a button.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from alerts.compose import Card, Link
from alerts.plain_text import cut
from monitor.domain.types import Priority

HEADER_LIMIT = 150
SECTION_LIMIT = 2_900
CONTEXT_LIMIT = 1_000
TOTAL_LIMIT = 12_000
MOST_BLOCKS = 45
TEXT_LIMIT = 3_800

_MARKS = {
    Priority.P1: "🔴",
    Priority.P2: "🟠",
    Priority.P3: "🟡",
    Priority.P4: "⚪",
}
_DONE = "✅"

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to Slack."""

    text: str
    """For notifications and screen readers."""
    blocks: list[Block]
    plain: str
    """Everything as text, should Slack refuse the blocks."""


def escape(text: str) -> str:
    """Replace the three characters that Slack gives a meaning to."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def layout(card: Card, notification: Literal["short", "full"]) -> Message:
    """Lay a card out. Never more than Slack takes, whatever the mention holds."""
    blocks = list(_blocks(card))
    plain = _fit(_everything(card), TEXT_LIMIT)
    text = _fit(card.preview, TEXT_LIMIT) if notification == "short" else plain
    return Message(text=text, blocks=_within(blocks, card.shortened), plain=plain)


def _blocks(card: Card) -> Iterator[Block]:
    mark = _DONE if card.done else _MARKS[card.priority]
    yield {"type": "header", "text": _plain(f"{mark} {card.header}", HEADER_LIMIT)}
    if card.done:
        yield _context(card.origin, card.state, card.note)
        yield from _links(card.links)
        return
    yield _context(card.origin, card.times)
    yield _context(card.author, card.state)
    if card.title:
        yield _section(card.title)
    if card.text:
        yield _section(card.text)
    yield from _facts(card)
    yield from _links(card.links)


def _facts(card: Card) -> Iterator[Block]:
    if card.note:
        yield _context(card.note)
    if card.why:
        yield _section(f"{card.why_label}: {' · '.join(card.why)}")
    if card.mood or card.similar:
        yield _context(card.mood, card.similar)


def _section(text: str) -> Block:
    return {"type": "section", "text": _plain(text, SECTION_LIMIT)}


def _context(*parts: str) -> Block:
    text = " · ".join(part for part in parts if part) or "–"
    return {"type": "context", "elements": [_plain(text, CONTEXT_LIMIT)]}


def _links(links: tuple[Link, ...]) -> Iterator[Block]:
    shown = " · ".join(f"<{_url(link.url)}|{escape(link.label)}>" for link in links)
    if shown:
        yield {"type": "section", "text": {"type": "mrkdwn", "text": shown}}


def _url(url: str) -> str:
    return escape(url).replace("|", "%7C")


def _plain(text: str, limit: int) -> Block:
    return {"type": "plain_text", "text": _fit(text, limit), "emoji": False}


def _fit(text: str, limit: int) -> str:
    """Escape and cut by whole signs, so that the escaped text has at most `limit` characters."""
    room = limit
    while len(escaped := escape(cut(text, limit, room=room))) > limit:
        room -= max((len(escaped) - limit) // 5, 1)
    return escaped


def _within(blocks: list[Block], shortened: str) -> list[Block]:
    """Drop blocks from the end, but never the links, until the message is small enough."""
    kept, last = blocks[:-1][: MOST_BLOCKS - 2], blocks[-1]
    if sum(map(_size, blocks)) <= TOTAL_LIMIT and len(blocks) <= MOST_BLOCKS:
        return blocks
    while len(kept) > 1 and sum(map(_size, [*kept, last])) > TOTAL_LIMIT - CONTEXT_LIMIT:
        kept.pop()
    return [*kept, _context(shortened), last]


def _size(block: Block) -> int:
    if block["type"] == "context":
        return sum(len(element["text"]) for element in block["elements"])
    return len(block["text"]["text"])


def _everything(card: Card) -> str:
    parts = (
        card.header,
        card.origin,
        card.times,
        card.author,
        card.state,
        card.title,
        card.text,
        card.note,
        f"{card.why_label}: {' · '.join(card.why)}" if card.why else "",
        card.mood,
        card.similar,
        *(link.url for link in card.links),
    )
    return "\n".join(part for part in parts if part)
