"""Check the network built from inventory tables."""

import logging
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from sites import inventory
from sites.inventory import NEIGHBOURS_DERIVED, build_network

NOW = pd.Timestamp("2026-03-02", tz="UTC")


def site_table(**columns: Any) -> Any:
    rows = {
        "site_id": ["A", "B", "C", "D"],
        "site_name": ["Hill", "Mill", "Quay", "Yard"],
        "lon": [100.00, 100.02, 100.00, 100.05],
        "lat": [25.00, 25.00, 25.02, 25.05],
        "status": ["live", "live", None, "planned"],
    }
    return pd.DataFrame(rows | columns)


def cell_table(**columns: Any) -> Any:
    rows = {
        "cell_id": ["A1", "A2", "B1", "C1", "D1", "X1"],
        "site_id": ["A", "A", "B", "C", "D", "ghost"],
        "rat": ["LTE", "LTE", "LTE", "GSM", "LTE", "LTE"],
        "freq_mhz": [1800.0, 1800.0, 1800.0, 900.0, 1800.0, 1800.0],
        "azimuth_deg": [90.0, 270.0, 270.0, np.nan, 0.0, 0.0],
        "height_m": [20.0, np.nan, np.nan, np.nan, 30.0, 30.0],
        "users": [10.0, 30.0, np.nan, np.nan, 5.0, 5.0],
        "indoor": [0.0, 0.0, 0.0, np.nan, 0.0, 0.0],
    }
    return pd.DataFrame(rows | columns)


def network(**tables: Any) -> Any:
    return build_network({"sites": site_table(), "cells": cell_table()} | tables)


def test_only_live_sites_count_and_an_empty_status_is_live() -> None:
    built = network()
    assert built.sites["site_id"].tolist() == ["A", "B", "C"]
    assert built.planned["site_id"].tolist() == ["D"]
    assert built.sites.loc[2, "status"] == "live"


def test_cells_of_unknown_or_planned_sites_are_left_out_and_counted(caplog: Any) -> None:
    with caplog.at_level(logging.INFO):
        built = network()
    assert built.cells["cell_id"].tolist() == ["A1", "A2", "B1", "C1"]
    assert "2 cells left out" in caplog.text


def test_positions_agree_with_ids() -> None:
    built = network()
    assert built.cell_position == {"A1": 0, "A2": 1, "B1": 2, "C1": 3}
    assert built.cells["site"].tolist() == [0, 0, 1, 2]
    assert [built.site_position[i] for i in built.cells["site_id"]] == [0, 0, 1, 2]


def test_a_missing_height_is_that_of_the_same_site_then_of_the_layer_then_a_default() -> None:
    built = network()
    assert built.cells["height_m"].tolist() == [20.0, 20.0, 20.0, 30.0]
    assert built.imputed["height_m"].tolist() == [False, True, True, True]


def test_unknown_users_are_the_median_of_the_layer() -> None:
    assert network().cells["users"].tolist() == [10.0, 30.0, 20.0, 100.0]


def test_an_omni_cell_has_a_full_circle_and_is_not_called_imputed() -> None:
    built = network()
    assert built.cells.loc[3, "beamwidth_deg"] == 360.0
    assert not built.imputed.loc[3, "beamwidth_deg"]
    assert built.imputed.loc[0, "beamwidth_deg"]


def test_inputs_stay_as_they_were() -> None:
    sites, cells = site_table(), cell_table()
    build_network({"sites": sites, "cells": cells}, now=NOW)
    pd.testing.assert_frame_equal(sites, site_table())
    pd.testing.assert_frame_equal(cells, cell_table())


def test_validity_is_looked_at_only_with_a_time() -> None:
    ended = site_table(valid_to=pd.to_datetime(["2026-01-01", None, None, None], utc=True))
    tables = {"sites": ended, "cells": cell_table()}
    assert len(build_network(tables).sites) == 3
    assert build_network(tables, now=NOW).sites["site_id"].tolist() == ["B", "C"]
    assert build_network(tables, now=NOW).planned["site_id"].tolist() == ["A", "D"]


def test_degrees_and_metres_are_a_round_trip() -> None:
    built = network()
    lon, lat = np.array([100.01, np.nan, 99.0]), np.array([25.01, np.nan, 24.0])
    back = built.to_lonlat(*built.to_xy(lon, lat))
    np.testing.assert_allclose(back[0], lon, atol=1e-9)
    np.testing.assert_allclose(back[1], lat, atol=1e-9)


def test_a_degree_of_latitude_is_about_111_km_north() -> None:
    built = network()
    _, south = built.to_xy(100.0, 25.0)
    _, north = built.to_xy(100.0, 26.0)
    assert north - south == pytest.approx(110_780, abs=100)


