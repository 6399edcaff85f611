"""Texts in, readings out, one JSON object a line; memory stays bounded, the order is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

from monitor.cli._show import as_json_line, problem
from monitor.domain.errors import BadItem
from monitor.domain.ports import Engine
from monitor.domain.types import ScoreRequest
from monitor.render.records import sentiment_record

LONGEST_LINE = 8 * 1024 * 1024
_KEYS = ("text", "target", "lang", "domain")
_SNIFFED = b"\xef\xbb\xbf"
Line = tuple[int, ScoreRequest | BadItem]


def score_lines(engine: Engine, stream: BinaryIO, batch: int) -> int:
    """Answer every line of the stream on standard output; return how many were unusable."""
    lines = read_lines(stream)
    bad = 0
    while chunk := list(islice(lines, batch)):
        bad += _answer(engine, chunk)
    return bad


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """Yield (line number, request or fault), one for each line."""
    number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            _skip_rest(stream)
            yield number, BadItem(f"the line is longer than {LONGEST_LINE} bytes")
        else:
            yield number, _request(raw.removeprefix(_SNIFFED) if number == 1 else raw)


def _skip_rest(stream: BinaryIO) -> None:
    while (more := stream.readline(LONGEST_LINE)) and not more.endswith(b"\n"):
        pass


def _request(raw: bytes) -> ScoreRequest | BadItem:
    if not raw.strip():
        return BadItem("is empty")
    try:
        found = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        return BadItem(f"is not UTF-8 text (byte {error.start + 1})")
    except (ValueError, RecursionError) as error:
        where = f" (column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        return BadItem(f"is not JSON{where}")
    fault = _fault(found)
    if fault:
        return BadItem(fault)
    return ScoreRequest(**{key: found.get(key) for key in _KEYS})


def _fault(found: Any) -> str:
    if not isinstance(found, dict):
        return "is not a JSON object"
    if "text" not in found:
        return 'has no key "text"'
    if not isinstance(found["text"], str):
        return '"text" is not text'
    wrong = [key for key in _KEYS[1:] if not isinstance(found.get(key), str | None)]
    return f'"{wrong[0]}" is neither text nor null' if wrong else ""


def _answer(engine: Engine, chunk: Sequence[Line]) -> int:
    readings = iter(engine.score([item for _, item in chunk if isinstance(item, ScoreRequest)]))
    bad = 0
    for number, item in chunk:
        if isinstance(item, BadItem):
            bad += 1
            problem(f"line {number}: {item.reason}")
            as_json_line({"error": f"line {number}: {item.reason}"})
        else:
            as_json_line(sentiment_record(next(readings)))
    return bad
