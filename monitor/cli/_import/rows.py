"""Rows of a file, one at a time: CSV with any usual delimiter, JSON lines, the first XLSX sheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from monitor.cli._import.encoding import SAMPLE_BYTES, detect
from monitor.domain.errors import ConfigError

_DELIMITERS = (",", ";", "\t", "|")
_LONGEST_CELL = 16 * 1024 * 1024
_SAMPLE_ROWS = 20
_BLIND_JSON_ROWS = 50
"""So many rows of a JSON lines file are read to learn its columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands, its cells by header, or why it cannot be read."""

    line: int
    cells: Mapping[str, Any]
    fault: str = ""
    done: int = 0
    """Bytes (or rows, for XLSX) read so far, for the progress bar."""


@dataclass(slots=True)
class Table:
    """A file opened for reading, to be closed. `total` is in the unit of `Row.done`."""

    headers: list[str]
    rows: Iterator[Row]
    total: int | None
    encoding: str
    close: Callable[[], None]


def open_table(path: Path, encoding: str = "") -> Table:
    """Open a file by its ending. Raises ConfigError when it cannot be read as that."""
    try:
        if path.suffix.lower() == ".xlsx":
            return _xlsx(path)
        if path.suffix.lower() in (".jsonl", ".ndjson"):
            return _jsonl(path, encoding)
        return _csv(path, encoding)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror or error}"]) from None
    except (LookupError, UnicodeError):
        raise ConfigError([f'{path}: cannot be read as "{encoding or "UTF-16"}"']) from None


def _text(path: Path, encoding: str) -> tuple[TextIO, str]:
    with path.open("rb") as sample:
        name = encoding or detect(sample.read(SAMPLE_BYTES))
    # Bytes that do not fit stay visible as surrogates, so that only their row is refused.
    errors = "replace" if name.startswith("utf-16") else "surrogateescape"
    return path.open(encoding=name, errors=errors, newline=""), name


def _csv(path: Path, encoding: str) -> Table:
    stream, name = _text(path, encoding)
    sample = stream.read(SAMPLE_BYTES)
    stream.seek(0)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(stream, delimiter=_delimiter(sample))
    headers = [header.strip() for header in next(reader, [])]
    return Table(
        headers, _csv_rows(reader, headers, stream), path.stat().st_size, name, stream.close
    )


def _delimiter(sample: str) -> str:
    """Return the delimiter that cuts the first rows into the most columns, the same in each."""
    return max(_DELIMITERS, key=lambda mark: _columns(sample, mark))


def _columns(sample: str, mark: str) -> int:
    try:
        rows = list(islice(csv.reader(io.StringIO(sample), delimiter=mark), _SAMPLE_ROWS))
    except csv.Error:
        return 0
    whole = [len(row) for row in rows[:-1] or rows if row]  # the last one may be cut off
    return min(whole, default=0)


def _csv_rows(reader: Any, headers: list[str], stream: TextIO) -> Iterator[Row]:
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Row(reader.line_num, {}, f"is not CSV: {error}")
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield _csv_row(reader.line_num, headers, cells, _position(stream))


def _csv_row(line: int, headers: list[str], cells: list[str], done: int) -> Row:
    row = dict(zip(headers, cells, strict=False))
    if len(cells) > len(headers) and any(cell.strip() for cell in cells[len(headers) :]):
        return Row(line, row, f"has {len(cells)} cells, but there are {len(headers)} columns", done)
    return Row(line, row, "", done)


def _position(stream: TextIO) -> int:
    return stream.buffer.tell() if isinstance(stream, io.TextIOWrapper) else 0


def _jsonl(path: Path, encoding: str) -> Table:
    stream, name = _text(path, encoding)
    first = list(islice(_json_rows(stream), _BLIND_JSON_ROWS))
    headers = list(dict.fromkeys(key for row in first for key in row.cells))
    stream.seek(0)
    return Table(headers, _json_rows(stream), path.stat().st_size, name, stream.close)


def _json_rows(stream: TextIO) -> Iterator[Row]:
    number = 0
    while line := stream.readline(_LONGEST_CELL):
        number += 1
        if line.strip():
            yield _json_row(number, line, _position(stream))


def _json_row(number: int, line: str, done: int) -> Row:
    try:
        cells = json.loads(line)
    except (ValueError, RecursionError):
        return Row(number, {}, "is not JSON", done)
    if not isinstance(cells, dict):
        return Row(number, {}, "is not a JSON object", done)
    return Row(number, {str(key): value for key, value in cells.items()}, "", done)


def _xlsx(path: Path) -> Table:
    from zipfile import BadZipFile  # noqa: PLC0415 - only for this kind of file

    from openpyxl import load_workbook  # noqa: PLC0415 - as above
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - as above

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        sheet: Any = book.worksheets[0]
    except (BadZipFile, InvalidFileException, KeyError, IndexError, ValueError):
        raise ConfigError([f"{path}: is not an XLSX workbook"]) from None
    rows = sheet.iter_rows(values_only=True)
    headers = ["" if cell is None else str(cell).strip() for cell in next(rows, ())]
    return Table(headers, _xlsx_rows(rows, headers), sheet.max_row, "xlsx", book.close)


def _xlsx_rows(rows: Iterator[tuple[Any, ...]], headers: list[str]) -> Iterator[Row]:
    for number, cells in enumerate(rows, start=2):
        if any(cell not in (None, "") for cell in cells):
            yield Row(number, dict(zip(headers, cells, strict=False)), "", number)
