"""Examine this installation: what is fine, what is not, and what to do about it.

Nothing is contacted but the database. Secrets are never printed.
"""

from __future__ import annotations

import typer

from monitor.cli._configured import reading_of, start_logging
from monitor.cli._examinations import Finding, examinations
from monitor.cli._show import JsonFlag, as_json, as_table
from monitor.domain.errors import ConfigError


def command(ctx: typer.Context, *, json: JsonFlag = False) -> None:
    """Examine everything; exit code 1 when something fails, not when it only deserves a look."""
    start_logging(ctx, "error")
    findings = _findings(ctx)
    if json:
        as_json([finding.as_record() for finding in findings])
    else:
        rows = [(f.state, f.part, f.found, f.advice) for f in findings]
        as_table("Examination", ["", "part", "found", "what to do"], rows)
    raise typer.Exit(1 if any(finding.state == "fail" for finding in findings) else 0)


def _findings(ctx: typer.Context) -> list[Finding]:
    try:
        reading = reading_of(ctx)
    except ConfigError as error:
        advice = "Mend earshot.toml; `earshot check` lists the same faults."
        return [Finding("fail", "configuration", fault, advice) for fault in error.faults]
    return [finding for examine in examinations() for finding in examine(reading, ctx.obj.environ)]
