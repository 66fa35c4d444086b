from typing import Any

import numpy as np
import pytest

from correlate.case.number_sightings import number_sightings
from correlate.case.phrases import sentence
from correlate.case.place import place_section
from correlate.case.serving_reasons import beam_position, serving_reasons
from tests.correlate.case.desk import archive_of, lay, placed
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    cells_of,
    fresh_state,
    small_knowledge,
    sure_outage,
)

NUMBER = "15900002291"
ASKED = NOON + HOUR


def seen(*sightings: tuple[str, int], late_s: int = 0) -> Any:
    """Return an archive in which the number was on cells so many minutes before the complaint."""
    moments = [ASKED - minutes * 60 for _, minutes in sightings]
    rows = arriving(
        "locations",
        [moment + late_s for moment in moments],
        msisdn=NUMBER,
        seen_at=[at(moment) for moment in moments],
        cell_id=[cell for cell, _ in sightings],
        source="xdr",
    )
    return archive_of(locations=rows)


def reason(cell: str, language: str = "en", *, stands_in: bool = False, **given: Any) -> str:
    """Return why a cell serves the place of a ticket."""
    kept = {name: given.pop(name, None) for name in ("archive", "state")}
    inquiry = lay(placed(msisdn=NUMBER, **given), **kept)
    (why,) = serving_reasons(inquiry, cells_of(cell).tolist(), stands_in=stands_in)
    return sentence(why, language)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("H1-L", "in its beam, 500 m"),
        ("H1-G", "beside its beam, 500 m"),
        ("H2-L", "behind its antenna, 1.5 km"),
        ("V2-I", "indoor cell"),
    ],
)
def test_by_coverage_the_place_lies_somewhere_in_the_beam(cell: str, words: str) -> None:
    assert words in reason(cell)


def test_an_antenna_inside_the_circle_of_the_place_has_no_side() -> None:
    assert reason("H1-L", radius_m=800.0) == "stands inside the circle, 500 m from its middle"


def test_of_a_place_hardly_known_no_beam_is_told() -> None:
    assert reason("H1-L", radius_m=20_000.0) == "the place is only known within about 20 km"


@pytest.mark.parametrize("lost", ["x_m", "radius_m"])
def test_what_is_not_known_of_the_place_is_not_told(lost: str) -> None:
    unknown: dict[str, Any] = {lost: float("nan")}
    assert "nan" not in reason("H1-L", **unknown)


def test_a_number_seen_on_the_cell_and_on_its_site_is_told_apart() -> None:
    archive = seen(("H1-L", 40))
    assert reason("H1-L", archive=archive).startswith("the number was on it 40 min before; ")
    assert reason("H1-G", archive=archive).startswith("the number was on its site 40 min before")
    assert "number" not in reason("H2-G", archive=archive)


def test_the_sighting_nearest_in_time_is_told() -> None:
    assert "5 min before" in reason("H1-L", archive=seen(("H1-L", 300), ("H1-L", 5)))


def test_a_sighting_far_off_is_told_with_its_distance_instead_of_a_beam() -> None:
    said = reason("V1-L", archive=seen(("V1-L", 3 * 60)))
    assert said == "the number was on it 3 h before, 12 km from the place"


def test_a_sighting_that_has_not_arrived_yet_does_not_exist() -> None:
    archive = seen(("H1-L", 40), late_s=9 * HOUR)
    assert "number" not in reason("H1-L", archive=archive)


def test_a_sighting_is_never_told_for_another_number() -> None:
    inquiry = lay(placed(msisdn="15900009999"), archive=seen(("H1-L", 40)))
    assert number_sightings(inquiry) == []
    assert number_sightings(lay(placed(), archive=seen(("H1-L", 40)))) == []


def test_a_site_named_in_the_words_is_said() -> None:
    x_m, y_m = small_knowledge().network.sites.loc[0, ["x_m", "y_m"]].astype(float)
    named = (("site", "H1 station", "address", 0.9, float(x_m), float(y_m), 300.0),)
    assert "the words name its site" in reason("H1-L", candidates=named)
    assert "the words name" not in reason("H2-L", candidates=named)


def test_a_fault_that_raised_the_cell_is_told_with_both_shares() -> None:
    raised: dict[str, Any] = {
        "cells": cells_of("H1-L"),
        "share": np.array([0.2]),
        "served": np.array([0.75]),
    }
    assert "a fault there fits the complaint (20 % → 75 %)" in reason("H1-L", **raised)
    assert "该处故障与投诉相符(20 % → 75 %)" in reason("H1-L", "zh", **raised)


def test_a_cell_that_is_down_says_so_and_one_in_its_stead_too() -> None:
    state = fresh_state()
    sure_outage(state, "H1")
    assert "serves normally, down now" in reason("H1-L", state=state)
    assert "stands in for a cell that is down" in reason("H2-L", state=state, stands_in=True)


@pytest.mark.parametrize(
    ("bearing", "azimuth", "width", "position"),
    [
        (10.0, float("nan"), 65.0, "round"),
        (359.0, 1.0, float("nan"), "ahead"),
        (50.0, 0.0, 65.0, "edge"),
        (-100.0, 0.0, 65.0, "beside"),
        (180.0, 0.0, 65.0, "behind"),
    ],
)
def test_a_bearing_lies_against_the_beam(
    bearing: float, azimuth: float, width: float, position: str
) -> None:
    assert beam_position(bearing, azimuth, width) == position


def test_each_cell_of_the_place_has_its_reason() -> None:
    state = fresh_state()
    sure_outage(state, "H1")
    told = place_section(lay(state=state))
    assert told["why"]["key"] == "whereabouts.why"
    assert {row["why"]["key"] for row in [*told["cells"], *told["current"]]} == {"serves.why"}
