"""Shows how a crawl goes on: the crawl process writes to the database, so that is where to look."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from monitor.bootstrap import App
from monitor.cli._show import progress
from monitor.domain.errors import StoreUnavailable
from monitor.store.views import source_states

_EVERY_S = 0.5


@contextmanager
def watched(app: App, names: Collection[str]) -> Iterator[None]:
    """Show a bar of finished sources on a terminal while the block runs."""
    if not sys.stderr.isatty():
        yield
        return
    done = threading.Event()
    with progress("Crawling", len(names)) as show:
        watcher = threading.Thread(target=_watch, args=(app, names, done, show), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _watch(
    app: App, names: Collection[str], done: threading.Event, show: Callable[[int], None]
) -> None:
    started = app.clock()
    while not done.wait(_EVERY_S):
        try:
            with app.database.read() as tx:
                states = source_states(tx, now=app.clock())
        except StoreUnavailable:
            continue
        show(
            sum(
                state.name in names
                and not state.running
                and state.last_started is not None
                and state.last_started >= started
                for state in states
            )
        )
