"""Observations hold places, cells and ages, whatever the order in which they come."""

import numpy as np
import pytest

from contract.errors import InputError
from sites.observations import (
    Observations,
    arrived_before,
    burst_weight,
    nothing_observed,
    observations,
)


def some(order: list[int]) -> Observations:
    """Return four observations, given in some order."""
    at = np.array(order)
    return observations(
        np.array([0.0, 10.0, 5000.0, 0.0])[at],
        np.zeros(4),
        radius_m=np.full(4, 200.0),
        cell=np.array([1, 1, 2, 3])[at],
        age_h=np.array([1.0, 2.0, 3.0, 4.0])[at],
        arrived_at=np.array([30, 10, 20, 40])[at],
    )


def test_the_order_of_rows_never_matters() -> None:
    one, other = some([0, 1, 2, 3]), some([3, 1, 0, 2])
    for name, values in vars(one).items():
        assert np.array_equal(values, getattr(other, name)), name


def test_what_arrived_later_is_not_looked_at() -> None:
    assert arrived_before(some([0, 1, 2, 3]), 30).arrived_at.tolist() == [10, 20]


def test_complaints_of_one_burst_count_less_each() -> None:
    assert burst_weight(some([0, 1, 2, 3])).round(3).tolist() == [0.707, 1.0, 0.707, 1.0]


@pytest.mark.parametrize(
    ("x_m", "cell"), [([np.nan], [1]), ([1.0], [-1])], ids=["no place", "unknown cell"]
)
def test_a_sighting_without_place_or_cell_is_left_out(x_m: list[float], cell: list[int]) -> None:
    found = observations(x_m, [0.0], radius_m=[1.0], cell=cell, age_h=[1.0], arrived_at=[0])
    assert len(found) == 0


def test_nothing_observed_is_empty() -> None:
    assert len(nothing_observed()) == 0


def test_arrays_of_different_length_are_refused() -> None:
    with pytest.raises(InputError, match="need one length"):
        observations([1.0], [1.0], radius_m=[1.0], cell=[1, 2], age_h=[1.0], arrived_at=[0])
