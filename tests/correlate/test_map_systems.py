"""A channel's map system shows in how its coordinates lie off the places named."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from correlate.map_systems import Readings, channel_systems, learned_prior
from sites.coordinates import bd09_from_gcj02, gcj02_from_wgs84

PLACES = pd.DataFrame(
    {
        "name": [f"Village{letter}" for letter in "abcdefghij"],
        "lon": 103.0 + 0.1 * np.arange(10),
        "lat": 26.0 + 0.1 * np.arange(10),
    }
)


def complaints(system: str, *, label: str | None = None) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    lon, lat = (PLACES[n].to_numpy(float).repeat(4) for n in ("lon", "lat"))
    names = PLACES["name"].repeat(4).reset_index(drop=True)
    lon, lat = (v + rng.normal(0, 0.0008, len(v)) for v in (lon, lat))
    if system != "wgs84":
        lon, lat = gcj02_from_wgs84(lon, lat)
    if system == "bd09":
        lon, lat = bd09_from_gcj02(lon, lat)
    fields = {"text": "no signal", "address": names, "lon": lon, "lat": lat, "channel": "app"}
    return pd.DataFrame(fields).assign(crs=pd.Series(label, index=names.index, dtype="str"))


@pytest.mark.parametrize("label", [None, "wgs84"], ids=["unlabelled", "mislabelled"])
@pytest.mark.parametrize("system", ["gcj02", "bd09"])
def test_a_channel_in_a_map_system_is_told(system: str, label: str | None) -> None:
    found = channel_systems(complaints(system, label=label), PLACES)
    assert found[["kind", "object_id", "rows"]].to_numpy().tolist() == [["map_system", "app", 40]]


def test_a_channel_in_wgs84_is_not() -> None:
    assert channel_systems(complaints("wgs84"), PLACES).empty


def test_a_channel_that_says_so_is_not() -> None:
    assert channel_systems(complaints("gcj02", label="gcj02"), PLACES).empty


def test_few_complaints_say_nothing() -> None:
    assert channel_systems(complaints("gcj02").head(5), PLACES).empty
    assert channel_systems(complaints("gcj02").head(0), PLACES).empty


def two_ways(complaints: int, density: Any) -> Readings:
    """Complaints whose coordinates may be read two ways, the first of which is usual."""
    row = np.repeat(np.arange(complaints), 2)
    return Readings(row, np.tile([0, 1], complaints), np.tile([0.9, 0.1], complaints), density)


def test_a_channel_that_keeps_fitting_the_other_system_comes_to_be_read_that_way() -> None:
    readings = two_ways(100, np.tile([0.01, 1.0], 100))
    chance = learned_prior(readings, np.zeros(100, dtype=np.int64), np.arange(100.0))
    assert chance[1] == pytest.approx(0.1)
    assert chance[-1] > 0.7
    assert np.allclose(chance.reshape(-1, 2).sum(axis=1), 1.0)


def test_a_channel_teaches_nothing_about_another() -> None:
    readings = two_ways(40, np.tile([0.01, 1.0], 40))
    group = np.repeat([0, 1], [39, 1])
    assert learned_prior(readings, group, np.arange(40.0))[-1] == pytest.approx(0.1)


def test_only_earlier_complaints_teach() -> None:
    readings = two_ways(40, np.tile([0.01, 1.0], 40))
    group = np.zeros(40, dtype=np.int64)
    same_moment = learned_prior(readings, group, np.zeros(40))
    assert np.allclose(same_moment, readings.prior)
    full = learned_prior(readings, group, np.arange(40.0))
    cut = learned_prior(two_ways(10, np.tile([0.01, 1.0], 10)), group[:10], np.arange(10.0))
    assert np.allclose(full[:20], cut)


def test_no_coordinates_have_no_chances() -> None:
    none = np.zeros(0)
    empty = Readings(none.astype(np.int64), none.astype(np.int64), none, none)
    assert not len(learned_prior(empty, none.astype(np.int64), none))
