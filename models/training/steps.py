"""The steps of a run. Each writes a file into the run's folder and is skipped where it exists."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models import bundle, evaluate, heads, lexical
from models.normalise import TARGET_MARK
from models.training import (
    batches,
    body,
    calibrate,
    card,
    export,
    finetune,
    floor,
    labels,
    manifest,
    pieces,
    readers,
    surface,
)
from models.training.checking import Check
from models.training.material import Material, Part, augmented, limited
from models.training.network import Ear, Pieces, transplant
from models.training.readers import Row
from models.training.recipe import Recipe

CHECKED = 120
"""Dev rows of a source looked at while training."""
HELD_OUT = 1_000
"""Hold-out rows of a source that are measured at most, the first ones."""
NO_RESULT = {"mabsa", "xed_weak"}
"""Parallel over languages, or too weak to say anything: never measured."""
MEASURED = 450
"""Dev rows of a source that calibration looks at."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its folder, configuration and rows; `tell` shows an event."""

    folder: Path
    data: Path
    recipe: Recipe
    material: Material
    tell: Callable[..., Any]

    def path(self, name: str) -> Path:
        """Return the path of a file of this run."""
        return self.folder / name


def make_pieces(run: Run) -> None:
    """Write tokenizer.json and table.npy."""
    if run.path("table.npy").exists():
        return
    seen = Part(
        run.material.train.rows + run.material.dev.rows,
        run.material.train.texts + run.material.dev.texts,
    )
    found = pieces.corpus(run.data, seen.rows, seen.texts, run.recipe)
    trained = pieces.train_tokenizer(found, run.recipe)
    trained.save(str(run.path("tokenizer.json")))
    run.tell("vocabulary", pieces=trained.get_vocab_size())
    np.save(run.path("table.npy"), pieces.first_table(trained, found, run.recipe))
    run.tell("vectors")


def make_surface(run: Run) -> None:
    """Write lexical.npz."""
    if run.path("lexical.npz").exists():
        return
    train = limited(run.material.train, dict(run.recipe.surface_rows))
    found = surface.train(train.rows, train.texts, run.recipe.surface)
    lexical.save(found, run.path("lexical.npz"))
    run.tell("surface", rows=len(train.rows))


def make_network(run: Run) -> None:
    """Write network.pt; go on from state.pt where a run was interrupted."""
    if run.path("network.pt").exists():
        return
    torch.manual_seed(run.recipe.seed)
    torch.set_num_threads(1)
    train = augmented(run.material.train, run.recipe)
    sources = sorted({(row.lang, row.source) for row in train.rows})
    learner = finetune.Learner(new_ear(run), len(sources), run.recipe.plan)
    if run.path("state.pt").exists():
        learner.restore(run.path("state.pt"))
        run.tell("resumed", step=learner.step)
    dev, tokenizer = run.material.dev, load_tokenizer(run)
    check = Check(dev.rows, dev.texts, tokenizer, CHECKED)
    diary = finetune.Diary(run.folder, check, lambda entry: run.tell("step", **entry))
    finetune.run(learner, _stream(run, train, learner.step), _lessons(train.rows, sources), diary)
    torch.save(learner.average.state_dict(), run.path("network.pt"))


