from dataclasses import replace

import numpy as np
import pytest

from correlate.knowledge import Knowledge
from correlate.notices.wording import area_name
from correlate.reporting import report
from correlate.state import State
from tests.correlate.small_network import (
    HOUR,
    NOON,
    fresh_state,
    knowledge_with,
    make_fault,
    small_knowledge,
    sure_outage,
)

KEEN = knowledge_with(notice_min_complaints=0.01)
RELUCTANT = knowledge_with(notice_min_complaints=1e9)


def reported(state: State, *moments: int, known: Knowledge = KEEN) -> State:
    for now in moments:
        for fault in state.faults.faults:
            fault.touch()
        report(state, known, now=now)
    return state


def test_a_sure_fault_becomes_an_incident_with_a_notice() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    reported(state, NOON + 600)
    incident = state.incidents[fault.number]
    assert (incident.cause, incident.object_id) == ("site_outage", "H1")
    assert (incident.started_at, incident.detected_at) == (NOON, NOON + 600)
    assert incident.first_alert == "A1"
    assert 0.5 < incident.probability <= 1.0
    assert 0 < incident.users <= 1000
    (notice,) = state.notices
    assert (notice.incident_id, notice.cause) == (incident.incident_id, incident.cause)
    assert "H1 station" in notice.script


def test_a_doubtful_fault_is_not_reported() -> None:
    state = fresh_state()
    make_fault(state, "H1")
    reported(state, NOON + 600)
    assert (state.incidents, state.notices) == ({}, [])


@pytest.mark.parametrize(
    ("users", "is_told"),
    [(1000.0, True), (5.0, False), (0.0, True)],
    ids=["many", "few", "unknown"],
)
def test_what_reaches_hardly_anyone_must_be_the_surer(users: float, *, is_told: bool) -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    fault.alarm_exists, fault.counters_exist = -9.0, 1.0
    fault.episodes = {(int(fault.cells[0]), 0): NOON}
    known = replace(KEEN, users=np.full_like(KEEN.users, users / len(fault.cells)))
    assert bool(reported(state, NOON + 600, known=known).incidents) == is_told


def test_a_withdrawn_incident_stays_ended_when_it_was_withdrawn() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    reported(state, NOON + 600)
    fault.healthy = 20.0
    reported(state, NOON + HOUR)
    fault.ended_at = NOON + 9 * HOUR
    reported(state, NOON + 9 * HOUR)
    assert state.incidents[fault.number].ended_at == NOON + HOUR


def test_a_fault_that_ended_before_it_was_sure_is_not_reported() -> None:
    state = fresh_state()
    sure_outage(state, "H1", ended_at=NOON + 60)
    assert reported(state, NOON + 600).incidents == {}


def test_no_notice_where_nobody_is_expected_to_complain() -> None:
    state = fresh_state()
    sure_outage(state, "H1", family="radio")
    reported(state, NOON + 600, known=RELUCTANT)
    assert len(state.incidents) == 1
    assert state.notices == []


def test_detection_and_first_alert_never_change() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    reported(state, NOON + 600)
    fault.first_alert = "A9"
    fault.started_at = NOON - HOUR
    reported(state, NOON + HOUR)
    incident = state.incidents[fault.number]
    assert (incident.detected_at, incident.first_alert) == (NOON + 600, "A1")
    assert incident.started_at == NOON - HOUR


def test_a_notice_outlives_the_repair_by_half_an_hour() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    reported(state, NOON + 600)
    fault.ended_at = NOON + HOUR
    reported(state, NOON + HOUR, NOON + HOUR + 1500)
    assert state.notices[0].valid_until is None
    reported(state, NOON + HOUR + 1800)
    assert state.notices[0].end_reason == "cleared"
    assert state.notices[0].valid_until == NOON + HOUR + 1800
    assert state.incidents[fault.number].ended_at == NOON + HOUR


def test_a_fault_that_proves_mistaken_withdraws_its_notice_and_keeps_its_row() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    reported(state, NOON + 600)
    fault.healthy = 20.0
    reported(state, NOON + HOUR)
    assert state.notices[0].end_reason == "withdrawn"
    assert state.notices[0].valid_until == NOON + HOUR
    assert state.incidents[fault.number].ended_at == NOON + HOUR


def test_a_fault_that_spreads_gets_a_new_notice_that_revises_the_old() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    reported(state, NOON + 600)
    wider = sure_outage(fresh_state(), "H1", "H2")
    fault.add_cells(wider.cells, 1.0)
    reported(state, NOON + 900)
    assert len(state.notices) == 1
    reported(state, NOON + 2 * HOUR)
    old, new = state.notices
    assert (old.end_reason, old.valid_until) == ("revised", NOON + 2 * HOUR)
    assert new.revises == old.interception_id
    assert new.valid_until is None
    assert len(new.cells) == 4


def test_ids_are_unique() -> None:
    state = fresh_state()
    for site in ("H1", "H2", "V1"):
        sure_outage(state, site)
    reported(state, NOON + 600)
    assert len({i.incident_id for i in state.incidents.values()}) == 3
    assert len({n.interception_id for n in state.notices}) == 3


def test_an_important_site_is_expected_back_sooner_and_brings_fewer_complaints() -> None:
    state = fresh_state()
    ordinary, important = sure_outage(state, "H1"), sure_outage(state, "V1")
    reported(state, NOON + 600)
    expected = {f.object_id: state.incidents[f.number] for f in (ordinary, important)}
    assert expected["V1"].expected_complaints < expected["H1"].expected_complaints


@pytest.mark.parametrize(
    ("language", "sites", "name"),
    [
        ("zh", ("H1",), "H1 station"),
        ("zh", ("H1", "H2"), "Hill"),
        ("zh", ("H1", "H2", "V1"), "Hill、Vale"),
        ("en", ("H1", "H2", "V1"), "Hill, Vale"),
    ],
)
def test_the_area_is_named_as_a_caller_would(
    language: str, sites: tuple[str, ...], name: str
) -> None:
    known = knowledge_with(language=language)
    assert area_name(known, make_fault(fresh_state(), *sites)) == name


def test_times_of_a_script_are_those_of_the_zone_and_language() -> None:
    for language, spelling in (("zh", "3月10日"), ("en", "10 Mar")):
        state = fresh_state()
        sure_outage(state, "H1")
        known = knowledge_with(language=language, notice_min_complaints=0.01)
        reported(state, NOON + 600, known=known)
        assert spelling in state.notices[0].script


def test_announced_work_is_reckoned_anew_every_hour_until_its_end() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    fault.work_until = NOON + 6 * HOUR
    told = []
    for after in (600, 900, 3 * HOUR):
        report(state, small_knowledge(), now=NOON + after)
        told.append(state.incidents[fault.number].expected_complaints)
    assert told[0] == told[1]
    assert told[2] < told[1]


@pytest.mark.parametrize(("came", "is_more"), [(0.0, False), (9.0, True)], ids=["none", "many"])
def test_what_came_so_far_tells_how_many_are_to_come(came: float, *, is_more: bool) -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    told = []
    for after, so_far in ((600, 0.0), (24 * HOUR, came)):
        fault.tickets = so_far
        report(state, small_knowledge(), now=NOON + after)
        told.append(state.incidents[fault.number].expected_complaints - so_far)
    assert (told[1] > told[0]) == is_more
