"""How commands show data: tables for people, JSON for programs, never raw control characters."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from monitor.logs import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JsonFlag = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def as_json(value: object) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def as_json_line(value: object) -> None:
    """Print one JSON object on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def as_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, wide: str = ""
) -> None:
    """Print a table; texts are shown as they are, without markup and without control characters.

    With `wide` only that column is broken into lines; the others keep theirs whole.
    """
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        box=SIMPLE,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=bool(wide) and column != wide)
    for row in rows:
        table.add_row(*(Text(escape(str(cell if cell is not None else "-"))) for cell in row))
    Console().print(table)


def as_facts(facts: Mapping[str, object]) -> None:
    """Print names and values under each other."""
    width = max(map(len, facts), default=0)
    for name, value in facts.items():
        typer.echo(f"{name:<{width}}  {escape(str(value if value is not None else '-'))}")


def problem(sentence: str) -> None:
    """Print a sentence on standard error."""
    typer.echo(escape(sentence), err=True)


def in_words(moment: datetime | None, now: datetime) -> str:
    """Say how far away a moment is: "in 2 h", "5 min ago"."""
    if moment is None:
        return "never"
    span = moment - now
    words = _span(abs(span))
    return f"in {words}" if span > timedelta() else f"{words} ago"


def _span(span: timedelta) -> str:
    seconds = span.total_seconds()
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def one_line(text: str, width: int) -> str:
    """Return the text on one line, cut at a word or character with an ellipsis."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else f"{flat[: width - 1]}…"


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal; yields a function to call with the number of things done.

    Without a terminal nothing is shown while it runs, so that logs stay readable.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True
    ) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)
