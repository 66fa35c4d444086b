"""A place is found by its name, as a whole, by its beginning or a part; what serves it is near."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from correlate.live.whereabouts import MOST_KM, Whereabouts
from tests.correlate.small_network import small_tables

PLACES = pd.DataFrame(
    {
        "name": ["Vale town", "Ｖale Bridge", "Old mill", "Old mill", "Far off"],
        "lon": [100.0, 100.0, 100.0, 100.06, 120.0],
        "lat": [25.1083, 25.0, 25.0, 25.0, 40.0],
        "kind": ["town", "poi", "village", "village", "village"],
        "county": ["Vale", "Hill", "Hill", "Hill", None],
    }
)


def where() -> Whereabouts:
    """The whereabouts of the small network with some places."""
    return Whereabouts.of(small_tables() | {"places": PLACES})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Vale town", ["place Vale town"]),
        ("vale", ["county Vale", "place Vale town", "place Ｖale Bridge"]),
        ("VALE b", ["place Ｖale Bridge"]),
        ("mill", ["place Old mill", "place Old mill"]),
        ("h1-g", []),
        ("H1-G", ["cell H1-G"]),
        ("nowhere", []),
        ("", []),
        ("a\nb", []),
    ],
)
def test_names_are_found_whole_before_beginning_before_part(text: str, expected: list[str]) -> None:
    found = [f"{spot.kind} {spot.name}" for spot in where().suggest(text)]
    assert [one for one in found if not one.startswith("site")][: len(expected)] == expected
    assert bool(found) == bool(expected)


def test_the_id_of_a_site_finds_it() -> None:
    found = where().suggest("V2")
    assert (found[0].kind, found[0].detail) == ("site", "V2")


def test_places_of_one_name_are_told_apart_by_where_they_lie() -> None:
    places = PLACES.assign(town=[None, None, "East", "West", None])
    found = Whereabouts.of(small_tables() | {"places": places})
    mills = found.suggest("Old mill")
    assert [spot.town for spot in mills] == ["East", "West"]
    assert [found.spot(spot.key) for spot in mills] == mills
    assert found.spot(mills[0].key.replace("East", "South")) is None
    assert found.spot("nonsense") is None


def test_only_own_counties_are_offered() -> None:
    assert [s.county for s in where().suggest("vale", counties={"Hill"})] == ["Hill"]


def test_cells_are_those_of_the_sites_nearest_by() -> None:
    known = where()
    assert known.cells(known.suggest("V2-I")[0]) == ["V2-I"]
    mill = known.cells(known.suggest("Old mill")[0])
    assert set(mill) == {"H1-G", "H1-L", "H2-G", "H2-L", "H3-G", "H3-L"}
    assert known.cells(known.suggest("Far off")[0]) == []


def test_nothing_is_found_in_nothing() -> None:
    empty = {name: table.iloc[:0] for name, table in small_tables().items()}
    nothing = Whereabouts.of(empty)
    assert nothing.suggest("Vale") == []
    assert nothing.cells_at("Vale") == []


@given(text=st.text(max_size=8))
def test_any_text_may_be_asked_for(text: str) -> None:
    found = where().suggest(text, most=5)
    assert len(found) <= 5
    assert len({spot.key for spot in found}) == len(found)


def test_nearest_sites_are_those_that_a_plain_search_finds() -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(100, 100.3, 60), rng.uniform(25, 25.3, 60)
    sites = pd.DataFrame({"site_id": [f"S{n}" for n in range(60)], "lon": lon, "lat": lat})
    cells = sites[["site_id"]].assign(cell_id="C" + sites["site_id"])
    points = rng.uniform((100, 25), (100.3, 25.3), (20, 2))
    places = pd.DataFrame(points, columns=["lon", "lat"])
    places["name"] = [f"place {n}" for n in range(20)]
    known = Whereabouts.of({"sites": sites, "cells": cells, "places": places})
    for name, (x, y) in zip(places["name"], points, strict=True):
        east, north = (lon - x) * np.cos(np.radians(y)), lat - y
        km = np.hypot(east, north) * 111.195
        near = [n for n in np.argsort(km)[:3] if km[n] <= MOST_KM]
        assert known.cells_at(name) == [f"CS{n}" for n in near]