def make_bundle(run: Run, target: Path) -> None:
    """Export and calibrate into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    ear = new_ear(run)
    ear.load_state_dict(torch.load(run.path("network.pt"), weights_only=True))
    export.onnx(ear.eval(), target / "model.onnx")
    for name in ("tokenizer.json", "lexical.npz"):
        shutil.copyfile(run.path(name), target / name)
    _write_config(run, target, dict.fromkeys([*run.recipe.languages, "und"], bundle.Calibration()))
    _calibrate(run, target)
    run.tell("exported", folder=str(target))


def measure(run: Run, target: Path) -> None:
    """Write holdout.json, floors.json and figures.md: rows that no choice has seen.

    The yardsticks, which train nothing that ships, are measured along.
    """
    figures = _figures(run, target)
    run.path("holdout.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    floors = {name: asdict(found) for name, found in floor.measure(run.material).items()}
    run.path("floors.json").write_text(json.dumps(floors, indent=1) + "\n", "utf-8")
    card.write(run.folder)


def _figures(run: Run, target: Path) -> dict[str, Any]:
    from models.engines import embedded  # noqa: PLC0415

    engine = embedded.build({"path": str(target)})
    others = readers.read(run.data, manifest.yardsticks())
    every = [row for row in [*run.material.holdout.rows, *others] if row.source not in NO_RESULT]
    groups: dict[str, list[Row]] = {}
    for row in every:
        groups.setdefault(f"{row.lang} {row.source}", []).append(row)
    figures = {}
    for name, rows in sorted(groups.items()):
        labelled = [_labelled(row) for row in rows[:HELD_OUT]]
        figures[name] = asdict(evaluate.evaluate(engine, labelled).groups["all"])
        run.tell("measured", source=name, macro_f1=round(figures[name]["macro_f1"], 3))
    engine.close()
    return figures


def new_ear(run: Run) -> Ear:
    """Return the network with its first weights: composed pieces, English body, blank head."""
    tokenizer, how = load_tokenizer(run), run.recipe.vectors
    table = torch.from_numpy(np.load(run.path("table.npy")))
    hashed = [pieces.grams(piece, how["buckets"]) for piece in pieces.names(tokenizer)]
    shape = {**run.recipe.network, "layers": len(run.recipe.network["layers"])}
    composed = Pieces(table, hashed, how["buckets"], how["width"])
    ear = Ear(composed, shape, tokenizer.token_to_id(TARGET_MARK))
    transplant(ear, body.load().weights, run.recipe.network["layers"])
    return ear


def load_tokenizer(run: Run) -> Any:
    """Return the run's vocabulary."""
    return Tokenizer.from_file(str(run.path("tokenizer.json")))


def _stream(run: Run, train: Part, step: int) -> Any:
    """Return the batches; a resumed run draws others than its first part did."""
    how = run.recipe.batches
    sampler = batches.Sampler(
        train.rows, dict(run.recipe.draw), dict(run.recipe.weights), run.recipe.seed + step
    )
    tokenizer = load_tokenizer(run)
    tokenizer.model.dropout = how["dropped_merges"]
    return batches.stream(
        sampler, train.texts, tokenizer, size=int(how["size"]), longest=int(how["longest"])
    )


def _lessons(rows: Sequence[Row], sources: list[tuple[str, str]]) -> finetune.Lessons:
    number = {source: n for n, source in enumerate(sources)}
    return finetune.Lessons(
        torch.from_numpy(labels.targets(rows)),
        torch.from_numpy(labels.two_class(rows)).float(),
        torch.tensor([number[row.lang, row.source] for row in rows]),
    )


def _calibrate(run: Run, target: Path) -> None:
    every = dict.fromkeys({row.source for row in run.material.dev.rows}, MEASURED)
    dev = limited(run.material.dev, every)
    seen = _as_shipped(target, dev)
    table = lexical.load(target / "lexical.npz")
    margins = [table.margins(t, r.lang) for t, r in zip(dev.texts, dev.rows, strict=True)]
    points = calibrate.Points(
        dev.rows, seen[:, heads.SENTIMENT].astype(float), np.array(margins, dtype=float)
    )
    found = calibrate.fit(points, run.recipe.languages, run.recipe.calibration_weights)
    detailed = [n for n, row in enumerate(dev.rows) if row.detailed]
    how = run.recipe.calibration
    cuts = calibrate.cuts(
        labels.targets([dev.rows[n] for n in detailed]), seen[detailed],
        how["precision"], int(how["least"]),
    )  # fmt: skip
    own = [row for row in [*run.material.train.rows, *dev.rows] if row.detailed]
    cues = calibrate.cue_shares(own, how["cue_precision"], int(how["least"]) - 1)
    _write_config(run, target, found, (cuts, cues))


def _as_shipped(target: Path, dev: Part) -> NDArray[np.float32]:
    """Return the exported network's outputs: calibration must see what will run."""
    from models.engines import embedded  # noqa: PLC0415

    engine = embedded.build({"path": str(target), "check": False})
    found = engine.outputs(dev.texts)
    engine.close()
    return np.stack(found)


def _write_config(
    run: Run, target: Path, found: dict[str, bundle.Calibration],
    details: tuple[dict[str, float], dict[str, float]] = ({}, {}),
) -> None:  # fmt: skip
    """`details`: the cuts of the outputs and the shares of the cues that are reported."""
    longest = int(run.recipe.calibration["longest"])
    export.config(
        target, model=run.recipe.model, longest=longest, calibrations=found, cuts=details[0],
        cues=details[1],
        facts={"seed": run.recipe.seed, "layers": len(run.recipe.network["layers"])},
    )  # fmt: skip


def _labelled(row: Row) -> evaluate.Labelled:
    return evaluate.Labelled(
        text=row.text, label=row.label, lang=row.lang, domain=row.domain, target=row.target
    )
