"""robots.txt by RFC 9309.

A missing file (4xx) allows everything; one that cannot be read (5xx, 429, no connection) forbids
everything for now; rules beyond 512 KiB are not read; a redirected file counts. Crawl-delay is
kept up to a cap. Files are remembered for the life of one crawl process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from monitor.domain.errors import SourceRefused, SourceUnavailable
from spiders.network.failures import explain

if TYPE_CHECKING:
    from asyncio import Task

    from protego import Protego
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from monitor.domain.crawl import NetworkPolicy

PRODUCT = "Earshot"
SKIP = "skip_robots"
_LIMIT = 512 * 1024
_LONGEST_DELAY_S = 30.0


@dataclass(frozen=True, slots=True)
class Rules:
    """What one host allows. `unreachable` says why the rules could not be read."""

    parsed: Protego | None = None
    unreachable: str = ""

    def check(self, url: str) -> None:
        """Raise SourceRefused where the rules forbid the page, SourceUnavailable without rules."""
        if self.unreachable:
            raise SourceUnavailable(f"robots.txt could not be read ({self.unreachable})")
        if self.parsed is not None and not self.parsed.can_fetch(url, PRODUCT):
            raise SourceRefused("robots.txt does not allow reading this page")

    def delay_s(self) -> float:
        """Return the pause the site asks for, in seconds, capped."""
        asked = self.parsed.crawl_delay(PRODUCT) if self.parsed is not None else None
        return min(max(asked or 0.0, 0.0), _LONGEST_DELAY_S)


def read_rules(status: int, body: bytes) -> Rules:
    """Turn the answer to a request for robots.txt into rules."""
    from protego import Protego  # noqa: PLC0415 - only crawls pay for it

    if status >= 500 or status == 429:  # noqa: PLR2004 - in trouble, or too many requests
        return Rules(unreachable=f"HTTP {status}")
    if not 200 <= status < 300:  # noqa: PLR2004 - HTTP success
        return Rules()
    text = body[:_LIMIT].decode("utf-8-sig", "ignore").replace("\x00", "")
    return Rules(parsed=Protego.parse(text))


class RobotsMiddleware:
    """Asks each host once and applies its rules to every request and redirect."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._known: dict[str, Task[Rules]] = crawler.settings["EARSHOT_ROBOTS"].known
        self._policy: NetworkPolicy = crawler.settings["EARSHOT_POLICY"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """Build as Scrapy asks."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise SourceRefused or SourceUnavailable where the page must not be read."""
        if request.meta.get(SKIP):
            return
        rules = await self._rules(request.url)
        rules.check(request.url)
        self._slow_down(request, rules.delay_s())

    async def _rules(self, url: str) -> Rules:
        import asyncio  # noqa: PLC0415 - the reactor must be installed before

        parts = urlsplit(url)
        root = f"{parts.scheme}://{parts.netloc}"
        if root not in self._known:
            self._known[root] = asyncio.ensure_future(self._fetch(f"{root}/robots.txt"))
        return await asyncio.shield(self._known[root])

    async def _fetch(self, url: str) -> Rules:
        from scrapy import Request  # noqa: PLC0415 - only crawls pay for it

        request = Request(url, meta={SKIP: True, "handle_httpstatus_list": []}, dont_filter=True)
        try:
            response: Response = await self._crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001 - whatever stops us, the file was not read
            return Rules(unreachable=explain(error, url, self._policy).reason)
        return read_rules(response.status, response.body)

    def _slow_down(self, request: Request, delay_s: float) -> None:
        """Apply the site's Crawl-delay to its download slot."""
        slots = self._crawler.engine.downloader.slots
        slot = slots.get(request.meta.get("download_slot", urlsplit(request.url).hostname))
        if slot is not None and slot.delay < delay_s:
            slot.delay = delay_s


class RobotsMemory:
    """The rules of every host seen by this process; shared by its crawls.

    A copy is the same object, because Scrapy copies its settings for each crawl.
    """

    def __init__(self) -> None:
        self.known: dict[str, Task[Rules]] = {}

    def __deepcopy__(self, memo: object) -> RobotsMemory:
        return self
