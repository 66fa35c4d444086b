"""What marks look like: shapes by severity, badges where a notice is out, and nothing made up where little is known."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dashboards.server.live_map.base_maps import base_layout
from dashboards.server.live_map.mark_sheet import mark_names
from dashboards.server.live_map.marks import Marks
from dashboards.server.live_map.traces import Look, area_of, cause_of, traces
from dashboards.server.live_map.views import View
from dashboards.server.live_map.wordings import map_words
from tests.dashboards.server.live_map.test_marks import complaints

LAYERS = ("faults", "extent", "notices", "complaints", "sites", "rates", "names")
LAND = "http://testserver/app/map/land-counties.json"
LOOK = Look("light", 1.0, "en", map_words("en"))


def marks_with(ground: Any, **fault: Any) -> Marks:
    """Marks of one fault and one complaint."""
    row = {
        "lon": 100.0,
        "lat": 25.0,
        "severity": "major",
        "is_noticed": True,
        "count": 1,
        "users": 50.0,
    }
    row |= {
        "incident_id": "I1",
        "ids": "I1",
        "area": "H1|H2",
        "county": "Hill",
        "cause": "trx_fault",
    }
    told = complaints((100.0, 25.0)).assign(count=1, age_s=60)
    sites = ground.sites.iloc[:2].assign(severity=["none", "major"], count=1)
    return Marks(pd.DataFrame([row | fault]), sites, told, ground.names)


def drawn(ground: Any, layers: tuple[str, ...] = LAYERS, **fault: Any) -> list[dict[str, Any]]:
    """Traces of these marks."""
    rates = pd.DataFrame(
        {"complaints": [7.0, 1.0], "per_10k": [2.5, np.nan]}, index=["Hill", "Vale"]
    )
    return traces(marks_with(ground, **fault), rates, LAND, layers=layers, look=LOOK)


def symbols(made: list[dict[str, Any]]) -> list[str]:
    """Names of the pictures that are drawn."""
    return [one for trace in made for one in trace.get("marker", {}).get("symbol", [])]


@pytest.mark.parametrize(
    ("layers", "is_noticed", "expected"),
    [
        (("faults", "notices"), True, ["major-told"]),
        (("faults", "notices"), False, ["major"]),
        (("faults",), True, ["major"]),
        (("notices",), True, ["notice"]),
        (("notices",), False, []),
        ((), True, []),
    ],
)
def test_a_badge_tells_of_a_notice(
    ground: Any, layers: tuple[str, ...], *, is_noticed: bool, expected: list[str]
) -> None:
    found = symbols(drawn(ground, layers, is_noticed=is_noticed))
    assert found == expected
    assert set(found) <= set(mark_names())


def test_the_number_of_traces_does_not_change_with_the_layers(ground: Any) -> None:
    assert len({len(drawn(ground, LAYERS[:n])) for n in range(len(LAYERS))}) == 1


def test_no_two_layers_lie_below_the_same(ground: Any) -> None:
    below = [one["below"] for one in drawn(ground)]
    assert len(set(below)) == len(below)
    style = base_layout(ground, View(99, 24, 101, 26, 8), theme="dark", home="")["map"]["style"]
    placed = [layer["id"] for layer in style["layers"]]
    assert [placed.index(name) for name in below] == sorted(placed.index(name) for name in below)


def test_a_county_that_may_not_be_told_is_not_coloured(ground: Any) -> None:
    assert drawn(ground)[0]["locations"] == ["Hill"]
    assert drawn(ground)[0]["zmax"] == 2.5


def test_what_is_unknown_is_said_to_be_unknown(ground: Any) -> None:
    nothing: dict[str, Any] = {
        "area": float("nan"),
        "county": None,
        "cause": float("nan"),
        "users": float("nan"),
    }
    (text,) = next(
        one["text"] for one in drawn(ground, **nothing) if "symbol" in one.get("marker", {})
    )
    assert "nan" not in text.lower()
    assert "— users hit" in text
    assert area_of(nothing, LOOK) == cause_of(None, LOOK) == ""


def test_names_of_the_input_are_no_markup(ground: Any) -> None:
    (text,) = next(
        one["text"] for one in drawn(ground, area="<b>x</b>") if "symbol" in one.get("marker", {})
    )
    assert "&lt;b&gt;x" in text


def test_marks_lead_to_their_pages(ground: Any) -> None:
    opened = [data[0] for one in drawn(ground) for data in one.get("customdata", []) if data[0]]
    assert opened == ["/app/ticket/T0", "/app/incident/I1"]
    joined = [
        data for one in drawn(ground, count=3) for data in one.get("customdata", []) if data[1]
    ]
    assert joined == [["", "I1", "zoom"]]
