"""A channel's map system shows in how its coordinates lie off the places named."""

import numpy as np
import pandas as pd
import pytest

from correlate.map_systems import channel_systems
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
