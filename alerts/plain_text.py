"""Foreign text made fit to be shown: nothing stays hidden, and a cut never splits a sign.

Whoever can write a review chooses this text. Nothing here is escaped for a certain format: that
is the channel's part.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import regex

_CLUSTER = regex.compile(r"\X")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x1f\x7f]")
_REFUSED = re.compile("[\x80-\x9f\ud800-\udfff\ufff9-\ufffb\ufffe\uffff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0]"
)
_FLAG_TAGS = re.compile("(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0000-\U000e007f]+")
_JOINER_RUNS = re.compile("([\u200c\u200d])[\u200c\u200d]+")
_TOWERS = regex.compile(r"(\p{M}{4})\p{M}+")
_GAPS = re.compile(r"\n\s*\n\s*")
_DEL = 0x7F
_PICTURES = 0x2400
_DEL_PICTURE = "\u2421"
_ELLIPSIS = "…"
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_LONGEST_BLOCK, _LONGEST_LINE = 50_000, 2_000
"""Characters beyond this are never shown in an alert: the cuts are far below."""


def block(text: str) -> str:
    """Return text of several lines: no control or hidden characters, at most one empty line."""
    return _GAPS.sub("\n\n", _BREAKS.sub("\n", _visible(text[:_LONGEST_BLOCK]))).strip()


def line(text: str) -> str:
    """Return text as one line; right-to-left text cannot reorder what stands beside it."""
    flat = " ".join(_visible(_BREAKS.sub(" ", text[:_LONGEST_LINE])).split())
    mixed = any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in flat)
    return f"{_ISOLATE}{flat}{_END_ISOLATE}" if mixed else flat


def storable(text: str) -> str:
    """Return text that every encoding can carry: lone surrogates and NUL are replaced."""
    return _UNSTORABLE.sub("\ufffd", text)


def cut(text: str, signs: int, *, room: int | None = None) -> str:
    """Cut to so many signs as a reader counts them, and to `room` characters; "…" marks a cut."""
    room = len(text) if room is None else room
    if len(text) <= min(signs, room):
        return text
    kept, used, whole = [], 0, True
    for count, sign in enumerate(_signs(text)):
        if count == signs or used + len(sign) > room:
            whole = False
            break
        kept.append(sign)
        used += len(sign)
    if whole:
        return text
    while kept and (used + 1 > room or len(kept) >= signs):
        used -= len(kept.pop())
    return "".join(kept).rstrip() + _ELLIPSIS


def _signs(text: str) -> Iterator[str]:
    return (match.group() for match in _CLUSTER.finditer(text))


def _visible(text: str) -> str:
    text = _FLAG_TAGS.sub("", _INVISIBLE.sub("", text))
    text = _BIDI.sub(lambda found: f"‹U+{ord(found.group()):04X}›", text)
    text = _CONTROLS.sub(_picture, _REFUSED.sub("\ufffd", text))
    return str(_TOWERS.sub(r"\1", _JOINER_RUNS.sub(r"\1", text)))


def _picture(found: re.Match[str]) -> str:
    code = ord(found.group())
    return _DEL_PICTURE if code == _DEL else chr(_PICTURES + code)
