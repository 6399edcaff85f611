"""The whole configuration: what earshot.toml holds, and what the environment adds to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from monitor.settings.sections import (
    Brand,
    Channel,
    Delivery,
    Demo,
    Digest,
    Model,
    Network,
    Retention,
    Section,
    Source,
    Team,
    Web,
)
from monitor.settings.service import Calendar, Sla, Triage
from monitor.settings.values import is_reference, resolve


class Document(Section):
    """Earshot's configuration file, earshot.toml."""

    brands: tuple[Brand, ...] = ()
    """Who is watched."""
    sources: tuple[Source, ...] = ()
    """Where is looked."""
    teams: tuple[Team, ...] = ()
    """Who answers."""
    channels: tuple[Channel, ...] = ()
    """Where alerts go; without any, alerts go to the console."""
    calendars: tuple[Calendar, ...] = ()
    """When teams work."""
    sla: Sla = Sla()
    """When an answer is due."""
    triage: Triage = Triage()
    """What becomes a task."""
    digest: Digest = Digest()
    """The weekly report."""
    retention: Retention = Retention()
    """When stored text is forgotten."""
    model: Model = Model()
    """The sentiment model."""
    network: Network = Network()
    """Limits of every outbound request."""
    delivery: Delivery = Delivery()
    """How alerts leave."""
    web: Web = Web()
    """The pages and the API."""
    demo: Demo = Demo()
    """The built-in sample site."""


class Credentials(Section):
    """Secrets and addresses that only the environment gives. Printing shows no secret."""

    slack_bot_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_base_url: str = ""
    smtp_url: SecretStr | None = None


class Settings(Document):
    """The document, the credentials and the places, ready to use."""

    path: Path | None = None
    """The file read; None when the built-in defaults are used (the demo)."""
    home: Path
    """Data directory, absolute."""
    database_url: SecretStr
    """SQLAlchemy address, "sqlite:///..." or "postgresql+psycopg://..."."""
    credentials: Credentials = Credentials()

    @property
    def base_url(self) -> str:
        """Address of the pages for links, without a slash at the end."""
        return (self.web.public_url or f"http://{self.web.host}:{self.web.port}").rstrip("/")

    def calendar(self, name: str) -> Calendar | None:
        """Return the calendar of that name; for "" the first one, or None without any."""
        named = {calendar.name: calendar for calendar in self.calendars}
        return named[name] if name else next(iter(self.calendars), None)


def revealed(options: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return options with every "env:..." and "file:..." replaced by the secret it names.

    Raises LookupError with a sentence that names the variable or file, never a value.
    """
    return {key: _reveal(value, environ) for key, value in options.items()}


def _reveal(value: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return revealed(value, environ)
    if isinstance(value, list | tuple):
        return [_reveal(item, environ) for item in value]
    return resolve(value, environ) if is_reference(value) else value


def referenced_variables(settings: Document) -> set[str]:
    """Return the names of all variables that the configuration refers to."""
    tables = (*settings.sources, *settings.channels)
    options = [*(table.options for table in tables), dict(settings.model.options)]
    return {name for own in options for name in _variables(own)}


def _variables(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping | list | tuple):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _variables(inner)
    elif is_reference(value) and value.startswith("env:"):
        yield value.removeprefix("env:")
