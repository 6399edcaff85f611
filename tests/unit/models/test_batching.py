from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.batching import OVERLAP, by_budget, pad, windows


def test_a_short_text_is_one_window():
    assert windows([1, 5, 6, 2], 128) == [[1, 5, 6, 2]]


@given(st.integers(0, 3000), st.integers(40, 200))
def test_windows_cover_every_piece_and_stay_short(count: int, longest: int):
    inner = list(range(10, 10 + count))
    found = windows([1, *inner, 2], longest)
    assert all(len(window) <= longest for window in found)
    assert all((window[0], window[-1]) == (1, 2) for window in found)
    assert sorted({piece for window in found for piece in window[1:-1]}) == inner


def test_neighbours_overlap():
    first, second, *_ = windows([1, *range(10, 400), 2], 100)
    assert first[-1 - OVERLAP : -1] == second[1 : 1 + OVERLAP]


@given(st.lists(st.integers(1, 300), max_size=80), st.integers(1, 1000))
def test_batches_take_every_text_once_within_the_budget(lengths: list[int], budget: int):
    lengths = sorted(lengths)
    found = list(by_budget(lengths, budget))
    assert [n for start, stop in found for n in range(start, stop)] == list(range(len(lengths)))
    for start, stop in found:
        assert stop - start == 1 or (stop - start) * lengths[stop - 1] <= budget


def test_padding_is_zero():
    assert pad([[1, 2, 3], [1]]).tolist() == [[1, 2, 3], [1, 0, 0]]
