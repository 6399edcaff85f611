"""Alembic runs this file; `monitor.store.migrate` gives it an open transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from monitor.store.tables import UtcDateTime, metadata


def render_item(kind: str, item: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column type as the plain one: a revision must outlive today's code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter columns in place
    render_item=render_item,
    compare_type=True,
    compare_server_default=False,  # the two dialects print defaults differently
)
context.run_migrations()
