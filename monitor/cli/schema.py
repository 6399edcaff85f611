"""Print the JSON Schema of earshot.toml, for editors."""

from __future__ import annotations

from monitor.cli._show import as_json
from monitor.settings import Document


def command() -> None:
    """Print it."""
    schema = Document.model_json_schema()
    as_json({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
