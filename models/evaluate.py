"""Measure an engine on labelled texts: per language and domain, with intervals and calibration."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from monitor.domain.errors import ConfigError
from monitor.domain.ports import Engine
from monitor.domain.types import Label, ScoreRequest, Sentiment

CLASSES = ("neg", "neu", "pos")
BINS = 10
SURE = 0.6
"""A wrong label with at least this probability is a confident error."""
_Z = 1.959964
_COLUMNS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One text with the label people gave it: neg, neu, pos or mix."""

    text: str
    label: str
    lang: str
    domain: str = ""
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % Wilson interval; all are 0 when `n` is 0."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured on one group of rows.

    Labels are the likeliest of the three classes, so that `unsure` hides nothing; a set without
    neutral rows (`two_class`) is read as neg or pos. Rows labelled mix are left out of these and
    counted in `mixed` only. `calibration_error` is expected over ten equal bins.
    """

    rows: int
    mixed: int
    two_class: bool
    accuracy: Share
    macro_f1: float
    precision: Mapping[str, Share]
    recall: Mapping[str, Share]
    calibration_error: float
    unsure: Share
    positive_called_negative: Share
    """Positive rows labelled neg with a probability of at least SURE."""
    confusion: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """Figures by group: "all", each language, and each language and domain ("hu review")."""

    model: str
    groups: Mapping[str, Figures]

    def as_json(self) -> str:
        """Return the report as indented JSON."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Verdict:
    wanted: str
    given: str
    sureness: float
    unsure: bool


def evaluate(engine: Engine, rows: Sequence[Labelled]) -> Report:
    """Score the rows and compare. Raises EngineError; ConfigError when there are no rows."""
    if not rows:
        raise ConfigError(["There are no labelled rows to evaluate."])
    requests = [
        ScoreRequest(text=row.text, target=row.target, lang=row.lang, domain=row.domain or None)
        for row in rows
    ]
    return compare(engine.model, rows, engine.score(requests))


def compare(model: str, rows: Sequence[Labelled], answers: Sequence[Sentiment]) -> Report:
    """Return the figures for answers that were given already."""
    groups: dict[str, list[tuple[Labelled, Sentiment]]] = {}
    for row, answer in zip(rows, answers, strict=True):
        for name in _groups_of(row):
            groups.setdefault(name, []).append((row, answer))
    return Report(model, {name: figures(groups[name]) for name in sorted(groups)})


def figures(pairs: Sequence[tuple[Labelled, Sentiment]]) -> Figures:
    """Return the figures of one group."""
    plain = [(row, answer) for row, answer in pairs if row.label in CLASSES]
    two_class = all(row.label != "neu" for row, _ in plain)
    seen = [_verdict(row, answer, two_class=two_class) for row, answer in plain]
    classes = ("neg", "pos") if two_class else CLASSES
    wrong = [v for v in seen if v.wanted == "pos" and v.given == "neg" and v.sureness >= SURE]
    return Figures(
        rows=len(plain), mixed=len(pairs) - len(plain), two_class=two_class,
        accuracy=wilson(sum(v.given == v.wanted for v in seen), len(seen)),
        macro_f1=_macro_f1(seen, classes),
        precision={name: _precision(seen, name) for name in classes},
        recall={name: _recall(seen, name) for name in classes},
        calibration_error=_calibration_error(seen),
        unsure=wilson(sum(v.unsure for v in seen), len(seen)),
        positive_called_negative=wilson(len(wrong), sum(v.wanted == "pos" for v in seen)),
        confusion={a: {b: _count(seen, a, b) for b in classes} for a in classes},
    )  # fmt: skip


def wilson(hits: int, n: int) -> Share:
    """Return the share hits / n with its 95 % Wilson score interval."""
    if n == 0:
        return Share(0.0, 0.0, 0.0, 0)
    share, spread = hits / n, _Z * _Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return Share(share, max(0.0, middle - half), min(1.0, middle + half), n)


