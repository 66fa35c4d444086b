"""Check how likely nothing serves."""

from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from sites.service import unserved_probability
from sites.surroundings import Surroundings


def around_of(points: int, sites: int) -> Any:
    pairs = np.arange(points * sites)
    return Surroundings(
        site=np.tile(np.arange(sites), (points, 1)),
        away_m=np.ones((points, sites), dtype=np.float32),
        first=pairs,
        pair=pairs,
        cell=pairs % sites,
        level_dbm=np.zeros(points * sites, dtype=np.float32),
    )


def unserved(margin: Any, **options: Any) -> Any:
    margin = np.atleast_2d(np.asarray(margin, dtype=float))
    around = around_of(*margin.shape)
    return unserved_probability(around, margin.ravel(), sigma_db=12.0, **options)


@pytest.mark.parametrize("margin", [-10.0, 0.0, 10.0, 25.0])
def test_one_site_is_missed_as_the_normal_curve_says(margin: float) -> None:
    assert unserved([margin])[0] == pytest.approx(ndtr(-margin / 12.0), abs=0.003)


def test_a_second_site_helps_less_than_an_independent_one() -> None:
    alone, both = unserved([0.0])[0], unserved([0.0, 0.0])[0]
    # Correlated by one half: 1/4 + asin(1/2) / (2 pi) = 1/3.
    assert both == pytest.approx(1.0 / 3.0, abs=0.01)
    assert alone**2 < both < alone


def test_more_margin_means_less_chance_that_nothing_serves() -> None:
    chance = unserved([[-20.0, -30.0], [0.0, -30.0], [15.0, -30.0], [60.0, -30.0]])
    assert (np.diff(chance) < 0).all()
    assert chance[-1] == 0.0


def test_with_every_cell_down_nothing_serves() -> None:
    assert unserved([-np.inf, -np.inf])[0] == pytest.approx(1.0)


def test_points_not_asked_for_are_left_at_zero() -> None:
    chance = unserved([[0.0], [0.0]], asked=np.array([True, False]))
    assert chance[0] > 0.4
    assert chance[1] == 0.0


def test_an_answer_does_not_depend_on_who_else_asks() -> None:
    margin = np.random.default_rng(1).normal(5.0, 15.0, (40, 3))
    together = unserved(margin)
    alone = [unserved(margin[row])[0] for row in range(len(margin))]
    np.testing.assert_array_equal(together, alone)
