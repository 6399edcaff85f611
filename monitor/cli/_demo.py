"""The surroundings of the demo: the sample site, and settings that point at it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from monitor.demo.settings_text import demo_settings_toml
from monitor.demo.site import RunningSite, SiteError, start
from monitor.domain.errors import ConfigError
from monitor.settings import Settings, load

STORY_LASTS = timedelta(hours=40)
"""An older demo begins anew: the sample site has told its story by then."""


@contextmanager
def demo_settings(settings: Settings, environ: Mapping[str, str]) -> Iterator[Settings]:
    """Run the sample site and yield settings for it.

    The demo has a folder of its own in the data directory and never touches another database. A
    demo that was stopped or killed goes on where it was.
    """
    home = settings.home / "demo"
    home.mkdir(parents=True, exist_ok=True)
    site = _go_on(home) or _begin(home, settings.demo.port)
    try:
        yield _settings(site.url, home, environ)
    finally:
        site.stop()


def _go_on(home: Path) -> RunningSite | None:
    """Start the site of an earlier run again: same story, same address; None if that is over."""
    try:
        memory = json.loads((home / "site.json").read_text(encoding="utf-8"))
        started = datetime.fromisoformat(memory["started"])
        if datetime.now(UTC) - started > STORY_LASTS:
            return None
        return start(memory["port"], started=started)
    except (OSError, ValueError, KeyError, SiteError):
        return None


def _begin(home: Path, port: int) -> RunningSite:
    for old in home.glob("earshot.db*"):
        old.unlink()
    started = datetime.now(UTC)
    try:
        site = start(port, started=started)
    except SiteError as error:
        raise ConfigError([str(error)]) from None
    memory = {"port": urlsplit(site.url).port, "started": started.isoformat()}
    (home / "site.json").write_text(json.dumps(memory), encoding="utf-8")
    return site


def _settings(url: str, home: Path, environ: Mapping[str, str]) -> Settings:
    file = home / "earshot.toml"
    file.write_text(demo_settings_toml(url), encoding="utf-8")
    own = {name: value for name, value in environ.items() if "DATABASE_URL" not in name}
    return load(own, config=file, home=home)
