"""Make a sign-in link for the pages; it is good for one person, once, for an hour."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from monitor.cli._opened import opened
from monitor.cli._show import JsonFlag, as_json
from monitor.web.sessions import LINK_LIFETIME, issue_link


def command(
    ctx: typer.Context,
    *,
    person: Annotated[
        str, typer.Option("--as", help="Who signs in; the user name by default.")
    ] = "",
    json: JsonFlag = False,
) -> None:
    """Print a link. Whoever opens it first is signed in as that person."""
    who = person or getpass.getuser()
    with opened(ctx) as app:
        link = issue_link(app.database, app.clock, app.settings.base_url, who)
    if json:
        as_json({"person": who, "link": link, "seconds": int(LINK_LIFETIME.total_seconds())})
        return
    typer.echo(link)
