"""Earshot without its look-up: what may have been accepted is posted again at once.

The control of the kill test. Everything else is the product as it is.
"""

from __future__ import annotations

import os
from datetime import datetime

from monitor.bootstrap import App
from monitor.bootstrap.service import Service
from monitor.domain.ports import Channel
from monitor.domain.types import Alert, Receipt
from monitor.settings import load


class Forgetful:
    """A channel that always says: not there."""

    can_update = True
    can_find = True

    def __init__(self, channel: Channel) -> None:
        self._channel = channel

    def send(self, alert: Alert) -> Receipt:
        return self._channel.send(alert)

    def update(self, alert: Alert, receipt: Receipt) -> Receipt:
        return self._channel.update(alert, receipt)

    def find(self, key: str, since: datetime) -> Receipt | None:
        return None

    def close(self) -> None:
        self._channel.close()


def main() -> None:
    app = App(load(os.environ), os.environ)
    channels = app.context.channels
    assert isinstance(channels, dict)
    for name, channel in list(channels.items()):
        channels[name] = Forgetful(channel)
    Service(app).run()


if __name__ == "__main__":
    main()
