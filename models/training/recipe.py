"""The one configuration file of the training, read strictly."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.training.plan import Plan
from monitor.domain.errors import ConfigError

DEFAULT = Path(__file__).with_name("recipe.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Sections of `recipe.toml`, by name; the file explains each value."""

    model: str
    seed: int
    languages: list[str]
    vocabulary: Mapping[str, int]
    plain_lines: Mapping[str, int]
    vectors: Mapping[str, int]
    network: Mapping[str, Any]
    plan: Plan
    batches: Mapping[str, float]
    draw: Mapping[str, float]
    weights: Mapping[str, float]
    surface: Mapping[str, float]
    surface_rows: Mapping[str, int]
    calibration: Mapping[str, float]
    calibration_weights: Mapping[str, float]


def load(path: Path = DEFAULT) -> Recipe:
    """Return the recipe. Raises ConfigError naming the file."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
        return Recipe(**{**found, "plan": Plan(**found["plan"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError([f"{path}: {error}"]) from error
