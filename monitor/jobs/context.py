"""What every job is given. Built once by the composition root; a job asks for nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.domain.crawl import CrawlPlan, NetworkPolicy, SourcePlan
from monitor.domain.delivery import DeliveryPolicy
from monitor.domain.faults import Fault, no_fault
from monitor.domain.policy import Policy
from monitor.domain.ports import Channel, Clock, Engine
from monitor.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The surroundings of a job."""

    database: Database
    clock: Clock
    owner: str
    """Unique id of this process, written into leases."""
    engine: Callable[[], Engine]
    """Returns the engine, loading it on first use. Raises EngineError."""
    channels: Mapping[str, Channel]
    """By configured name."""
    policy: Policy
    delivery: DeliveryPolicy
    sources: Mapping[str, SourcePlan]
    """By name, as configured."""
    network: NetworkPolicy
    crawl: Callable[[CrawlPlan], int]
    """Runs a crawl process to its end and returns its exit code; negative: killed by a signal."""
    crawl_lease_s: float
    """How long a claimed source belongs to one crawl; longer than a crawl may take."""
    link: Callable[[int], str]
    """Task id -> address of its page."""
    fault: Fault = no_fault
