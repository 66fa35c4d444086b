from typing import Any

import pytest

from dashboards.case_evidence import Evidence, evidence_view
from dashboards.case_words import case_words
from tests.dashboards.full_case import full_case

WORDS = case_words("en")


def view(**changed: Any) -> Evidence:
    """The evidence of the full case with some sections changed."""
    return evidence_view(full_case() | changed, WORDS)


def test_cells_have_carrier_direction_and_distance() -> None:
    first = view().cells[0]
    assert (first.carrier, first.where, first.share) == ("GSM 900", "↗ NE 420 m", "62 %")
    assert view().cells[-1].is_down


def test_a_case_without_a_place_falls_back_on_its_serving_cells() -> None:
    found = view(place=None)
    assert [cell.cell_id for cell in found.cells] == ["H1-1"]
    assert found.cells[0].where == "420 m"
    assert found.current == ()


def test_hours_in_force_are_counted_by_day() -> None:
    alarm = view().alarms[0]
    assert len(alarm.by_day) == 10
    assert alarm.by_day[:5] == (None,) * 5
    assert alarm.by_day[5:8] == pytest.approx((9.0, 9.0, 9.0))
    assert alarm.by_day[9] == pytest.approx(5.0)


def test_an_alarm_of_before_the_window_counts_inside_it_alone() -> None:
    alarms = full_case()["alarms"]
    alarms["rows"][0]["spans"] = [["2026-01-01T00:00:00+08:00", None]]
    assert view(alarms=alarms).alarms[0].by_day == pytest.approx((24.0,) * 10)


@pytest.mark.parametrize(
    ("values", "mark"),
    [([0.99], ""), ([0.5], "▼"), ([None], ""), ([0.99, None], "")],
    ids=["usual", "below", "nothing arrived", "last period missing"],
)
def test_the_latest_value_is_marked_outside_its_band(values: list[float | None], mark: str) -> None:
    size = len(values)
    row = {"measure": "setup_success", "values": values, "telling": False}
    row |= {"usual": [0.98] * size, "low": [0.95] * size, "high": [1.02] * size, "times": []}
    counters = {"cells": [{"cell_id": "A", "measures": [row]}]}
    measure = view(counters=counters).counters[0][1][0]
    assert measure.mark == mark
    assert measure.usual in ("95.0 – 100.0 %", "–")


def test_a_measure_that_never_arrived_is_told_as_not_reported() -> None:
    row = {"measure": "vswr", "values": [None, None], "low": [], "high": [], "times": []}
    counters = {"cells": [{"cell_id": "A", "measures": [row]}]}
    assert view(counters=counters).counters[0][1][0].now == "not reported"


def test_planned_work_says_until_when_and_since_when_it_is_known() -> None:
    change = full_case()["changes"][0] | {
        "is_work": True,
        "until": "2026-03-11T06:00:00+08:00",
        "announced_at": "2026-03-01T09:00:00+08:00",
    }
    note = view(changes=[change]).changes[0]["note"]
    assert note == "work, until 2026-03-11 06:00, announced 2026-03-01 09:00"


@pytest.mark.parametrize(
    "quiet", [{"DOOR OPEN": 4}, [["DOOR OPEN", 4]], [{"name": "DOOR OPEN", "count": 4}]]
)
def test_harmless_alarms_are_told_with_their_counts(quiet: Any) -> None:
    assert view(alarms=full_case()["alarms"] | {"quiet": quiet}).quiet == "DOOR OPEN (4)"


def test_an_empty_case_has_no_evidence() -> None:
    assert evidence_view({}, WORDS) == Evidence()
