import json
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from correlate.case.alarms import alarms_section
from correlate.case.casebook import unpacked
from correlate.case.changes import around_section, changes_section
from correlate.case.counters import counters_section, seen_counters
from correlate.case.place import neighbourhood_section, place_section
from correlate.case.ticket import ticket_section
from tests.correlate.case.desk import archive_of, change_rows, counter_rows, lay, placed, played
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    fresh_state,
    make_ticket,
    sure_outage,
)

CALM = {"setup_attempts": 100.0, "setup_successes": 98.0, "traffic_erl": 5.0}


def test_the_ticket_is_told_with_its_numbers_masked() -> None:
    ticket = placed(
        msisdn="15900002291",
        second_number="15900004261",
        text="15900002291来电,周围15900004261同样,邮箱 a.b@c.com",
        previous="请回访15900002291",
        onset_to=NOON,
        is_group=True,
        symptoms=("BUSY", "NOCALL"),
    )
    told = ticket_section(lay(ticket))
    assert not re.search(r"\d{11}", json.dumps(told))
    assert told["msisdn"] == "159****2291"
    assert told["second_numbers"] == ["159****4261"]
    assert told["onset"] == [None, "2026-03-10T12:00:00+08:00"]
    assert (told["group"], told["symptoms"]) == ("group", ["BUSY", "NOCALL"])


@pytest.mark.parametrize(
    ("flags", "group"),
    [({"is_group": True}, "group"), ({"is_single": True}, "single"), ({}, "unknown")],
)
def test_not_said_is_neither_group_nor_single(flags: dict[str, Any], group: str) -> None:
    assert ticket_section(lay(placed(**flags)))["group"] == group


def test_earlier_complaints_of_the_number_are_counted_within_thirty_days() -> None:
    days = [0, 3, 29, 40]
    complaints = arriving(
        "complaints",
        [NOON + HOUR - d * 86400 for d in days],
        ticket_id=["T1", "T2", "T3", "T4"],
        created_at=[at(NOON + HOUR - d * 86400) for d in days],
        msisdn="15900002291",
        text="x",
    )
    inquiry = lay(placed(msisdn="15900002291"), archive=archive_of(complaints=complaints))
    assert ticket_section(inquiry)["repeat"] == 2


def test_the_place_is_told_with_cells_stations_and_who_serves_now() -> None:
    state = fresh_state()
    sure_outage(state, "H1")
    told = place_section(lay(state=state))
    assert told["cells"][0]["cell_id"] == "H1-L"
    assert told["cells"][0]["is_down"]
    assert told["current"]
    assert not {row["cell_id"] for row in told["current"]} & {"H1-L", "H1-G"}
    roles = {row["site_id"]: row["role"] for row in told["sites"]}
    assert (roles["H1"], roles["H2"]) == ("serving", "neighbour")
    assert 99.9 < told["lon"] < 100.1


def test_while_nothing_is_down_nobody_stands_in() -> None:
    assert place_section(lay())["current"] == []


def test_a_place_not_known_has_no_coordinates() -> None:
    told = place_section(lay(make_ticket()))
    assert (told["lon"], told["lat"], told["radius_m"]) == (None, None, None)
    assert told["names"] == []


def test_each_station_has_its_condition_in_a_word() -> None:
    kpi = counter_rows(("H2-G", "H2-L"), 3, CALM)
    state = played(kpi=kpi)
    sure_outage(state, "H1")
    sure_outage(state, "H3", family="radio")
    told = {row["site_id"]: row for row in neighbourhood_section(lay(state=state))}
    assert told["H1"]["state"] == "down"
    assert told["H1"]["since"] == "2026-03-10T12:00:00+08:00"
    assert told["H2"]["state"] == "in_service"
    assert told["H3"]["state"] == "degraded"
    assert told["H4"]["state"] == "unknown"


def test_alarms_are_merged_into_spans_and_harmless_ones_only_counted() -> None:
    moments = [NOON - 3 * HOUR, NOON - 2 * HOUR, NOON - HOUR]
    alarms = arriving(
        "alarms",
        moments,
        alarm_id=["A1", "A2", "A3"],
        object_id="H1",
        raised_at=[at(m) for m in moments],
        cleared_at=[at(moments[0] + 600), pd.NaT, at(moments[2] + 60)],
        name=["NE Is Disconnected", "NE Is Disconnected", "Battery discharge test started"],
        severity="critical",
    )
    told = alarms_section(lay(state=played(alarms=alarms)))
    (row,) = [r for r in told["rows"] if r["name"] == "NE Is Disconnected"]
    assert row["in_force"]
    assert row["spans"][0] == ["2026-03-10T09:00:00+08:00", "2026-03-10T09:10:00+08:00"]
    assert row["spans"][-1] == ["2026-03-10T10:00:00+08:00", None]
    assert (row["severity"], row["meaning"], row["role"]) == ("critical", "down", "serving")


