"""The tree of commands: names and summaries are read from the files, code is imported on use."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group

from monitor import registry


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the options before the command say. Commands find it as `ctx.obj`."""

    environ: Mapping[str, str]
    config: Path | None = None
    home: Path | None = None


class _Commands(TyperGroup):
    """Shows a summary of every command and imports only the one that is run."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Replace the summary of the chosen command by the command itself."""
        name, _, rest = super().resolve_command(ctx, args)
        assert name is not None
        return name, _load(name), rest


def build(environ: Mapping[str, str]) -> TyperGroup:
    """Return the whole command line for this environment."""
    app = typer.Typer(
        cls=_Commands,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "obj": Invocation(environ)},
        help="Hear what people say about a brand, score it, and see that it is answered.",
    )
    app.callback()(_global_options)
    group = get_group(app)
    for name in _names():
        group.add_command(TyperCommand(name, short_help=_summary(name), help=_summary(name)))
    return group


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - the signature is Typer's
    if wanted:
        typer.echo(f"earshot {version('earshot')}")
        raise typer.Exit


def _global_options(
    ctx: typer.Context,
    *,
    config: Annotated[
        Path | None, typer.Option(help="Configuration file (EARSHOT_CONFIG, ./earshot.toml).")
    ] = None,
    home: Annotated[
        Path | None, typer.Option(help="Data directory (EARSHOT_HOME, ./earshot-data).")
    ] = None,
    version_wanted: Annotated[  # noqa: ARG001 - its callback has answered before
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", is_eager=True, callback=_tell_version
        ),
    ] = False,
) -> None:
    ctx.obj = Invocation(ctx.obj.environ, config, home)


def _names() -> list[str]:
    """Return command names; a file name that would be a Python keyword ends in "_"."""
    return [name.rstrip("_") for name in registry.names("commands")]


def _file(name: str) -> str:
    return name if name in registry.names("commands") else f"{name}_"


def _summary(name: str) -> str:
    """Return the first line of the file's docstring without importing the file."""
    spec = find_spec(f"monitor.cli.{_file(name)}")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").split("\n", maxsplit=1)[0]


def _load(name: str) -> Any:
    """Import the command: a function `command`, or `app` with commands of its own."""
    module = registry.load("commands", _file(name))
    own = getattr(module, "app", None)
    if isinstance(own, typer.Typer):
        own.info.help = module.__doc__
        group = get_group(own)
        group.name = name
        return group
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    single.command(name, help=module.__doc__)(module.command)
    return get_command(single)
