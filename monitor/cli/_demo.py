"""The surroundings of the demo: the sample site, and settings that point at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from monitor.demo.settings_text import demo_settings_toml
from monitor.demo.site import SiteError, start
from monitor.domain.errors import ConfigError
from monitor.settings import Settings, load


@contextmanager
def demo_settings(settings: Settings, environ: Mapping[str, str]) -> Iterator[Settings]:
    """Run the sample site and yield settings for it; its data is made anew at every start.

    The demo has a folder of its own in the data directory and never touches another database.
    """
    try:
        site = start(settings.demo.port)
    except SiteError as error:
        raise ConfigError([str(error)]) from None
    try:
        yield _settings(site.url, settings.home / "demo", environ)
    finally:
        site.stop()


def _settings(url: str, home: Path, environ: Mapping[str, str]) -> Settings:
    home.mkdir(parents=True, exist_ok=True)
    for old in home.glob("earshot.db*"):
        old.unlink()
    file = home / "earshot.toml"
    file.write_text(demo_settings_toml(url), encoding="utf-8")
    own = {name: value for name, value in environ.items() if "DATABASE_URL" not in name}
    return load(own, config=file, home=home)
