"""Runs the sources of one plan in this process: one Scrapy crawler each, several at a time."""

from __future__ import annotations

import asyncio
import logging
import signal
import traceback
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from monitor.domain.crawl import SourcePlan
from monitor.domain.errors import LeaseLost, SourceRefused
from spiders import health
from spiders.crawl import Fetched, SourceCrawl, Surroundings, finished_facts
from spiders.network.failures import explain
from spiders.network.robots import SKIP
from spiders.settings import scrapy_settings

if TYPE_CHECKING:
    from scrapy.http import Response

AT_ONCE = 16


class SourceSpider(Spider):  # type: ignore[misc]  # Scrapy is not checked here
    """Lends Scrapy's downloader, and so its limits and our middlewares, to one source crawl."""

    name = "earshot"

    def __init__(self, reading: SourceCrawl, around: Surroundings) -> None:
        super().__init__()
        self._reading, self._around = reading, around

    async def start(self) -> AsyncIterator[Any]:
        """Run the crawl; no request is left for Scrapy to schedule.

        A fault is kept for `CrawlProcess`: Scrapy would log it and call it a normal end.
        """
        try:
            await self._reading.run(self._fetch)
        except Exception as fault:  # noqa: BLE001 - the loop edge of one source
            self._reading.fault = fault
        nothing: tuple[Any, ...] = ()
        for request in nothing:
            yield request

    async def _fetch(self, url: str, headers: Mapping[str, str]) -> Fetched:
        meta = {SKIP: self._reading.official}
        try:
            request = Request(
                url, headers={"Accept": "*/*", **headers}, meta=meta, dont_filter=True
            )
        except ValueError:
            raise SourceRefused("the address cannot be read as a URL") from None
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:
            raise explain(error, url, self._around.network) from error
        return _as_fetched(response)


def _as_fetched(response: Response) -> Fetched:
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    return Fetched(
        url=response.url, status=response.status, headers=headers, body=bytes(response.body)
    )


class CrawlProcess:
    """One process, one plan, run once."""

    def __init__(self, sources: tuple[SourcePlan, ...], around: Surroundings) -> None:
        self._sources, self._around = sources, around
        self._scrapy = _quiet_process(scrapy_settings(around.network))
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._hosts: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._stopping = False
        self._broken = False

    def run(self) -> bool:
        """Crawl everything and return True when every outcome could be recorded.

        The first SIGTERM or SIGINT ends all crawls and records them as stopped.
        """
        loop = asyncio.get_event_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        task = loop.create_task(self._run_all())
        self._scrapy.start(stop_after_crawl=False, install_signal_handlers=False)
        return task.done() and not task.cancelled() and not self._broken

    async def _run_all(self) -> None:
        from twisted.internet import reactor  # noqa: PLC0415 - installed by the process before

        try:
            await asyncio.gather(*map(self._run_one, self._sources))
        finally:
            reactor.callLater(0, reactor.stop)

    def _stop(self) -> None:
        self._stopping = True
        for crawler in tuple(self._scrapy.crawlers):
            asyncio.ensure_future(crawler.stop_async())  # noqa: RUF006 - the crawler's task waits

    async def _run_one(self, plan: SourcePlan) -> None:
        """Crawl one source. Nothing that happens here may reach the other sources."""
        async with self._hosts[_host(plan)], self._slots:
            reading = SourceCrawl(plan, self._around)
            try:
                if not self._stopping:
                    await self._scrapy.crawl(
                        Crawler(SourceSpider, self._scrapy.settings), reading, self._around
                    )
                await self._finish(reading)
            except LeaseLost:
                self._around.report("crawl.lease_lost", plan.name, {})
            except Exception as error:  # noqa: BLE001 - the loop edge: the others go on
                self._broken = True
                self._around.report("crawl.not_recorded", plan.name, {"trace": _trace(error)})

    async def _finish(self, reading: SourceCrawl) -> None:
        around = self._around
        if isinstance(reading.fault, LeaseLost):
            raise reading.fault
        outcome = reading.outcome or health.stopped(reading.tally)
        if reading.fault is not None:
            outcome = health.own_fault(reading.tally, reading.fault)
            around.report("crawl.fault", reading.plan.name, {"trace": _trace(reading.fault)})
        around.fault("crawl.before_finish")
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(
            around.writer, around.sink.finish, reading.plan, around.owner, outcome
        )
        around.fault("crawl.finished")
        around.report("crawl.finished", reading.plan.name, finished_facts(outcome))


def _quiet_process(settings: dict[str, Any]) -> AsyncCrawlerProcess:
    """Return a Scrapy process that says nothing.

    Its lines quote addresses, which may hold keys; what matters in them is in the outcome. While
    it is made it sets its own level to DEBUG and greets, so there is silence for that moment.
    """
    logging.disable(logging.CRITICAL)
    try:
        process = AsyncCrawlerProcess(settings, install_root_handler=False)
    finally:
        logging.disable(logging.NOTSET)
    logging.getLogger("scrapy").setLevel(logging.CRITICAL)
    return process


def _trace(error: BaseException) -> str:
    """Return where it happened without what was in it: messages may quote a page."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    return f"{type(error).__name__} at {' > '.join(places)}"


def _host(plan: SourcePlan) -> str:
    address = plan.url or str(plan.options.get("base_url", "")) or plan.name
    return urlsplit(address).netloc.lower() or plan.name
