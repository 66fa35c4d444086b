import re
from copy import deepcopy
from typing import Any
from xml.etree import ElementTree

import pytest

from dashboards.case_words import case_words
from dashboards.place_map import place_map
from tests.dashboards.full_case import full_case

WORDS = case_words("en")


def drawn(place: dict[str, Any]) -> ElementTree.Element:
    """The map, read back."""
    return ElementTree.fromstring(str(place_map(place, WORDS)).replace('xmlns="', 'x="'))


def texts(root: ElementTree.Element) -> list[str]:
    """What is written on a map."""
    return [element.text or "" for element in root.iter("text")]


def of_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Elements of a class."""
    return [e for e in root.iter() if name in e.get("class", "").split()]


def test_map_names_stations_places_scale_and_north() -> None:
    place = full_case()["place"]
    before = deepcopy(place)
    told = texts(drawn(place))
    assert {"Hill one", "Hill two", "Plan nine", "双阳", "N"} <= set(told)
    assert any(re.fullmatch(r"\d+ k?m", text) for text in told)
    assert place == before


def test_a_far_station_is_counted_not_drawn() -> None:
    told = texts(drawn(full_case()["place"]))
    assert "Far away" not in told
    assert "1 more stations lie outside the map" in told


def test_the_likeliest_sector_is_the_darkest() -> None:
    shades = [
        float(e.get("fill-opacity", "0")) for e in of_class(drawn(full_case()["place"]), "sector")
    ]
    assert len(shades) == 4
    assert shades == sorted(shades)
    assert shades[-1] > 0.7


def test_carriers_of_one_sector_are_one_wedge() -> None:
    place = full_case()["place"]
    twin = place["cells"][0] | {"cell_id": "H1-1b", "probability": 0.02}
    place["cells"] = [*place["cells"], twin]
    assert len(of_class(drawn(place), "sector")) == 4


def test_a_station_that_is_down_is_crossed_and_explained() -> None:
    root = drawn(full_case()["place"])
    assert len(of_class(root, "down")) == 2
    assert "down" in texts(root)


def test_no_two_labels_overlap() -> None:
    place = full_case()["place"]
    place["names"] = [
        {"name": f"village {i}", "kind": "village", "lon": 100.1 + i / 5000, "lat": 25.6}
        for i in range(30)
    ]
    boxes = []
    for element in drawn(place).iter("text"):
        if "label" in element.get("class", "") and element.get("text-anchor") == "middle":
            x, y = float(element.get("x", "0")), float(element.get("y", "0"))
            half = 0.5 * 12 * 0.56 * len(element.text or "")
            boxes.append((x - half, y - 10, x + half, y + 2))
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3])


@pytest.mark.parametrize(
    "place",
    [{}, {"lon": None, "lat": None, "cells": [{"cell_id": "A", "probability": 1.0}]}],
    ids=["nothing", "no coordinates"],
)
def test_without_coordinates_there_is_no_map(place: dict[str, Any]) -> None:
    assert place_map(place, WORDS) == ""


def test_one_point_is_enough_for_a_map() -> None:
    root = drawn({"lon": 100.0, "lat": 25.0, "radius_m": 300, "cells": [], "sites": []})
    assert len(of_class(root, "target")) >= 2
    assert not re.search(r"nan|inf", ElementTree.tostring(root, encoding="unicode"))


def test_a_place_of_unknown_position_shows_its_cells() -> None:
    place = full_case()["place"] | {"lon": None, "lat": None}
    root = drawn(place)
    assert of_class(root, "target") == []
    assert len(of_class(root, "sector")) == 4
