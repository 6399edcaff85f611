"""Finds adapters by name and builds them with their options; no other room knows the names."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from monitor import registry
from monitor.domain.crawl import SourcePlan
from monitor.domain.errors import ConfigError
from monitor.domain.ports import Channel, Engine
from monitor.settings import Channel as ChannelSettings
from monitor.settings import Settings, Source, revealed

CRAWL_COMMAND = (sys.executable, "-m", "spiders")
DEFAULT_CHANNEL = "console"


def engine_loader(settings: Settings, environ: Mapping[str, str]) -> Callable[[], Engine]:
    """Return a function that loads the configured engine once, on its first call."""
    lock = threading.Lock()
    loaded: list[Engine] = []

    def load() -> Engine:
        with lock:
            if not loaded:
                loaded.append(build_engine(settings, environ))
            return loaded[0]

    return load


def build_engine(settings: Settings, environ: Mapping[str, str]) -> Engine:
    """Build the configured engine. Raises EngineError or ConfigError."""
    options = _options(dict(settings.model.options), environ, "model")
    module = _load("engines", settings.model.engine)
    return cast("Engine", module.build(options))


def build_channels(
    settings: Settings, environ: Mapping[str, str]
) -> tuple[tuple[ChannelSettings, ...], dict[str, Channel]]:
    """Build every configured channel; without any, alerts go to the console."""
    configured = settings.channels or (ChannelSettings(name=DEFAULT_CHANNEL, kind=DEFAULT_CHANNEL),)
    return configured, {
        channel.name: _channel(channel, settings, environ) for channel in configured
    }


def source_plans(settings: Settings, environ: Mapping[str, str]) -> dict[str, SourcePlan]:
    """Return the enabled sources as crawl plans, by name, secrets resolved."""
    return {
        source.name: _source_plan(source, environ) for source in settings.sources if source.enabled
    }


def _source_plan(source: Source, environ: Mapping[str, str]) -> SourcePlan:
    module = _load("sources", source.kind)
    options = _options(source.options, environ, f'source "{source.name}"')
    return SourcePlan(
        name=source.name,
        kind=source.kind,
        brand=source.brand,
        url=source.url,
        options=options,
        every_s=max(1, int(source.every.total_seconds())),
        lane=getattr(module, "LANE", "pages"),
        alert_old=source.alert_old,
    )


def _channel(channel: ChannelSettings, settings: Settings, environ: Mapping[str, str]) -> Channel:
    module = _load("channels", channel.kind)
    own = _options(channel.options, environ, f'channel "{channel.name}"')
    given = _credentials(module.Options.model_fields, channel.kind, settings)
    return cast("Channel", module.build({**given, **own}))


def _credentials(fields: Mapping[str, object], kind: str, settings: Settings) -> dict[str, object]:
    """Return what the environment gives for this kind, under the names that the kind asks for.

    The credential `slack_bot_token` serves the option `bot_token` of the kind `slack`.
    """
    given: dict[str, object] = {
        "allow": (*settings.network.allow, *_own_address(settings)),
        "timeout_s": settings.delivery.request_timeout.total_seconds(),
    }
    for name in type(settings.credentials).model_fields:
        value = getattr(settings.credentials, name)
        option = name.removeprefix(f"{kind}_")
        if value:
            given[option] = (
                value.get_secret_value() if hasattr(value, "get_secret_value") else value
            )
    return {option: value for option, value in given.items() if option in fields}


def _own_address(settings: Settings) -> tuple[str, ...]:
    """Return the address that the operator gave for Slack: naming it opens it."""
    parts = urlsplit(settings.credentials.slack_base_url)
    return (f"{parts.hostname}:{parts.port}",) if parts.hostname and parts.port else ()


def _options(options: Mapping[str, Any], environ: Mapping[str, str], where: str) -> dict[str, Any]:
    try:
        return revealed(options, environ)
    except LookupError as error:
        raise ConfigError([f"{where}: {error.args[0]}"]) from None


def _load(part: registry.Part, name: str) -> Any:
    try:
        return registry.load(part, name)
    except registry.RegistryError as error:
        raise ConfigError([str(error)]) from None