def test_given_neighbours_are_positions_without_unknown_and_doubled_ones() -> None:
    table = pd.DataFrame(
        {"cell_id": ["B1", "A1", "A1", "A1", "A1"], "neighbour_id": ["A1", "B1", "B1", "no", "A1"]}
    )
    built = network(neighbours=table)
    assert built.neighbours.to_numpy().tolist() == [[0, 2], [2, 0]]


def test_derived_neighbours_face_each_other_first_and_are_on_other_sites() -> None:
    count = NEIGHBOURS_DERIVED + 3
    sites = pd.DataFrame(
        {
            "site_id": [f"S{i:02}" for i in range(count)],
            "site_name": "x",
            "lon": 100.0 + 0.01 * np.arange(count),
            "lat": 25.0,
        }
    )
    cells = pd.DataFrame(
        {
            "cell_id": [f"S{i:02}-{s}" for i in range(count) for s in "EW"],
            "site_id": [f"S{i:02}" for i in range(count) for _ in "EW"],
            "rat": "LTE",
            "freq_mhz": 1800.0,
            "azimuth_deg": [90.0, 270.0] * count,
        }
    )
    built = build_network({"sites": sites, "cells": cells})
    pairs = built.neighbours
    site = built.cells["site"].to_numpy()
    assert (site[pairs["cell"]] != site[pairs["neighbour"]]).all()
    assert pairs.groupby("cell").size().eq(NEIGHBOURS_DERIVED).all()
    first = {(c, n) for c, n in pairs.to_numpy().tolist()}
    assert (built.cell_position["S00-E"], built.cell_position["S01-W"]) in first


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        pytest.param({"sites": site_table()}, "needs `cells`", id="no cells table"),
        pytest.param(
            {"sites": site_table().drop(columns="lon"), "cells": cell_table()},
            r"lacks columns \['lon'\]",
            id="no longitude",
        ),
        pytest.param(
            {"sites": site_table(status="planned"), "cells": cell_table()},
            "at least one live site",
            id="nothing live",
        ),
    ],
)
def test_what_is_missing_is_named(tables: Any, message: Any) -> None:
    with pytest.raises(InputError, match=message):
        build_network(tables)


def test_a_network_survives_pickling() -> None:
    built = network()
    again = pickle.loads(pickle.dumps(built))
    assert again.to_xy(100.0, 25.0) == pytest.approx(built.to_xy(100.0, 25.0))


def scattered(*, seed: int) -> dict[str, Any]:
    """Return sites with two carriers of up to three sectors, in an order of no meaning."""
    rng = np.random.default_rng(seed)
    names = [f"S{number}" for number in range(30)]
    sites = pd.DataFrame({"site_id": names, "site_name": names})
    sites = sites.assign(lon=100 + rng.random(30) / 10, lat=25 + rng.random(30) / 10)
    cells = pd.DataFrame({"cell_id": [f"C{n:03d}" for n in range(150)], "rat": "LTE"})
    azimuth = rng.choice([0.0, 120.0, 240.0, np.nan], 150)
    cells = cells.assign(site_id=rng.choice(names, 150), freq_mhz=1800.0, azimuth_deg=azimuth)
    return {"sites": sites, "cells": cells}


def test_derived_neighbours_do_not_depend_on_how_many_sites_are_taken_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = scattered(seed=1)
    together = build_network(tables).neighbours
    monkeypatch.setattr(inventory, "SITES_TOGETHER", 4)
    pd.testing.assert_frame_equal(build_network(tables).neighbours, together)


def test_derived_neighbours_are_the_cheapest_of_all_near_cells() -> None:
    built = build_network(scattered(seed=2))
    cells, first = built.cells, built.cells.iloc[0]
    east, north = cells["x_m"] - first["x_m"], cells["y_m"] - first["y_m"]
    away, bearing = np.hypot(east, north), np.degrees(np.arctan2(east, north))
    ahead = np.cos(np.radians(bearing - first["azimuth_deg"])).fillna(1.0)
    back = np.cos(np.radians(bearing + 180.0 - cells["azimuth_deg"])).fillna(1.0)
    near = away.rank(method="first") <= 8 * NEIGHBOURS_DERIVED
    cost = away * (1.0 + (1.0 - ahead) / 2.0 + (1.0 - back) / 2.0)
    cost = cost[near & (cells["site"] != first["site"])]
    mine = built.neighbours.loc[built.neighbours["cell"] == 0, "neighbour"]
    assert sorted(cost[mine]) == pytest.approx(sorted(cost.nsmallest(NEIGHBOURS_DERIVED)))
