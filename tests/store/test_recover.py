from __future__ import annotations

from sqlalchemy import select

from monitor.domain.crawl import SourcePlan
from monitor.store import queue
from monitor.store.recover import free_dead, renew_sources
from monitor.store.tables import sources

PLAN = SourcePlan(name="shop", kind="feed", brand="Aurora")


def test_what_the_dead_held_is_free_at_once_and_nothing_else(database, clock) -> None:
    with database.write() as tx:
        queue.sync_sources(tx, [PLAN], now=clock())
        queue.claim_sources(tx, owner="dead:1", now=clock(), lease_s=300)
        queue.take_lease(tx, "leader", "dead", now=clock(), seconds=300)
        queue.take_lease(tx, "sender:care", "alive", now=clock(), seconds=300)
        queue.take_lease(tx, "pause:care", "dead reason", now=clock(), seconds=300)
        freed = free_dead(tx, lambda owner: owner.startswith("dead"))
        assert sorted(freed) == ["leader", "source shop"]
        assert queue.claim_sources(tx, owner="me", now=clock(), lease_s=60) == ["shop"]
        assert not queue.take_lease(tx, "sender:care", "me", now=clock(), seconds=1)


def test_a_lease_is_prolonged_for_its_owner_only(database, clock) -> None:
    with database.write() as tx:
        queue.sync_sources(tx, [PLAN], now=clock())
        queue.claim_sources(tx, owner="me", now=clock(), lease_s=30)
        before = tx.execute(select(sources.c.lease_until)).scalar_one()
        assert renew_sources(tx, "other", now=clock(), lease_s=90) == 0
        assert renew_sources(tx, "me", now=clock(), lease_s=90) == 1
        assert tx.execute(select(sources.c.lease_until)).scalar_one() > before
