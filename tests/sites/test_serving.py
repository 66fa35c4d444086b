"""The likeliest cells of a point come first, the nearer one of equals."""

from typing import Any

import numpy as np
import pytest

from sites.serving import LEAST_CHANCE, likeliest
from sites.surroundings import Surroundings


def around_of(points: int, cells: int) -> Any:
    """Return surroundings with one cell at each site."""
    pairs = np.arange(points * cells)
    return Surroundings(
        site=np.tile(np.arange(cells), (points, 1)),
        away_m=np.tile(100.0 * np.arange(1, cells + 1, dtype=np.float32), (points, 1)),
        first=pairs,
        pair=pairs,
        cell=pairs % cells,
        level_dbm=np.zeros(points * cells, dtype=np.float32),
    )


def of_chances(chance: Any, top: int = 2) -> Any:
    values = np.atleast_2d(np.asarray(chance, dtype=np.float32))
    around = around_of(*values.shape)
    return likeliest(around, values.ravel(), np.zeros(len(values)), top=top)


@pytest.mark.parametrize(
    ("chance", "cells"),
    [
        pytest.param([0.1, 0.6, 0.3], [1, 2], id="in-order"),
        pytest.param([0.25, 0.25, 0.25, 0.25], [0, 1], id="equal"),
        pytest.param([1.0, LEAST_CHANCE / 2], [0, -1], id="too-faint"),
    ],
)
def test_the_likeliest_cells_are_kept(chance: Any, cells: list[int]) -> None:
    assert of_chances(chance).cell.tolist() == [cells]


def test_what_is_cut_off_counts_in_the_sum() -> None:
    serving = of_chances([0.5, 0.25, 0.25])
    np.testing.assert_allclose(serving.probability, [[0.5, 0.25]])
    assert serving.distance_m.tolist() == [[100.0, 200.0]]


def test_an_answer_does_not_depend_on_who_else_asks() -> None:
    chance = np.random.default_rng(2).random((30, 9)).astype(np.float32)
    chance[::2, 4:] = 0.0
    together = of_chances(chance, top=4)
    for row in range(len(chance)):
        alone = of_chances(chance[row], top=4)
        np.testing.assert_array_equal(alone.cell[0], together.cell[row])
        np.testing.assert_array_equal(alone.probability[0], together.probability[row])


def test_a_point_where_no_cell_is_left_has_none() -> None:
    serving = of_chances([[0.0, 0.0], [1.0, 0.0]])
    assert serving.cell[0].tolist() == [-1, -1]
    assert np.isnan(serving.distance_m[0]).all()
