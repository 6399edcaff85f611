"""One crawl process: started, told its plan, watched, and ended when its time is up.

A reactor cannot be restarted and a hanging parser cannot be interrupted, so a crawl lives in a
process of its own. One process is kept warm: it has its imports done and waits for a plan, which
takes its start-up time out of the way of the next alert.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.domain.crawl import CrawlPlan

STOPPED = -int(signal.SIGTERM)
"""Exit code of a crawl that was asked to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlLimits:
    """How long a crawl process may live."""

    deadline_s: float = 300.0
    grace_s: float = 15.0
    """Between the polite signal and the other one."""


@dataclass(slots=True)
class CrawlProcesses:
    """Starts crawl processes; thread-safe.

    `command` is the argument list of a program that reads a CrawlPlan from standard input.
    """

    command: Sequence[str]
    limits: CrawlLimits = field(default_factory=CrawlLimits)
    environment: Mapping[str, str] = field(default_factory=dict)
    keep_warm: bool = False
    _spare: subprocess.Popen[str] | None = None
    _running: set[subprocess.Popen[str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False

    def run(self, plan: CrawlPlan) -> int:
        """Run a crawl to its end or to its deadline; return the exit code.

        A crawl that `close` ended, however it took that, returns STOPPED.
        """
        process = self._take()
        try:
            return self._finish(process, plan)
        finally:
            self._leave(process)

    def close(self) -> None:
        """End every crawl politely, then by force; start none any more."""
        with self._lock:
            self._closed = True
            processes = [*self._running, *([self._spare] if self._spare else [])]
            self._spare = None
        for process in processes:
            _signal_group(process, signal.SIGTERM)
        for process in processes:
            _wait_or_kill(process, self.limits.grace_s / 3)
            _close_input(process)

    def _take(self) -> subprocess.Popen[str]:
        with self._lock:
            process, self._spare = self._spare, None
            if process is None or process.poll() is not None:
                process = self._start()
            self._running.add(process)
        return process

    def _leave(self, process: subprocess.Popen[str]) -> None:
        """Start the next spare now that the crawl is over, so that it slows nothing down."""
        with self._lock:
            self._running.discard(process)
            if self.keep_warm and self._spare is None and not self._closed:
                self._spare = self._start()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module, no shell
            list(self.command),
            stdin=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
            env={**os.environ, **self.environment},
        )

    def _finish(self, process: subprocess.Popen[str], plan: CrawlPlan) -> int:
        try:
            process.communicate(plan.to_json(), timeout=self.limits.deadline_s)
        except subprocess.TimeoutExpired:
            _signal_group(process, signal.SIGTERM)
            _wait_or_kill(process, self.limits.grace_s)
        _close_input(process)
        return STOPPED if self._closed and process.returncode else process.returncode


def _wait_or_kill(process: subprocess.Popen[str], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        _signal_group(process, signal.SIGKILL)
        process.wait()


def _close_input(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def _signal_group(process: subprocess.Popen[str], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
