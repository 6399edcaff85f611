from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.backoff import (
    FIRST_S,
    LONGEST_ASKED_S,
    LONGEST_S,
    after_failure_s,
    after_success_s,
)


def test_doubles_from_a_minute_to_six_hours():
    delays = [after_failure_s("shop", failures) for failures in range(1, 12)]
    for failures, delay in enumerate(delays, start=1):
        full = min(FIRST_S * 2 ** (failures - 1), LONGEST_S)
        assert 0.8 * full <= delay <= full


def test_equal_sources_do_not_come_back_together():
    delays = {round(after_failure_s(f"shop {n}", 3)) for n in range(100)}
    assert len(delays) > 30


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(3600, 3600), (10 * 365 * 86400, LONGEST_ASKED_S), (math.inf, LONGEST_ASKED_S)],
)
def test_never_earlier_than_the_source_asked_for_but_within_a_day(asked, expected):
    assert after_failure_s("shop", 1, asked_s=asked) == expected
    assert after_success_s("shop", 900, asked_s=asked) == expected


@pytest.mark.parametrize("asked", [None, 0, -5, math.nan, -math.inf])
def test_senseless_wishes_are_ignored(asked):
    assert after_failure_s("shop", 1, asked_s=asked) == after_failure_s("shop", 1)


@given(name=st.text(), every=st.floats(60, 7 * 86400))
def test_regular_runs_are_a_little_late_and_never_early(name, every):
    assert every <= after_success_s(name, every) <= every + min(0.05 * every, 60)


@given(name=st.text(), failures=st.integers(-1, 10**9))
def test_any_count_gives_a_sane_delay(name, failures):
    assert 0.8 * FIRST_S <= after_failure_s(name, failures) <= LONGEST_S
