"""Check the levels of cells around points, against the plain formulas."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sites.antennas import combined_gain_db, horizontal_gain_db, vertical_gain_db
from sites.inventory import build_network
from sites.levels import PATTERN_FLOOR_DB, VERTICAL_FLOOR_DB, candidate_cells, levels_dbm
from sites.propagation import building_loss_db, cost231_hata_db
from sites.radio import PACKED, build_radio
from sites.surroundings import surroundings

# Four sites so close that the country is urban: path loss without any correction.
EAST_M = {"A": 0.0, "B": 120.0, "C": 240.0, "D": 360.0}


def network_of(azimuth: Any = 90.0, *, indoor: int = 0) -> Any:
    sites = pd.DataFrame(
        {
            "site_id": list(EAST_M),
            "site_name": list(EAST_M),
            "lon": [100.0 + east / 100_900 for east in EAST_M.values()],
            "lat": 25.0,
        }
    )
    cells = pd.DataFrame(
        {
            "cell_id": [f"{name}-1" for name in EAST_M],
            "site_id": list(EAST_M),
            "rat": "LTE",
            "freq_mhz": 1800.0,
            "azimuth_deg": azimuth,
            "beamwidth_deg": 65.0,
            "downtilt_deg": 6.0,
            "height_m": 30.0,
            "eirp_dbm": 60.0,
            "indoor": indoor,
        }
    )
    return build_network({"sites": sites, "cells": cells})


def level_at(network: Any, east_m: float, north_m: float, **options: Any) -> float:
    x_m, y_m = network.sites.loc[0, ["x_m", "y_m"]].astype(float) + [east_m, north_m]
    level, _ = levels_dbm(build_radio(network), [x_m], [y_m], np.array([[0]]), **options)
    return float(level[0, 0])


@pytest.mark.parametrize(
    ("east_m", "north_m"),
    [
        pytest.param(400.0, 0.0, id="ahead"),
        pytest.param(200.0, 300.0, id="aside"),
        pytest.param(-50.0, 10.0, id="behind"),
    ],
)
def test_a_level_is_power_less_loss_and_pattern(east_m: float, north_m: float) -> None:
    away = np.hypot(east_m, north_m)
    off = abs(90.0 - np.degrees(np.arctan2(east_m, north_m)))
    across = horizontal_gain_db(min(off, 360.0 - off), beamwidth_deg=65.0, floor_db=25.0)
    below = np.degrees(np.arctan(28.5 / away))
    down = vertical_gain_db(below, tilt_deg=6.0, floor_db=VERTICAL_FLOOR_DB)
    gain = combined_gain_db(across, down, floor_db=PATTERN_FLOOR_DB)
    loss = cost231_hata_db(1800.0, away / 1e3, base_m=30.0)
    expected = 60.0 - 30.8 - loss + gain
    assert level_at(network_of(), east_m, north_m) == pytest.approx(expected, abs=0.02)


def test_without_an_azimuth_all_directions_are_equal() -> None:
    network = network_of(np.nan)
    assert level_at(network, 200.0, 0.0) == pytest.approx(level_at(network, -200.0, 0.0), abs=0.01)


def test_a_building_takes_its_loss() -> None:
    outside, inside = (
        level_at(network_of(), 200.0, 0.0, indoor=np.array([chance])) for chance in (0.0, 1.0)
    )
    assert outside - inside == pytest.approx(building_loss_db(1.8, depth_m=5.0), abs=0.01)


def test_an_indoor_cell_is_walled_in_beyond_its_reach() -> None:
    network = network_of(indoor=1)
    near, far = (level_at(network, east, 0.0) for east in (59.0, 61.0))
    assert near - far > 25.0
    inside = level_at(network, 59.0, 0.0, indoor=np.array([1.0]))
    assert inside == pytest.approx(near)


def test_the_country_opens_up_where_sites_are_far_apart() -> None:
    network = network_of()
    radio = build_radio(network)
    sparse = type(radio)(**{**vars(radio), "spacing_m": np.full(4, 3000.0)})
    at = network.sites.loc[[0], "x_m"] + 200.0, network.sites.loc[[0], "y_m"]
    dense_db, sparse_db = (levels_dbm(r, *at, np.array([[0]]))[0][0, 0] for r in (radio, sparse))
    assert sparse_db > dense_db + 10.0


def test_surroundings_tell_the_same_as_levels_of_candidates() -> None:
    network = network_of()
    radio = build_radio(network)
    x_m = network.sites.loc[0, "x_m"] + np.array([10.0, 450.0, 5000.0])
    y_m = network.sites.loc[0, "y_m"] + np.array([50.0, -20.0, 0.0])
    around = surroundings(radio, x_m, y_m, indoor=np.array([0.0, 0.5, 1.0]), nearest=4)
    cells = candidate_cells(radio, x_m, y_m, nearest=4)
    level, away = levels_dbm(radio, x_m, y_m, cells, indoor=np.array([0.0, 0.5, 1.0]))
    np.testing.assert_array_equal(around.cell.reshape(3, 4), cells)
    np.testing.assert_allclose(around.level_dbm.reshape(3, 4), level, atol=1e-3)
    np.testing.assert_allclose(around.away_m, away, rtol=1e-5)
    assert around.first.tolist() == list(range(12))


def test_packed_values_are_named() -> None:
    radio = build_radio(network_of())
    assert radio.packed.shape == (4, len(PACKED))
    assert radio.packed.dtype == np.float32
