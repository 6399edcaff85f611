"""The tables. Times are aware UTC; JSON columns hold plain values only.

One row of `mentions` is the present text of an item; older texts are in `revisions`. `scored` is
the last revision an engine has read: `scored < revision` means "to be scored".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigId = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out. A naive datetime is refused: it is a bug, not a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC; SQLite keeps it without an offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone was given to the store")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Return aware UTC."""
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


sources = Table(
    "sources",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("kind", String(60), nullable=False),
    Column("brand", String(200), nullable=False),
    Column("lane", String(20), nullable=False, server_default="pages"),
    Column("config_hash", String(64), nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    Column("paused_reason", String(200)),
    Column("every_s", Integer, nullable=False),
    Column("next_due", UtcDateTime, nullable=False),
    Column("cursor", JSON, nullable=False),
    Column("validators", JSON, nullable=False),  # url -> {"etag", "last_modified"}
    Column("baseline_done", Boolean, nullable=False, server_default=text("false")),
    Column("lease_owner", String(80)),
    Column("lease_until", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("health", String(20), nullable=False, server_default="unknown"),
    Column("health_reason", String(400)),
    Column("last_started", UtcDateTime),
    Column("last_success", UtcDateTime),
    Column("last_new", UtcDateTime),
    Index("ix_sources_due", "enabled", "next_due"),
)

mentions = Table(
    "mentions",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("source", String(120), nullable=False),
    Column("external_id", String(300), nullable=False),
    Column("brand", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("url", Text),
    Column("title", Text),
    Column("text", Text, nullable=False),
    Column("text_hash", String(32), nullable=False),
    Column("author", Text),
    Column("author_id", Text),
    Column("rating", Float),
    Column("rating_scale", Float),
    Column("lang", String(12)),
    Column("published_at", UtcDateTime),
    Column("published_trust", String(10), nullable=False),
    Column("collected_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("parent_id", String(300)),
    Column("subject", Text),
    Column("reach", BigInteger),
    Column("revision", Integer, nullable=False),
    Column("scored", Integer, nullable=False, server_default=text("0")),
    Column("score_failures", Integer, nullable=False, server_default=text("0")),
    Column("baseline", Boolean, nullable=False),
    Column("deleted_at", UtcDateTime),
    UniqueConstraint("source", "external_id"),
    Index("ix_mentions_brand_published", "brand", "published_at"),
    Index("ix_mentions_author", "author", "collected_at"),
    Index(
        "ix_mentions_reach",
        "source",
        "reach",
        sqlite_where=text("reach IS NOT NULL"),
        postgresql_where=text("reach IS NOT NULL"),
    ),
    Index(
        "ix_mentions_unscored",
        "baseline",  # news before old stock
        "id",
        sqlite_where=text("scored < revision AND deleted_at IS NULL"),
        postgresql_where=text("scored < revision AND deleted_at IS NULL"),
    ),
)

revisions = Table(
    "revisions",
    metadata,
    Column("mention_id", BigId, ForeignKey("mentions.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("title", Text),
    Column("text", Text, nullable=False),
    Column("rating", Float),
    Column("seen_at", UtcDateTime, nullable=False),
)

sentiments = Table(
    "sentiments",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("mention_id", BigId, ForeignKey("mentions.id", ondelete="CASCADE"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("target", String(200), nullable=False, server_default=""),
    Column("label", String(10), nullable=False),
    Column("p_neg", Float, nullable=False),
    Column("p_neu", Float, nullable=False),
    Column("p_pos", Float, nullable=False),
    Column("lang", String(12), nullable=False),
    Column("model", String(120), nullable=False),
    Column("stars", Float),
    Column("intents", JSON, nullable=False),
    Column("risks", JSON, nullable=False),
    Column("aspects", JSON, nullable=False),
    Column("needs_reply", Float),
    Column("why_unsure", String(40)),
    Column("scored_at", UtcDateTime, nullable=False),
    UniqueConstraint("mention_id", "revision", "target", "model"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("mention_id", BigId, ForeignKey("mentions.id", ondelete="CASCADE"), nullable=False),
    Column("rule", String(60), nullable=False, server_default="triage"),
    Column("brand", String(200), nullable=False),
    Column("lang", String(12), nullable=False),
    Column("priority", String(2), nullable=False),
    Column("points", Float, nullable=False),
    Column("reasons", JSON, nullable=False),  # [{"code", "points", "detail"}]
    Column("state", String(20), nullable=False),
    Column("owner", String(200)),
    Column("due_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("hold_reason", Text),
    Column("hold_until", UtcDateTime),
    Column("close_reason", Text),
    UniqueConstraint("mention_id", "rule"),
    Index("ix_tasks_queue", "state", "priority", "due_at"),
    Index("ix_tasks_brand_created", "brand", "created_at"),
)

task_events = Table(
    "task_events",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("task_id", BigId, ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("facts", JSON, nullable=False),
    UniqueConstraint("task_id", "version"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("dedupe_key", String(200), nullable=False, unique=True),
    Column("channel", String(120), nullable=False),
    Column("action", String(10), nullable=False),  # send | update
    Column("task_id", BigId, ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    Column("priority", String(2), nullable=False),
    Column("state", String(12), nullable=False),  # new sending sent retry uncertain dead
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("attempt_id", String(40)),
    Column("started_at", UtcDateTime),
    Column("run_at", UtcDateTime, nullable=False),
    Column("ref", String(400)),
    Column("error", String(200)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    CheckConstraint(
        "state IN ('new','sending','sent','retry','uncertain','dead')", name="outbox_state"
    ),
    Index("ix_outbox_due", "channel", "state", "run_at"),
    Index("ix_outbox_task", "task_id", "channel"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(160), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

slots = Table(
    "slots",
    metadata,
    Column("schedule", String(80), primary_key=True),
    Column("slot", String(80), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("job", String(40), nullable=False),
    Column("source", String(120)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("reason", String(200)),
    Column("ok", Boolean),
    Column("counts", JSON, nullable=False),
    Index("ix_runs_job_started", "job", "started_at"),
    Index("ix_runs_source_started", "source", "started_at"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("source", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", String(400), nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("excerpt_hash", String(32), nullable=False),
    UniqueConstraint("source", "excerpt_hash"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person", String(200), nullable=False),
    Column("kind", String(10), nullable=False),  # link | session
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
