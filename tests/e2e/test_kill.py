"""A short run of the kill test with every change; the long one is `make kill-test`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.kill import CONTROL, play_for, run


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_at_random_moments_nothing_is_lost_or_repeated(tmp_path: Path) -> None:
    result = run(tmp_path, kills=12, seed=20261121, play=play_for(12))
    assert result.verdict.kept, str(result.verdict)
    assert result.verdict.tasks > 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_control_without_the_look_up_repeats_alerts(tmp_path: Path) -> None:
    result = run(tmp_path, kills=10, seed=7, play=play_for(10), command=CONTROL)
    assert result.verdict.duplicate_alerts, "a test that cannot fail proves nothing"
    assert not result.verdict.lost_alerts
