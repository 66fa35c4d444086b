from correlate.case.incident import incident_section
from correlate.case.phrases import sentence
from correlate.reporting import report
from correlate.state import State
from tests.correlate.case.desk import lay
from tests.correlate.small_network import (
    HOUR,
    NOON,
    fresh_state,
    knowledge_with,
    make_ticket,
    sure_outage,
)

KNOWN = knowledge_with(notice_min_complaints=1e9)


def with_past() -> State:
    """Report an outage of H1 that ended, with a closed order, and a later one of the same site."""
    state = fresh_state()
    first = sure_outage(state, "H1")
    report(state, KNOWN, now=NOON + 600)
    first.alarm_open, first.ended_at = False, NOON + HOUR
    first.touch()
    report(state, KNOWN, now=NOON + HOUR)
    state.tickets["T0"] = make_ticket("T0", fault=first.number)
    state.verdicts.append(("T0", "power_failure"))
    sure_outage(state, "H1", started_at=NOON + 90 * 60, alarm_ids={"A2"}, first_alert="A2")
    report(state, KNOWN, now=NOON + 100 * 60)
    return state


def test_without_a_fault_there_is_no_incident() -> None:
    assert incident_section(lay()) is None


def test_a_fault_that_is_not_reported_has_no_id_yet() -> None:
    state = fresh_state()
    section = incident_section(lay(state=state, fault=sure_outage(state, "H1")))
    assert section is not None
    assert (section["incident_id"], section["changes"], section["first_alert"]) == (None, [], "A1")


def test_an_incident_tells_its_changes_and_the_same_before() -> None:
    state = with_past()
    section = incident_section(lay(state=state, fault=state.faults.faults[-1]))
    assert section is not None
    assert [change["rule"] for change in section["changes"]] == ["OPEN-1"]
    assert sentence(section["changes"][0]["said"], "zh")
    past = section["past"]
    assert (past["same"], past["times"]) == ("object", 1)
    (row,) = past["rows"]
    assert (row["state"], row["closed_as"], row["orders"]) == ("ended", "power_failure", 1)
    assert row["ended_at"] == "2026-03-10T13:00:00+08:00"


def test_how_rarely_chance_brings_as_much_is_kept() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", recurs_days=41.63)
    section = incident_section(lay(state=state, fault=fault))
    assert section is not None
    assert section["recurs_days"] == 41.6
