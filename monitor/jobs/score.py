"""Score: read what is new, label it, decide what needs an answer.

One transaction per batch holds the sentiments, the tasks and the outbox rows, so that a killed
process has either done all of it or nothing; a second process doing the same finds it done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from monitor.domain.errors import EngineError
from monitor.domain.folding import fold
from monitor.domain.lifecycle import DONE_STATES
from monitor.domain.ports import Engine
from monitor.domain.triage import triage
from monitor.domain.types import (
    Kind,
    Label,
    Mention,
    ScoreRequest,
    Sentiment,
    Task,
    TaskPlan,
    TaskState,
)
from monitor.jobs.context import Context
from monitor.store import queue, tasks, views
from monitor.store.announce import announce_change, announce_new

log = structlog.get_logger("earshot.score")
BATCH = 64
Scored = tuple[Mention, ScoreRequest, Sentiment]


def run(ctx: Context, *, limit: int | None = None) -> int:
    """Score everything that waits (at most `limit`); return the number of mentions scored."""
    done = 0
    while limit is None or done < limit:
        with ctx.database.read() as tx:
            waiting = queue.unscored(tx, BATCH)
        if not waiting:
            break
        ctx.fault("score.read")
        done += _score_batch(ctx, waiting)
    return done


def request_for(mention: Mention) -> ScoreRequest:
    """Ask about the brand where the text names it, else about the text as a whole."""
    text = f"{mention.title}\n{mention.text}" if mention.title else mention.text
    named = bool(mention.brand) and fold(mention.brand) in fold(text)
    return ScoreRequest(
        text=text,
        target=mention.brand if named else None,
        lang=mention.lang,
        domain="review" if mention.kind is Kind.REVIEW else "social",
    )


def _score_batch(ctx: Context, waiting: Sequence[Mention]) -> int:
    requests = [request_for(mention) for mention in waiting]
    engine = ctx.engine()
    try:
        sentiments = engine.score(requests)
    except EngineError:
        return _score_one_by_one(ctx, engine, waiting)
    ctx.fault("score.scored")
    _store(ctx, list(zip(waiting, requests, sentiments, strict=True)))
    return len(waiting)


def _score_one_by_one(ctx: Context, engine: Engine, waiting: Sequence[Mention]) -> int:
    """Find the text that the engine cannot read and put only that one off."""
    for mention in waiting:
        request = request_for(mention)
        try:
            _store(ctx, [(mention, request, engine.score([request])[0])])
        except EngineError as error:
            log.warning("mention_not_scored", mention=mention.id, reason=type(error).__name__)
            with ctx.database.write() as tx:
                queue.put_off_scoring(tx, [mention.id], now=ctx.clock())
    return len(waiting)


def _store(ctx: Context, scored: Sequence[Scored]) -> None:
    now = ctx.clock()
    with ctx.database.write() as tx:
        current = set(queue.save_scores(tx, scored, now=now))
        for mention, _, sentiment in scored:
            if mention.id in current:
                _plan(ctx, tx, mention, sentiment, now)
        ctx.fault("score.before_commit")
    ctx.fault("score.committed")


def _plan(
    ctx: Context, tx: Connection, mention: Mention, sentiment: Sentiment, now: datetime
) -> None:
    known = tasks.task_of_mention(tx, mention.id) if mention.revision > 1 else None
    if mention.baseline and known is None:
        return
    around = views.surroundings(tx, mention, now=now)
    plan = triage(mention, sentiment, ctx.policy.triage, now, around)
    if known is not None:
        _replan(ctx, tx, known, plan, sentiment, now)
    elif plan is not None:
        _open(ctx, tx, mention, sentiment, plan, now)


def _open(  # noqa: PLR0917 - one step of _plan, with everything it has at hand
    ctx: Context,
    tx: Connection,
    mention: Mention,
    sentiment: Sentiment,
    plan: TaskPlan,
    now: datetime,
) -> None:
    task_id = tasks.open_task(tx, mention, sentiment.lang, plan, now=now)
    task = tasks.read_task(tx, task_id) if task_id is not None else None
    if task is not None:
        announce_new(tx, task, ctx.policy.channels, now=now)


def _replan(  # noqa: PLR0917 - as _open
    ctx: Context,
    tx: Connection,
    task: Task,
    plan: TaskPlan | None,
    sentiment: Sentiment,
    now: datetime,
) -> None:
    """Follow an edit by the author: bring the task up to date, reopen it when it got worse."""
    columns: dict[str, object] = {}
    facts: dict[str, object] = {"revision": task.mention.revision, "label": sentiment.label.value}
    if plan is not None:
        columns |= tasks.plan_columns(plan, task.due_at)
        facts |= {"priority": plan.priority.value, "points": plan.points}
    if task.state in DONE_STATES and plan is not None and sentiment.label is Label.NEG:
        columns |= {"state": TaskState.NEW.value, "owner": None, "close_reason": None}
        columns |= {"due_at": plan.due_at}
    event = tasks.Event(actor="triage", action="edited", facts=facts, at=now)
    tasks.change_task(tx, task.id, task.version, columns, event)
    changed = tasks.read_task(tx, task.id)
    assert changed is not None
    announce_new(tx, changed, ctx.policy.channels, now=now)
    announce_change(tx, changed, ctx.policy.channels, now=now)
