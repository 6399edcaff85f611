"""Every durable step has a named fault point; a crash at each of them loses and repeats nothing."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from tests.e2e.kill import settle
from tests.e2e.stage import REPOSITORY, Play, Stage, earshot, kill, raised

_POINT = re.compile(r"""fault\(\s*["']([a-z_]+\.[a-z_]+)["']""")
_ORDER = ("score", "crawl", "deliver", "collect")
"""Points that need something new on the site come first."""
PLAY = Play(items=100, rate=0.7, lost_replies=0.25, places=("forum",))
"""Slow enough that every start finds something new; replies are lost so that look-ups happen."""


def points() -> list[str]:
    """Return the fault points that the code names."""
    code = (*REPOSITORY.glob("monitor/**/*.py"), *REPOSITORY.glob("spiders/**/*.py"))
    names = {name for path in code for name in _POINT.findall(path.read_text("utf-8"))}
    return sorted(names, key=lambda name: (_ORDER.index(name.partition(".")[0]), name))


def test_every_job_has_fault_points() -> None:
    jobs = {point.partition(".")[0] for point in points()}
    assert jobs == {"collect", "crawl", "score", "deliver"}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_crash_at_every_point_loses_and_repeats_nothing(tmp_path: Path) -> None:
    with raised(tmp_path, PLAY) as stage:
        missed = [point for point in points() if not crashed_at(stage, point)]
        process = earshot(stage, "tests.e2e.cycle")
        try:
            verdict = settle(stage, 180)
        finally:
            kill(process, children=True)
    assert not missed, "these points were never passed"
    assert verdict.kept, str(verdict)
    assert (verdict.published, verdict.tasks) == (PLAY.items, PLAY.items // 2)


def crashed_at(stage: Stage, point: str) -> bool:
    """Run until the process kills itself at the point; False when it never gets there."""
    mark = stage.folder / f"hit-{point}"
    process = earshot(stage, "tests.e2e.cycle", EARSHOT_FAULT=f"{point}:1:{mark}")
    until = time.monotonic() + 30
    while not mark.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    kill(process, children=True)
    return mark.exists()
