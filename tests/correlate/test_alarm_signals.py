import numpy as np
import pandas as pd
import pytest

from correlate.alarm_signals import kind_of_object, take_alarms
from correlate.alarm_trust import note_felt
from correlate.faults import Fault
from correlate.feed import build_feed
from correlate.state import State
from correlate.works import take_changes
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    bundle_tables,
    cells_of,
    fresh_state,
    make_fault,
    small_knowledge,
    sure_outage,
)

KNOWN = small_knowledge()
OUTAGE, DOOR = "NE Is Disconnected", "门磁告警"
Row = tuple[str, str, int, int | None]


def outages(*sites: str, began: int = NOON, ended: int | None = None) -> list[Row]:
    return [(site, OUTAGE, began, ended) for site in sites]


def played(rows: list[Row], *, until: int = NOON + 6 * HOUR, state: State | None = None) -> State:
    """Let alarms arrive: object, name, raised, cleared."""
    alarms = arriving(
        "alarms",
        [began for _, _, began, _ in rows],
        alarm_id=[f"A{n}" for n in range(len(rows))],
        object_id=[name for name, _, _, _ in rows],
        raised_at=[at(began) for _, _, began, _ in rows],
        cleared_at=[pd.NaT if ended is None else at(ended) for _, _, _, ended in rows],
        name=[name for _, name, _, _ in rows],
    )
    feed = build_feed(bundle_tables(alarms=alarms), KNOWN)
    state = fresh_state() if state is None else state
    for step in range(feed.first, min(feed.last, until // feed.step_s) + 1):
        take_alarms(state, KNOWN, feed.at(step), now=step * feed.step_s)
    return state


def only(state: State) -> Fault:
    (fault,) = state.faults.faults
    return fault


def test_an_outage_alarm_opens_a_fault_on_all_cells_of_its_site() -> None:
    fault = only(played(outages("H1")))
    assert (fault.family, fault.object_id) == ("loss", "H1")
    assert fault.cells.tolist() == cells_of("H1").tolist()
    assert fault.started_at <= NOON
    assert (fault.first_alert, fault.alarm_open) == ("A0", True)


@pytest.mark.parametrize(
    "rows",
    [[("H1", DOOR, NOON, None)], [("GONE", OUTAGE, NOON, None)]],
    ids=["door open", "unknown site"],
)
def test_what_touches_no_customer_opens_nothing(rows: list[Row]) -> None:
    assert played(rows).faults.faults == []


def test_outages_below_one_hub_at_once_are_one_fault_of_the_hub() -> None:
    fault = only(played(outages("H1", "H2", "H3", "H4")))
    assert fault.object_id == "HUB"
    assert fault.object_kind == "hub"
    assert fault.alarm_ids == {"A0", "A1", "A2", "A3"}


def test_outages_far_apart_are_two_faults() -> None:
    assert len(played(outages("H1", "V2")).faults.faults) == 2


def test_what_an_outage_alarm_says_of_each_cause_is_bounded_and_finite() -> None:
    fault = only(played(outages("H1")))
    assert np.isfinite(fault.alarm_log).all()
    assert fault.alarm_log[KNOWN.signatures.position("site_outage")] > 0
    assert fault.alarm_log[KNOWN.signatures.position("external_interference")] < 0


def test_a_clearing_closes_the_alarms_of_its_fault() -> None:
    fault = only(played(outages("H1", ended=NOON + HOUR)))
    assert not fault.alarm_open
    assert fault.last_sign_at == NOON + HOUR


def test_an_alarm_that_clears_by_itself_at_once_costs_its_name_trust() -> None:
    state = played(outages("H1", ended=NOON + 300))
    assert state.reliability.chance(OUTAGE, 0.5) < 0.5


def under_work(object_id: str) -> State:
    state = fresh_state()
    until = {"changed_at": [at(NOON - 600)], "until": [at(NOON + 4 * HOUR)]}
    rows = {"object_id": [object_id], "parameter": ["割接"]}
    take_changes(state, KNOWN, arriving("changes", [NOON - 600], **rows, **until))
    return state


@pytest.mark.parametrize("state", [fresh_state(), under_work("HUB")], ids=["break", "work"])
def test_an_outage_of_several_sites_takes_over_no_outage_of_days_before(state: State) -> None:
    old: list[Row] = [("H1", OUTAGE, NOON - 30 * HOUR, None)]
    fresh: list[Row] = [
        (f"{site}-L", "Cell Unavailable", NOON, None) for site in ("H1", "H2", "H3", "H4")
    ]
    played(old + fresh + outages("H2", "H3", "H4"), state=state)
    first, *others = state.faults.faults
    assert first.object_id == "H1"
    assert [fault.object_id for fault in others] == ["HUB"]


def test_a_site_that_is_lost_is_no_milder_trouble_that_counters_saw_before() -> None:
    state = fresh_state()
    mild = make_fault(state, "H1", started_at=NOON - HOUR, family="radio", episodes={(0, 0): NOON})
    lost = played(outages("H1"), state=state).faults.faults
    assert [fault.family for fault in lost] == ["radio", "loss"]
    assert mild.alarm_ids == set()


def test_milder_trouble_of_a_site_does_not_make_a_lost_cell_a_lost_site() -> None:
    rows: list[Row] = [("H1-L", "Cell Unavailable", NOON, None)]
    rows += [("H1", "BOARD NOT IN POSITION", NOON + HOUR, None)]
    lost, mild = played(rows).faults.faults
    assert (lost.object_id, lost.cells.tolist()) == ("H1-L", cells_of("H1-L").tolist())
    assert (mild.object_id, mild.family) == ("H1", "radio")


def test_the_same_alarm_again_within_hours_is_the_same_fault() -> None:
    state = played(outages("H1", ended=NOON + HOUR), until=NOON + HOUR)
    first = only(state)
    first.ended_at = NOON + HOUR
    again = outages("H1", ended=NOON + HOUR) + outages("H1", began=NOON + 2 * HOUR)
    assert len(played(again).faults.faults) == 1


def test_an_alarm_after_the_outage_began_does_not_move_its_start() -> None:
    fault = only(played(outages("H1") + [("H1-L", "Cell Unavailable", NOON + HOUR, None)]))
    assert fault.started_at <= NOON


def test_nothing_raised_or_cleared_changes_nothing() -> None:
    state = fresh_state()
    take_alarms(state, KNOWN, build_feed(bundle_tables(), KNOWN).at(0), now=NOON)
    assert state.faults.faults == []


@pytest.mark.parametrize(
    ("object_id", "kind"),
    [("H1", "site"), ("HUB", "hub"), ("BSC", "controller"), ("H1-L", ""), ("GONE", "")],
)
def test_the_kind_of_an_object_is_read_from_the_inventory(object_id: str, kind: str) -> None:
    assert kind_of_object(KNOWN, object_id) == kind


@pytest.mark.parametrize("felt", [True, False])
def test_trust_in_a_name_follows_whether_it_was_felt(felt: bool) -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    note_felt(state, fault, felt=felt)
    assert (state.reliability.chance("Site down", 0.5) > 0.5) is felt
    assert fault.is_noted
