from typing import Any

import numpy as np
import pandas as pd
import pytest

from correlate.case.answers import previous_section
from correlate.case.archive import Archive, Sighting
from correlate.case.findings import steps_of
from correlate.case.gathered import Gathered
from correlate.case.phrases import sentence
from correlate.case.questions import questions_of
from correlate.case.replies import reply_of
from correlate.faults import Fault
from correlate.state import State
from correlate.tickets import Ticket
from tests.correlate.case.desk import (
    archive_of,
    change_rows,
    counter_rows,
    gather_all,
    lay,
    placed,
    played,
)
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    fresh_state,
    make_ticket,
    sure_outage,
)

PARTS = [
    *("1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7"),
    *("2a", "2b", "2c", "2d", "3.1", "3.2", "3a"),
    *(f"4.{n}" for n in range(1, 13)),
    *("5a", "5a-1", "5a-2", "5b", "6.1", "6.2", "6.3", "6.4", "7.1", "7a", "7b"),
]
CALM = {"setup_attempts": 100.0, "setup_successes": 98.0, "drops": 1.0, "traffic_erl": 5.0}


def walk(gathered: Gathered) -> list[dict[str, Any]]:
    """Steps of what was gathered; every sentence in them can be said in both languages."""
    steps = steps_of(
        gathered,
        previous=previous_section(gathered),
        reply=reply_of(gathered),
        questions=questions_of(gathered),
    )
    for one in [*steps, *(p for s in steps for p in s["parts"])]:
        told = [*one["findings"], {"key": one["step"], "values": {}}]
        told += [one["reason"]] if one["reason"] else []
        assert all(sentence(f, language) for f in told for language in ("zh", "en"))
    return steps


def parts(
    ticket: Ticket | None = None,
    *,
    state: State | None = None,
    archive: Archive | None = None,
    fault: Fault | None = None,
    likely: str = "unknown",
) -> dict[str, dict[str, Any]]:
    """Parts of all steps of a ticket by number."""
    inquiry = lay(ticket, state=state, archive=archive, fault=fault, likely=likely)
    return {p["number"]: p for s in walk(gather_all(inquiry)) for p in s["parts"]}


def keys(found: dict[str, Any]) -> list[str]:
    return [f["key"] for f in found["findings"]]


def test_steps_and_parts_come_in_the_order_of_the_procedure() -> None:
    steps = walk(gather_all(lay(likely="unknown")))
    assert [s["number"] for s in steps] == list("1234567")
    assert [p["number"] for s in steps for p in s["parts"]] == PARTS
    for step in steps:
        assert step["window"][0] <= step["window"][1] == "2026-03-10 14:00"
        assert step["asked_at"] == "2026-03-10T14:00:00+08:00"


def test_findings_of_a_step_are_those_of_its_parts_with_their_numbers() -> None:
    step = walk(gather_all(lay(placed(is_group=True))))[0]
    numbers = {f["number"] for f in step["findings"]}
    assert numbers <= {p["number"] for p in step["parts"]}
    assert ("1.5", "find.group") in {(f["number"], f["key"]) for f in step["findings"]}


@pytest.mark.parametrize(
    ("table", "numbers"),
    [
        ("alarms", ("3.1", "3.2")),
        ("kpi", ("4.1", "4.2", "4.5", "4.9")),
        ("changes", ("4.12",)),
        ("locations", ("2a",)),
    ],
)
def test_a_missing_table_is_not_queried_with_that_reason(
    table: str, numbers: tuple[str, ...]
) -> None:
    told = parts(archive=archive_of(missing=(table,)))
    for number in numbers:
        assert told[number]["status"] == "status.not_queried"
        assert told[number]["reason"]["key"] == "reason.no_table"
        assert told[number]["findings"] == []


def test_nothing_found_differs_from_not_queried() -> None:
    alarms = arriving(
        "alarms", [NOON], alarm_id=["A1"], object_id=["V1"], raised_at=[at(NOON)], name="Fan"
    )
    told = parts(placed(msisdn="15900002291"), state=played(alarms=alarms))
    for number in ("2a", "3.1", "4.12"):
        assert told[number]["status"] == "status.nothing"
        assert told[number]["reason"] is None


