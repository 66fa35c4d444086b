"""The model behind the British points is a model: seeded, correlated, of the right spread."""

import numpy as np
import pytest

from benchmarks import served_points
from benchmarks.served_points import (
    SIGMA_DB,
    Masts,
    downlink_mhz,
    scattered_points,
    serving_cells,
)

MASTS = Masts(
    x_m=np.array([0.0, 0.0, 2000.0, 0.0]),
    y_m=np.array([0.0, 0.0, 0.0, 2000.0]),
    site=np.array([0, 0, 1, 2]),
    azimuth_deg=np.array([90.0, 270.0, 0.0, np.nan]),
    freq_mhz=np.full(4, 800.0),
)


@pytest.mark.parametrize(
    ("earfcn", "mhz"),
    [(0, 2110.0), (1200, 1805.0), (6300, 806.0), (3350, 2680.0)],
    ids=["band 1", "band 3", "band 20", "band 7"],
)
def test_frequencies_are_those_of_the_table(earfcn: int, mhz: float) -> None:
    assert downlink_mhz([earfcn])[0] == pytest.approx(mhz)


def test_a_channel_of_no_band_has_no_frequency() -> None:
    assert np.isnan(downlink_mhz([5000])).all()


def test_the_same_seed_gives_the_same_country() -> None:
    points = scattered_points(MASTS, 200, np.random.default_rng(1))
    first, again = (serving_cells(MASTS, points, seed=2) for _ in range(2))
    assert (first == again).all()
    assert (first != serving_cells(MASTS, points, seed=3)).any()


def test_points_do_not_depend_on_the_others_asked() -> None:
    points = scattered_points(MASTS, 50, np.random.default_rng(1))
    together = serving_cells(MASTS, points, seed=2)
    alone = [serving_cells(MASTS, points[[at]], seed=2)[0] for at in range(50)]
    assert together.tolist() == alone


def test_the_sector_that_points_there_serves_near_by() -> None:
    points = np.column_stack([np.full(300, 250.0), np.linspace(-60.0, 60.0, 300)])
    assert (serving_cells(MASTS, points, seed=2) == 0).mean() > 0.8


def test_shadowing_has_its_spread_and_its_correlations() -> None:
    rng = np.random.default_rng(5)
    at = rng.uniform(0.0, 200_000.0, (4000, 2))
    near = np.tile([0, 1], (4000, 1))
    here = served_points._shadow_db(at, near, 7)
    there = served_points._shadow_db(at + [served_points.DECORRELATION_M, 0.0], near, 7)
    assert here.std() == pytest.approx(SIGMA_DB, rel=0.1)
    assert np.corrcoef(here.T)[0, 1] == pytest.approx(0.5, abs=0.1)
    assert np.corrcoef(here[:, 0], there[:, 0])[0, 1] == pytest.approx(np.exp(-1.0), abs=0.1)
