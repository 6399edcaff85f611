"""Runs the sample site by itself: `python -m monitor.demo --port 8081`.

With `--items` and `--rate` it publishes that many marked posts at that rate instead of the
authored story, and writes each to the ledger before it can be seen.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from monitor.demo.site import SEED, start
from monitor.demo.texts import PLACES, load
from monitor.demo.timeline import Post, stream


def main(arguments: list[str]) -> int:
    """Serve until SIGINT or SIGTERM. The first line of output is the address."""
    options = _parser().parse_args(arguments)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: done.set())
    site = start(options.port, seed=options.seed, posts=_posts(options), ledger=options.ledger)
    sys.stdout.write(f"{site.url}\n")
    sys.stdout.flush()
    done.wait()
    site.stop()
    return 0


def _posts(options: argparse.Namespace) -> tuple[Post, ...] | None:
    if options.items is None:
        return None
    return stream(
        load(), options.seed, items=options.items, rate=options.rate, places=options.places
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m monitor.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on loopback; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=SEED, help="another seed tells another story")
    parser.add_argument("--items", type=int, help="publish this many marked posts instead")
    parser.add_argument("--rate", type=float, default=10.0, help="posts a second (with --items)")
    parser.add_argument("--places", nargs="+", choices=PLACES, default=["shop", "blog", "forum"])
    parser.add_argument("--ledger", type=Path, help="write every published post to this file")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