def test_counters_that_never_came_are_a_gap_not_health() -> None:
    kpi = counter_rows(("H1-G", "H1-L"), 60, CALM, last=50)
    told = parts(state=played(kpi=kpi), archive=archive_of(kpi=kpi))["4.4"]
    assert told["status"] == "status.not_queried"
    assert told["reason"]["key"] in ("reason.gap", "reason.gap_since")


def test_cells_silent_among_others_are_named_as_such() -> None:
    silent = counter_rows(("H1-G", "H1-L"), 30, CALM, last=12)
    others = counter_rows(("V1-G", "V1-L", "V2-G", "V2-L", "H4-G", "H4-L"), 30, CALM)
    kpi = pd.concat([silent, others], ignore_index=True).sort_values("arrived_at", kind="stable")
    kpi = kpi.assign(row=range(len(kpi))).reset_index(drop=True)
    told = parts(state=played(kpi=kpi), archive=archive_of(kpi=kpi))["4.4"]
    assert told["reason"]["key"] == "reason.cells_silent"


def test_calm_counters_find_nothing_and_show_their_figures() -> None:
    kpi = counter_rows(("H1-G", "H1-L"), 30, CALM)
    told = parts(state=played(kpi=kpi), archive=archive_of(kpi=kpi))["4.4"]
    assert told["status"] == "status.nothing"
    assert {f["key"] for f in told["findings"]} <= {"find.figure", "find.figure_alone"}
    assert told["findings"]


def test_the_ticket_step_tells_what_was_said() -> None:
    ticket = placed(
        is_group=True, onset_to=NOON, previous="已重启,请核实", account="active", names=("Village",)
    )
    told = parts(ticket)
    assert keys(told["1.2"]) == ["find.place_named"]
    assert keys(told["1.4"]) == ["find.previous"]
    assert keys(told["1.5"]) == ["find.group"]
    assert keys(told["1.6"]) == ["find.onset"]
    assert keys(told["1.7"]) == ["find.account"]
    assert keys(parts(placed(is_chronic=True))["1.6"]) == ["find.chronic"]
    assert keys(parts(placed(is_single=True))["1.5"]) == ["find.single"]
    assert keys(parts()["1.5"]) == []


def test_the_place_step_names_cell_site_and_what_is_left() -> None:
    found = parts()["2b"]["findings"]
    assert found[1]["values"] == {"cell": "H1-L", "name": "H1 station", "p": "0.98", "d": "0.5 km"}
    assert found[-1]["values"] == {"p": "0.02"}


@pytest.mark.parametrize(
    ("cell", "where"), [("H1-L", "find.at_place"), ("V1-L", "find.elsewhere")], ids=["at", "away"]
)
def test_the_register_says_whether_the_number_is_at_the_place(cell: str, where: str) -> None:
    archive = archive_of()
    archive.sightings = {
        "15900002291": (
            Sighting(NOON, NOON + 60, cell, "hlr"),
            Sighting(NOON, NOON + 9 * HOUR, "V2-L", "hlr"),
        )
    }
    (found,) = parts(placed(msisdn="15900002291"), archive=archive)["2a"]["findings"]
    assert (found["values"]["cell"], found["values"]["where"]) == (cell, where)


def test_a_vague_place_is_asked_by_phone_and_a_known_one_is_not() -> None:
    lost = make_ticket(basis="county")
    assert "ask.there" in keys(parts(lost)["2c"])
    assert parts()["2c"]["reason"]["key"] == "reason.place_known"


def test_a_neighbour_that_is_down_is_found_beside_a_healthy_station() -> None:
    state = fresh_state()
    sure_outage(state, "H2")
    (found,) = parts(state=state)["2d"]["findings"]
    assert found["key"] == "find.station_down"
    assert found["values"]["name"] == "H2 station"
    assert found["values"]["role"] == "role.neighbour"


