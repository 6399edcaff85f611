from __future__ import annotations

from monitor.domain.crawl import CrawlPlan, NetworkPolicy, SourcePlan


def test_a_plan_survives_the_way_to_the_crawl_process() -> None:
    source = SourcePlan(
        name="fórums", kind="feed", brand="白鹿", url="https://x.example/é", options={"pages": 2}
    )
    network = NetworkPolicy(contact="https://bot.example", allow=("127.0.0.1:1",))
    plan = CrawlPlan(database_url="sqlite:///x", owner="o", sources=(source,), network=network)
    assert CrawlPlan.from_json(plan.to_json()) == plan
