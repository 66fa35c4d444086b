"""Tests of whether what is unusual hurts."""

import numpy as np
import pytest

from correlate.felt import unfelt_share
from kpi.measures import MEASURE_INDEX, MEASURES


def moved(**deviations: float) -> np.ndarray:
    z = np.full(len(MEASURES), np.nan)
    for name, value in deviations.items():
        z[MEASURE_INDEX[name]] = value
    return z


@pytest.mark.parametrize(
    ("deviations", "share"),
    [
        ({"ul_interference_dbm": 12.0, "attempts": 5.0}, 1.0),
        ({"ul_interference_dbm": 12.0, "drop_rate": 1.0}, 0.5),
        ({"setup_success": -6.0}, 0.0),
        ({"setup_success": 6.0}, 1.0),
        ({"throughput_mbps": -0.5, "congestion_rate": 1.5}, 0.25),
    ],
    ids=["noise and load", "some drops", "calls fail", "better than usual", "worst decides"],
)
def test_only_service_that_worsens_is_felt(deviations: dict[str, float], share: float) -> None:
    assert unfelt_share(moved(**deviations)) == pytest.approx(share)


def test_nothing_known_is_nothing_felt() -> None:
    assert unfelt_share(moved()) == 1.0
