"""One way to clean a text, used in training and at run time alike.

A model only reads well what was cleaned the way its training texts were: change this file and the
shipped weights no longer fit it.
"""

from __future__ import annotations

import html
import re
import unicodedata

TARGET_MARK = "\ue000"
"""Stands for the brand asked about. A private-use character: no cleaned text contains it."""

_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_PRIVATE = re.compile("[\ud800-\udfff\ue000-\uf8ff]")  # lone surrogates, too
_MARKER = re.compile(r"\[(PAD|UNK|CLS|SEP|MASK)\]")
_TAG = re.compile(r"<(?:br|/?p|/?b|/?i|/?div|/?span|/?strong|/?em)\b[^<>]{0,80}>", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.)[!-~]*[A-Za-z0-9/=_#-]", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.])@[A-Za-z0-9_][\w.-]{0,40}")
_LETTER_RUN = re.compile(r"([^\W\d_])\1{2,}")
_SIGN_RUN = re.compile(r"([^\w\s])\1{3,}")
_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Return the text as the model reads it, on one line.

    HTML entities become characters, links `http`, handles `@user`; three or more equal letters
    become two, four or more equal signs or emoji three; zero-width characters go; forms are NFKC.
    Emoji, case and diacritics stay.
    """
    text = _visible(text)
    text = _URL.sub("http", text)
    text = _HANDLE.sub("@user", text)
    text = _LETTER_RUN.sub(r"\1\1", text)
    text = _SIGN_RUN.sub(r"\1\1\1", text)
    return _SPACE.sub(" ", text).strip()


def prepare(text: str, target: str | None = None) -> str:
    """Return the cleaned text with every mention of `target` replaced by TARGET_MARK."""
    if not target or not target.strip():
        return normalise(text)
    marked = mask_target(_visible(text), _visible(target))
    parts = [normalise(part) for part in marked.split(TARGET_MARK)]
    return f" {TARGET_MARK} ".join(parts).strip()


def fold(text: str) -> str:
    """Return the text in lower case without diacritics, character for character.

    The length is kept, so that positions found in the folded text hold in the original.
    """
    return text.lower() if text.isascii() else text.translate(_FOLDED)


def mask_target(text: str, target: str) -> str:
    """Replace `target` in `text` by TARGET_MARK, whatever its case, diacritics and ending."""
    pattern = _target_pattern(target)
    if pattern is None:
        return text
    parts, last = [], 0
    for found in pattern.finditer(fold(text)):
        parts += [text[last : found.start()], TARGET_MARK]
        last = found.end()
    return "".join([*parts, text[last:]])


def _visible(text: str) -> str:
    text = html.unescape(html.unescape(text))
    text = unicodedata.normalize("NFKC", text)
    text = _ZERO_WIDTH.sub("", _TAG.sub(" ", text))
    return _MARKER.sub(r"\1", _PRIVATE.sub("", text))


class _Folded(dict[int, str]):
    """Character number -> folded character; grows with the characters that are met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        base = unicodedata.normalize("NFD", char)[0].lower()
        self[code] = base if len(base) == 1 else char
        return self[code]


_FOLDED = _Folded()


def _target_pattern(target: str) -> re.Pattern[str] | None:
    words = fold(target).strip(" @#\"'").split()
    if not words:
        return None
    latin = words[-1][-1].isascii()
    if latin and len(words[-1]) >= 5 and words[-1][-1] in "aeiosu":  # noqa: PLR2004  Vārti, Vārtos
        words[-1] = words[-1][:-1]
    body = r"[\s_-]*".join(re.escape(word) for word in words)
    ending = r"(?:-?[a-z]{1,5}(?![a-z0-9]))?(?![a-z0-9])" if latin else ""
    return re.compile(rf"[@#]?(?<![a-z0-9]){body}{ending}")
