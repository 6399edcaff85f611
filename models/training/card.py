"""The tables of figures in a model card, from what a run measured."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.training.manifest import SOURCES

_COLUMNS = (
    "language, set", "rows", "accuracy (95 %)", "macro-F1", "floor macro-F1", "calibration error",
    "unsure", "positive called negative",
)  # fmt: skip
_HEAD = f"| {' | '.join(_COLUMNS)} |\n|---|---:|---|{'---:|' * 5}"


def tables(figures: Mapping[str, Any], floors: Mapping[str, Any]) -> str:
    """Return Markdown: one table each for people's labels, weak labels and the project's texts.

    Both arguments are by "language source" as `holdout.json` and `floors.json` hold them.
    """
    weak = {source.name for source in SOURCES if source.weak}
    aside = {source.name for source in SOURCES if not source.ships}
    groups: dict[str, list[str]] = {"Labelled by people": [], "Weak or machine-translated": [],
                                    "Synthetic (written by this project)": [],
                                    "Yardsticks (never trained on)": []}  # fmt: skip
    for name in sorted(figures):
        source = name.split(" ")[1]
        kind = 3 if source in aside else 2 if source == "voices" else int(source in weak)
        list(groups.values())[kind].append(_row(name, figures[name], floors.get(name)))
    return "\n".join(_table(title, rows) for title, rows in groups.items())


def write(folder: Path) -> None:
    """Write figures.md from the JSON files in the run's folder."""
    figures = json.loads((folder / "holdout.json").read_text("utf-8"))
    floors = json.loads((folder / "floors.json").read_text("utf-8"))
    (folder / "figures.md").write_text(tables(figures, floors), "utf-8")


def _table(title: str, rows: Sequence[str]) -> str:
    return "\n".join([f"### {title}", "", _HEAD, *rows, ""])


def _row(name: str, found: Mapping[str, Any], floor: Mapping[str, Any] | None) -> str:
    accuracy = found["accuracy"]
    cells = [
        name + (" (neg or pos)" if found["two_class"] else ""),
        f"{found['rows']:,}",
        f"{accuracy['value']:.3f} ({accuracy['low']:.3f}–{accuracy['high']:.3f})",
        f"{found['macro_f1']:.3f}",
        f"{floor['macro_f1']:.3f}" if floor else "–",
        f"{found['calibration_error']:.3f}",
        f"{found['unsure']['value']:.1%}",
        f"{found['positive_called_negative']['value']:.1%}",
    ]
    return f"| {' | '.join(cells)} |"
