"""An inventory is doubted where its own handover relations contradict it."""

import numpy as np
import pandas as pd

from sites.doubts import mended_inventory

SIDE = 6


def inventory() -> dict[str, pd.DataFrame]:
    """Return 36 sites on a grid of 0.02 degrees, three sectors each, handing over to what they face."""
    number = np.arange(SIDE * SIDE)
    row, column = np.divmod(number, SIDE)
    sites = pd.DataFrame(
        {
            "site_id": [f"S{k}" for k in number],
            "site_name": "s",
            "lon": 100.0 + 0.02 * column,
            "lat": 25.0 + 0.02 * row,
        }
    )
    cells = pd.DataFrame(
        {
            "cell_id": [f"S{k}-{sector}" for k in number for sector in range(3)],
            "site_id": [f"S{k}" for k in number for _ in range(3)],
            "rat": "LTE",
            "freq_mhz": 1800.0,
            "azimuth_deg": np.tile([0.0, 120.0, 240.0], len(number)),
        }
    )
    pairs = []
    for at in number:
        for other in number:
            east, north = column[other] - column[at], row[other] - row[at]
            if at != other and max(abs(east), abs(north)) <= 2:
                sector = int(((np.degrees(np.arctan2(east, north)) + 60) % 360) // 120)
                pairs.append((f"S{at}-{sector}", f"S{other}-0"))
    relations = pd.DataFrame(pairs, columns=["cell_id", "neighbour_id"])
    return {"sites": sites, "cells": cells, "neighbours": relations}


def test_a_sound_inventory_raises_no_doubt() -> None:
    tables = inventory()
    found, doubts = mended_inventory(tables)
    assert doubts.empty
    pd.testing.assert_frame_equal(found["sites"], tables["sites"])


def test_a_site_far_from_its_neighbours_is_taken_at_their_middle() -> None:
    tables = inventory()
    sites = tables["sites"]
    wrong = sites.assign(lon=sites["lon"].mask(sites["site_id"] == "S14", 100.5))
    before = wrong.copy()
    found, doubts = mended_inventory(tables | {"sites": wrong})
    assert doubts["object_id"][doubts["kind"] == "site_misplaced"].tolist() == ["S14"]
    moved = found["sites"].set_index("site_id").loc["S14", ["lon", "lat"]]
    assert np.abs(moved.to_numpy(float) - [100.04, 25.04]).max() < 0.011
    pd.testing.assert_frame_equal(wrong, before)


def test_sectors_that_all_claim_one_azimuth_are_listed() -> None:
    tables = inventory()
    cells = tables["cells"]
    same = cells.assign(azimuth_deg=cells["azimuth_deg"].mask(cells["site_id"] == "S0", 0.0))
    _, doubts = mended_inventory(tables | {"cells": same})
    assert "S0" in doubts["object_id"][doubts["kind"] == "azimuths_equal"].tolist()


def test_without_relations_only_azimuths_are_looked_at() -> None:
    tables = inventory()
    del tables["neighbours"]
    assert mended_inventory(tables)[1].empty


def named_inventory() -> dict[str, pd.DataFrame]:
    """Return the inventory with sites named after 36 villages that lie where they do, without relations."""
    tables = inventory()
    names = [f"Village{chr(65 + k // 6)}{chr(65 + k % 6)}" for k in range(SIDE * SIDE)]
    sites = tables["sites"].assign(site_name=[f"{name} school" for name in names])
    places = pd.DataFrame({"name": names, "lon": sites["lon"], "lat": sites["lat"] + 0.003})
    return {"sites": sites, "cells": tables["cells"], "places": places}


def test_sites_by_the_places_of_their_names_raise_no_doubt() -> None:
    tables = named_inventory()
    found, doubts = mended_inventory(tables)
    assert doubts.empty
    pd.testing.assert_frame_equal(found["sites"], tables["sites"])


def test_a_site_far_from_the_place_of_its_name_is_taken_there() -> None:
    tables = named_inventory()
    sites, places = tables["sites"], tables["places"]
    wrong = sites.assign(lat=sites["lat"].mask(sites["site_id"] == "S14", 25.5))
    found, doubts = mended_inventory(tables | {"sites": wrong})
    assert doubts[["kind", "object_id"]].to_numpy().tolist() == [["site_off_name", "S14"]]
    assert "km from the place of its name" in doubts["note"].iat[0]
    moved = found["sites"].set_index("site_id").loc["S14", ["lon", "lat"]]
    assert moved.tolist() == places.loc[14, ["lon", "lat"]].tolist()


def test_a_name_borne_by_two_places_moves_nothing() -> None:
    tables = named_inventory()
    sites = tables["sites"]
    wrong = sites.assign(lat=sites["lat"].mask(sites["site_id"] == "S14", 25.5))
    twice = pd.concat([tables["places"], tables["places"].iloc[[14]].assign(lat=25.2)])
    _, doubts = mended_inventory(tables | {"sites": wrong, "places": twice})
    assert doubts.empty
