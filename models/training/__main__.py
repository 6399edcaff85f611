"""`earshot model train`: from a folder of data sets to a folder of weights."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from models.training import manifest, recipe
from monitor.domain.errors import ConfigError, EarshotError

DATA = "EARSHOT_TRAIN_DATA"


def main(argv: Sequence[str]) -> int:
    """Train as the arguments say; return the exit status."""
    try:
        _train(_arguments(argv))
    except EarshotError as error:
        structlog.get_logger("earshot.train").error("stopped", reason=str(error))
        return 1
    return 0


def _train(wanted: argparse.Namespace) -> None:
    from models.training import material, steps  # noqa: PLC0415  torch

    tell = structlog.get_logger("earshot.train").info
    how = recipe.load(wanted.recipe)
    if wanted.minutes:
        how = replace(how, plan=replace(how.plan, minutes=wanted.minutes))
    wanted.out.mkdir(parents=True, exist_ok=True)
    found = material.gather(_folder(wanted.data), _tiers(wanted.tiers), how)
    tell("rows", train=len(found.train.rows), dev=len(found.dev.rows))
    run = steps.Run(wanted.out, _folder(wanted.data), how, found, tell)
    steps.make_pieces(run)
    steps.make_surface(run)
    steps.make_network(run)
    steps.make_bundle(run, wanted.weights)
    steps.measure(run, wanted.weights)


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="earshot model train", description=__doc__)
    parser.add_argument("--data", type=Path, help=f"folder of data sets (or {DATA})")
    parser.add_argument(
        "--out", type=Path, default=Path("train-runs/latest"), help="folder of the run; resumed"
    )
    parser.add_argument(
        "--weights", type=Path, help="folder to write the model to (default: inside --out)"
    )
    parser.add_argument("--recipe", type=Path, default=recipe.DEFAULT)
    parser.add_argument(
        "--tiers", default=",".join(manifest.SHIPPABLE), help="licence tiers to learn from"
    )
    parser.add_argument("--minutes", type=float, help="instead of the recipe's")
    wanted = parser.parse_args(list(argv))
    wanted.weights = wanted.weights or wanted.out / "weights"
    return wanted


def _folder(given: Path | None) -> Path:
    """Return the folder of data sets. Raises ConfigError when it is not named or not there."""
    folder = given or Path(os.environ.get(DATA, ""))
    if not (folder / "public").is_dir() or not (folder / "voices").is_dir():
        raise ConfigError([f"--data or {DATA} must name a folder with public/ and voices/."])
    return folder


def _tiers(given: str) -> tuple[str, ...]:
    tiers = tuple(tier.strip() for tier in given.split(",") if tier.strip())
    unknown = [tier for tier in tiers if tier not in manifest.SHIPPABLE]
    if unknown:
        known = ", ".join(manifest.SHIPPABLE)
        raise ConfigError([f"--tiers: {', '.join(unknown)} unknown; known are {known}."])
    return (*tiers, "own")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
