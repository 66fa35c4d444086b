"""Of periods that overlap, those that know the whole count."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.period_overlaps import is_counted


def counted(*spans: tuple[int, int], cells: list[int] | None = None) -> list[bool]:
    start = np.array([s for s, _ in spans], dtype=np.int64)
    end = np.array([e for _, e in spans], dtype=np.int64)
    cell = np.array(cells if cells is not None else [0] * len(spans), dtype=np.int64)
    return [bool(flag) for flag in is_counted(cell, start, end)]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([(0, 15), (15, 30)], [True, True], id="side by side"),
        pytest.param([(0, 60), (0, 30), (30, 60)], [False, True, True], id="filled"),
        pytest.param([(0, 60), (0, 30)], [True, False], id="a hole"),
        pytest.param(
            [(0, 60), (0, 30), (30, 45), (45, 60)], [False, True, True, True], id="mixed lengths"
        ),
        pytest.param([(0, 15), (0, 30), (0, 60)], [False, False, True], id="three lengths"),
        pytest.param(
            [(0, 15), (15, 30), (0, 30), (0, 60)],
            [False, False, False, True],
            id="filled, then not",
        ),
        pytest.param([(0, 15), (7, 22)], [True, False], id="one length"),
        pytest.param([(0, 15), (0, 15)], [True, False], id="twice"),
        pytest.param([(50, 65), (60, 120)], [False, True], id="reaching in"),
    ],
)
def test_the_rows_that_count(spans: list[tuple[int, int]], expected: list[bool]) -> None:
    assert counted(*spans) == expected


def test_other_cells_are_left_alone() -> None:
    assert counted((0, 60), (0, 15), (0, 15), cells=[0, 1, 0]) == [True, True, False]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 40), st.sampled_from([1, 3, 6, 12])),
        max_size=25,
    )
)
def test_no_two_that_count_overlap_and_a_cell_that_reported_is_heard(
    rows: list[tuple[int, int, int]],
) -> None:
    cell = np.array([row[0] for row in rows], dtype=np.int64)
    start = np.array([row[1] for row in rows], dtype=np.int64)
    end = start + np.array([row[2] for row in rows], dtype=np.int64)
    kept = is_counted(cell, start, end)
    for number in range(3):
        chosen = np.flatnonzero(kept & (cell == number))
        chosen = chosen[np.argsort(start[chosen])]
        assert (start[chosen][1:] >= end[chosen][:-1]).all()
        assert bool(len(chosen)) == bool((cell == number).any())
