"""Reads one source from its first page to its last: fetch, parse, save, follow.

The cursor and what is known about an address are saved in the transaction of the items they stand
for, so a crash at any moment costs at most a page that is read again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from monitor.domain.crawl import CrawlOutcome, Json, NetworkPolicy, Saved, SourcePlan, SourceState
from monitor.domain.errors import SourceChanged, SourceError, SourceRefused
from monitor.domain.faults import Fault
from monitor.domain.ports import Clock
from spiders import health
from spiders.network import conditional
from spiders.network.waiting import judge
from spiders.port import Ask, Meta, Page, Source, load_source
from spiders.sinks import Sink
from spiders.text.values import fingerprint

LONGEST_RUN_S = 300.0
DULL_PAGES = 5
"""So many pages in a row without a new item end a chain of pages of unknown length."""
ITEMS_BEFORE = "_items"
_LARGE = 256 * 1024

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer as it came. Header names are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


Fetch = Callable[[str, Mapping[str, str]], Awaitable[Fetched]]
"""Reads one address with extra headers. Raises SourceError."""
Report = Callable[[str, str, Mapping[str, object]], None]
"""Told the event, the source and facts that are fit for a log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all crawls of a process share."""

    sink: Sink
    writer: Executor
    """One thread: the sink is used from nowhere else."""
    owner: str
    network: NetworkPolicy
    clock: Clock
    fault: Fault
    report: Report


@dataclass(frozen=True, slots=True)
class _Step:
    ask: Ask
    dull: int = 0


@dataclass(slots=True, kw_only=True)
class _Run:
    """What one run knows and moves on."""

    source: Source[BaseModel]
    options: BaseModel
    fetch: Fetch
    cursor: Json
    validators: Json
    seal: str
    visited: set[tuple[str, str]] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)

    @property
    def items_before(self) -> int:
        return int(self.cursor.get(ITEMS_BEFORE, 0))

    @property
    def source_cursor(self) -> Json:
        return {key: value for key, value in self.cursor.items() if key != ITEMS_BEFORE}


class SourceCrawl:
    """One run over one source. `outcome` stays None while it goes on, or when it was cancelled."""

    def __init__(self, plan: SourcePlan, around: Surroundings) -> None:
        self.plan, self._around = plan, around
        self.tally = health.Tally()
        self.outcome: CrawlOutcome | None = None
        self.fault: Exception | None = None
        """Set from outside where the run ended by a fault of ours or a lost lease."""
        self.official = False
        self._queue: deque[_Step] = deque()
        self._started = around.clock()

    async def run(self, fetch: Fetch) -> None:
        """Read everything and set `outcome`. Raises LeaseLost and faults of the store."""
        try:
            source, options = self._prepare()
            run = await self._recall(source, options, fetch)
            before = run.items_before
            self._queue.extend(map(_Step, source.start(self.plan, options, run.source_cursor)))
            while self._queue and not self._is_over():
                await self._read(self._queue.popleft(), run)
        except SourceError as error:
            self.outcome = health.failed(self.tally, error)
        else:
            self.outcome = health.finished(
                self.tally, items_before=before, empty_is_odd=source.EMPTY_IS_ODD
            )

    def _prepare(self) -> tuple[Source[BaseModel], BaseModel]:
        source = load_source(self.plan.kind)
        try:
            options = source.Options.model_validate(dict(self.plan.options))
        except ValidationError as error:
            key = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise SourceRefused(f'the option "{key}" of this source is not valid') from None
        self.official = source.API
        return source, options

    async def _recall(self, source: Source[BaseModel], options: BaseModel, fetch: Fetch) -> _Run:
        plan = self.plan
        state: SourceState = await self._write(
            self._around.sink.load, plan.name, self._around.owner
        )
        return _Run(
            source=source,
            options=options,
            fetch=fetch,
            cursor=state.cursor,
            validators=state.validators,
            seal=conditional.seal(plan.kind, plan.brand, plan.url, sorted(plan.options.items())),
        )

    def _is_over(self) -> bool:
        """End a run that has taken its share; what is left is named, not hidden."""
        limit = self._around.network.max_pages
        if self.tally.pages >= limit:
            self.tally.note(f"stopped after {limit} pages: older items may be missing")
            return True
        if (self._around.clock() - self._started).total_seconds() > LONGEST_RUN_S:
            self.tally.note(f"stopped after {LONGEST_RUN_S:g} seconds: older items may be missing")
            return True
        return False

    async def _read(self, step: _Step, run: _Run) -> None:
        ask = step.ask
        if (ask.url, ask.role) in run.visited:
            return
        run.visited.add((ask.url, ask.role))
        known = run.validators.get(ask.url) if ask.conditional else None
        answer = await run.fetch(ask.url, conditional.request_headers(known, run.seal))
        self._around.fault("crawl.fetched")
        judge(answer.status, answer.headers, self._around.clock())
        self.tally.pages += 1
        if known and conditional.unchanged(known, run.seal, answer.status, answer.body):
            self.tally.not_modified += 1
            return
        await self._keep(await self._parse(answer, ask, run), answer, step, run)

    async def _parse(self, answer: Fetched, ask: Ask, run: _Run) -> Page:
        meta = Meta(
            url=answer.url,
            options=run.options,
            now=self._around.clock(),
            role=ask.role,
            headers=answer.headers,
            state=ask.state,
            cursor=run.source_cursor,
        )
        try:
            if len(answer.body) < _LARGE:
                return run.source.parse(answer.body, meta)
            # A large page must not hold up the other crawls of this process.
            return await asyncio.to_thread(run.source.parse, answer.body, meta)
        except (RecursionError, MemoryError):
            raise SourceChanged("the answer is nested too deeply to be read") from None

    async def _keep(self, page: Page, answer: Fetched, step: _Step, run: _Run) -> None:
        self.tally.items += len(page.items)
        self.tally.quarantined += len(page.faults)
        self.tally.not_modified += page.unchanged
        self.tally.note(page.note)
        cursor = self._next_cursor(page, run)
        saved = await self._save(page, cursor, _next_validators(page, answer, step.ask, run))
        run.cursor = run.cursor if cursor is None else cursor
        self.tally.saved += saved
        counts = {"pages": self.tally.pages, "items": self.tally.items}
        self._around.report("progress", self.plan.name, counts)
        self._follow(page, step, saved, run)

    async def _save(self, page: Page, cursor: Json | None, validators: Json | None) -> Saved:
        around = self._around
        saved = Saved()
        around.fault("crawl.before_save")
        if page.faults:
            # Before the rest: once the page is remembered as read, it may not be parsed again.
            await self._write(around.sink.quarantine, self.plan.name, page.faults)
        if page.items or cursor is not None or validators is not None:
            saved = await self._write(
                lambda: around.sink.save_page(
                    self.plan, around.owner, page.items, cursor=cursor, validators=validators
                )
            )
        around.fault("crawl.saved")
        return saved

    def _next_cursor(self, page: Page, run: _Run) -> Json | None:
        """Add our own count of items, by which the next run notices that a page fell silent."""
        if page.cursor is None and not page.items:
            return None
        base = run.cursor if page.cursor is None else page.cursor
        cursor = {**base, ITEMS_BEFORE: self.tally.items or run.items_before}
        return None if cursor == run.cursor else cursor

    def _follow(self, page: Page, step: _Step, saved: Saved, run: _Run) -> None:
        """Queue the pages that follow; a chain of unknown length ends where it gets dull.

        New is what is new by its id and by its text: some sites give old items new ids.
        """
        texts = {fingerprint(item.author, item.text) for item in page.items}
        told = bool(texts - run.texts)
        run.texts |= texts
        changed = saved.new + saved.edited > 0
        dull = 0 if changed and told else step.dull + 1
        if dull >= DULL_PAGES and changed:
            self.tally.note("the same items come back under new addresses: stopped")
        self._queue.extend(
            _Step(ask, dull) for ask in page.next if ask.bounded or dull < DULL_PAGES
        )

    async def _write(self, call: Callable[..., _T], *args: Any) -> _T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._around.writer, call, *args)


def _next_validators(page: Page, answer: Fetched, ask: Ask, run: _Run) -> Json | None:
    # An empty page is read again in full: its emptiness may be the fault. So is one that leads
    # to others, because only its text says where they are.
    if not ask.conditional or not page.items or page.next:
        return None
    entry = conditional.remember(answer.headers, answer.body, run.seal)
    return {ask.url: entry}


def finished_facts(outcome: CrawlOutcome) -> dict[str, object]:
    """Return the outcome as plain values for a log line."""
    return {key: value for key, value in asdict(outcome).items() if value is not None}
