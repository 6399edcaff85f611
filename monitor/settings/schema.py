"""The JSON Schema of earshot.toml."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from monitor.settings.root import Document
from monitor.settings.values import write_duration


class _Schema(GenerateJsonSchema):
    """Writes default durations as the file has them, "15m", not as ISO 8601 has them."""

    def encode_default(self, dft: Any) -> Any:
        """Return the default as it would be written."""
        return write_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def json_schema() -> dict[str, Any]:
    """Return the schema, draft 2020-12."""
    schema = Document.model_json_schema(schema_generator=_Schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
