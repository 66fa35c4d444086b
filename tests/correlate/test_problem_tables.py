from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from contract.bundles import Bundle
from correlate.daybook import daybook_tables
from correlate.reporting import report
from correlate.state import State
from correlate.step import Issued
from correlate.tabling import output_tables
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    bundle_tables,
    fresh_state,
    knowledge_with,
    make_ticket,
    sure_outage,
)

KNOWN = knowledge_with(notice_min_complaints=1e9)
NONE = pd.DataFrame({"table": [], "row": [], "reason": [], "content": []})


def alarms_at(*objects: str, severity: str = "major") -> pd.DataFrame:
    """Return alarms A1, A2, ... of these objects, ten minutes one after the other from noon."""
    moments = [NOON + 600 * n for n in range(len(objects))]
    return arriving(
        "alarms",
        moments,
        alarm_id=[f"A{n + 1}" for n in range(len(objects))],
        object_id=list(objects),
        raised_at=[at(m) for m in moments],
        name="NE Is Disconnected",
        severity=severity,
    )


def laid_out(state: State, **filled: pd.DataFrame) -> dict[str, pd.DataFrame]:
    bundle = Bundle(Path("/data/small"), bundle_tables(**filled), NONE, NONE, NONE)
    told = output_tables(state, KNOWN, Issued(), bundle)
    return daybook_tables(state, KNOWN, told["diagnoses"], bundle)


def outage(*objects: str, **fields: Any) -> dict[str, pd.DataFrame]:
    """Lay out an outage at H1 with alarms of these objects, known by the last of them first."""
    state = fresh_state()
    ids = {f"A{n + 1}" for n in range(len(objects))}
    given = {"alarm_ids": ids, "first_alert": f"A{len(objects)}"} | fields
    fault = sure_outage(state, "H1", **given)
    state.faults.of_alarm = dict.fromkeys(ids, fault.number)
    report(state, KNOWN, now=NOON + HOUR)
    return laid_out(state, alarms=alarms_at(*objects))


def test_the_root_cause_is_told_apart_from_the_first_alert() -> None:
    book = outage("H1-G", "H1", "H1-L")
    rows = book["incident_alarms"].set_index("alarm_id")
    assert rows["is_root_cause"].to_dict() == {"A1": False, "A2": True, "A3": False}
    assert rows["is_first_alert"].to_dict() == {"A1": False, "A2": False, "A3": True}
    (problem,) = book["problems"].to_dict("records")
    assert (problem["root_object_id"], problem["root_alarm_id"]) == ("H1", "A2")
    assert (problem["first_alert"], problem["first_sign"]) == ("A3", "alarm")
    assert (problem["underlying_alarms"], problem["affected_cells"]) == (3, 2)


@pytest.mark.parametrize(
    ("objects", "root"),
    [(("H1-G", "H1-L/TRX-2"), "A1"), (("V1", "HUB"), None), (("H1", "H1"), "A1")],
    ids=["its parts", "others alone", "the first of two"],
)
def test_the_root_alarm_is_the_first_of_what_is_broken(
    objects: tuple[str, ...], root: str | None
) -> None:
    (problem,) = outage(*objects)["problems"].to_dict("records")
    assert (None if pd.isna(problem["root_alarm_id"]) else problem["root_alarm_id"]) == root


def test_changes_stand_in_order_of_time_with_the_other_incident() -> None:
    state = fresh_state()
    old = sure_outage(state, "H1")
    report(state, KNOWN, now=NOON + 600)
    state.faults.let_go["A1"] = old.number
    old.alarm_open, old.ended_at = False, NOON + HOUR
    old.touch()
    sure_outage(state, "H2", alarm_ids={"A1"})
    report(state, KNOWN, now=NOON + HOUR)
    book = laid_out(state)
    rows = book["incident_changes"]
    assert rows["at"].is_monotonic_increasing
    assert rows["rule"].tolist()[0] == "OPEN-1"
    split = rows.set_index("rule").loc["SPLIT-1"]
    first, second = (i.incident_id for i in state.incidents.values())
    assert (split["incident_id"], split["other_id"]) == (second, first)
    assert book["problems"].set_index("incident_id").at[second, "split_from"] == first


@pytest.mark.parametrize(
    ("fields", "state_now"),
    [
        ({}, "open"),
        ({"healthy": 20.0}, "withdrawn"),
        ({"ended_at": NOON + 2 * HOUR, "alarm_open": False}, "ended"),
    ],
    ids=["open", "withdrawn", "ended"],
)
def test_an_incident_says_how_it_stands(fields: dict[str, Any], state_now: str) -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", recurs_days=12.0)
    report(state, KNOWN, now=NOON + HOUR)
    for name, value in fields.items():
        setattr(fault, name, value)
    fault.touch()
    report(state, KNOWN, now=NOON + 2 * HOUR)
    (problem,) = laid_out(state)["problems"].to_dict("records")
    assert (problem["state"], problem["recurs_days"]) == (state_now, 12.0)
    assert 0 < problem["impact"] <= 10


def test_a_ticket_says_what_it_was_closed_as_and_since_when() -> None:
    state = fresh_state()
    state.tickets = {"T1": make_ticket(), "T2": make_ticket("T2")}
    closed = arriving(
        "verdicts",
        [NOON + 3 * HOUR],
        ticket_id=["T1"],
        cause="site_outage",
        closed_at=[at(NOON + 3 * HOUR)],
    )
    tickets = laid_out(state, verdicts=closed)["tickets"].set_index("ticket_id")
    assert tickets.at["T1", "closed_as"] == "site_outage"
    assert tickets.at["T1", "closed_at"] == at(NOON + 3 * HOUR)
    assert pd.isna(tickets.at["T2", "closed_as"])
    assert pd.isna(tickets.at["T2", "closed_at"])
