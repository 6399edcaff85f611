"""Foreign text made safe to look at: hidden characters shown, links checked, length cut."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from markupsafe import Markup, escape

LONGEST_TEXT = 20_000
"""Characters of one text that a page shows."""

# Controls except line breaks and tabs, soft hyphens, zero-width and direction characters, tags,
# lone surrogates. The joiners U+200C and U+200D are dealt with by `_is_honest_joiner`.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\ud800-\udfff]"
)
_NON_JOINER, _JOINER, _EMOJI_STYLE = "\u200c", "\u200d", "\ufe0f"


def visible(text: str) -> Markup:
    """Escape a text and show its hidden characters as marks like "U+202E"."""
    parts: list[Markup] = []
    done = 0
    for found in _HIDDEN.finditer(text):
        if _is_honest_joiner(text, found.start()):
            continue
        parts += [escape(text[done : found.start()]), _mark(found[0])]
        done = found.end()
    parts.append(escape(text[done:]))
    return Markup("").join(parts)


def shortened(text: str, longest: int) -> str:
    """Cut a text at a place where no character is torn apart, and say so with an ellipsis."""
    if len(text) <= longest:
        return text
    end = longest
    while end > longest - 40 and end > 0 and _belongs_to_previous(text, end):
        end -= 1
    return text[:end].rstrip() + "…"


def safe_link(url: str | None) -> str | None:
    """Return the address if a browser may be sent there: http or https with a host."""
    if not url or _HIDDEN.search(url):
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme in {"http", "https"} and parts.netloc else None


def _is_honest_joiner(text: str, at: int) -> bool:
    """Whether a joiner stands inside an emoji or a word, where it belongs."""
    if text[at] not in {_NON_JOINER, _JOINER} or at == 0 or at + 1 == len(text):
        return False
    before, after = text[at - 1], text[at + 1]
    if text[at] == _JOINER and (
        before == _EMOJI_STYLE or unicodedata.category(before) in {"So", "Sk"}
    ):
        return unicodedata.category(after) == "So"
    return all(_needs_joiners(character) for character in (before, after))


def _ends_emoji(character: str) -> bool:
    return character == _EMOJI_STYLE or unicodedata.category(character) in {"So", "Sk"}


def _needs_joiners(character: str) -> bool:
    """Arabic and the Indic scripts use joiners inside words."""
    return "\u0600" <= character <= "\u08ff" or "\u0900" <= character <= "\u0dff"


def _belongs_to_previous(text: str, at: int) -> bool:
    character, before = text[at], text[at - 1]
    joined = {_JOINER, _EMOJI_STYLE}
    return (
        unicodedata.combining(character) > 0
        or character in joined
        or before == _JOINER
        or unicodedata.category(character) == "Sk"
    )


def _mark(character: str) -> Markup:
    name = unicodedata.name(character, "CONTROL CHARACTER")
    code = f"U+{ord(character):04X}"
    return Markup('<span class="hidden-character" title="{}">{}</span>').format(name, code)