def read_rows(path: Path) -> list[Labelled]:
    """Read labelled rows from .jsonl, .jsonl.gz or .tsv.

    JSON lines need `text`, `label` and `lang`; `domain` and `target` are optional. TSV has the nine
    columns of the project's own set, its language in the first two letters of the file name.
    Raises ConfigError naming file and line.
    """
    parse = _parse_tsv if path.suffix == ".tsv" else _parse_json
    return list(_parsed(path, parse))


def _parsed(path: Path, parse: Callable[[str, str], Labelled]) -> Iterator[Labelled]:
    try:
        for number, line in enumerate(_lines(path), 1):
            if line.strip():
                yield _parse_line(path, number, line, parse)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path} cannot be read: {error}"]) from error


def _parse_line(
    path: Path, number: int, line: str, parse: Callable[[str, str], Labelled]
) -> Labelled:
    try:
        return parse(line.rstrip("\r\n"), path.name[:2])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError([f"{path}, line {number}: not a labelled row: {error!r}"]) from error


def _lines(path: Path) -> Iterator[str]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as packed:
            yield from packed
    else:
        with path.open(encoding="utf-8") as plain:
            yield from plain


def _parse_json(line: str, _lang: str) -> Labelled:
    found = json.loads(line)
    return Labelled(
        text=found["text"], label=_known(found["label"]), lang=found["lang"],
        domain=found.get("domain") or "", target=found.get("target"),
    )  # fmt: skip


def _parse_tsv(line: str, lang: str) -> Labelled:
    cells = line.split("\t")
    if len(cells) != _COLUMNS:
        raise ValueError(f"{len(cells)} columns, not {_COLUMNS}")
    target, domain, label, *_, text = cells
    return Labelled(
        text=text, label=_known(label), lang=lang, domain=domain,
        target=None if target == "-" else target,
    )  # fmt: skip


def _known(label: str) -> str:
    if label not in {*CLASSES, "mix"}:
        raise ValueError(f"unknown label {label!r}")
    return label


def _groups_of(row: Labelled) -> tuple[str, ...]:
    both = (f"{row.lang} {row.domain}",) if row.domain else ()
    return ("all", row.lang, *both)


def _verdict(row: Labelled, answer: Sentiment, *, two_class: bool) -> _Verdict:
    probs = dict(answer.probs)
    if two_class:
        rest = probs["neg"] + probs["pos"]
        probs = {name: probs[name] / rest if rest else 0.5 for name in ("neg", "pos")}
    best = max(probs, key=lambda name: probs[name])
    return _Verdict(row.label, best, probs[best], answer.label is Label.UNSURE)


def _count(seen: Iterable[_Verdict], wanted: str, given: str) -> int:
    return sum(v.wanted == wanted and v.given == given for v in seen)


def _precision(seen: Sequence[_Verdict], name: str) -> Share:
    return wilson(_count(seen, name, name), sum(v.given == name for v in seen))


def _recall(seen: Sequence[_Verdict], name: str) -> Share:
    return wilson(_count(seen, name, name), sum(v.wanted == name for v in seen))


def _macro_f1(seen: Sequence[_Verdict], classes: Sequence[str]) -> float:
    """Return the mean F1 of the classes that occur."""
    scores = []
    for name in classes:
        given = sum(v.given == name for v in seen)
        wanted = sum(v.wanted == name for v in seen)
        if given + wanted:
            scores.append(2 * _count(seen, name, name) / (given + wanted))
    return sum(scores) / len(scores) if scores else 0.0


def _calibration_error(seen: Sequence[_Verdict]) -> float:
    bins: dict[int, list[_Verdict]] = {}
    for verdict in seen:
        bins.setdefault(min(BINS - 1, int(verdict.sureness * BINS)), []).append(verdict)
    gaps = (
        abs(sum(v.sureness for v in group) - sum(v.given == v.wanted for v in group))
        for group in bins.values()
    )
    return sum(gaps) / len(seen) if seen else 0.0
