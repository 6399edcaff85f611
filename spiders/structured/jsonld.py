"""JSON-LD as it is found on pages: nearly JSON.

Read as it stands where it is JSON. Else comments, CDATA marks, trailing commas and entities are
taken out first, and several documents in one script are read one after the other.
"""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from monitor.domain.errors import BadItem

_EXCERPT = 2000
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"'  # a string, kept
    r"|/\*.*?\*/|//[^\n]*|<!--|-->|<!\[CDATA\[|\]\]>"  # wrapping, dropped
    r"|,(?=\s*[}\]])",  # a trailing comma, dropped
    re.DOTALL,
)
_LENIENT = json.JSONDecoder(strict=False)


def read_script(text: str) -> tuple[list[Any], list[BadItem]]:
    """Return the documents in one script element, and the fault where there is none."""
    for candidate in (text, _cleaned(text), _cleaned(unescape(text))):
        try:
            return _documents(candidate), []
        except (ValueError, RecursionError):
            continue
    return [], [BadItem("JSON-LD that cannot be read", text[:_EXCERPT])]


def _documents(text: str) -> list[Any]:
    """Read one document after the other until the text ends."""
    found, position = [], 0
    text = text.strip().rstrip(";").strip()
    while position < len(text):
        document, position = _LENIENT.raw_decode(text, position)
        found.append(document)
        while position < len(text) and text[position] in " \t\r\n;,":
            position += 1
    return found


def _cleaned(text: str) -> str:
    return _TOKEN.sub(lambda match: match.group() if match.group()[0] == '"' else "", text)
