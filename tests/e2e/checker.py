"""The checker: compares what the outside world saw with what the database says.

Promises: nothing published is lost; everything is scored exactly once; a task for exactly the
negative items, one each; every task's alert accepted by Slack exactly once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from tests.e2e.stage import Stage, lines

_ITEMS = "SELECT id, text, scored, revision FROM mentions"
_TASKS = "SELECT t.id, m.text FROM tasks t JOIN mentions m ON m.id = t.mention_id"
_SCORES = "SELECT mention_id, revision, count(*) FROM sentiments GROUP BY 1, 2"


@dataclass(slots=True)
class Verdict:
    """What was found; empty lists mean that every promise was kept."""

    published: int = 0
    tasks: int = 0
    accepted: int = 0
    lost_mentions: list[str] = field(default_factory=list)
    duplicate_mentions: list[str] = field(default_factory=list)
    unscored: list[int] = field(default_factory=list)
    scored_twice: list[int] = field(default_factory=list)
    missing_tasks: list[str] = field(default_factory=list)
    wrong_tasks: list[str] = field(default_factory=list)
    lost_alerts: list[str] = field(default_factory=list)
    duplicate_alerts: list[str] = field(default_factory=list)
    damage: str = ""

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return (
            not any(
                value for name in self.__slots__ if isinstance(value := getattr(self, name), list)
            )
            and not self.damage
        )

    @property
    def settled(self) -> bool:
        """Whether nothing is missing (there may still be too much of something)."""
        return not (self.lost_mentions or self.unscored or self.missing_tasks or self.lost_alerts)

    def __str__(self) -> str:
        """Return the figures in one line, and what is wrong."""
        wrong = {
            name: value
            for name in self.__slots__
            if isinstance(value := getattr(self, name), list) and value
        }
        head = f"published={self.published} tasks={self.tasks} accepted={self.accepted}"
        faults = " ".join(f"{name}={len(value)}:{value[:5]}" for name, value in wrong.items())
        return f"{head} {faults} {self.damage}".strip()


def check(stage: Stage) -> Verdict:
    """Compare the ledgers with the database. A database that is not there yet has lost all."""
    published = {str(line["mark"]): int(str(line["id"])) for line in lines(stage.site_ledger)}
    verdict = Verdict(published=len(published))
    url = stage.environment.get("EARSHOT_DATABASE_URL") or f"sqlite:///{stage.database}"
    engine = create_engine(url)
    try:
        if not _is_there(engine):
            verdict.lost_mentions = ["all: there is no database yet"]
            return verdict
        with engine.connect() as tx:
            _check_mentions(tx, published, verdict)
            keys = _check_tasks(tx, published, verdict)
            if engine.dialect.name == "sqlite":
                damage = str(tx.execute(text("PRAGMA integrity_check")).scalar())
                verdict.damage = "" if damage == "ok" else damage
    finally:
        engine.dispose()
    _check_alerts(stage, keys, verdict)
    return verdict


def _is_there(engine: Engine) -> bool:
    try:
        return inspect(engine).has_table("outbox")
    except OperationalError:
        return False


def _check_mentions(tx, published: dict[str, int], verdict: Verdict) -> None:
    rows = tx.execute(text(_ITEMS)).all()
    seen = Counter(_mark(row.text) for row in rows)
    verdict.lost_mentions = sorted(published.keys() - seen.keys())
    verdict.duplicate_mentions = sorted(mark for mark, count in seen.items() if count > 1)
    verdict.unscored = [row.id for row in rows if row.scored != row.revision]
    scores = tx.execute(text(_SCORES)).all()
    verdict.scored_twice = [row[0] for row in scores if row[2] > 1]


def _check_tasks(tx, published: dict[str, int], verdict: Verdict) -> set[str]:
    rows = tx.execute(text(_TASKS)).all()
    verdict.tasks = len(rows)
    wanted = {mark for mark, number in published.items() if number % 2 == 0}
    opened = Counter(_mark(row.text) for row in rows)
    verdict.missing_tasks = sorted(wanted - opened.keys())
    verdict.wrong_tasks = sorted(
        mark for mark, count in opened.items() if mark not in wanted or count > 1
    )
    return {f"task:{row.id}:created:care" for row in rows}


def _check_alerts(stage: Stage, keys: set[str], verdict: Verdict) -> None:
    posts = [line for line in lines(stage.slack_ledger) if line.get("method") == "chat.postMessage"]
    accepted = Counter(str(post["key"]) for post in posts)
    verdict.accepted = len(posts)
    verdict.lost_alerts = sorted(keys - accepted.keys())
    verdict.duplicate_alerts = sorted(key for key, count in accepted.items() if count > 1)


def _mark(content: str) -> str:
    return content[content.rfind("[item ") :].partition("]")[0] + "]"
