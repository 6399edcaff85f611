"""Read the folder of data sets: `public/*.jsonl.gz`, `voices/*.tsv` and `plain/*.txt.gz`."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.normalise import fold, normalise
from models.training.manifest import Source

HOLDOUT, HOLDOUT_VOICES = 0.12, 0.15
DEV, DEV_VOICES = 0.20, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One labelled text. The fields after `binary` are known for the project's own set only."""

    text: str
    label: str
    """neg, neu, pos or mix."""
    lang: str
    domain: str
    source: str
    binary: bool = False
    target: str | None = None
    stars: int | None = None
    intents: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    aspects: tuple[str, ...] = ()
    """Such as "price-"."""
    reply: bool | None = None

    @property
    def detailed(self) -> bool:
        """Whether intents, risks, aspects and reply were labelled."""
        return self.reply is not None


def read(folder: Path, sources: Iterable[Source]) -> list[Row]:
    """Return the rows of these sources in a fixed order. Raises FileNotFoundError."""
    rows: list[Row] = []
    for source in sources:
        reader = _voices(folder) if source.name == "voices" else _public(folder, source)
        rows.extend(row for row in reader if row.lang in source.langs and row.text)
    return rows


def split(row: Row, seed: int) -> str:
    """Return "holdout", "dev" or "train". Equal texts, in whatever set, share their draw.

    The hold-out is for the final figures only; every choice is made on dev.
    """
    key = "".join(char for char in fold(normalise(row.text)) if not char.isspace())
    digest = hashlib.sha256(f"{seed}:{key}".encode()).digest()
    draw = int.from_bytes(digest[:4], "big") / 2**32
    voices = row.source == "voices"
    if draw < (HOLDOUT_VOICES if voices else HOLDOUT):
        return "holdout"
    if HOLDOUT_VOICES <= draw < (DEV_VOICES if voices else DEV):
        return "dev"
    return "train"


def plain(folder: Path, langs: Iterable[str], limits: dict[str, int]) -> Iterator[str]:
    """Yield unlabelled lines, at most `limits[name part]` lines of the files so named."""
    wanted = tuple(f"{lang}-" for lang in langs)
    for path in sorted((folder / "plain").glob("*.txt.gz")):
        if path.name.startswith(wanted):
            yield from _lines(path, _limit(path.name, limits))


def parse_voices(line: str, lang: str) -> Row:
    """Return the row of one tab-separated line. Raises ValueError when columns are missing."""
    target, domain, label, stars, intents, risks, aspects, reply, text = line.split("\t")
    return Row(
        text=text, label=label, lang=lang, domain=domain, source="voices",
        target=None if target == "-" else target,
        stars=None if stars == "-" else int(stars),
        intents=_list(intents), risks=_list(risks), aspects=_list(aspects), reply=reply == "y",
    )  # fmt: skip


def _voices(folder: Path) -> Iterator[Row]:
    for path in sorted((folder / "voices").glob("*.tsv")):
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                yield parse_voices(line, path.name[:2])


def _public(folder: Path, source: Source) -> Iterator[Row]:
    path = folder / "public" / f"{source.name}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            found = json.loads(line)
            yield Row(
                text=found["text"], label=found["label"], lang=found["lang"],
                domain=found["domain"], source=source.name, binary=source.binary,
                stars=found["stars"],
            )  # fmt: skip


def _lines(path: Path, limit: int) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number >= limit:
                return
            yield line.strip()


def _limit(name: str, limits: dict[str, int]) -> int:
    return min((limit for part, limit in limits.items() if part in name), default=10**9)


def _list(cell: str) -> tuple[str, ...]:
    return () if cell in {"-", ""} else tuple(cell.split(","))
