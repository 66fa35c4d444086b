import numpy as np
import pytest

from correlate.incidents import unserved_users

USERS = np.array([100.0, 200.0, 300.0, 400.0, 500.0])


def unserved(*cells: int, around: dict[int, list[int]], degree: float = 1.0) -> float:
    near = {cell: np.array(others) for cell, others in around.items()}
    positions = np.array(cells, dtype=np.int64)
    return unserved_users(USERS, positions, np.full(len(cells), degree), near)


def test_without_neighbours_nobody_is_caught() -> None:
    assert unserved(0, 1, around={}) == 300.0


def test_more_healthy_neighbours_catch_more_but_never_all() -> None:
    few, many = unserved(0, around={0: [1]}), unserved(0, around={0: [1, 2, 3, 4]})
    assert 0 < many < few < 100


def test_neighbours_that_fell_too_catch_nobody() -> None:
    assert unserved(0, 1, around={0: [1], 1: [0]}) == 300.0


def test_a_cell_that_lost_half_its_service_leaves_half_its_users() -> None:
    assert unserved(2, around={}, degree=0.5) == pytest.approx(150.0)


def test_no_cells_touch_no_users() -> None:
    assert unserved(around={0: [1]}) == 0.0


def test_users_are_left_as_they_were() -> None:
    before = USERS.copy()
    unserved(0, 1, around={0: [2]})
    assert (before == USERS).all()
