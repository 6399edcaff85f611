"""Collect, score and deliver in a row, again and again, until killed: the loop, no clock."""

from __future__ import annotations

import os
import time

from monitor.bootstrap import App
from monitor.jobs import collect, deliver, score
from monitor.settings import load


def main() -> None:
    with App(load(os.environ), os.environ) as app:
        ctx = app.context
        while True:
            collect.run(ctx, names=list(ctx.sources), due_only=False)
            score.run(ctx)
            deliver.run(ctx)
            time.sleep(0.2)


if __name__ == "__main__":
    main()
