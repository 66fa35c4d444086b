"""A complaint is placed by coordinates, words, register and county, and said how."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from correlate.located import in_order
from correlate.locating import locate
from correlate.place_points import sunflower
from sites.coordinates import bd09_from_gcj02, gcj02_from_wgs84
from sites.inventory import build_network
from sites.places import build_gazetteer
from sites.serving import Serving

NOW = pd.Timestamp("2026-03-02 08:00", tz="UTC")
NO_SIGHTINGS = pd.DataFrame(
    {
        "msisdn": pd.Series([], dtype="str"),
        "seen_at": pd.Series([], dtype="datetime64[us, UTC]"),
        "cell": pd.Series([], dtype="int64"),
    }
)


def grid_network() -> Any:
    """Five by four sites 2 km apart near 100.1 E, 26.0 N, in two counties, three sectors each."""
    lon = 100.1 + 0.02 * np.tile(np.arange(5), 4)
    lat = 26.0 + 0.018 * np.repeat(np.arange(4), 5)
    sites = pd.DataFrame(
        {
            "site_id": [f"S{i:02d}" for i in range(20)],
            "site_name": [f"站点{chr(0x4E00 + i)}" for i in range(20)],
            "lon": lon,
            "lat": lat,
            "county": np.where(lon < 100.15, "东江县", "西江县"),
            "town": np.where(lat < 26.03, "南口镇", "北口镇"),
        }
    )
    sector = np.tile([1, 2, 3], 20)
    owner = np.repeat(sites["site_id"].to_numpy(object), 3)
    cells = pd.DataFrame(
        {
            "cell_id": [f"{site}-{number}" for site, number in zip(owner, sector, strict=True)],
            "site_id": owner,
            "rat": "LTE",
            "freq_mhz": 1800.0,
            "azimuth_deg": 120.0 * sector - 120.0,
            "beamwidth_deg": 65.0,
            "height_m": 30.0,
            "users": 100.0,
        }
    )
    return build_network({"sites": sites, "cells": cells})


@pytest.fixture(scope="module")
def network() -> Any:
    return grid_network()


@pytest.fixture(scope="module")
def gazetteer(network: Any) -> Any:
    places = pd.DataFrame(
        [
            ("白石村", 100.141, 26.019, "village", "东江县", "南口镇"),
            ("金河花园", 100.179, 26.053, "poi", "西江县", "北口镇"),
        ],
        columns=["name", "lon", "lat", "kind", "county", "town"],
    )
    return build_gazetteer(places, network)


def order(**values: Any) -> Any:
    row = {
        "text": "没信号", "address": None, "county": None, "lon": np.nan, "lat": np.nan,
        "crs": None, "msisdn": "13900000001", "created_at": NOW, **values,
    }  # fmt: skip
    table = pd.DataFrame([row])
    return table.assign(
        created_at=pd.to_datetime(table["created_at"]).astype("datetime64[us, UTC]")
    )


def seen_on(cell: Any, hours: Any = 1.0, number: Any = "13900000001") -> Any:
    return pd.DataFrame(
        {
            "msisdn": [number],
            "seen_at": pd.to_datetime([NOW - pd.Timedelta(hours=hours)]).astype(
                "datetime64[us, UTC]"
            ),
            "cell": [cell],
        }
    )


def site_chance(located: Any, network: Any, site_id: Any, row: Any = 0) -> Any:
    cells = located.serving.cell[row]
    names = network.cells["site_id"].to_numpy(object)[cells]
    return located.serving.probability[row][(names == site_id) & (cells >= 0)].sum()


def away_m(located: Any, network: Any, lon: Any, lat: Any) -> Any:
    x_m, y_m = network.to_xy(lon, lat)
    return float(np.hypot(located.x_m.iloc[0] - x_m, located.y_m.iloc[0] - y_m))


def test_coordinates_place_the_order_within_the_phones_error(network: Any, gazetteer: Any) -> None:
    located = locate(order(lon=100.141, lat=26.019, crs="wgs84"), gazetteer, network, NO_SIGHTINGS)
    assert located.basis.tolist() == ["coordinates"]
    assert away_m(located, network, 100.141, 26.019) < 60
    assert located.radius_m.iloc[0] < 300
    assert located.notes.tolist() == [""]
    assert site_chance(located, network, "S07") > 0.5


@pytest.mark.parametrize("crs", ["gcj02", "bd09"])
def test_stated_map_system_is_undone(network: Any, gazetteer: Any, crs: Any) -> None:
    pair = gcj02_from_wgs84(100.141, 26.019)
    lon, lat = pair if crs == "gcj02" else bd09_from_gcj02(*pair)
    located = locate(
        order(lon=float(lon), lat=float(lat), crs=crs), gazetteer, network, NO_SIGHTINGS
    )
    assert away_m(located, network, 100.141, 26.019) < 200


def test_wrong_system_is_recognised_by_the_address_and_said(network: Any, gazetteer: Any) -> None:
    lon, lat = bd09_from_gcj02(*gcj02_from_wgs84(100.179, 26.053))
    located = locate(
        order(lon=float(lon), lat=float(lat), crs="wgs84", address="西江县金河花园3栋"),
        gazetteer, network, NO_SIGHTINGS,
    )  # fmt: skip
    assert "bd09" in located.notes.iloc[0]
    assert away_m(located, network, 100.179, 26.053) < 200


def test_exchanged_coordinates_are_read_the_other_way_round(network: Any, gazetteer: Any) -> None:
    located = locate(order(lon=26.019, lat=100.141, crs="wgs84"), gazetteer, network, NO_SIGHTINGS)
    assert "exchanged" in located.notes.iloc[0]
    assert away_m(located, network, 100.141, 26.019) < 60


@pytest.mark.parametrize(
    ("lon", "lat", "said"),
    [(0.0, 0.0, "zero"), (121.5, 31.2, "far")],
    ids=["zero", "far"],
)
def test_impossible_coordinates_are_said_and_the_address_used(
    network: Any, gazetteer: Any, lon: Any, lat: Any, said: Any
) -> None:
    located = locate(
        order(lon=lon, lat=lat, crs="wgs84", address="白石村"), gazetteer, network, NO_SIGHTINGS
    )
    assert located.notes.tolist() == [said]
    assert located.basis.tolist() == ["address"]
    assert away_m(located, network, 100.141, 26.019) < 200


def test_coordinates_against_the_address_are_not_relied_on(network: Any, gazetteer: Any) -> None:
    located = locate(
        order(lon=100.10, lat=26.0, crs="wgs84", address="西江县金河花园3栋",
              text="客户当前不在投诉地点，没信号"),
        gazetteer, network, NO_SIGHTINGS,
    )  # fmt: skip
    assert located.basis.tolist() == ["address"]
    assert located.notes.tolist() == ["unfit"]


def test_register_decides_inside_a_county_but_not_against_a_named_place(
    network: Any, gazetteer: Any
) -> None:
    cell = network.cell_position["S11-1"]
    county = locate(order(county="东江县"), gazetteer, network, NO_SIGHTINGS)
    seen = locate(order(county="东江县"), gazetteer, network, seen_on(cell))
    assert site_chance(seen, network, "S11") > site_chance(county, network, "S11") + 0.1
    named = locate(order(address="白石村"), gazetteer, network, seen_on(cell))
    assert named.basis.tolist() == ["address"]
    assert named.serving.cell[0, 0] in network.cells.index[network.cells["site_id"] == "S07"]


def test_register_alone_gives_the_surroundings_of_the_cell(network: Any, gazetteer: Any) -> None:
    located = locate(order(), gazetteer, network, seen_on(network.cell_position["S11-1"]))
    assert located.basis.tolist() == ["register"]
    assert "S11" in network.cells["site_id"][located.serving.cell[0, 0]]


def test_an_older_sighting_and_a_customer_elsewhere_weigh_less(
    network: Any, gazetteer: Any
) -> None:
    cell = network.cell_position["S11-1"]
    chances = [
        site_chance(locate(asked, gazetteer, network, sightings), network, "S11")
        for asked, sightings in (
            (order(county="东江县"), seen_on(cell)),
            (order(county="东江县"), seen_on(cell, hours=24 * 30)),
            (order(county="东江县", text="客户不在现场"), seen_on(cell)),
        )
    ]
    assert chances[0] > chances[1]
    assert chances[0] > chances[2]


def test_another_number_says_nothing(network: Any, gazetteer: Any) -> None:
    other = seen_on(network.cell_position["S11-1"], number="13900000002")
    located = locate(order(county="东江县"), gazetteer, network, other)
    plain = locate(order(county="东江县"), gazetteer, network, NO_SIGHTINGS)
    np.testing.assert_allclose(located.serving.probability, plain.serving.probability)


def test_nothing_known_is_said_and_still_gives_cells(network: Any, gazetteer: Any) -> None:
    located = locate(order(msisdn=None), gazetteer, network, NO_SIGHTINGS)
    assert located.basis.tolist() == ["nothing"]
    assert located.reason.tolist() == ["nothing says where"]
    assert (located.serving.cell[0] >= 0).any()


def batch() -> Any:
    return pd.concat(
        [
            order(lon=100.141, lat=26.019, crs="wgs84"),
            order(address="金河花园", msisdn="13900000003"),
            order(county="西江县", msisdn=None),
            order(msisdn="13900000004"),
            order(text="西江县北口镇网速慢"),
        ],
        ignore_index=True,
    ).set_axis(list("abcde"))


def test_probabilities_sum_to_at_most_one_and_fall_with_rank(network: Any, gazetteer: Any) -> None:
    asked, seen = batch(), seen_on(5)
    before = (asked.copy(), seen.copy())
    located = locate(asked, gazetteer, network, seen)
    total = located.serving.probability.sum(axis=1) + located.serving.nothing
    assert (total <= 1 + 1e-9).all()
    assert (np.diff(located.serving.probability, axis=1) <= 1e-12).all()
    assert located.serving.cell.shape == (5, 12)
    assert located.basis.index.tolist() == list("abcde")
    np.testing.assert_allclose(located.places.groupby("row")["weight"].sum(), 1.0)
    pd.testing.assert_frame_equal(asked, before[0])
    pd.testing.assert_frame_equal(seen, before[1])


def test_a_batch_gives_the_same_as_one_by_one_in_any_order(network: Any, gazetteer: Any) -> None:
    asked, seen = batch(), seen_on(5)
    together = locate(asked, gazetteer, network, seen)
    backward = locate(asked.iloc[::-1], gazetteer, network, seen)
    for number, name in enumerate(asked.index):
        alone = locate(asked.loc[[name]], gazetteer, network, seen)
        for other, row in ((alone, 0), (backward, 4 - number)):
            np.testing.assert_allclose(
                together.serving.probability[number], other.serving.probability[row], atol=1e-6
            )


def test_no_complaint_gives_empty_answers(network: Any, gazetteer: Any) -> None:
    located = locate(order().iloc[:0], gazetteer, network, NO_SIGHTINGS)
    assert located.serving.cell.shape == (0, 12)
    assert located.places.empty


def test_sunflower_is_centred_and_two_thirds_lie_within_one_and_a_half() -> None:
    points = sunflower(400)
    assert np.abs(points.mean(axis=0)).max() < 1e-9
    assert (np.hypot(*points.T) < 1.5).mean() == pytest.approx(0.675, abs=0.02)


@pytest.mark.worlds
def test_hidden_coordinates_are_found_again_from_the_address() -> None:
    world = Path(__file__).resolve().parents[3] / "shared" / "worlds" / "coast-en"
    if not world.is_dir():
        pytest.skip("the practice worlds are not beside the checkout")
    text = {"site_id": "str", "cell_id": "str", "msisdn": "str", "town": "str", "status": "str"}
    tables = {name: pd.read_csv(world / f"{name}.csv", dtype=text) for name in ("sites", "cells")}
    network = build_network(tables)
    gazetteer = build_gazetteer(pd.read_csv(world / "places.csv"), network)
    asked = pd.read_csv(world / "complaints.csv", dtype=text)
    asked = asked[(asked["crs"] == "wgs84") & (asked["lon"] < 10)].head(200)
    created = pd.to_datetime(asked["created_at"]).dt.tz_localize("Asia/Shanghai")
    asked = asked.assign(created_at=created.dt.tz_convert("UTC"))
    x_m, y_m = network.to_xy(asked["lon"].to_numpy(), asked["lat"].to_numpy())
    hidden = asked.assign(lon=np.nan, lat=np.nan)
    located = locate(hidden, gazetteer, network, NO_SIGHTINGS)
    away = np.hypot(located.x_m - x_m, located.y_m - y_m)
    assert np.median(away) < 1500


def test_the_likeliest_cells_come_first_with_their_probabilities() -> None:
    flat = Serving(
        np.array([[4, 2, -1]]), np.array([[0.3, 0.5, 0.0]]), np.array([0.2]), np.full((1, 3), 9.0)
    )
    ordered = in_order(flat, 2)
    assert ordered.cell.tolist() == [[2, 4]]
    assert ordered.probability.tolist() == [[0.5, 0.3]]
    assert ordered.nothing.tolist() == [0.2]


def test_what_comes_later_changes_nothing(network: Any, gazetteer: Any) -> None:
    asked, seen = batch(), seen_on(5)
    created = asked["created_at"] + pd.to_timedelta(np.arange(len(asked)), unit="h")
    asked = asked.assign(created_at=created)
    together = locate(asked, gazetteer, network, seen)
    for size in range(1, len(asked)):
        fewer = locate(asked[:size], gazetteer, network, seen)
        chance = together.serving.probability[:size]
        np.testing.assert_array_equal(fewer.serving.probability, chance)
        assert fewer.reason.tolist() == together.reason.tolist()[:size]
