"""Names in addresses and free text become weighted places with a radius."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from sites.inventory import build_network
from sites.names import (
    build_index,
    hits_in,
    segments,
    site_place,
    spoken_segments,
)
from sites.place_words import load_place_words
from sites.places import build_gazetteer, find_places
from sites.told_places import Evidence


def small_network() -> Any:
    """Two counties 60 km apart, each with a seat of three sites and a town."""
    sites = pd.DataFrame(
        [
            ("S1", "龙浦广场1", 100.10, 26.00, "龙浦市", np.nan),
            ("S2", "龙浦广场2", 100.11, 26.00, "龙浦市", np.nan),
            ("S3", "龙浦北门3", 100.10, 26.01, "龙浦市", np.nan),
            ("S4", "石沟大村铁塔", 100.25, 26.05, "龙浦市", "石沟乡"),
            ("S5", "石沟同水", 100.27, 26.06, "龙浦市", "石沟乡"),
            ("S6", "Foxby Bus Station rooftop", 100.70, 26.00, "Foxshire", "Moorfield"),
            ("S7", "Gullness", 100.71, 26.01, "Foxshire", "Moorfield"),
            ("S8", "Foxby Park 2", 100.72, 26.00, "Foxshire", "Norley"),
        ],
        columns=["site_id", "site_name", "lon", "lat", "county", "town"],
    )
    cells = pd.DataFrame(
        {
            "cell_id": sites["site_id"] + "-1",
            "site_id": sites["site_id"],
            "rat": "LTE",
            "freq_mhz": 1800.0,
            "users": [300.0, 100.0, 100.0, 50.0, 50.0, 200.0, 100.0, 100.0],
        }
    )
    return build_network({"sites": sites, "cells": cells})


def small_places() -> Any:
    return pd.DataFrame(
        [
            ("龙浦市", 100.10, 26.00, "seat", "龙浦市", np.nan),
            ("Foxshire", 100.70, 26.00, "seat", "Foxshire", np.nan),
            ("石沟乡", 100.26, 26.05, "town", "龙浦市", "石沟乡"),
            ("Moorfield", 100.70, 26.00, "town", np.nan, "Moorfield"),
            ("新寨村", 100.24, 26.04, "village", "龙浦市", "石沟乡"),
            ("新寨村", 100.75, 26.05, "village", "Foxshire", "Norley"),
            ("大石坝花园", 100.12, 26.01, "poi", "龙浦市", np.nan),
            ("Millhurst Court", 100.705, 26.005, "poi", "Foxshire", "Moorfield"),
            ("Langley Court", 100.715, 26.015, "poi", "Foxshire", "Norley"),
        ],
        columns=["name", "lon", "lat", "kind", "county", "town"],
    )


@pytest.fixture(scope="module")
def gazetteer() -> Any:
    return build_gazetteer(small_places(), small_network())


def best(gazetteer: Any, text: Any, county: Any = None, address: Any = None) -> Any:
    found = find_places(
        gazetteer, pd.Series([text]), pd.Series([county]), addresses=pd.Series([address])
    )
    return found.iloc[0] if len(found) else None


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        pytest.param("在龙浦市石沟乡新寨村没信号", "新寨村", "village", id="village"),
        pytest.param("大石坝花园7栋3单元打不通", "大石坝花园", "poi", id="landmark"),
        pytest.param("石沟同水附近信号全无", "石沟同水", "site", id="site"),
        pytest.param("大村一带信号不好，石沟大村旁边", "石沟大村铁塔", "site", id="site-suffix"),
        pytest.param("龙浦广场2旁边上不了网", "龙浦广场2", "site", id="serial"),
        pytest.param("龙浦市石沟乡网速慢", "石沟乡", "town", id="town"),
        pytest.param("龙浦市信号差", "龙浦市", "seat", id="county-alone-is-mostly-its-seat"),
        pytest.param("龙浦市县城打不通", "龙浦市", "seat", id="seat"),
        pytest.param("no signal, block 5 MILLHURST  court, Moorfield", "Millhurst Court", "poi",
                     id="case-and-blanks"),
        pytest.param("calls drop at Foxby Bus Station", "Foxby Bus Station rooftop", "site",
                     id="equipment-word"),
        pytest.param("downtown Foxshire slow", "Foxshire", "seat", id="downtown"),
    ],
)  # fmt: skip
def test_the_most_exact_name_wins(gazetteer: Any, text: Any, name: Any, kind: Any) -> None:
    place = best(gazetteer, text)
    assert (place["name"], place["kind"]) == (name, kind)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        pytest.param("大石贝花园3栋", "大石坝花园", id="wrong-character"),
        pytest.param("大石坝花3栋", "大石坝花园", id="dropped-character"),
        pytest.param("block 9 Milhurst Cuort, Moorfield", "Millhurst Court", id="typing-slip"),
        pytest.param("block 2 Millhurst", "Millhurst Court", id="half-a-name"),
    ],
)
def test_misspelt_names_are_found_with_a_lower_score(
    gazetteer: Any, address: Any, name: Any
) -> None:
    place = best(gazetteer, "", address=address)
    assert place["name"] == name
    assert place["score"] < 100


def test_same_name_in_two_counties_gives_both_as_weighted_candidates(gazetteer: Any) -> None:
    found = find_places(gazetteer, pd.Series(["新寨村没信号"]), pd.Series([None]))
    assert found["name"].tolist()[:2] == ["新寨村", "新寨村"]
    assert found["weight"].iloc[0] == pytest.approx(found["weight"].iloc[1])


@pytest.mark.parametrize(
    ("text", "county"),
    [("石沟乡新寨村没信号", None), ("新寨村没信号", "龙浦市")],
    ids=["by-town-in-text", "by-county-of-order"],
)
def test_context_tells_places_of_one_name_apart(gazetteer: Any, text: Any, county: Any) -> None:
    found = find_places(gazetteer, pd.Series([text]), pd.Series([county]))
    village = found[found["kind"] == "village"]
    assert village["weight"].iloc[0] > 10 * village["weight"].iloc[1:].sum()
    assert village["x_m"].iloc[0] < village["x_m"].max()


def test_a_county_alone_keeps_part_of_the_weight(gazetteer: Any) -> None:
    found = find_places(gazetteer, pd.Series(["龙浦市信号差"]), pd.Series([None]))
    assert found["kind"].tolist() == ["seat", "county"]
    assert found["weight"].sum() > 0.9


def test_a_seat_may_have_another_name_than_its_county() -> None:
    places = small_places().replace({"name": {"Foxshire": "Foxbury"}})
    gazetteer = build_gazetteer(places, small_network())
    counties = gazetteer.entries.loc[gazetteer.entries["kind"] == "county", "name"]
    assert sorted(counties) == ["Foxshire", "龙浦市"]
    place = best(gazetteer, "no bars in Foxbury")
    assert (place["name"], place["kind"]) == ("Foxbury", "seat")
    assert place["radius_m"] < 20_000


def test_around_doubles_the_radius(gazetteer: Any) -> None:
    near = best(gazetteer, "石沟同水附近没信号")
    at = best(gazetteer, "石沟同水没信号")
    assert near["radius_m"] == pytest.approx(2 * at["radius_m"])


def test_vague_words_name_no_place(gazetteer: Any) -> None:
    assert best(gazetteer, "家里没信号", address="老地方") is None


def test_weights_of_a_text_never_exceed_one(gazetteer: Any) -> None:
    texts = pd.Series(["新寨村石沟乡龙浦市县城", "大石坝花园 Millhurst Court", "新寨村", None])
    before = texts.copy()
    found = find_places(gazetteer, texts, pd.Series(["龙浦市", None, "Foxshire", None]))
    assert found.groupby("row")["weight"].sum().max() <= 1.0
    assert (found.groupby("row").size() <= 8).all()
    pd.testing.assert_series_equal(texts, before)


def test_order_of_texts_changes_nothing(gazetteer: Any) -> None:
    texts = pd.Series(["新寨村没信号", "block 2 Millhurst", "石沟乡"])
    none = pd.Series([None] * 3)
    forward = find_places(gazetteer, texts, none, addresses=texts)
    backward = find_places(gazetteer, texts[::-1], none, addresses=texts[::-1])
    backward = backward.assign(row=2 - backward["row"])
    keys = ["row", "weight", "entry"]
    pd.testing.assert_frame_equal(
        forward.sort_values(keys, ignore_index=True), backward.sort_values(keys, ignore_index=True)
    )


def test_no_text_gives_no_place(gazetteer: Any) -> None:
    assert find_places(gazetteer, pd.Series([], dtype="str"), pd.Series([], dtype="str")).empty


def test_gazetteer_without_places_knows_sites_and_counties() -> None:
    entries = build_gazetteer(pd.DataFrame(), small_network()).entries
    assert {"site", "county", "seat", "town"} <= set(entries["kind"])
    assert np.isfinite(entries[["x_m", "y_m", "radius_m"]].to_numpy(float)).all()


def test_a_town_spreads_over_its_sites_by_users(gazetteer: Any) -> None:
    ground = gazetteer.ground
    town = gazetteer.entries.query("name == 'Moorfield'").index[0]
    points = slice(ground.first[town], ground.first[town + 1])
    assert ground.share[points].sum() == pytest.approx(1.0)
    assert ground.share[points].max() == pytest.approx(2 / 3 / 3, rel=0.01)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("武湾师院5", "武湾师院5"),
        ("福泉村(规划)", "福泉村"),
        ("泉塘农贸市场东", "泉塘农贸市场"),
        ("Oakover Tower mast", "oakover tower"),
        ("Langburn (planned)", "langburn"),
    ],
)
def test_equipment_words_are_not_part_of_the_place(name: Any, place: Any) -> None:
    assert site_place(name, load_place_words()) == place


def test_latin_names_and_numbers_match_only_whole() -> None:
    index = build_index(["norley", "龙浦广场1"], [False, False])
    assert hits_in(index, "norleyville and 龙浦广场12") == []
    assert len(hits_in(index, "norley和龙浦广场1旁边")) == 2


def test_short_forms_count_only_where_a_name_could_begin() -> None:
    index = build_index(["石头"], [True])
    assert hits_in(index, "他的石头房子") == []
    assert len(hits_in(index, "在石头没信号")) == 1


def test_segments_leave_out_numbers_and_relative_words() -> None:
    words = load_place_words()
    assert segments("大石贝花园3栋2单元旁边", [], words) == ["大石贝花园"]
    assert spoken_segments("信号差，就在大石贝花园，没网", [], words) == ["大石贝花园"]


@pytest.mark.parametrize(
    ("content", "needed"),
    [
        ("words = 3 [", "TOML"),
        ("[[words]]\nrole = 'seat'\nwords = []", "lacks"),
    ],
    ids=["not-toml", "roles-missing"],
)
def test_a_bad_word_file_is_one_clear_error(tmp_path: Any, content: Any, needed: Any) -> None:
    path = tmp_path / "words.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=needed):
        load_place_words(path)


def namesake_gazetteer() -> Any:
    """A town whose only site carries the names of county and town; a village of its own site."""
    sites = pd.DataFrame(
        {
            "site_id": ["S1", "S2", "S3"],
            "site_name": ["龙浦石沟镇", "龙浦石沟双泉", "龙浦广场"],
            "lon": [100.20, 100.23, 100.10],
            "lat": 26.0,
            "county": "龙浦市",
            "town": ["石沟镇", "石沟镇", "龙浦"],
        }
    )
    cells = sites[["site_id"]].assign(
        cell_id=sites["site_id"] + "-1", rat="GSM", freq_mhz=900.0, users=100.0
    )
    rows = [("石沟镇", 100.20, "town", "石沟镇"), ("双泉村", 100.228, "village", "石沟镇")]
    places = pd.DataFrame(rows, columns=["name", "lon", "kind", "town"])
    network = build_network({"sites": sites, "cells": cells})
    return build_gazetteer(places.assign(lat=26.0, county="龙浦市"), network)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("没信号", "龙浦石沟镇双泉村"),
        ("在龙浦石沟镇双泉村打不通", None),
        ("在双泉村打不通", "龙浦石沟镇"),
    ],
    ids=["in-address", "in-text-alone", "address-vaguer"],
)
def test_a_village_beats_its_town_though_a_site_is_called_like_the_town(
    text: Any, address: Any
) -> None:
    place = best(namesake_gazetteer(), text, "龙浦市", address)
    assert (place["name"], place["kind"]) == ("双泉村", "village")
    assert place["weight"] > 0.9


def test_a_site_called_like_its_town_is_oftener_the_town() -> None:
    place = best(namesake_gazetteer(), "没信号", None, "龙浦石沟镇")
    assert (place["name"], place["kind"]) == ("石沟镇", "town")


def test_a_site_is_known_without_the_names_of_county_and_town() -> None:
    place = best(namesake_gazetteer(), "在双泉没信号", "龙浦市")
    assert place["name"] in {"双泉村", "龙浦石沟双泉"}


@pytest.mark.parametrize(
    ("kind", "county", "town"),
    [("town", "龙浦市", "远乡"), ("village", "远县", ""), ("poi", "", "远乡")],
    ids=["town-without-site", "county-without-site", "town-without-county"],
)
def test_an_area_where_no_site_stands_is_where_its_places_are(
    kind: Any, county: Any, town: Any
) -> None:
    row = {"name": ["远集"], "lon": 100.3, "lat": 26.2, "kind": kind}
    places = pd.DataFrame(row).assign(county=county, town=town)
    entries = build_gazetteer(places, small_network()).entries
    assert np.isfinite(entries[["x_m", "y_m", "radius_m"]].to_numpy(float)).all()
    area = entries[entries["name"] == (town or county)].iloc[0]
    village = entries[entries["name"] == "远集"].iloc[0]
    assert np.hypot(area["x_m"] - village["x_m"], area["y_m"] - village["y_m"]) < 1.0


def test_an_area_of_planned_sites_alone_has_a_place() -> None:
    sites = pd.DataFrame(
        {
            "site_id": ["A", "B"],
            "site_name": ["Oakover", "Farholt"],
            "lon": [1.0, 1.2],
            "lat": 52.0,
            "county": ["Foxshire", "Far County"],
            "status": ["live", "planned"],
        }
    )
    cells = pd.DataFrame(
        {"cell_id": ["A-1"], "site_id": ["A"], "rat": ["LTE"], "freq_mhz": [800.0]}
    )
    entries = build_gazetteer(pd.DataFrame(), build_network({"sites": sites, "cells": cells}))
    assert np.isfinite(entries.entries[["x_m", "y_m"]].to_numpy(float)).all()


@pytest.mark.parametrize(
    ("text", "east_m", "north_m"),
    [
        pytest.param("石沟乡往北2公里没信号", 0.0, 2000.0, id="distance-and-bearing"),
        pytest.param("大石坝花园西边500米", -500.0, 0.0, id="from-a-landmark"),
    ],
)
def test_a_stated_distance_moves_the_place(
    gazetteer: Any, text: Any, east_m: float, north_m: float
) -> None:
    moved = best(gazetteer, text)
    base = best(gazetteer, text[:3] if "乡" in text else text[:5])
    assert moved["x_m"] - base["x_m"] == pytest.approx(east_m, abs=1.0)
    assert moved["y_m"] - base["y_m"] == pytest.approx(north_m, abs=1.0)
    assert gazetteer.arrays.site[int(moved["entry"])] == -1


def test_between_two_places_lies_along_the_way(gazetteer: Any) -> None:
    text = pd.Series(["在石沟同水和石沟大村之间没信号"])
    found = find_places(gazetteer, text, pd.Series([None]))
    ends = gazetteer.entries.query("name == '石沟同水' or name == '石沟大村铁塔'")
    assert found["x_m"].iloc[0] == pytest.approx(ends["x_m"].mean(), abs=1.0)
    assert found["x_m"].between(ends["x_m"].min(), ends["x_m"].max()).all()
    assert found["weight"].sum() <= 1.0


def test_a_distance_alone_widens_the_place(gazetteer: Any) -> None:
    place = best(gazetteer, "离石沟乡3公里的地方")
    assert place["radius_m"] > 3000
    assert place["name"] == "石沟乡"


def test_traditional_characters_are_read(gazetteer: Any) -> None:
    assert best(gazetteer, "石溝鄉沒信號")["name"] == "石沟乡"


def test_a_small_town_is_its_middle_and_a_large_one_its_sites() -> None:
    size = np.repeat([1, 40], [1, 40])
    sites = pd.DataFrame(
        {
            "site_id": [f"S{n}" for n in range(41)],
            "site_name": [f"Mast {chr(65 + n)}{n}" for n in range(41)],
            "lon": 1.0 + 0.01 * np.arange(41),
            "lat": 52.0,
            "county": "Foxshire",
            "town": np.where(size == 1, "Smallby", "Largeton"),
        }
    )
    cells = sites[["site_id"]].assign(
        cell_id=sites["site_id"] + "-1", rat="LTE", freq_mhz=800.0, users=100.0
    )
    gazetteer = build_gazetteer(pd.DataFrame(), build_network({"sites": sites, "cells": cells}))
    town = {
        name: gazetteer.entries.query(f"name == '{name}'").index[0] for name in set(sites["town"])
    }
    assert gazetteer.ground.core[town["Smallby"]] > 2 * gazetteer.ground.core[town["Largeton"]]
    assert gazetteer.ground.core[gazetteer.entries["kind"] != "town"].max() == 0.0


def test_a_place_told_of_before_is_found_again(gazetteer: Any) -> None:
    words = pd.Series(["没信号", "打不通", "上网慢"])
    address = pd.Series(["金桂公馆2栋", "金桂公馆7栋", "金桂公馆"])
    rows = pd.DataFrame(
        {"row": [0, 1], "x_m": 500.0, "y_m": -300.0, "error_m": 250.0, "trust": 0.8}
    )
    found = find_places(
        gazetteer, words, pd.Series([None] * 3), addresses=address,
        evidence=Evidence(rows, np.array([1.0, 2.0, 3.0])),
    )  # fmt: skip
    last = found[found["row"] == 2].iloc[0]
    assert (last["name"], last["kind"], last["x_m"]) == ("金桂公馆", "poi", pytest.approx(500.0))
    assert 0 not in set(found["row"])
