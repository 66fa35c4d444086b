"""Antennas and sites are doubted where handover and sightings contradict the inventory."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sites.inventory import Network, build_network
from sites.observations import Observations, nothing_observed, observations
from sites.sighting_doubts import sighting_doubts
from sites.strayed_sites import strayed_sites
from sites.turned_antennas import turned_antennas

SIDE = 7
FACES = [0.0, 120.0, 240.0]


def tables() -> dict[str, pd.DataFrame]:
    """Return 49 sites on a grid of 0.02 degrees with three sectors, handing over to what they face."""
    number = np.arange(SIDE * SIDE)
    row, column = np.divmod(number, SIDE)
    sites = pd.DataFrame(
        {
            "site_id": [f"S{k}" for k in number],
            "site_name": "s",
            "lon": 100.0 + 0.02 * column,
            "lat": 0.02 * row,
        }
    )
    cells = pd.DataFrame(
        {
            "cell_id": [f"S{k}-{sector}" for k in number for sector in range(3)],
            "site_id": [f"S{k}" for k in number for _ in range(3)],
            "rat": "LTE",
            "freq_mhz": 1800.0,
            "azimuth_deg": np.tile(FACES, len(number)),
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


def network_of(given: dict[str, pd.DataFrame], **azimuths: float) -> Network:
    """Return the network, some azimuths written wrong."""
    wrong = given["cells"]["cell_id"].str.replace("-", "_").map(azimuths)
    cells = given["cells"].assign(azimuth_deg=wrong.fillna(given["cells"]["azimuth_deg"]))
    return build_network(given | {"cells": cells})


def seen_by(network: Network, true_xy: Any) -> Observations:
    """Return phones seen on each sector 700 m and 900 m ahead of where it really stands and looks."""
    rows = []
    for cell in range(len(network.cells)):
        angle = np.radians(FACES[cell % 3])
        for away in (700.0, 900.0):
            at = true_xy[cell // 3] + away * np.array([np.sin(angle), np.cos(angle)])
            rows.append((at[0], at[1], cell))
    x_m, y_m, cell_of = (np.array(values) for values in zip(*rows, strict=True))
    size = len(cell_of)
    return observations(
        x_m,
        y_m,
        radius_m=np.full(size, 150.0),
        cell=cell_of,
        age_h=np.full(size, 0.5),
        arrived_at=np.arange(size),
    )


def positions(network: Network) -> Any:
    """Return metres east and north of the sites."""
    return network.sites[["x_m", "y_m"]].to_numpy(float)


def test_a_sound_inventory_is_not_doubted() -> None:
    network = network_of(tables())
    assert sighting_doubts(network, seen_by(network, positions(network))).empty


@pytest.mark.parametrize("wrong_deg", [180.0, 120.0, 270.0])
def test_an_antenna_turned_on_paper_is_named_with_its_likely_direction(wrong_deg: float) -> None:
    network = network_of(tables(), S24_0=wrong_deg)
    found = turned_antennas(network, seen_by(network, positions(network)))
    assert found["object_id"].tolist() == ["S24-0"]
    off = (found["likely_deg"].iat[0] - FACES[0] + 180.0) % 360.0 - 180.0
    assert abs(off) <= 45.0
    assert found["probability"].iat[0] > 0.5


def test_handover_alone_names_a_turned_antenna_too() -> None:
    assert "S24-0" in turned_antennas(network_of(tables(), S24_0=180.0))["object_id"].tolist()


def test_a_turned_antenna_is_told_of_in_words() -> None:
    network = network_of(tables(), S24_0=180.0)
    doubts = sighting_doubts(network, seen_by(network, positions(network)))
    assert doubts[["kind", "table", "object_id"]].to_numpy().tolist() == [
        ["azimuth_turned", "cells", "S24-0"]
    ]
    assert "azimuth 180" in doubts["note"].iat[0]


def test_a_site_whose_phones_are_seen_elsewhere_is_named() -> None:
    given = tables()
    del given["neighbours"]
    right = positions(build_network(given))
    sites = given["sites"].assign(lon=given["sites"]["lon"].mask(given["sites"].index == 24, 100.3))
    network = build_network(given | {"sites": sites, "neighbours": tables()["neighbours"]})
    shift = np.median(positions(network) - right, axis=0)
    found = strayed_sites(network, seen_by(network, right + shift))
    assert found["object_id"].tolist() == ["S24"]
    assert found["off_m"].iat[0] > 20_000.0


def test_without_sightings_no_site_is_said_to_be_elsewhere() -> None:
    assert strayed_sites(network_of(tables()), nothing_observed()).empty


def test_a_network_too_small_to_learn_from_is_not_doubted() -> None:
    given = tables()
    few = {name: table.head(4) for name, table in given.items()}
    assert sighting_doubts(build_network(few)).empty
