"""A view is checked before it is used, and squares stay where they are on the earth."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.errors import InputError
from dashboards.server.live_map.views import View, mercator, square_of, unprojected, view_of

TOLD = {"west": 100.0, "south": 25.0, "east": 102.0, "north": 27.0, "zoom": 7.0}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("everything", "must be an object"),
        (None, "must be an object"),
        (TOLD | {"zoom": "7"}, "must have a number `zoom`"),
        (TOLD | {"west": True}, "must have a number `west`"),
        (TOLD | {"zoom": 99}, "must lie between 0 and 24"),
        (TOLD | {"north": float("nan")}, "`north` of `view`"),
        (TOLD | {"west": 103}, "west before east"),
        (TOLD | {"scale": 100}, "`scale` of `view`"),
        ({}, "must have a number"),
    ],
)
def test_what_is_no_view_is_refused(wrong: Any, reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        view_of(wrong)


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_projecting_there_and_back_gives_the_same(lon: float, lat: float) -> None:
    x, y = mercator(np.array([lon]), np.array([lat]))
    assert unprojected(float(x[0]), float(y[0])) == pytest.approx((lon, lat), abs=1e-6)


def test_middle_of_a_view_is_that_of_the_screen() -> None:
    lon, lat = View(100, 20, 102, 40, 5).centre
    assert lon == pytest.approx(101)
    assert 30 < lat < 31, "the north is drawn larger"


def test_a_view_holds_what_lies_just_beside_it() -> None:
    lon = pd.Series([101.0, 102.05, 103.0])
    assert view_of(TOLD).holds(lon, lon * 0 + 26).tolist() == [True, True, False]


def test_squares_are_wide_as_asked_and_stay_within_half_a_step_of_zoom() -> None:
    px = 1 / (512 * 2.0**4)
    x, y = np.array([10.5, 29.5, 30.5]) * px, np.array([10.5] * 3) * px
    here = square_of(x, y, zoom=4.0, side_px=30)
    assert here[0] == here[1] != here[2]
    assert (square_of(x, y, zoom=4.4, side_px=30) == here).all()
