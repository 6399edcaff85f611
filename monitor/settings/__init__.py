"""One frozen Settings from earshot.toml, EARSHOT_* variables and *_FILE secrets.

It fails loudly: every fault is listed with file, line, key and the nearest valid key. Nothing of
Earshot is imported here; what kinds of sources and channels accept is checked by `option_faults`,
which is given their classes.
"""

from __future__ import annotations

from monitor.settings.environment import FIXED, unknown_variables
from monitor.settings.faults import Origin, SettingsError, nearest
from monitor.settings.load import Reading, find_file, load, option_faults, read
from monitor.settings.root import (
    Credentials,
    Document,
    Settings,
    referenced_variables,
    revealed,
)
from monitor.settings.schema import json_schema
from monitor.settings.sections import Brand, Channel, Model, Network, Source, Team
from monitor.settings.service import Calendar, Sla, Targets, Triage
from monitor.settings.values import Span, parse_duration

__all__ = [
    "FIXED",
    "Brand",
    "Calendar",
    "Channel",
    "Credentials",
    "Document",
    "Model",
    "Network",
    "Origin",
    "Reading",
    "Settings",
    "SettingsError",
    "Sla",
    "Source",
    "Span",
    "Targets",
    "Team",
    "Triage",
    "find_file",
    "json_schema",
    "load",
    "nearest",
    "option_faults",
    "parse_duration",
    "read",
    "referenced_variables",
    "revealed",
    "unknown_variables",
]
