"""Bytes to text although servers say the wrong thing about their charset.

Order of belief: a byte order mark; bytes that are valid UTF-8 (they hardly ever are by accident);
what the document declares; what the server declares; the language of the document. A server that
says ISO-8859-1 is believed last: it is the default of many, and mostly wrong.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 4096
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}encoding\s*=\s*["']([\w.:-]+)|<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]+)""",
    re.IGNORECASE,
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_LANGUAGE = re.compile(rb"""lang\s*=\s*["']?([a-z]{2})|<language>\s*([a-z]{2})""", re.IGNORECASE)
_BY_LANGUAGE = {
    **dict.fromkeys(["lv", "lt", "et"], "cp1257"),
    **dict.fromkeys(["hu", "pl", "cs", "sk", "ro", "hr", "sl"], "cp1250"),
    **dict.fromkeys(["ru", "uk", "bg", "sr"], "cp1251"),
    **dict.fromkeys(["zh"], "gb18030"),
    **dict.fromkeys(["ja"], "cp932"),
    **dict.fromkeys(["ko"], "cp949"),
    **dict.fromkeys(["el"], "cp1253"),
    **dict.fromkeys(["tr"], "cp1254"),
}
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "big5": "big5hkscs",
}
_ESCAPED = frozenset(["iso2022_jp", "hz", "iso2022_kr"])
_DEFAULT_OF_SERVERS = "cp1252"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text, how it was read, and whether every byte made sense."""

    text: str
    charset: str
    certain: bool


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Decode a document of any kind. Never raises: what cannot be read becomes U+FFFD."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return _as(body[len(mark) :], charset)
    declared = _declared(body)
    header = _codec(match.group(1)) if (match := _HEADER.search(content_type)) else None
    for name in (declared, header):
        if name in _ESCAPED and b"\x1b" in body + b"~":
            return _as(body, str(name))
    if wide := _sixteen_bits(body):
        return _as(body, wide)
    return _first_that_fits(body, _beliefs(body, declared, header))


def _beliefs(body: bytes, declared: str | None, header: str | None) -> list[str]:
    strong = [name for name in (declared, header) if name and name != _DEFAULT_OF_SERVERS]
    weak = [_DEFAULT_OF_SERVERS] if _DEFAULT_OF_SERVERS in (declared, header) else []
    return ["utf-8", *strong, *([] if weak and declared else _by_language(body)), *weak]


def _first_that_fits(body: bytes, names: list[str]) -> Decoded:
    for name in names:
        try:
            return Decoded(body.decode(name), name, certain=True)
        except (UnicodeDecodeError, LookupError):
            continue
    # Nothing fits. A cut or damaged UTF-8 document is still mostly UTF-8.
    best = "utf-8" if _mostly_utf8(body) else names[1] if len(names) > 1 else _DEFAULT_OF_SERVERS
    return _as(body, best, certain=False)


def _mostly_utf8(body: bytes) -> bool:
    text = body.decode("utf-8", "replace")
    high = sum(byte >= 0x80 for byte in body)  # noqa: PLR2004 - not ASCII
    return text.count("\ufffd") * 4 < high


def _as(body: bytes, charset: str, *, certain: bool = True) -> Decoded:
    text = body.decode(charset, "replace")
    return Decoded(text, charset, certain=certain and "\ufffd" not in text)


def _declared(body: bytes) -> str | None:
    match = _DECLARED.search(body[:_HEAD])
    return _codec((match.group(1) or match.group(2)).decode("ascii")) if match else None


def _codec(name: str) -> str | None:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    # Whoever can read this declaration as bytes does not have UTF-16 in front of him.
    return None if found.startswith(("utf-16", "utf-32")) else _WIDER.get(found, found)


def _by_language(body: bytes) -> list[str]:
    match = _LANGUAGE.search(body[:_HEAD])
    if match is None:
        return []
    code = (match.group(1) or match.group(2)).decode("ascii").lower()
    return [_BY_LANGUAGE[code]] if code in _BY_LANGUAGE else []


def _sixteen_bits(body: bytes) -> str | None:
    """UTF-16 without a mark shows as markup or JSON with a NUL in every other place."""
    head = body[:64]
    if len(head) < 4 or b"\x00" not in head:  # noqa: PLR2004 - two characters are needed to tell
        return None
    if head[1::2].count(0) * 2 > len(head) // 2:
        return "utf-16-le"
    return "utf-16-be" if head[0::2].count(0) * 2 > len(head) // 2 else None
