"""The console: alerts as readable cards on standard output, on a terminal or in a log."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field
from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from alerts.compose import Card, compose
from alerts.no_history import NoHistory
from alerts.options import ChannelOptions, read_options
from monitor.domain.errors import DeliveryDelayed
from monitor.domain.types import Alert, Priority, Receipt

_COLOURS = {
    Priority.P1: "red",
    Priority.P2: "dark_orange",
    Priority.P3: "yellow",
    Priority.P4: "bright_black",
}
_DONE = "green"


class Options(ChannelOptions):
    """Keys of the kind `console`."""

    width: Annotated[int, Field(ge=40, le=200)] = 100
    """Widest card, in columns; a narrower terminal makes it narrower."""


def build(options: Mapping[str, object]) -> ConsoleChannel:
    """Build the channel. Raises ConfigError."""
    return ConsoleChannel(read_options(Options, "console", options))


class ConsoleChannel(NoHistory):
    """Prints cards. What was printed cannot be changed, so a change is printed as a new card."""

    def __init__(self, options: Options) -> None:
        self._width = options.width
        self._style = options.style

    @property
    def can_update(self) -> bool:
        """A change is shown, as one more card."""
        return True

    def send(self, alert: Alert) -> Receipt:
        """Print the card."""
        self._print(compose(alert, self._style))
        return Receipt(alert.key)

    def update(self, alert: Alert, receipt: Receipt) -> Receipt:
        """Print the card as it is now."""
        self._print(compose(alert, self._style))
        return receipt

    def close(self) -> None:
        """Leave standard output open: it is not ours."""

    def _print(self, card: Card) -> None:
        out = sys.stdout
        colour = out.isatty()
        width = min(self._width, Console(file=out).width) if colour else self._width
        page = io.StringIO()
        console = Console(
            file=page, width=width, force_terminal=colour, color_system="auto", emoji=False
        )
        console.print(_panel(card))
        try:
            encoding = out.encoding or "utf-8"
            out.write(page.getvalue().encode(encoding, "replace").decode(encoding))
            out.flush()
        except (OSError, ValueError) as error:
            raise DeliveryDelayed(f"standard output: {type(error).__name__}") from None


def _panel(card: Card) -> Panel:
    colour = _DONE if card.done else _COLOURS[card.priority]
    lines = [Text(text, style=style) for text, style in _lines(card) if text]
    title = Text(card.header, style=f"bold {colour}")
    return Panel(Group(*lines), title=title, title_align="left", border_style=colour)


def _lines(card: Card) -> list[tuple[str, str]]:
    links = [(f"{link.label}: {link.url}", "blue") for link in card.links]
    if card.done:
        return [(card.origin, "bold"), (card.state, ""), (card.note, "italic"), *links]
    return [
        (card.origin, "bold"),
        (" · ".join(part for part in (card.author, card.times) if part), "dim"),
        (card.state, "cyan"),
        (card.title, "bold"),
        (card.text, ""),
        (card.note, "italic"),
        (f"{card.why_label}: {' · '.join(card.why)}" if card.why else "", ""),
        (" · ".join(part for part in (card.mood, card.similar) if part), "dim"),
        *links,
    ]
