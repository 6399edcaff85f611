"""Cells that a spreadsheet program shows as text and never runs as a formula."""

from __future__ import annotations

import unicodedata

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def formula_safe(value: object) -> object:
    """Return the value; text that a spreadsheet could run gets a leading apostrophe.

    Leading spaces and full-width forms count too: some programs drop or fold them first.
    """
    if not isinstance(value, str):
        return value
    start = unicodedata.normalize("NFKC", value.lstrip(" \u00a0\u3000\ufeff"))[:1]
    return f"'{value}" if start in _STARTS and start else value
