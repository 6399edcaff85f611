"""HTML to plain text: paragraphs are kept, scripts and styles dropped, entities decoded."""

from __future__ import annotations

import re
from html import unescape

from lxml import etree

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "ul",
    ]
)
_LINES = frozenset(["br", "li", "tr"])
_SILENT = frozenset(
    ["script", "style", "noscript", "template", "head", "iframe", "object", "svg", "math"]
)
_MARKUP = re.compile(r"<[a-zA-Z/!?]|&(?:#\w+|\w+);")
_LEFT_OVER = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|#\d+|#x[0-9a-f]+);"
    r"|</?(?:p|br|b|i|em|strong|a|div|span|ul|ol|li)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_UNTIDY = re.compile(r"[^\S ]|  |[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACES = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r" ?\n ?")
_BREAKS = re.compile(r"\n{3,}")
# Windows punctuation that was taken for Latin-1 somewhere on its way.
_NEXT_LINE = 0x85
_C1 = {
    code: bytes([code]).decode("cp1252", "ignore")
    for code in range(0x80, 0xA0)
    if code != _NEXT_LINE
}
_HAS_C1 = re.compile(r"[\x80-\x84\x86-\x9f]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def html_text(markup: str) -> str:
    """Return what a reader would see. Text without markup comes back with its line breaks."""
    if not _MARKUP.search(markup):
        return tidy(markup)
    root = _parse(markup)
    if root is None:
        return tidy(unescape(markup))
    parts: list[str] = []
    _walk(root, parts)
    return tidy("".join(parts))


def element_text(node: etree._Element) -> str:
    """Return what a reader would see of one element of a page that is parsed already."""
    if not len(node):
        return tidy(_source_spaces(node.text, node))
    parts: list[str] = []
    _walk(node, parts)
    return tidy("".join(parts))


def one_line(markup: str) -> str:
    """Return the text on a single line, for titles and names, which many escape twice."""
    return " ".join(plain_text(markup).split())


def plain_text(markup: str) -> str:
    """Return the text where nobody knows how often it was escaped: once or twice."""
    text = html_text(markup)
    return html_text(text) if _LEFT_OVER.search(text) else text


def tidy(text: str) -> str:
    """Drop control characters, fold spaces, allow at most one empty line in a row."""
    if not _UNTIDY.search(text):
        return text.strip()
    clean = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    clean = clean.translate(_C1) if _HAS_C1.search(clean) else clean
    folded = _GAPS.sub("\n", _SPACES.sub(" ", clean))
    return _BREAKS.sub("\n\n", folded).strip()


def _parse(markup: str) -> etree._Element | None:
    # A parser is not kept between calls: lxml parsers remember errors and are not shared by
    # threads. NUL and other control characters would end the text early.
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=False, remove_pis=True)
    clean = _CONTROLS.sub("", markup)
    return etree.fromstring(f"<div>{clean}</div>".encode(), parser)


def _walk(root: etree._Element, parts: list[str]) -> None:
    """Collect text in document order without recursion: nesting may be deep on purpose."""
    silent = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment")):
        if event == "start":
            silent += node.tag in _SILENT
            _open(node, parts, silent=silent > 0)
        else:
            silent -= event == "end" and node.tag in _SILENT
            _close(node, parts, silent=silent > 0, last=node is root)


def _open(node: etree._Element, parts: list[str], *, silent: bool) -> None:
    if silent:
        return
    parts.append("\n\n" if node.tag in _BLOCKS else "\n" if node.tag in _LINES else "")
    parts.append(_source_spaces(node.text, node))


def _close(node: etree._Element, parts: list[str], *, silent: bool, last: bool) -> None:
    """Add what follows an element, which for the outermost one is not ours."""
    if silent or last:
        return
    if node.tag in _BLOCKS:
        parts.append("\n\n")
    parts.append(_source_spaces(node.tail, node))


def _source_spaces(text: str | None, node: etree._Element) -> str:
    """Line breaks in the source are spaces, except in preformatted text."""
    if not text:
        return ""
    return text if node.tag == "pre" else text.replace("\n", " ").replace("\xa0", " ")
