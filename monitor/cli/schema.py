"""Print the JSON Schema of earshot.toml, for editors."""

from __future__ import annotations

from monitor.cli._show import as_json
from monitor.settings import json_schema


def command() -> None:
    """Print it."""
    as_json(json_schema())
