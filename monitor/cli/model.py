"""Sentiment models: list them, choose one, measure one, train one."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor import registry
from monitor.bootstrap.adapters import build_engine
from monitor.cli._choose import with_engine
from monitor.cli._configured import reading_of, settings_of, start_logging
from monitor.cli._show import JsonFlag, as_table
from monitor.cli._show import as_json as show_json
from monitor.domain.errors import ConfigError, EarshotError, NotAllowed, NotFound
from monitor.settings import nearest

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)


@app.command("list")
def show(ctx: typer.Context, *, json: JsonFlag = False) -> None:
    """List the engines and say which one is in use, and with which model."""
    start_logging(ctx, "error")
    settings = settings_of(ctx)
    chosen = settings.model.engine
    found = [
        {"engine": name, "in_use": name == chosen, "summary": _summary(name)}
        for name in registry.names("engines")
    ]
    model = _model_of(ctx)
    if json:
        show_json({"engines": found, "model": model})
        return
    rows = [("in use" if one["in_use"] else "", one["engine"], one["summary"]) for one in found]
    as_table("Engines", ["", "engine", "about"], rows)
    typer.echo(f"Model: {model or 'does not load; `earshot doctor` says why'}")


@app.command()
def use(
    ctx: typer.Context,
    engine: Annotated[str, typer.Argument(help="Engine, as shown by `earshot model list`.")],
) -> None:
    """Write the engine into earshot.toml; comments and everything else stay."""
    settings = settings_of(ctx)
    if engine not in registry.names("engines"):
        near = nearest(engine, registry.names("engines"))
        raise NotFound(
            f'There is no engine "{engine}"' + (f'; did you mean "{near}"?' if near else ".")
        )
    if settings.path is None:
        raise ConfigError(["There is no earshot.toml yet: `earshot init` writes one."])
    before = settings.path.read_text(encoding="utf-8")
    settings.path.write_text(with_engine(before, engine), encoding="utf-8")
    try:
        reading_of(ctx)
    except ConfigError:
        settings.path.write_text(before, encoding="utf-8")
        raise
    typer.echo(f"{settings.path}: the engine is {engine} now. Restart Earshot.")


@app.command()
def evaluate(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="Labelled texts: .jsonl, .jsonl.gz or .tsv.")],
    *,
    json: JsonFlag = False,
) -> None:
    """Measure the engine in use: macro-F1, precision, recall, calibration error per group."""
    start_logging(ctx)
    tool: Any = registry.load("model_tools", "evaluate")
    rows = tool.read_rows(file)
    engine = build_engine(settings_of(ctx), ctx.obj.environ)
    try:
        report = tool.evaluate(engine, rows)
    finally:
        engine.close()
    if json:
        typer.echo(report.as_json())
        return
    as_table(
        f"{report.model} on {file.name} (95 % intervals)",
        ["group", "texts", "macro-F1", "accuracy", "calibration error", "unsure", "recall"],
        [_row(name, group) for name, group in report.groups.items()],
    )


def _row(name: str, group: Any) -> tuple[object, ...]:
    recall = ", ".join(f"{label} {share.value:.2f}" for label, share in group.recall.items())
    accuracy = f"{group.accuracy.value:.3f} ({group.accuracy.low:.2f}-{group.accuracy.high:.2f})"
    classes = " (2 classes)" if group.two_class else ""
    return (
        name,
        group.rows,
        f"{group.macro_f1:.3f}{classes}",
        accuracy,
        f"{group.calibration_error:.3f}",
        f"{group.unsure.value:.1%}",
        recall,
    )


@app.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
def train(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="ARGS...", help="Given on to the training.")
    ] = None,
) -> None:
    """Train a model (extra `train`); --help shows what the training can be told.

    It runs as a process of its own: it needs torch, which Earshot itself does not.
    """
    if find_spec("torch") is None:
        raise ConfigError(['The extra "train" is not installed: pip install "earshot[train]".'])
    command = [sys.executable, "-m", "models.training", *(arguments or [])]
    raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603 - our own module, no shell


@app.command()
def calibrate() -> None:
    """Say how probabilities are fitted: it is the last step of `earshot model train`."""
    raise NotAllowed(
        "Calibration cannot be run alone in this version: it is the last step of "
        "`earshot model train`. `earshot model evaluate` measures it."
    )


def _summary(name: str) -> str:
    spec = find_spec(f"models.engines.{name}")
    if spec is None or spec.origin is None:
        return "installed by another package"
    first = Path(spec.origin).read_text(encoding="utf-8").split("\n", maxsplit=1)[0]
    return first.strip('"')


def _model_of(ctx: typer.Context) -> str | None:
    try:
        engine = build_engine(settings_of(ctx), ctx.obj.environ)
    except EarshotError:
        return None
    engine.close()
    return engine.model
