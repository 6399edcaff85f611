"""What the doctor looks at. Each examination returns findings and raises nothing on purpose."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import monitor
from monitor import registry
from monitor.bootstrap import utc_now
from monitor.bootstrap.adapters import build_channels, build_engine
from monitor.cli.check import options_of
from monitor.domain.errors import EarshotError
from monitor.domain.types import ScoreRequest
from monitor.settings import Reading, option_faults, referenced_variables, unknown_variables
from monitor.store.database import open_database
from monitor.store.migrate import current, is_current

PACKAGES = ("monitor", "spiders", "models", "alerts")
_TESTED = ((3, 11),)
_LEAST_SPACE = 1024**3
_OLDEST_CLOCK_YEAR = 2025
State = Literal["ok", "warn", "fail"]
Examination = Callable[[Reading, Mapping[str, str]], "Iterable[Finding]"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    state: State
    part: str
    found: str
    advice: str = ""

    def as_record(self) -> dict[str, str]:
        """Return it as plain values."""
        return asdict(self)


def examinations() -> tuple[Examination, ...]:
    """Return all examinations, in the order of the report."""
    return (_python, _packages, _home, _database, _kinds, _model, _channels, _network, _clock)


def _python(_: Reading, __: Mapping[str, str]) -> Iterable[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] in _TESTED:
        return [Finding("ok", "Python", version)]
    tested = ", ".join(f"{major}.{minor}" for major, minor in _TESTED)
    return [Finding("warn", "Python", version, f"Tests run on {tested}.")]


def _packages(_: Reading, __: Mapping[str, str]) -> Iterable[Finding]:
    """Tell whether the four package names are ours: another wheel may use them too (ADR-0001)."""
    home = Path(monitor.__file__).parent.parent
    strangers = [name for name in PACKAGES if _folder(name) != home / name]
    if not strangers:
        owner = _distribution()
        return [Finding("ok", "packages", f"{', '.join(PACKAGES)} belong to {owner}")]
    advice = "Another package uses this name: install Earshot into an environment of its own."
    found = [(name, _folder(name)) for name in strangers]
    return [Finding("fail", "packages", f"{name} is {where}", advice) for name, where in found]


def _folder(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _distribution() -> str:
    try:
        return "Earshot" if files("earshot") is not None else "a source folder"
    except PackageNotFoundError:
        return "a source folder"


def _home(reading: Reading, _: Mapping[str, str]) -> Iterable[Finding]:
    home = reading.settings.home
    existing = next(path for path in (home, *home.parents) if path.exists())
    if not os.access(existing, os.W_OK | os.X_OK):
        advice = "Give this user the right to write there, or set EARSHOT_HOME."
        return [Finding("fail", "data directory", f"{home} cannot be written", advice)]
    free = shutil.disk_usage(existing).free
    amount = f"{home}, {free / 1024**3:.1f} GiB free"
    if free < _LEAST_SPACE:
        return [Finding("warn", "data directory", amount, "Make room: less than 1 GiB is left.")]
    return [Finding("ok", "data directory", amount)]


def _database(reading: Reading, _: Mapping[str, str]) -> Iterable[Finding]:
    url = reading.settings.database_url.get_secret_value()
    try:
        revision = current(url)
        if revision is None:
            advice = "It is made on first use; `earshot migrate` makes it now."
            return [Finding("ok", "database", "none yet", advice)]
        if not is_current(url):
            return [Finding("warn", "database", f"revision {revision}", "Run `earshot migrate`.")]
        database = open_database(url)
        with database.read() as tx:
            tx.exec_driver_sql("SELECT 1")
        database.close()
    except EarshotError as error:
        advice = "Check EARSHOT_DATABASE_URL and that the server runs."
        return [Finding("fail", "database", str(error), advice)]
    return [Finding("ok", "database", f"{url.split(':', 1)[0]}, revision {revision}")]


def _kinds(reading: Reading, environ: Mapping[str, str]) -> Iterable[Finding]:
    faults = option_faults(reading, options_of, environ)
    unknown = unknown_variables(environ, referenced_variables(reading.settings))
    where = str(reading.settings.path or "built-in defaults (the demo)")
    if not faults and not unknown:
        yield Finding("ok", "configuration", where)
    for fault in faults:
        yield Finding("fail", "configuration", fault, "Mend earshot.toml.")
    for sentence in unknown:
        yield Finding("warn", "environment", sentence, "Correct or remove it.")


def _model(reading: Reading, environ: Mapping[str, str]) -> Iterable[Finding]:
    name = reading.settings.model.engine
    if name not in registry.names("engines"):
        known = ", ".join(registry.names("engines")) or "none"
        return [Finding("fail", "model", f'no engine "{name}"', f"Choose one of: {known}.")]
    try:
        engine = build_engine(reading.settings, environ)
        engine.score([ScoreRequest(text="ok")])
        engine.close()
    except EarshotError as error:
        advice = "`earshot model list` shows what there is."
        return [Finding("fail", "model", str(error), advice)]
    return [Finding("ok", "model", f"{engine.model} loads and passes its self-check")]


def _channels(reading: Reading, environ: Mapping[str, str]) -> Iterable[Finding]:
    try:
        _, channels = build_channels(reading.settings, environ)
    except EarshotError as error:
        return [Finding("fail", "channels", str(error), "`earshot check` tells where.")]
    for channel in channels.values():
        channel.close()
    return [Finding("ok", "channels", ", ".join(channels))]


def _network(reading: Reading, _: Mapping[str, str]) -> Iterable[Finding]:
    network = reading.settings.network
    if network.contact:
        return [Finding("ok", "contact", network.contact)]
    if not reading.settings.sources:
        return [Finding("ok", "contact", "not needed: no sources")]
    advice = 'Set contact = "https://..." in [network]: a page or address of yours.'
    return [Finding("warn", "contact", "empty: the open web will not be crawled", advice)]


def _clock(reading: Reading, _: Mapping[str, str]) -> Iterable[Finding]:
    zones = {reading.settings.digest.time_zone, *(c.time_zone for c in reading.settings.calendars)}
    now = utc_now()
    if now.year < _OLDEST_CLOCK_YEAR:
        return [Finding("fail", "clock", f"{now:%Y-%m-%d}", "Set the clock of this machine.")]
    try:
        local = ", ".join(f"{now.astimezone(ZoneInfo(z)):%H:%M} {z}" for z in sorted(zones))
    except ZoneInfoNotFoundError as error:
        return [Finding("fail", "clock", str(error), "Install the package tzdata.")]
    return [Finding("ok", "clock", f"{now:%Y-%m-%d %H:%M} UTC, {local}")]
