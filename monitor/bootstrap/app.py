"""The application put together: one object that commands, pages and the clock work with."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Self

import structlog

from monitor.bootstrap.adapters import (
    CRAWL_COMMAND,
    build_channels,
    engine_loader,
    source_plans,
)
from monitor.bootstrap.policy import delivery_policy, network_policy, policy_from
from monitor.desk import Desk
from monitor.domain import faults
from monitor.domain.ownership import Owner, is_dead
from monitor.domain.ports import Clock
from monitor.jobs.context import Context
from monitor.jobs.crawl_process import CrawlLimits, CrawlProcesses
from monitor.settings import Settings
from monitor.store import queue
from monitor.store.database import Database, open_database
from monitor.store.migrate import upgrade
from monitor.store.recover import free_dead

log = structlog.get_logger("earshot.app")

CRAWL_LEASE_S = 30.0
"""Renewed while the crawl runs: what a killed process held is free after this long."""


def utc_now() -> datetime:
    """Return the present moment, aware UTC."""
    return datetime.now(UTC)


@dataclass
class App:
    """Everything that a command needs, each part built when it is first asked for.

    Close it when done; it may be used as a context manager.
    """

    settings: Settings
    environ: Mapping[str, str]
    clock: Clock = utc_now
    keep_crawler_warm: bool = False
    last_tick: datetime | None = None
    """When the clock of this process last came round; None while it does not act."""
    owner: Owner = field(
        default_factory=lambda: Owner(socket.gethostname(), os.getpid(), uuid.uuid4().hex[:8])
    )

    @cached_property
    def database(self) -> Database:
        """The database, migrated to the present schema."""
        url = self.settings.database_url.get_secret_value()
        _make_folder(url)
        upgrade(url)
        database = open_database(url)
        with database.write() as tx:
            freed = free_dead(tx, lambda owner: is_dead(owner, self.owner, _is_alive))
        if freed:
            log.info("freed_after_crash", freed=freed)
        return database

    @cached_property
    def crawler(self) -> CrawlProcesses:
        """Starts crawl processes."""
        return CrawlProcesses(CRAWL_COMMAND, limits=CrawlLimits(), keep_warm=self.keep_crawler_warm)

    @cached_property
    def context(self) -> Context:
        """What jobs are given. Registers the configured sources in the database."""
        configured, channels = build_channels(self.settings, self.environ)
        settings = self.settings.model_copy(update={"channels": configured})
        plans = source_plans(self.settings, self.environ)
        with self.database.write() as tx:
            queue.sync_sources(tx, list(plans.values()), now=self.clock())
        return Context(
            database=self.database,
            clock=self.clock,
            owner=str(self.owner),
            engine=engine_loader(self.settings, self.environ),
            channels=channels,
            policy=policy_from(settings, self.clock()),
            delivery=delivery_policy(self.settings),
            sources=plans,
            network=network_policy(self.settings),
            crawl=self.crawler.run,
            crawl_lease_s=CRAWL_LEASE_S,
            link=self.link,
            fault=faults.from_environment(self.environ),
        )

    @cached_property
    def desk(self) -> Desk:
        """What people may do with tasks."""
        return Desk(self.database, self.clock, self.context.policy.channels)

    def link(self, task_id: int) -> str:
        """Return the address of a task's page."""
        return f"{self.settings.base_url}/tasks/{task_id}"

    def close(self) -> None:
        """End crawls, free the engine, the channels and the database connections."""
        parts = vars(self)
        if "crawler" in parts:
            self.crawler.close()
        if "context" in parts:
            for channel in self.context.channels.values():
                channel.close()
        if "database" in parts:
            self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def build(settings: Settings, environ: Mapping[str, str], **parts: object) -> App:
    """Return the application for these settings; nothing is opened yet.

    `parts` replace what `App` would take by default (clock, keep_crawler_warm, owner).
    """
    return App(settings, environ, **parts)  # type: ignore[arg-type]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _make_folder(url: str) -> None:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
