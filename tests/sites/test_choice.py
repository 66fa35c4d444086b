"""Check the choice between cells."""

from typing import Any

import numpy as np
import pytest

from contract.errors import InputError
from sites.choice import CELL_SHARE, cell_chances, temperature_db
from sites.surroundings import Surroundings


def around_of(*cells_of_site: int) -> Any:
    """One point; so many cells at each of its sites."""
    count = np.array(cells_of_site)
    cell = np.arange(count.sum())
    return Surroundings(
        site=np.arange(len(count))[None, :],
        away_m=np.full((1, len(count)), 100.0, dtype=np.float32),
        first=np.cumsum(count) - count,
        pair=np.repeat(np.arange(len(count)), count),
        cell=cell,
        level_dbm=np.zeros(len(cell), dtype=np.float32),
    )


def chances(around: Any, *utility: float) -> Any:
    return cell_chances(around, np.array(utility, dtype=np.float32), temperature=7.0)


def test_two_sites_of_one_cell_follow_the_logistic_curve() -> None:
    first, second = chances(around_of(1, 1), -80.0, -87.0)
    assert first / second == pytest.approx(np.e, rel=1e-5)
    assert first + second == pytest.approx(1.0)


def test_cells_of_one_site_are_told_apart_more_surely_than_sites() -> None:
    first, second = chances(around_of(2), -80.0, -87.0)
    assert first / second == pytest.approx(np.exp(1.0 / CELL_SHARE), rel=1e-5)


def test_the_logit_is_close_to_normal_shadowing() -> None:
    rng = np.random.default_rng(3)
    mean = np.array([-80.0, -84.0, -92.0, -100.0])
    # Sigma 12 dB, half of it shared: what is left is each site's own.
    drawn = mean + rng.normal(0.0, 12.0 * np.sqrt(0.5), (200_000, 4))
    exact = np.bincount(drawn.argmax(axis=1), minlength=4) / len(drawn)
    logit = cell_chances(
        around_of(1, 1, 1, 1), mean.astype(np.float32), temperature=temperature_db(12.0)
    )
    np.testing.assert_allclose(logit, exact, atol=0.03)


def test_a_cell_that_is_down_gets_nothing_and_its_site_goes_on() -> None:
    around = around_of(2, 1)
    chance = chances(around, -np.inf, -90.0, -90.0)
    assert chance.tolist() == pytest.approx([0.0, 0.5, 0.5])


def test_where_all_are_down_all_chances_are_zero() -> None:
    assert chances(around_of(1, 2), *[-np.inf] * 3).tolist() == [0.0, 0.0, 0.0]


def test_utilities_are_not_changed() -> None:
    utility = np.array([-80.0, -90.0], dtype=np.float32)
    before = utility.copy()
    cell_chances(around_of(1, 1), utility, temperature=7.0)
    np.testing.assert_array_equal(utility, before)


@pytest.mark.parametrize("sigma", [0.0, -1.0, np.nan])
def test_a_spread_must_be_above_zero(sigma: float) -> None:
    with pytest.raises(InputError, match="`sigma_db` needs"):
        temperature_db(sigma)
