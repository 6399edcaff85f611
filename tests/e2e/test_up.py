"""`earshot up` as an operator meets it: it stops when asked, and two of it do no harm."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.checker import check
from tests.e2e.kill import REAL, settle, until_it_speaks
from tests.e2e.stage import Play, descendants, earshot, kill, raised


def is_running(pid: int) -> bool:
    command = ["ps", "-o", "stat=", "-p", str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() not in {"", "Z", "Zs"}


@pytest.mark.slow
@pytest.mark.parametrize("working_s", [0.0, 3.0])
def test_it_stops_within_ten_seconds_and_leaves_nobody_behind(
    tmp_path: Path, working_s: float
) -> None:
    with raised(tmp_path, Play(items=30, rate=5)) as stage:
        process = earshot(stage, *REAL)
        until_it_speaks(stage)
        time.sleep(working_s)
        children = descendants(process.pid)
        started = time.monotonic()
        process.terminate()
        assert process.wait(30) == 0
        assert time.monotonic() - started < 10
    assert not [pid for pid in children if is_running(pid)]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_instances_on_one_database_do_no_harm(tmp_path: Path) -> None:
    with raised(tmp_path, Play(items=30, rate=3)) as stage:
        both = [earshot(stage, *REAL) for _ in range(2)]
        try:
            verdict = settle(stage, 120)
            kill(both[0], children=True)
            time.sleep(2)
            both[0] = earshot(stage, *REAL)
            verdict = settle(stage, 30)
        finally:
            for process in both:
                kill(process, children=True)
        assert verdict.kept, str(verdict)
        assert check(stage).tasks == 15
