import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest

from correlate.case.phrases import load_phrases, sentence
from correlate.case.place_reasons import place_reason
from correlate.locating import locate
from correlate.tickets import Candidate
from tests.correlate.case.desk import archive_of, lay, placed
from tests.correlate.small_network import HOUR, NOON, arriving, at, small_knowledge

NUMBER = "15900002291"
ASKED = NOON + HOUR


def spot(away_m: float = 0.0) -> tuple[float, float]:
    """Return a point so far east of where tickets are laid."""
    ticket = placed()
    return ticket.x_m + away_m, ticket.y_m


def place(
    kind: str, name: str = "", *, weight: float = 0.8, away_m: float = 0.0, radius_m: float = 300.0
) -> Candidate:
    """Return a candidate place."""
    basis = {"coordinates": "coordinates", "register": "register", "county": "county"}
    x_m, y_m = spot(away_m)
    return (kind, name, basis.get(kind, "address"), weight, x_m, y_m, radius_m)


def seen(cell: str, minutes: int, number: str = NUMBER) -> Any:
    """Return an archive in which the number was on a cell so many minutes before the complaint."""
    moment = ASKED - minutes * 60
    rows = arriving(
        "locations", [moment], msisdn=number, seen_at=[at(moment)], cell_id=cell, source="xdr"
    )
    return archive_of(locations=rows)


def told(language: str = "en", archive: Any = None, **fields: Any) -> str:
    """Return the sentence of a ticket with these fields."""
    inquiry = lay(placed(**({"msisdn": NUMBER} | fields)), archive=archive)
    return sentence(place_reason(inquiry), language)


def test_coordinates_are_told_with_their_radius() -> None:
    said = {
        language: told(language, basis="coordinates", candidates=(place("coordinates"),))
        for language in ("en", "zh")
    }
    assert said["en"] == (
        "Placed by the coordinates of the order, within about 300 m (two thirds)."
    )
    assert said["zh"] == "按工单坐标定位,约 300 m 范围内(三分之二把握)。"


def test_a_name_that_lies_where_the_coordinates_do_agrees() -> None:
    both = (place("coordinates"), place("village", "Oak", weight=0.2, away_m=200.0))
    said = told(basis="coordinates", candidates=both)
    assert "the words name Oak, which is there" in said
    assert "may also be" not in said


def test_another_place_that_may_be_meant_is_told_with_its_share() -> None:
    both = (place("village", "Oak"), place("village", "Oak", weight=0.2, away_m=9000.0))
    said = told(candidates=both)
    assert "which name Oak (village)" in said
    assert "it may also be Oak (village, 9.0 km off, 20 %)" in said


@pytest.mark.parametrize(
    ("rival", "words"),
    [
        (("coordinates", "gcj02"), "where the coordinates say"),
        (("register", "H4-G"), "around cell H4-G"),
        (("county", "Hill"), "elsewhere in Hill"),
    ],
    ids=["coordinates", "number", "county"],
)
def test_each_kind_of_rival_has_its_words(rival: tuple[str, str], words: str) -> None:
    other = place(*rival, weight=0.2, away_m=9000.0)
    assert words in told(candidates=(place("village", "Oak"), other))


def test_the_same_coordinates_read_otherwise_are_a_rival_reading() -> None:
    readings = (place("coordinates"), place("coordinates", "bd09", weight=0.2, away_m=900.0))
    said = told(basis="coordinates", candidates=readings)
    assert "the coordinates read as BD-09 (900 m off, 20 %)" in said


def test_a_county_alone_says_so_and_a_number_that_narrows_it_too() -> None:
    county: dict[str, Any] = {
        "basis": "county",
        "candidates": (place("county", "Hill", radius_m=9000.0),),
    }
    assert told(**county).startswith("Only the county is known, Hill, within")
    assert "narrows it, within about 300 m" in told(archive=seen("H1-L", 40), **county)


def test_a_number_that_decides_is_told_with_cell_and_time() -> None:
    said = told(archive=seen("H1-L", 40), basis="register", candidates=(place("register", "H1-L"),))
    assert said.startswith("Placed by the number, seen 40 min before on H1-L (H1 station)")
    assert NUMBER not in said


