"""Ask a few questions, look for feeds and reviews on a site, and write earshot.toml.

Every question has an option; without a terminal the options alone decide. An existing file is
never overwritten without --force.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli._configured import start_logging
from monitor.cli._init.answers import Answers
from monitor.cli._init.document import compose
from monitor.cli._init.look import Proposal, look
from monitor.cli._show import JsonFlag, as_json, as_table, problem
from monitor.domain.errors import ConfigError, SourceError
from monitor.settings import SettingsError, load

_LANGUAGES = "en,de,hu,lv,zh"


def command(
    ctx: typer.Context,
    *,
    brand: Annotated[list[str] | None, typer.Option(help="Brand; repeat for more.")] = None,
    languages: Annotated[str, typer.Option(help="Codes with commas, for example en,hu.")] = "",
    site: Annotated[str, typer.Option(help="Address of a site to look at.")] = "",
    contact: Annotated[str, typer.Option(help="Your page or address, for the User-Agent.")] = "",
    slack_channel: Annotated[str, typer.Option(help="Slack channel, for example #care.")] = "",
    allow: Annotated[
        list[str] | None, typer.Option(help="Private host:port to open; repeat for more.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    json: JsonFlag = False,
) -> None:
    """Ask, look, write, check what was written."""
    start_logging(ctx)
    path: Path = ctx.obj.config or Path("earshot.toml")
    if path.exists() and not force:
        raise ConfigError([f"{path} exists already; --force overwrites it."])
    given = Answers(
        brands=tuple(brand or ()),
        languages=tuple(code.strip() for code in languages.split(",") if code.strip()),
        site=site,
        contact=contact,
        slack_channel=slack_channel,
        allow=tuple(allow or ()),
    )
    answers = _ask(given) if sys.stdin.isatty() and not json else given.complete()
    proposals = _look(answers)
    _write(path, compose(answers, proposals))
    _report(path, answers, proposals, as_document=json)


def _ask(given: Answers) -> Answers:
    brands = given.brands or tuple(
        name.strip() for name in typer.prompt("Brand (several with commas)").split(",")
    )
    codes = given.languages or tuple(
        code.strip() for code in typer.prompt("Languages", default=_LANGUAGES).split(",")
    )
    return Answers(
        brands=tuple(name for name in brands if name),
        languages=tuple(code for code in codes if code),
        site=given.site or typer.prompt("Site with reviews or a feed (empty: none)", default=""),
        contact=given.contact or typer.prompt("Your contact page or address", default=""),
        slack_channel=given.slack_channel
        or typer.prompt("Slack channel (empty: none)", default=""),
        allow=given.allow,
    ).complete()


def _look(answers: Answers) -> list[Proposal]:
    if not answers.site:
        return []
    typer.echo(f"Looking at {answers.site} ...", err=True)
    try:
        return look(answers)
    except SourceError as error:
        problem(f"{answers.site} could not be looked at: {error}")
        return []


def _write(path: Path, text: str) -> None:
    """Write the file and read it back, so that nobody is left with one that does not load."""
    try:
        path.write_text(text, encoding="utf-8")
        load({}, config=path)
    except OSError as error:
        raise ConfigError([f"{path} cannot be written: {error.strerror}."]) from None
    except SettingsError as error:
        raise ConfigError(list(error.faults)) from None


def _report(path: Path, answers: Answers, proposals: list[Proposal], *, as_document: bool) -> None:
    if as_document:
        as_json({"file": str(path), "sources": [proposal.as_record() for proposal in proposals]})
        return
    if proposals:
        rows = [(p.name, p.kind, p.url, p.found) for p in proposals]
        as_table("Found", ["source", "kind", "address", "items"], rows)
    typer.echo(f"Wrote {path}. Check it with `earshot check`, start with `earshot up`.")
    if answers.slack_channel:
        typer.echo("Put the bot token into EARSHOT_SLACK_BOT_TOKEN; it must not stand in the file.")
