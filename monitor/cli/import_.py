"""Store mentions from a CSV, JSONL or XLSX file; running it again changes nothing.

Columns are guessed from their headers (English, German, Hungarian, Latvian, Chinese) and can be
said: --map text=Comment --map rating=Stars. Rows that cannot be used go to FILE.rejects.csv with
the reason, and the exit code is 1 then.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal, Self, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from monitor.bootstrap import App
from monitor.cli._import.columns import choose
from monitor.cli._import.items import Reader
from monitor.cli._import.rows import Row, Table, open_table
from monitor.cli._opened import opened
from monitor.cli._show import JsonFlag, as_facts, as_json, progress
from monitor.domain.crawl import Saved
from monitor.domain.errors import BadItem, ConfigError
from monitor.domain.types import Found, Kind
from monitor.render.spreadsheet import formula_safe
from monitor.settings import Settings
from monitor.store.intake import Intake

_PAGE = 500


def command(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV, JSONL or XLSX file.")],
    *,
    columns: Annotated[
        list[str] | None, typer.Option("--map", help="field=COLUMN; repeat for more.")
    ] = None,
    brand: Annotated[str, typer.Option(help="Brand; needed if several are configured.")] = "",
    source: Annotated[str, typer.Option(help="Source name; the file's name by default.")] = "",
    baseline: Annotated[
        bool, typer.Option("--baseline/--alert", help="Old news alert nobody, or open tasks.")
    ] = True,
    kind: Annotated[Kind, typer.Option(help="What the rows are.")] = Kind.REVIEW,
    scale: Annotated[float, typer.Option(min=1, help="Best possible rating.")] = 5.0,
    dates: Annotated[Literal["dmy", "mdy"], typer.Option(help="Order in 03/04/2026.")] = "dmy",
    zone: Annotated[str, typer.Option(help="Time zone of dates without one.")] = "UTC",
    encoding: Annotated[str, typer.Option(help="Encoding; found out by default.")] = "",
    json: JsonFlag = False,
) -> None:
    """Import and report."""
    _check_zone(zone)
    table = open_table(file, encoding)
    chosen = choose(table.headers, columns or [])
    reader = Reader(columns=chosen, kind=kind, scale=scale, order=dates, zone=zone)
    rejects = Rejects(file.with_name(f"{file.name}.rejects.csv"), table.headers)
    with opened(ctx) as app, rejects, closing(table):
        name = _brand(app.settings, brand)
        saved = _store(app, table, reader, rejects, source or file.stem, name, baseline=baseline)
    facts = _facts(saved, reader, rejects, table)
    if json:
        as_json({**facts, "columns": chosen})
    else:
        as_facts({**facts, "columns": ", ".join(f"{k}={v}" for k, v in chosen.items())})
    raise typer.Exit(1 if rejects.count else 0)


class Rejects:
    """A CSV file of refused rows, to be mended and imported again; only made when there is one."""

    def __init__(self, path: Path, headers: Sequence[str]) -> None:
        self.path = path
        self.count = 0
        self._headers = headers
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def add(self, row: Row, reason: str) -> None:
        """Write line number, reason and the cells as they were."""
        if self._stream is None:
            self._stream = self.path.open(
                "w", encoding="utf-8-sig", errors="backslashreplace", newline=""
            )
            csv.writer(self._stream).writerow(["line", "reason", *self._headers])
        cells = [row.cells.get(header) for header in self._headers]
        csv.writer(self._stream).writerow([row.line, reason, *map(formula_safe, cells)])
        self.count += 1


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            [f'--zone {zone}: no such time zone; names look like "Europe/Riga".']
        ) from None


def _brand(settings: Settings, said: str) -> str:
    names = [brand.name for brand in settings.brands]
    if said and (said in names or not names):
        return said
    if not said and len(names) == 1:
        return names[0]
    known = ", ".join(names) or "none configured"
    raise ConfigError([f"Say whose mentions these are with --brand; there are: {known}."])


def _store(  # noqa: PLR0917 - one call with everything it has at hand
    app: App,
    table: Table,
    reader: Reader,
    rejects: Rejects,
    source: str,
    brand: str,
    *,
    baseline: bool,
) -> Saved:
    intake = Intake(app.database, app.clock)
    saved = Saved()
    with progress("Importing", table.total) as show:
        items = _items(table.rows, reader, rejects, show)
        while page := list(islice(items, _PAGE)):
            saved += intake.import_items(source, brand, page, baseline=baseline)
    return saved


def _items(
    rows: Iterator[Row], reader: Reader, rejects: Rejects, show: Callable[[int], None]
) -> Iterator[Found]:
    for row in rows:
        try:
            yield reader.read(row)
        except BadItem as fault:
            rejects.add(row, fault.reason)
        show(row.done)


def _facts(saved: Saved, reader: Reader, rejects: Rejects, table: Table) -> dict[str, object]:
    return {
        "new": saved.new,
        "edited": saved.edited,
        "known": saved.known,
        "rejected": rejects.count,
        "rejects_file": str(rejects.path) if rejects.count else None,
        "dates_unread": reader.dates_unread,
        "ratings_unread": reader.ratings_unread,
        "encoding": table.encoding,
    }
