"""A web page as far as a review reader needs it: documents, language, the page that follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from monitor.domain.errors import BadItem, SourceChanged
from spiders.structured.jsonld import read_script
from spiders.structured.microdata import read_microdata
from spiders.text.values import absolute


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """What a page says in structured form."""

    jsonld: list[Any]
    microdata: list[Any]
    faults: list[BadItem]
    lang: str
    next_url: str


def read_page(text: str, url: str, next_css: str) -> ReadPage:
    """Read a page. Raises SourceChanged when there is no markup at all.

    `next_css` selects the link to the following page; empty: rel=next.
    """
    root = _root(text)
    base = (
        absolute(url, next((node.get("href", "") for node in root.iterfind(".//base")), "")) or url
    )
    documents: list[Any] = []
    faults: list[BadItem] = []
    for script in _scripts(root):
        found, broken = read_script(script)
        documents += found
        faults += broken
    return ReadPage(
        jsonld=documents,
        microdata=read_microdata(root, base),
        faults=faults,
        lang=(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""),
        next_url=_next(root, base, url, next_css),
    )


def _root(text: str) -> etree._Element:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=False, remove_comments=True)
    clean = text.replace("\x00", "")
    root = etree.fromstring(clean.encode("utf-8", "replace"), parser) if clean.strip() else None
    if root is None:
        raise SourceChanged("the answer is no web page")
    return root


def _scripts(root: etree._Element) -> Iterator[str]:
    for node in root.iterfind(".//script[@type]"):
        if "ld+json" in node.get("type", "").lower() and (node.text or "").strip():
            yield node.text or ""


def _next(root: etree._Element, base: str, url: str, css: str) -> str:
    target = _selected(root, css) if css else _related(root)
    address = absolute(base, target).partition("#")[0]
    return address if address.startswith(("http://", "https://")) and address != url else ""


def _related(root: etree._Element) -> str:
    for node in root.iterfind(".//*[@rel]"):
        if node.tag in ("a", "link") and "next" in node.get("rel", "").lower().split():
            return node.get("href") or ""
    return ""


def _selected(root: etree._Element, css: str) -> str:
    from cssselect import HTMLTranslator, SelectorError  # noqa: PLC0415 - few sources need it

    try:
        hits = root.xpath(HTMLTranslator().css_to_xpath(css))
    except SelectorError:
        raise SourceChanged("the selector for the next page cannot be read") from None
    return next((hit.get("href") or "" for hit in hits if hit.get("href")), "")