def test_alarms_of_the_own_station_are_counted_by_object_and_name() -> None:
    moments = [NOON - 3 * HOUR, NOON - 2 * HOUR, NOON, NOON]
    alarms = arriving(
        "alarms",
        moments,
        alarm_id=["A1", "A2", "A3", "A4"],
        object_id=["H1", "H1", "V1", "H2"],
        raised_at=[at(m) for m in moments],
        cleared_at=[at(moments[0] + 600), pd.NaT, pd.NaT, pd.NaT],
        name="NE Is Disconnected",
    )
    told = parts(state=played(alarms=alarms))
    (found,) = told["3.1"]["findings"]
    assert (found["values"]["object"], found["values"]["count"]) == ("H1", 2)
    assert (found["values"]["first"], found["values"]["last"]) == ("03-10 09:00", "03-10 10:00")
    assert found["values"]["state"] == "find.in_force"
    assert [f["values"]["object"] for f in told["3.2"]["findings"]] == ["H2"]


def test_a_fault_goes_to_the_county_and_spares_the_question_of_coverage() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    told = parts(state=state, fault=fault, likely="site_outage")
    assert keys(told["3a"]) == ["find.contact"]
    assert told["5"]["reason"]["key"] == "reason.fault_known"
    assert keys(told["7.1"]) == ["find.incident"]
    assert keys(told["6.1"]) == ["find.conclusion"]


def test_without_a_cause_a_test_on_site_is_due_but_not_for_thin_coverage() -> None:
    assert keys(parts()["5b"]) == ["find.test"]
    thin = parts(likely="weak_coverage")
    assert keys(thin["5a"]) == ["find.thin"]
    assert thin["5a-1"]["status"] == "status.nothing"
    assert keys(thin["5a-2"]) == ["ask.households"]
    assert thin["5b"]["status"] == "status.not_queried"


def test_a_large_outage_is_told_to_the_province() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    assert keys(parts(state=state, fault=fault)["7b"]) == []
    wide = sure_outage(state, "H1", degree=np.array([20.0, 20.0]))
    assert keys(parts(state=state, fault=wide)["7b"]) == ["find.severe"]


def test_changes_around_are_told_and_old_far_or_unannounced_ones_are_not() -> None:
    rows = change_rows(
        ("H1", 5, "pMax"),
        ("H2", 30, "tilt"),
        ("V1", 5, "pMax"),
        ("H1", 480, "pMax"),
        ("H1", -3, "x"),
    )
    found = parts(archive=archive_of(changes=rows))["4.12"]["findings"]
    assert [f["values"]["object"] for f in found] == ["H1", "H2"]


def test_complaints_of_the_kind_around_are_counted_without_the_own() -> None:
    state = fresh_state()
    tickets = [
        placed(), placed("T2"), placed("T4", symptom="SMSTX"),
        make_ticket("T3", cell="V1-L", x_m=0.0, y_m=5e4),
    ]  # fmt: skip
    state.tickets = {t.ticket_id: t for t in tickets}
    complaints = arriving(
        "complaints",
        [NOON + HOUR] * 4,
        ticket_id=[t.ticket_id for t in tickets],
        created_at=[at(NOON + HOUR)] * 4,
        text="x",
    )
    found = parts(tickets[0], state=state, archive=archive_of(complaints=complaints))["1.5"]
    assert [f["values"] for f in found["findings"]] == [{"hours": 24, "count": 1}]


def test_a_ticket_without_a_place_is_walked_through_all_the_same() -> None:
    lost = make_ticket(
        cells=np.array([-1]), share=np.array([0.0]), distance_m=np.array([0.0]), nothing=1.0,
        basis="nothing",
    )  # fmt: skip
    told = parts(lost)
    assert told["2b"]["status"] == "status.nothing"
    assert told["3.1"]["reason"]["key"] == "reason.no_place"
    assert told["4.1"]["reason"]["key"] == "reason.no_place"
