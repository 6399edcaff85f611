"""Which encoding a text file has: a byte order mark, valid UTF-8, or the most plausible old one."""

from __future__ import annotations

import codecs

SAMPLE_BYTES = 256 * 1024
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LETTERS = {
    "cp1250": frozenset("áéíóöőúüűÁÉÍÓÖŐÚÜŰäÄßčšžřýěďťňłąęśćźżČŠŽŁŚ„”–…’"),
    "cp1257": frozenset("āčēģīķļņšūžĀČĒĢĪĶĻŅŠŪŽąęėįųõäöüĄĘĖĮŲÕÄÖÜß„”–…’"),
    "cp1252": frozenset("äöüßÄÖÜéèêëàâçñôûîïÉÀÇ„”–…’€"),
}
_NUL_SHARE = 0.2


def detect(sample: bytes) -> str:
    """Return the name of a Python codec for the file that begins with these bytes."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    if sample.count(0) > len(sample) * _NUL_SHARE:
        return "utf-16-be" if sample[:1] == b"\0" else "utf-16-le"
    if _is_utf8(sample):
        return "utf-8"
    return _chinese(sample) or _european(sample)


def _is_utf8(sample: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _chinese(sample: bytes) -> str:
    """GB 18030 decodes nearly anything; only mostly ordinary Chinese characters prove it."""
    try:
        text = codecs.getincrementaldecoder("gb18030")().decode(sample, final=False)
    except UnicodeDecodeError:
        return ""
    foreign = [char for char in text if char > "\x7f"]
    ordinary = sum(_ordinary_chinese(char) for char in foreign)
    return "gb18030" if foreign and ordinary > 0.9 * len(foreign) else ""


def _ordinary_chinese(char: str) -> bool:
    """Tell whether a character is among the 6763 of GB 2312, or full-width punctuation."""
    try:
        first, second = char.encode("gb2312")
    except (UnicodeEncodeError, ValueError):
        return False
    return first < 0xF8 and second >= 0xA1  # noqa: PLR2004 - the area in use in GB 2312


def _european(sample: bytes) -> str:
    return max(_LETTERS, key=lambda name: _plausibility(sample, name))


def _plausibility(sample: bytes, name: str) -> int:
    foreign = [char for char in sample.decode(name, errors="replace") if char > "\x7f"]
    expected = sum(char in _LETTERS[name] for char in foreign)
    return expected - 2 * (len(foreign) - expected)
