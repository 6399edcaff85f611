"""The language of the pages: catalogues, and which one a visitor gets."""

from __future__ import annotations

import gettext
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "earshot_lang"
SOURCE_LANGUAGE = "en"
OWN_NAMES = {
    "en": "English",
    "de": "Deutsch",
    "hu": "Magyar",
    "lv": "Latviešu",
    "zh": "中文",
}

LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
"""Whose habits dates and numbers follow, where the language alone does not say it."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the interface."""

    code: str
    translations: gettext.NullTranslations
    locale: Locale

    @property
    def html(self) -> str:
        """The value of the `lang` attribute."""
        return "zh-Hans" if self.code == "zh" else self.code

    def gettext(self, text: str) -> str:
        """Translate a text."""
        return self.translations.gettext(text)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """Translate a text that depends on a number."""
        return self.translations.ngettext(one, many, number)


@cache
def language(code: str) -> Language:
    """Return a language by its code. English is what the sources are written in."""
    locale = Locale.parse(LOCALES.get(code, code))
    if code == SOURCE_LANGUAGE:
        return Language(code, gettext.NullTranslations(), locale)
    return Language(code, _catalogue(code), locale)


def chosen(request: Request, offered: tuple[str, ...]) -> str:
    """Return the code a visitor gets: ?lang, then the cookie, then Accept-Language, else English.

    Accept-Language is read in order of its q values; a region is ignored ("de-AT" takes "de").
    """
    for wished in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if wished in offered:
            return wished
    accepted = _accepted(request.headers.get("accept-language", ""))
    return next((code for code in accepted if code in offered), SOURCE_LANGUAGE)


def _accepted(header: str) -> list[str]:
    wished: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        tag, _, weight = part.strip().partition(";")
        wished.append((_weight(weight), tag.partition("-")[0].lower()))
    return [code for weight, code in sorted(wished, key=lambda pair: -pair[0]) if weight > 0]


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name == "q" else 1.0
    except ValueError:
        return 0.0


def _catalogue(code: str) -> gettext.NullTranslations:
    """Read the .po file and compile it in memory: no build step, no stale binary."""
    source = resources.files("monitor.web") / "locale" / f"{code}.po"
    catalog = read_po(io.StringIO(source.read_text(encoding="utf-8")), locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class LanguageCookie:
    """Remembers a language that was chosen by ?lang on a page."""

    def __init__(self, app: ASGIApp, *, languages: tuple[str, ...], secure: bool) -> None:
        self.app = app
        self.languages = languages
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        wished = self._wished(scope)

        async def remembering(message: Message) -> None:
            if wished and message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", self._cookie(wished))
            await send(message)

        await self.app(scope, receive, remembering)

    def _wished(self, scope: Scope) -> str:
        if scope["type"] != "http" or scope["path"].startswith("/api/"):
            return ""
        wished = Request(scope).query_params.get("lang", "")
        return wished if wished in self.languages else ""

    def _cookie(self, code: str) -> str:
        ending = "; Secure" if self.secure else ""
        return f"{COOKIE}={code}; Path=/; Max-Age=31536000; SameSite=Lax{ending}"
