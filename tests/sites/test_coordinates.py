"""Coordinates come to WGS-84, and a wrong system or order is offered as another reading."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sites.coordinates import (
    bd09_from_gcj02,
    gcj02_from_bd09,
    gcj02_from_wgs84,
    is_in_china,
    readings,
    to_wgs84,
    wgs84_from_gcj02,
)

METRES_PER_DEGREE = 111_320.0

# Published in the tests of googollee/eviltransform and the manual of wandergis/coordtransform.
PUBLISHED_GCJ02 = [
    pytest.param(121.5272106, 31.1774276, 121.531541859215, 31.17530398364597, id="shanghai"),
    pytest.param(113.912316, 22.543847, 113.9171764808363, 22.540796131694766, id="shenzhen"),
    pytest.param(116.377817, 39.911954, 116.38404722455657, 39.91334545536069, id="beijing"),
    pytest.param(116.404, 39.915, 116.41024449916938, 39.91640428150164, id="tiananmen"),
]


def metres_between(lon_a: Any, lat_a: Any, lon_b: Any, lat_b: Any) -> Any:
    east = (np.asarray(lon_a) - lon_b) * METRES_PER_DEGREE * np.cos(np.radians(lat_b))
    return np.hypot(east, (np.asarray(lat_a) - lat_b) * METRES_PER_DEGREE)


@pytest.mark.parametrize(("lon", "lat", "gcj_lon", "gcj_lat"), PUBLISHED_GCJ02)
def test_published_points_are_met_to_a_tenth_of_a_metre(
    lon: Any, lat: Any, gcj_lon: Any, gcj_lat: Any
) -> None:
    assert metres_between(*gcj02_from_wgs84(lon, lat), gcj_lon, gcj_lat) < 0.1
    assert metres_between(*wgs84_from_gcj02(gcj_lon, gcj_lat), lon, lat) < 0.1


def test_published_baidu_point_is_met() -> None:
    lon, lat = bd09_from_gcj02(116.404, 39.915)
    assert metres_between(lon, lat, 116.41036949371029, 39.92133699351021) < 0.01
    lon, lat = gcj02_from_bd09(116.404, 39.915)
    assert metres_between(lon, lat, 116.39762729119315, 39.90865673957631) < 1.0


@settings(max_examples=200, deadline=None)
@given(lon=st.floats(74, 135), lat=st.floats(3.5, 53))
def test_round_trips_return_within_a_metre(lon: Any, lat: Any) -> None:
    assert metres_between(*wgs84_from_gcj02(*gcj02_from_wgs84(lon, lat)), lon, lat) < 1.0
    assert metres_between(*gcj02_from_bd09(*bd09_from_gcj02(lon, lat)), lon, lat) < 1.0
    bd_lon, bd_lat = bd09_from_gcj02(*gcj02_from_wgs84(lon, lat))
    assert metres_between(*to_wgs84(bd_lon, bd_lat, "bd09"), lon, lat) < 1.0


def test_offset_in_china_is_between_50_and_900_metres() -> None:
    lon, lat = np.meshgrid(np.arange(80.0, 130.0, 2.5), np.arange(20.0, 50.0, 2.5))
    away = metres_between(*gcj02_from_wgs84(lon, lat), lon, lat)
    assert away.min() > 50
    assert away.max() < 900


@pytest.mark.parametrize("crs", ["wgs84", "gcj02", "bd09"])
def test_outside_china_every_system_is_plain(crs: Any) -> None:
    lon, lat = to_wgs84(np.array([-4.72]), np.array([50.85]), [crs])
    assert (lon[0], lat[0]) == (-4.72, 50.85)
    assert not is_in_china(-4.72, 50.85)


def test_mixed_systems_are_each_converted_and_missing_stays_missing() -> None:
    lon, lat = np.array([116.404, 116.404, np.nan]), np.array([39.915, 39.915, np.nan])
    out_lon, out_lat = to_wgs84(lon, lat, ["wgs84", "gcj02", "gcj02"])
    assert out_lon[0] == 116.404
    assert metres_between(out_lon[1], out_lat[1], 116.404, 39.915) > 300
    assert np.isnan(out_lon[2])
    assert lon[0] == 116.404


def test_readings_offer_the_other_systems_and_the_swap() -> None:
    table = readings([116.404], [39.915], ["gcj02"])
    assert set(table["reading"]) == {"stated", "wgs84", "bd09"}
    assert table.loc[table["reading"] == "wgs84", "lon"].item() == 116.404


def test_swapped_position_is_offered_in_order() -> None:
    table = readings([30.2], [120.1], ["wgs84"])
    assert table[["reading", "lon", "lat"]].to_numpy().tolist() == [["swapped", 120.1, 30.2]]


def test_unstated_system_gives_three_readings_of_equal_name() -> None:
    table = readings([116.404], [39.915], [""])
    assert (table["reading"] == "unstated").sum() == 3
    assert set(table["system"]) == {"wgs84", "gcj02", "bd09"}


@pytest.mark.parametrize(
    ("lon", "lat"), [(0.0, 0.0), (np.nan, 30.0), (999.0, 999.0)], ids=["zero", "missing", "absurd"]
)
def test_impossible_positions_have_no_reading(lon: Any, lat: Any) -> None:
    assert readings([lon], [lat], ["wgs84"]).empty
