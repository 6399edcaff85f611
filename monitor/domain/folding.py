"""Folding text for matching: case, diacritics and width are made equal, letters are kept."""

from __future__ import annotations

import unicodedata

_SINGLE = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "’": "'"})


def fold(text: str) -> str:
    """Return `text` in lower case without diacritics: "Ügyvédhez" -> "ugyvedhez"."""
    spread = unicodedata.normalize("NFKD", text.casefold().translate(_SINGLE))
    return "".join(char for char in spread if not unicodedata.combining(char))


def has_word_beginning(folded: str, beginning: str) -> bool:
    """Whether a word of `folded` starts with `beginning`; anywhere for scripts without spaces."""
    at = folded.find(beginning)
    while at >= 0:
        if at == 0 or not folded[at - 1].isalnum() or not beginning[0].isascii():
            return True
        at = folded.find(beginning, at + 1)
    return False