def test_counters_keep_unknown_hours_unknown_and_see_no_later_row() -> None:
    kpi = counter_rows(("H1-L",), 30, CALM, last=2)
    inquiry = lay(state=played(kpi=kpi), archive=archive_of(kpi=kpi))
    told = unpacked({"counters": counters_section(inquiry, seen_counters(inquiry))})["counters"]
    (cell,) = told["cells"]
    traffic = next(m for m in cell["measures"] if m["measure"] == "traffic_erl")
    assert len(traffic["times"]) == len(traffic["values"]) == 48
    assert traffic["values"][-3:] == [5.0, None, None]
    assert traffic["values"][:18] == [None] * 18
    assert cell["last_end"] == "2026-03-10T12:00:00+08:00"
    assert told["minutes"] == 60


def test_quarters_of_an_hour_are_summed_into_hours() -> None:
    starts = [NOON + q * 900 for q in range(4)]
    kpi = arriving(
        "kpi",
        [s + 900 for s in starts],
        cell_id="H1-L",
        start=[at(s) for s in starts],
        minutes=15.0,
        setup_attempts=[10.0, 10.0, 10.0, 70.0],
        setup_successes=[10.0, 10.0, 10.0, 20.0],
        traffic_erl=[1.0, 2.0, 3.0, 6.0],
    )
    inquiry = lay(state=played(kpi=kpi), archive=archive_of(kpi=kpi))
    seen = seen_counters(inquiry)
    success, traffic = (seen.column(name)[0][0] for name in ("setup_success", "traffic_erl"))
    assert success[-2] == pytest.approx(0.5)
    assert traffic[-2] == pytest.approx(3.0)


def test_the_fault_has_its_cell_among_the_counters() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H2")
    seen = seen_counters(lay(state=state, fault=fault))
    names = lay(state=state).knowledge.cell_ids[seen.cells]
    assert {"H1-L", "H2-G"} <= set(names)
    assert seen.is_empty


def test_changes_are_told_with_values_distance_and_work() -> None:
    changes = change_rows(("H1", 5, "pMax"), ("H2", 7, "upgrade"), until=NOON + HOUR)
    state = played(changes=changes)
    first, second = changes_section(lay(state=state, archive=archive_of(changes=changes)))
    assert (first["old_value"], first["new_value"], first["role"]) == ("1", "2", "serving")
    assert first["distance_m"] == 500
    assert second["is_work"]
    assert second["until"] == "2026-03-10T13:00:00+08:00"


def test_complaints_around_come_nearest_first_and_tell_nothing_of_their_customers() -> None:
    state = fresh_state()
    near = placed("T2", msisdn="15900004261", text="15900004261 no signal")
    far = placed("T3", radius_m=100.0)
    far.x_m += 3000.0
    state.tickets = {t.ticket_id: t for t in (far, near)}
    complaints = arriving(
        "complaints", [NOON, NOON], ticket_id=["T3", "T2"], created_at=[at(NOON)] * 2, text="x"
    )
    told = around_section(lay(state=state, archive=archive_of(complaints=complaints)))
    assert [row["ticket_id"] for row in told] == ["T2", "T3"]
    assert [row["distance_m"] for row in told] == [0, 3000]
    assert "4261" not in json.dumps(told)


def test_sections_are_plain_data_and_leave_the_ticket_alone() -> None:
    ticket = placed()
    before = repr(ticket)
    inquiry = lay(ticket)
    seen = seen_counters(inquiry)
    for made in (
        ticket_section(inquiry),
        place_section(inquiry),
        neighbourhood_section(inquiry),
        alarms_section(inquiry),
        counters_section(inquiry, seen),
        changes_section(inquiry),
        around_section(inquiry),
    ):
        assert json.loads(json.dumps(made)) == made
    assert repr(ticket) == before
    assert np.isnan(seen.values).all()
