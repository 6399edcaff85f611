"""Which column holds what: said by the user, or guessed from headers in five languages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from monitor.domain.errors import ConfigError
from monitor.settings import nearest

FIELDS: Mapping[str, tuple[str, ...]] = {
    "external_id": (
        "external id", "review id", "comment id", "id", "azonosito", "bewertungs id",
        "identifikators", "编号", "评论id",
    ),
    "text": (
        "text", "review text", "review", "comment", "content", "body", "message", "feedback",
        "opinion", "bewertung", "kommentar", "bewertungstext", "rezension", "meinung", "nachricht",
        "szoveg", "velemeny", "hozzaszolas", "ertekeles szovege", "uzenet", "megjegyzes",
        "teksts", "atsauksme", "atsauksmes teksts", "komentars", "zina", "viedoklis",
        "内容", "评论", "评论内容", "评价", "评价内容", "正文", "留言",
    ),
    "title": (
        "title", "subject line", "headline", "summary", "titel", "uberschrift", "betreff",
        "cim", "targy", "virsraksts", "nosaukums", "标题", "主题",
    ),
    "author": (
        "author", "user", "username", "user name", "reviewer", "name", "customer", "nickname",
        "autor", "verfasser", "benutzer", "kunde", "szerzo", "felhasznalo", "nev", "ertekelo",
        "autors", "lietotajs", "vards", "klients", "作者", "用户", "用户名", "昵称", "评论者",
    ),
    "rating": (
        "rating", "stars", "score", "star rating", "sterne", "note", "punkte", "sternebewertung",
        "csillag", "csillagok", "ertekeles", "pontszam", "vertejums", "zvaigznes", "punkti",
        "评分", "星级", "打分",
    ),
    "lang": (
        "lang", "language", "locale", "sprache", "nyelv", "valoda", "语言",
    ),
    "published_at": (
        "published at", "published", "date", "created", "created at", "time", "timestamp",
        "review date", "submitted at", "datum", "erstellt", "erstellt am", "zeitpunkt",
        "datum zeit",
        "idopont", "kelt", "letrehozva", "datums", "laiks", "publicets", "izveidots",
        "日期", "时间", "发布时间", "评论时间",
    ),
    "url": ("url", "link", "permalink", "web address", "hivatkozas", "saite", "链接", "网址"),
    "subject": (
        "subject", "product", "product name", "item", "location", "place", "app", "produkt",
        "artikel", "filiale", "termek", "uzlet", "hely", "produkts", "prece", "veikals", "vieta",
        "商品", "产品", "门店",
    ),
    "parent_id": ("parent id", "reply to", "in reply to"),
    "reach": ("reach", "followers", "reichweite", "eleres", "sasniedzamiba", "粉丝数"),
}  # fmt: skip


def folded(header: str) -> str:
    """Return a header in lower case, without diacritics, with single spaces between words."""
    plain = unicodedata.normalize("NFKD", header.casefold())
    letters = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", letters.replace("_", " ")))


def choose(headers: Sequence[str], said: Iterable[str]) -> dict[str, str]:
    """Return field -> header. `said` are "field=header" wishes; the rest is guessed.

    Raises ConfigError for an unknown field or header, and when no column can be the text.
    """
    chosen = dict(_wish(wish, headers) for wish in said)
    free = [header for header in headers if header not in chosen.values()]
    for field, names in FIELDS.items():
        found = _best(free, names) if field not in chosen else None
        if found is not None:
            chosen[field] = found
            free.remove(found)
    if "text" not in chosen:
        columns = ", ".join(headers) or "none"
        sentence = "No column looks like the text; say which with --map text=COLUMN."
        raise ConfigError([f"{sentence} Columns: {columns}."])
    return chosen


def _wish(wish: str, headers: Sequence[str]) -> tuple[str, str]:
    field, _, header = wish.partition("=")
    if field not in FIELDS:
        raise ConfigError([f'--map {wish}: no field "{field}"; there are: {", ".join(FIELDS)}.'])
    for known in headers:
        if header in (known, known.strip()) or folded(header) == folded(known):
            return field, known
    near = nearest(header, headers)
    hint = f'; did you mean "{near}"?' if near else f"; there are: {', '.join(headers)}."
    raise ConfigError([f'--map {wish}: no column "{header}"{hint}'])


def _best(headers: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the header that is one of the names; of several, the earliest name wins."""
    plain = {folded(header): header for header in reversed(headers)}
    return next((plain[name] for name in names if name in plain), None)
