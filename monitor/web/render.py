"""Templates: one environment per language, with what every page needs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from monitor.web import marks
from monitor.web.language import OWN_NAMES, chosen, language
from monitor.web.services import WebServices
from monitor.web.sessions import Session
from monitor.web.words import Words, left_class

STATIC = ("earshot.css", "inbox.js", "icon.svg")


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders templates for a request."""

    services: WebServices
    environments: dict[str, Environment]
    assets: dict[str, str]
    """Name of a static file -> its address, which changes with its content."""

    @classmethod
    def build(cls, services: WebServices) -> Renderer:
        """Prepare the templates in all languages."""
        environments = {code: _environment(code) for code in services.languages}
        return cls(services, environments, {name: _address(name) for name in STATIC})

    def words(self, request: Request) -> Words:
        """Return the visitor's language, with the present moment."""
        code = chosen(request, self.services.languages)
        return Words(language(code), self.services.clock(), self.services.zone)

    def page(
        self, request: Request, template: str, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Render one page."""
        words = self.words(request)
        body = (
            self.environments[words.language.code]
            .get_template(template)
            .render(
                request=request,
                path=request.url.path,
                words=words,
                session=getattr(request.state, "session", None),
                version=self.services.version,
                assets=self.assets,
                languages={code: OWN_NAMES[code] for code in self.services.languages},
                **values,
            )
        )
        return HTMLResponse(body, status_code=status)


def session_of(request: Request) -> Session:
    """Return the session that the guard of all pages has found."""
    session: Session = request.state.session
    return session


@cache
def _environment(code: str) -> Environment:
    """Compile templates once per process; they never change while it runs."""
    environment = Environment(
        loader=PackageLoader("monitor.web"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    install = environment.install_gettext_translations  # type: ignore[attr-defined]
    install(language(code).translations, newstyle=True)
    environment.filters |= {
        "visible": marks.visible,
        "shortened": marks.shortened,
        "safe_link": marks.safe_link,
    }
    environment.globals["left_class"] = left_class
    return environment


def _address(name: str) -> str:
    content = (resources.files("monitor.web") / "static" / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"
