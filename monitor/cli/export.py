"""Write mentions or tasks as JSON lines or CSV, to a file or standard output.

CSV cells that a spreadsheet program could run as a formula get a leading apostrophe.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO

import typer

from monitor.bootstrap import App
from monitor.cli._opened import opened
from monitor.cli._show import progress
from monitor.domain.errors import ConfigError
from monitor.domain.types import TaskState
from monitor.render.records import MENTION_FIELDS, mention_record, task_record
from monitor.render.spreadsheet import formula_safe
from monitor.store.browse import MentionFilter, list_mentions
from monitor.store.views import InboxFilter, inbox

_PAGE = 1000
_TASK_COLUMNS = (
    "id",
    "state",
    "priority",
    "points",
    "due_at",
    "owner",
    "brand",
    "lang",
    "created_at",
    "hold_reason",
    "hold_until",
    "close_reason",
    "sentiment",
)
Record = Mapping[str, Any]


class What(StrEnum):
    """What can be exported."""

    MENTIONS = "mentions"
    TASKS = "tasks"


def command(
    ctx: typer.Context,
    what: Annotated[What, typer.Argument(help="What to write.")] = What.MENTIONS,
    *,
    form: Annotated[Literal["jsonl", "csv"], typer.Option("--format", help="How.")] = "jsonl",
    out: Annotated[Path | None, typer.Option(help="File; standard output without.")] = None,
    brand: Annotated[str, typer.Option(help="Only this brand.")] = "",
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
) -> None:
    """Write everything page by page; memory stays bounded."""
    with opened(ctx) as app, _target(out) as stream:
        read = _mentions if what is What.MENTIONS else _tasks
        write = _write_csv if form == "csv" else _write_lines
        write(stream, read(app, brand, source), _columns(what))


def _columns(what: What) -> tuple[str, ...]:
    own = _TASK_COLUMNS if what is What.TASKS else ()
    return (*own, *(field for field in MENTION_FIELDS if field not in own))


@contextmanager
def _target(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    try:
        stream = out.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigError([f"{out}: cannot be written: {error.strerror}"]) from None
    with stream:
        yield stream


def _mentions(app: App, brand: str, source: str) -> Iterator[Record]:
    last = 0
    while True:
        wanted = MentionFilter(after=last, brand=brand, source=source)
        with app.database.read() as tx:
            page = list_mentions(tx, wanted, limit=_PAGE)
        if not page:
            return
        yield from map(mention_record, page)
        last = page[-1].id


def _tasks(app: App, brand: str, source: str) -> Iterator[Record]:
    wanted = InboxFilter(states=frozenset(TaskState), brand=brand, source=source)
    seen = 0
    while True:
        with app.database.read() as tx:
            page = inbox(tx, wanted, limit=_PAGE, offset=seen)
        if not page:
            return
        yield from map(task_record, page)
        seen += len(page)


def _write_lines(stream: TextIO, records: Iterator[Record], _columns: tuple[str, ...]) -> None:
    with progress("Exporting", None) as show:
        for number, record in enumerate(records, start=1):
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")
            show(number)


def _write_csv(stream: TextIO, records: Iterator[Record], columns: tuple[str, ...]) -> None:
    writer = csv.writer(stream)
    writer.writerow(columns)
    with progress("Exporting", None) as show:
        for number, record in enumerate(records, start=1):
            flat = {**record.get("mention", {}), **record}
            writer.writerow([formula_safe(flat.get(column)) for column in columns])
            show(number)
