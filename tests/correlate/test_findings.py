from typing import Any

import numpy as np
import pandas as pd

from correlate.feed import build_feed
from correlate.findings import clock, own_and_around, stations, steps_of
from correlate.phrases import sentence
from correlate.state import Change, State
from correlate.step import step
from correlate.tickets import Ticket
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    bundle_tables,
    cells_of,
    fresh_state,
    make_ticket,
    small_knowledge,
)

KNOWN = small_knowledge()
NAMES = ("ticket", "place", "alarms", "counters", "changes", "complaints", "conclusion")
CAUSE = {
    "cause": "site_outage",
    "probability": 0.91,
    "object_id": "H1",
    "fault_started_at": "2026-03-10T12:00:00+08:00",
}


def walked(
    state: State, ticket: Ticket, *, missing: tuple[str, ...] = (), cause: dict[str, Any] = CAUSE
) -> dict[str, dict[str, Any]]:
    """Steps of a ticket by name, asked at two in the afternoon."""
    state.now = NOON + 2 * HOUR
    steps = steps_of(state, KNOWN, ticket, missing=missing, causes=[cause])
    return {s["step"].removeprefix("steps."): s for s in steps}


def keys(found: dict[str, Any]) -> list[str]:
    return [f["key"] for f in found["findings"]]


def test_the_steps_come_in_the_order_of_the_procedure_with_window_and_words() -> None:
    steps = walked(fresh_state(), make_ticket())
    assert tuple(steps) == NAMES
    for found in steps.values():
        assert found["window"][0] <= found["window"][1] == "2026-03-10 14:00"
        assert all(sentence(f, lang) for f in found["findings"] for lang in ("zh", "en"))


def test_not_queried_differs_from_nothing_found() -> None:
    asked = walked(fresh_state(), make_ticket())
    blind = walked(fresh_state(), make_ticket(), missing=("alarms", "kpi", "changes"))
    for name in ("alarms", "counters", "changes"):
        assert asked[name]["status"] == "status.nothing"
        assert blind[name]["status"] == "status.not_queried"


def test_the_ticket_step_tells_what_was_said() -> None:
    ticket = make_ticket(
        is_group=True, is_chronic=True, onset_to=NOON, previous="已重启", account="active"
    )
    said = keys(walked(fresh_state(), ticket)["ticket"])
    assert {"find.group", "find.chronic", "find.onset", "find.previous", "find.account"} <= set(
        said
    )
    assert "find.single" in keys(walked(fresh_state(), make_ticket())["ticket"])


def test_the_place_step_names_cell_site_and_what_is_left() -> None:
    found = walked(fresh_state(), make_ticket())["place"]["findings"]
    assert found[1]["values"] == {"cell": "H1-L", "name": "H1 station", "p": "0.98", "d": "0.5 km"}
    assert found[-1]["values"] == {"p": "0.02"}


def test_alarms_of_the_own_station_are_counted_by_object_and_name() -> None:
    moments = [NOON - 3 * HOUR, NOON - 2 * HOUR, NOON]
    alarms = arriving(
        "alarms",
        moments,
        alarm_id=["A1", "A2", "A3"],
        object_id=["H1", "H1", "V1"],
        raised_at=[at(m) for m in moments],
        cleared_at=[at(moments[0] + 600), pd.NaT, pd.NaT],
        name="NE Is Disconnected",
    )
    feed = build_feed(bundle_tables(alarms=alarms), KNOWN)
    state = fresh_state()
    for number in range(feed.first, feed.last + 1):
        state, _ = step(state, KNOWN, feed.at(number), now=number * feed.step_s)
    (found,) = walked(state, make_ticket())["alarms"]["findings"]
    assert found["values"]["object"] == "H1"
    assert found["values"]["count"] == 2
    assert (found["values"]["first"], found["values"]["last"]) == ("03-10 09:00", "03-10 10:00")
    assert found["values"]["state"] == "find.in_force"


def test_changes_around_are_told_and_old_or_far_ones_are_not() -> None:
    state = fresh_state()
    for site, hours in (("H1", 5), ("H2", 30), ("V1", 5), ("H1", 24 * 20)):
        cells = frozenset(cells_of(site).tolist())
        when = NOON - hours * HOUR
        state.changes.append(Change(site, when, None, "power", False, 0.0, "pMax", cells))
    found = walked(state, make_ticket())["changes"]["findings"]
    assert [f["values"]["object"] for f in found] == ["H1", "H2"]


def test_complaints_of_the_kind_around_are_counted_without_the_own() -> None:
    state = fresh_state()
    own = make_ticket()
    others = [make_ticket("T2"), make_ticket("T3", cell="V1-L"), make_ticket("T4", symptom="SMSTX")]
    state.recent.tickets = [own, *others]
    (found,) = walked(state, own)["complaints"]["findings"]
    assert found["values"] == {"hours": 24, "count": 1}


def test_the_conclusion_names_object_and_start_only_when_there_is_a_fault() -> None:
    assert keys(walked(fresh_state(), make_ticket())["conclusion"]) == ["find.conclusion"]
    bare = CAUSE | {"object_id": None, "fault_started_at": None}
    undecided = walked(fresh_state(), make_ticket(), cause=bare)["conclusion"]
    assert keys(undecided) == ["find.undecided"]


def test_stations_are_those_that_probably_serve_the_place() -> None:
    cells = cells_of("H1-L", "V1-L")
    ticket = make_ticket(cells=cells, share=np.array([0.97, 0.01]), distance_m=np.zeros(2))
    assert KNOWN.site_ids[stations(KNOWN, ticket)].tolist() == ["H1"]
    assert set(KNOWN.site_ids[own_and_around(KNOWN, ticket)]) == {"H1", "H2", "H3", "H4"}


def test_a_ticket_without_a_place_is_walked_through_all_the_same() -> None:
    lost = make_ticket(
        cells=np.array([-1]), share=np.array([0.0]), distance_m=np.array([0.0]), nothing=1.0
    )
    steps = walked(fresh_state(), lost)
    assert keys(steps["place"]) == ["find.basis", "find.nothing_serves"]
    assert steps["alarms"]["status"] == "status.nothing"


def test_the_clock_is_that_of_the_zone() -> None:
    assert clock(KNOWN, NOON) == "2026-03-10 12:00"
