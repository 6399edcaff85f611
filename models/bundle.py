"""A folder of shipped weights: `config.json` and the files it names, each with its SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.heads import LABELS
from monitor.domain.errors import EngineError

WEIGHTS = Path(__file__).parent / "weights"
CONFIG = "config.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """How raw outputs of one language become probabilities.

    logits = inner * network + (-polar, neutral, polar) * surface margins + offsets
    """

    inner: float = 1.0
    polar: float = 0.0
    neutral: float = 0.0
    offsets: tuple[float, float, float] = (0.0, 0.0, 0.0)
    threshold: float = 0.0
    """A lower highest probability is `unsure`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What `config.json` says. `cuts`: output name -> probability from which it is reported."""

    folder: Path
    model: str
    labels: tuple[str, ...]
    languages: tuple[str, ...]
    longest: int
    calibrations: Mapping[str, Calibration]
    cuts: Mapping[str, float]
    cues: Mapping[str, float]
    """Risk -> share of the texts with one of its words (`models.cues`) that really carry it."""

    def path(self, name: str) -> Path:
        """Return the path of a file of this bundle."""
        return self.folder / name


def newest(weights: Path = WEIGHTS) -> Path:
    """Return the folder of the weights that ship. Raises EngineError when there are none."""
    folders = sorted(path.parent for path in weights.glob(f"*/{CONFIG}"))
    if not folders:
        raise EngineError("No sentiment model is installed: models/weights holds no folder.")
    return folders[-1]


def load(folder: Path) -> Bundle:
    """Read and verify a bundle. Raises EngineError naming the file and the fault."""
    try:
        found = json.loads((folder / CONFIG).read_text("utf-8"))
        bundle = _bundle(folder, found)
        files = dict(found["files"])
    except OSError as error:
        raise EngineError(f"The model folder {folder} has no readable {CONFIG}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{folder / CONFIG} is damaged: {error!r}.") from error
    _verify(folder, files)
    return bundle


def digest(path: Path) -> str:
    """Return the SHA-256 of a file. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verify(folder: Path, files: Mapping[str, str]) -> None:
    for name, wanted in files.items():
        try:
            found = digest(folder / name)
        except OSError as error:
            raise EngineError(f"The model file {folder / name} cannot be read.") from error
        if found != wanted:
            raise EngineError(
                f"The model file {folder / name} is damaged: its SHA-256 is not the one that"
                f" {CONFIG} states. Install Earshot again."
            )


def _bundle(folder: Path, found: Mapping[str, object]) -> Bundle:
    labels = tuple(map(str, _list(found["labels"])))
    if sorted(labels) != sorted(LABELS):
        raise ValueError(f"labels {labels}")
    calibrations = {
        str(lang): Calibration(**{**entry, "offsets": tuple(entry["offsets"])})
        for lang, entry in _map(found["calibrations"]).items()
    }
    return Bundle(
        folder=folder,
        model=str(found["model"]),
        labels=labels,
        languages=tuple(map(str, _list(found["languages"]))),
        longest=int(str(found["longest"])),
        calibrations=calibrations,
        cuts={str(name): float(cut) for name, cut in _map(found["cuts"]).items()},
        cues={str(name): float(share) for name, share in _map(found.get("cues", {})).items()},
    )


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"not a list: {value!r}")
    return value


def _map(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"not a table: {value!r}")
    return value
