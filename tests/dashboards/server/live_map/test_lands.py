"""Land is drawn as one piece, and a border between neighbours once."""

import json
from typing import Any

import shapely

from dashboards.server.live_map.grounds import Ground
from dashboards.server.live_map.lands import COUNTIES, WHOLE, land_files


def collection(**parts: Any) -> dict[str, Any]:
    """Parts with their names."""
    made = [
        {
            "type": "Feature",
            "id": name,
            "properties": {},
            "geometry": shapely.geometry.mapping(shape),
        }
        for name, shape in parts.items()
    ]
    return {"type": "FeatureCollection", "features": made}


def shape_of(content: bytes) -> Any:
    """The shapes of a file together."""
    parts = json.loads(content)["features"]
    return shapely.union_all([shapely.geometry.shape(part["geometry"]) for part in parts])


def test_neighbours_share_one_line_and_lie_on_one_piece() -> None:
    west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
    land = collection(West=west, East=east)
    files = land_files(land, collection())
    assert shape_of(files[WHOLE].content).equals(shapely.box(0, 0, 2, 1))
    assert shape_of(files["county-lines"].content).length == 7, "both have 8, one of them is shared"
    assert [part["id"] for part in json.loads(files[COUNTIES].content)["features"]] == [
        "West",
        "East",
    ]


def test_no_land_is_an_empty_file() -> None:
    files = land_files(collection(), collection())
    assert all(json.loads(land.content)["features"] == [] for land in files.values())


def test_the_version_is_that_of_the_content(ground: Ground) -> None:
    again = land_files(ground.counties, ground.towns)
    assert again == dict(ground.lands)
    other = land_files(collection(A=shapely.box(0, 0, 1, 1)), ground.towns)
    assert other[WHOLE].version != again[WHOLE].version
    assert other["town-lines"] == again["town-lines"]
