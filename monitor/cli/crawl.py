"""Crawl now: all sources, the ones named, or with --due only those whose time has come.

With --dry-run nothing is stored; with --json the mentions found are printed, one JSON object a
line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from monitor.bootstrap.adapters import source_plans
from monitor.bootstrap.policy import network_policy
from monitor.cli._configured import settings_of, start_logging
from monitor.cli._dry_run import dry_run
from monitor.cli._opened import opened
from monitor.cli._show import JsonFlag, as_json, as_table, in_words, one_line, problem
from monitor.cli._watch import watched
from monitor.domain.crawl import CrawlPlan, SourcePlan
from monitor.domain.errors import NotFound
from monitor.jobs import collect
from monitor.settings import nearest
from monitor.store.views import SourceView, source_states


def command(
    ctx: typer.Context,
    source: Annotated[
        list[str] | None, typer.Argument(help="Names of sources; none means all.")
    ] = None,
    *,
    due: Annotated[bool, typer.Option("--due", help="Only sources whose time has come.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Store nothing.")] = False,
    as_document: JsonFlag = False,
) -> None:
    """Crawl and report."""
    start_logging(ctx)
    settings = settings_of(ctx)
    plans = source_plans(settings, ctx.obj.environ)
    names = _known(source or [], plans)
    if dry_run:
        chosen = tuple(plans[name] for name in names or plans)
        plan = CrawlPlan(
            database_url="", owner="dry-run", sources=chosen, network=network_policy(settings)
        )
        raise typer.Exit(_dry_run(plan, as_lines=as_document))
    raise typer.Exit(_crawl(ctx, names or list(plans), due_only=due, as_document=as_document))


def _known(names: list[str], plans: Mapping[str, SourcePlan]) -> list[str]:
    for name in names:
        if name not in plans:
            near = nearest(name, plans.keys())
            hint = f'; did you mean "{near}"?' if near else "."
            raise NotFound(f'There is no enabled source "{name}"{hint}')
    return names


def _crawl(ctx: typer.Context, names: list[str], *, due_only: bool, as_document: bool) -> int:
    with opened(ctx) as app:
        with watched(app, names):
            crawled = collect.run(app.context, names=names, due_only=due_only)
        now = app.clock()
        with app.database.read() as tx:
            states = [s for s in source_states(tx, now=now) if s.name in names]
    failed = [state for state in states if state.failures]
    if as_document:
        as_json({"crawled": crawled, "sources": [_facts(state) for state in states]})
    else:
        rows = [_row(state) for state in states]
        as_table(f"Crawled {crawled}", ["source", "health", "last new", "mentions"], rows)
    return 1 if failed else 0


def _facts(state: SourceView) -> dict[str, object]:
    return {
        "name": state.name,
        "health": state.health,
        "health_reason": state.health_reason,
        "mentions": state.mentions,
        "last_success": state.last_success,
        "last_new": state.last_new,
        "failures": state.failures,
    }


def _row(state: SourceView) -> tuple[object, ...]:
    health = f"{state.health}: {state.health_reason}" if state.health_reason else state.health
    new = in_words(state.last_new, state.last_started) if state.last_started else "never"
    return state.name, health, new, state.mentions


def _dry_run(plan: CrawlPlan, *, as_lines: bool) -> int:
    tried = dry_run(plan, through=as_lines)
    if not as_lines:
        _show(tried.mentions)
    for name, reason in tried.refusals.items():
        problem(f"{name}: {reason}")
    return 1 if tried.code or tried.refusals else 0


def _show(found: list[dict[str, Any]]) -> None:
    as_table(
        f"Found {len(found)}; nothing was stored",
        ["source", "published", "rating", "author", "text"],
        [
            (m["source"], m["published_at"], m["rating"], m["author"], one_line(m["text"], 60))
            for m in found
        ],
    )
