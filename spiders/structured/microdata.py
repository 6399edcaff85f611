"""Microdata (itemscope, itemprop, itemref) as nodes of the shape that JSON-LD has."""

from __future__ import annotations

from typing import Any

from lxml import etree

from spiders.text.html_text import element_text
from spiders.text.values import absolute

_ADDRESSES = {
    "a": "href",
    "area": "href",
    "link": "href",
    "img": "src",
    "audio": "src",
    "video": "src",
    "source": "src",
    "iframe": "src",
    "embed": "src",
    "object": "data",
}
_VALUES = {"meta": "content", "data": "value", "meter": "value", "time": "datetime"}
_DEEPEST = 40


def read_microdata(root: etree._Element, base: str) -> list[dict[str, Any]]:
    """Return the items of a page that are not a property of another item."""
    top = root.iterfind(".//*[@itemscope]")
    return [_item(node, base, root, 0) for node in top if node.get("itemprop") is None]


def _item(node: etree._Element, base: str, root: etree._Element, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": (node.get("itemtype") or "").split()}
    if node.get("itemid"):
        found["@id"] = absolute(base, node.get("itemid"))
    if depth > _DEEPEST:
        return found
    for element in _properties(node, root):
        value = _value(element, base, root, depth)
        for name in (element.get("itemprop") or "").split():
            found.setdefault(name, []).append(value)
    return found


def _properties(node: etree._Element, root: etree._Element) -> list[etree._Element]:
    """Collect property elements in document order, not those of items inside."""
    found: list[etree._Element] = []
    waiting = list(reversed(node))
    for reference in (node.get("itemref") or "").split():
        waiting += [
            hit for hit in root.iterfind(f".//*[@id='{_safe(reference)}']") if hit is not node
        ]
    while waiting:
        element = waiting.pop()
        if not isinstance(element.tag, str):
            continue
        if element.get("itemprop") is not None:
            found.append(element)
        if element.get("itemscope") is None:
            waiting += reversed(element)
    return found


def _safe(reference: str) -> str:
    return "".join(letter for letter in reference if letter not in "'\"[]")


def _value(element: etree._Element, base: str, root: etree._Element, depth: int) -> Any:
    if element.get("itemscope") is not None:
        return _item(element, base, root, depth + 1)
    # "content" is allowed on meta only, but pages use it everywhere to mean the value.
    if element.get("content") is not None:
        return element.get("content")
    if element.tag in _ADDRESSES:
        address = element.get(_ADDRESSES[element.tag])
        return absolute(base, address) if address else element_text(element)
    if element.tag in _VALUES:
        return element.get(_VALUES[element.tag]) or element_text(element)
    return element_text(element)
