"""The whole product in one process tree: clock, crawl processes and pages, until a signal comes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import structlog
import uvicorn

from monitor.bootstrap.app import App
from monitor.bootstrap.clockwork import metronome
from monitor.scheduler import Metronome

log = structlog.get_logger("earshot.service")

STOP_WITHIN_S = 8.0
"""How long a stop waits for work in progress. Every step survives being cut off."""


@dataclass(slots=True)
class Service:
    """Runs an application until SIGINT or SIGTERM. `pages` is the ASGI application, if wanted."""

    app: App
    pages: Any | None = None
    scheduler: bool = True
    on_ready: Callable[[], None] = lambda: None
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Start everything, call `on_ready`, wait for a signal, stop everything."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        clock = metronome(self.app) if self.scheduler else None
        server = self._start_pages()
        if clock is not None:
            clock.start()
        self.on_ready()
        self._stop.wait()
        self._shut_down(clock, server)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._stop.is_set():
            os._exit(128 + number)  # the second signal means: now
        self._stop.set()

    def _start_pages(self) -> tuple[uvicorn.Server, threading.Thread] | None:
        if self.pages is None:
            return None
        web = self.app.settings.web
        config = uvicorn.Config(
            self.pages,
            host=web.host,
            port=web.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        server = _Quiet(config)
        thread = threading.Thread(target=server.run, name="pages", daemon=True)
        thread.start()
        while thread.is_alive() and not server.started:
            thread.join(0.05)
        if not server.started:
            raise OSError(f"cannot listen on {web.host}:{web.port}")
        return server, thread

    def _shut_down(
        self, clock: Metronome | None, pages: tuple[uvicorn.Server, threading.Thread] | None
    ) -> None:
        log.info("stopping")
        if pages is not None:
            pages[0].should_exit = True
        stopper = threading.Thread(target=self._finish_work, args=(clock,), daemon=True)
        stopper.start()
        stopper.join(STOP_WITHIN_S)
        if stopper.is_alive():
            log.warning("stopped_while_working")
            os._exit(0)  # a thread waits for somebody else; the rows know what to do next time
        if pages is not None:
            pages[1].join(1)
        log.info("stopped")

    def _finish_work(self, clock: Metronome | None) -> None:
        if clock is not None:
            clock.begin_stop()
        self.app.crawler.close()
        if clock is not None:
            clock.stop()
        self.app.close()


class _Quiet(uvicorn.Server):
    """A server in a thread: signals belong to the main thread."""

    def install_signal_handlers(self) -> None:
        """Leave them alone."""
