"""What few numbers are answered must be what NumPy answers."""

import numpy as np
import pytest

from correlate.small_arrays import FEW, distinct, is_among

RNG = np.random.default_rng(5)


@pytest.mark.parametrize("size", [0, 1, 7, FEW, FEW + 1, 500])
def test_distinct_numbers_are_those_of_numpy(size: int) -> None:
    values = RNG.integers(0, 40, size)
    found = distinct(values)
    assert np.array_equal(found, np.unique(values))
    assert found.dtype == values.dtype


@pytest.mark.parametrize("size", [0, 3, FEW + 1])
@pytest.mark.parametrize("members", [0, 4, FEW + 1])
def test_membership_is_that_of_numpy(size: int, members: int) -> None:
    values, among = RNG.integers(0, 9, size), RNG.integers(0, 9, members)
    assert np.array_equal(is_among(values, among), np.isin(values, among))