def test_nothing_to_go_by_is_said() -> None:
    assert told(basis="nothing").startswith("Neither coordinates, words nor number say where")


@pytest.mark.parametrize("basis", ["address", "county", "coordinates", "register"])
def test_a_ticket_without_candidates_still_says_by_what(basis: str) -> None:
    assert told(basis=basis).startswith("Placed by")


def test_a_fresh_sighting_elsewhere_tells_both_places() -> None:
    said = told(archive=seen("V1-L", 40), candidates=(place("village", "Oak"),))
    assert "the complaint is about Oak, the phone is now around V1 station" in said
    assert "40 min before on V1-L, 12 km away" in said


def test_an_old_sighting_elsewhere_does_not_say_where_the_phone_is_now() -> None:
    said = told(archive=seen("V1-L", 60 * 20), candidates=(place("village", "Oak"),))
    assert "now around" not in said
    assert "the number was seen 20 h before on V1-L (V1 station), 12 km away" in said


def test_a_sighting_at_the_place_confirms_it() -> None:
    said = told(archive=seen("H1-L", 40), candidates=(place("village", "Oak"),))
    assert "the number was seen there 40 min before, on H1-L (H1 station)" in said


def test_words_that_say_the_customer_is_elsewhere_are_told() -> None:
    assert "elsewhere now" in told(text="no signal, customer is not on site")


def test_numbers_in_names_of_places_are_masked() -> None:
    said = told(candidates=(place("poi", f"shop {NUMBER}"),))
    assert NUMBER not in said
    assert "159****2291" in said


def located_note(**fields: Any) -> str:
    """Return what locating notes about the coordinates of an order."""
    row = dict.fromkeys(("address", "county", "crs", "msisdn"))
    row |= {"text": "no signal", "created_at": at(ASKED)} | fields
    known = small_knowledge()
    orders = pd.DataFrame([row]).astype({"address": "str", "county": "str", "crs": "str"})
    none = pd.DataFrame({"msisdn": [], "seen_at": [], "cell": []}).astype(
        {"msisdn": "str", "seen_at": "datetime64[us, UTC]", "cell": int}
    )
    return str(locate(orders, known.gazetteer, known.network, none).notes.iloc[0])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"lon": 0.0, "lat": 0.0}, "zh 工单坐标为零,未采用"),
        ({"lon": 121.5, "lat": 31.2}, "zh 工单坐标远离本网,未采用"),
        ({"lon": 25.0, "lat": 100.0}, "zh 工单坐标经纬度颠倒,已对调读取"),
        ({"lon": 100.0, "lat": 25.108, "address": "H4 station"}, "zh 工单坐标与所述地点不符,未采信"),
    ],
    ids=["zero", "far", "exchanged", "unfit"],
)  # fmt: skip
def test_what_locating_notes_is_told_in_both_languages(fields: dict[str, Any], said: str) -> None:
    note = located_note(**fields)
    assert load_phrases()["coordinates"][note]["en"] in told(place_note=note)
    assert said.removeprefix("zh ") in told("zh", place_note=note)


def test_the_map_system_that_fits_is_named() -> None:
    note = "system wgs84 gcj02"
    coordinates = (place("coordinates", "gcj02"),)
    said = told("zh", place_note=note, basis="coordinates", candidates=coordinates)
    assert "工单坐标标为 WGS-84,但按 GCJ-02 才相符" in said
    assert "读作" not in said


def test_coordinates_the_number_speaks_for_are_not_called_left_out() -> None:
    said = told(place_note="unfit", basis="coordinates", candidates=(place("coordinates"),))
    assert "not relied on" not in said
    assert "the number speaks for them" in said


def test_asking_changes_nothing_on_the_ticket() -> None:
    inquiry = lay(placed(msisdn=NUMBER, candidates=(place("village", "Oak"),)))
    before = copy.deepcopy(inquiry.ticket)
    place_reason(inquiry)
    assert inquiry.ticket.candidates == before.candidates
    assert np.array_equal(inquiry.ticket.served, before.served)
