from dataclasses import replace

import numpy as np
import pytest

from correlate.faults import (
    Fault,
    FaultBook,
    cause_distribution,
    cause_log_weights,
    existence,
    merge,
    new_fault,
)
from tests.correlate.small_network import (
    HOUR,
    NOON,
    cells_of,
    fresh_state,
    make_fault,
    small_knowledge,
    sure_outage,
)

SIGNATURES = small_knowledge().signatures
H1 = cells_of("H1")


def fault_of(family: str, *, hours_before: float = 1.0, sites: tuple[str, ...] = ("H1",)) -> Fault:
    started_at = int(NOON - hours_before * HOUR)
    return make_fault(fresh_state(), *sites, family=family, started_at=started_at)


def log_of(fault: Fault, cause: str, *, gsm: float = 1.0, indoor: bool = False) -> float:
    log = cause_log_weights(fault, SIGNATURES, gsm=gsm, indoor=indoor)
    return float(log[SIGNATURES.position(cause)])


def test_a_fault_can_be_brought_back_to_some_of_its_cells() -> None:
    fault = fault_of("load", sites=("H1", "H2"))
    fault.is_touched = False
    fault.keep_cells(cells_of("H2"))
    assert fault.cells.tolist() == cells_of("H2").tolist()
    assert len(fault.degree) == len(fault.cells)
    assert fault.crowded == set(H1.tolist())
    assert fault.is_touched


def test_a_fault_reaching_further_keeps_the_greater_degree_of_each_cell() -> None:
    fault = fault_of("loss", sites=("H2",))
    fault.degree = np.array([0.2, 0.9])
    more = np.concatenate([H1, cells_of("H2")])
    fault.add_cells(more, 0.5)
    assert fault.cells.tolist() == sorted(more.tolist())
    assert fault.degree.tolist() == [0.5, 0.5, 0.5, 0.9]


def test_numbers_of_faults_are_never_used_twice() -> None:
    book = FaultBook()
    first = new_fault(book, SIGNATURES, H1, started_at=NOON, now=NOON, family="loss")
    first.ended_at = NOON
    book.forget(NOON + HOUR)
    second = new_fault(book, SIGNATURES, H1, started_at=NOON, now=NOON, family="loss")
    assert second.number > first.number
    assert book.by_number(first.number) is None
    assert book.by_number(second.number) is second


def test_ended_faults_are_not_open() -> None:
    state = fresh_state()
    ended, lasting = make_fault(state, "H1", ended_at=NOON + 1), make_fault(state, "H2")
    assert not ended.is_open
    assert state.faults.open_ones() == [lasting]


def test_alarms_that_lasted_are_surer_than_fresh_ones() -> None:
    young = sure_outage(fresh_state(), "H1", is_settled=False)
    assert existence(young) < existence(sure_outage(fresh_state(), "H1"))


def test_counters_that_agree_make_an_alarm_surer() -> None:
    alone = sure_outage(fresh_state(), "H1", alarm_exists=0.0)
    agreed = sure_outage(
        fresh_state(), "H1", alarm_exists=0.0, episodes={(0, 0): NOON}, counters_exist=0.0
    )
    assert existence(agreed) > existence(alone)


def test_counters_in_order_speak_against_an_alarm() -> None:
    doubted = sure_outage(fresh_state(), "H1", healthy=4.0)
    assert existence(doubted) < existence(sure_outage(fresh_state(), "H1"))


def test_a_fault_without_any_sign_is_not_real() -> None:
    assert existence(make_fault(fresh_state(), "H1")) < 0.01


@pytest.mark.parametrize("cause", ["trx_fault", "bcch_trx_fault"])
def test_a_carrier_of_gsm_cannot_fail_where_there_is_no_gsm(cause: str) -> None:
    fault = fault_of("radio")
    assert log_of(fault, cause, gsm=0.0) < log_of(fault, cause) - 3


def test_the_indoor_system_is_suspected_indoors_only() -> None:
    fault = fault_of("radio")
    assert log_of(fault, "indoor_system_fault", indoor=True) > log_of(fault, "indoor_system_fault")
    assert log_of(fault, "cell_outage", indoor=True) == log_of(fault, "cell_outage")


def test_a_cause_that_needs_a_change_is_unlikely_without_one() -> None:
    column = [n == "parameter_error" for n in SIGNATURES.causes]
    needing = replace(SIGNATURES, needs_change=tuple("power" if c else "" for c in column))
    bare, changed = fault_of("radio"), fault_of("radio")
    changed.changes, changed.change_families = ("pMax@H1-L",), frozenset({"power"})
    without, with_change = (
        cause_log_weights(f, needing, gsm=1.0, indoor=False) for f in (bare, changed)
    )
    assert (without < with_change).tolist() == column


def test_a_tilt_is_not_the_work_that_planned_work_needs() -> None:
    bare, tilted = fault_of("radio"), fault_of("radio")
    tilted.changes = ("electricalTilt@H1-L",)
    tilted.change_families = frozenset({"tilt"})
    assert SIGNATURES.needs_change[SIGNATURES.position("planned_work")] == "work"
    assert log_of(tilted, "planned_work") == log_of(bare, "planned_work")


def test_within_a_window_of_work_the_work_is_meant() -> None:
    work, outage = fault_of("work"), fault_of("loss")
    assert log_of(work, "planned_work") > log_of(outage, "planned_work")


def test_any_number_of_tickets_cannot_drown_what_alarms_say() -> None:
    many, more = fault_of("loss"), fault_of("loss")
    many.ticket_log[:] = 50.0
    more.ticket_log[:] = 500.0
    assert log_of(many, "site_outage") == log_of(more, "site_outage")


def test_probabilities_of_causes_sum_to_one_and_flatten_with_temperature() -> None:
    log = np.array([2.0, 0.0, -1000.0])
    cool, hot = cause_distribution(log, temperature=1.0), cause_distribution(log, temperature=3.0)
    assert cool.sum() == pytest.approx(1.0)
    assert hot.sum() == pytest.approx(1.0)
    assert 0.5 < hot[0] < cool[0]
    assert log.tolist() == [2.0, 0.0, -1000.0]


@pytest.mark.parametrize(
    ("alarm", "raised", "counters", "began"),
    [
        (0, 10, 30, 10),
        (0, 40, 30, 30),
        (0, 10, -30, 0),
        (0, 10, 600, 0),
        (0, 10, -600, -600),
        (0, 10, None, 0),
        (None, None, 30, 30),
        (None, None, None, 77),
    ],
    ids=[
        "not after the raising",
        "the later that agrees",
        "alarm within the bad period",
        "counters much later",
        "counters much earlier",
        "alarm alone",
        "counters alone",
        "neither",
    ],
)
def test_alarm_and_counters_date_a_fault_together(
    alarm: int | None, raised: int | None, counters: int | None, began: int
) -> None:
    """Minutes around noon."""
    at = [None if m is None else NOON + m * 60 for m in (alarm, raised, counters)]
    fault = make_fault(fresh_state(), "H1", started_at=NOON + 77 * 60)
    fault.alarm_began, fault.alarm_raised, fault.counters_began = at
    fault.date()
    assert fault.started_at == NOON + began * 60


@pytest.mark.parametrize(
    ("asked", "kept"),
    [(("H2",), ("H2",)), (("H1", "H2"), ("H1", "H2")), (("V1",), ("H1", "H2"))],
    ids=["one site left", "all left", "none of its own"],
)
def test_a_fault_keeps_the_cells_that_are_left(
    asked: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    fault = fault_of("loss", sites=("H1", "H2"))
    fault.keep_cells(cells_of(*asked))
    assert fault.cells.tolist() == cells_of(*kept).tolist()
    assert fault.degree.shape == fault.cells.shape


def test_the_faults_at_some_cells_are_found_by_number_those_that_crowd_them_too() -> None:
    state = fresh_state()
    first, beside = make_fault(state, "H1"), make_fault(state, "H2")
    crowding = make_fault(state, "H3")
    assert state.faults.touching(H1) == [first]
    beside.add_cells(H1[:1], 1.0)
    crowding.crowd(H1[:1])
    assert [f.number for f in state.faults.touching(H1)] == [1, 2, 3]
    first.ended_at = NOON
    state.faults.forget(NOON + HOUR)
    assert [f.number for f in state.faults.touching(H1)] == [2, 3]


def test_cells_already_reached_as_far_leave_a_fault_as_it_is() -> None:
    fault = fault_of("loss")
    held = fault.cells
    fault.add_cells(H1[:1], 0.5)
    assert fault.cells is held
    fault.add_cells(cells_of("H2"), 0.5)
    assert len(fault.cells) > len(held)


def test_the_alarms_and_episodes_of_a_merged_fault_lead_to_the_other_but_not_those_it_lost() -> (
    None
):
    state = fresh_state()
    into, other = make_fault(state, "H1"), make_fault(state, "H2")
    other.alarm_ids = {"A1", "A2"}
    state.faults.of_alarm = {"A1": other.number, "A2": 99}
    state.faults.hold((1, 2, NOON), other)
    state.faults.hold((1, 3, NOON), other)
    state.faults.of_episode[1, 3, NOON] = 99
    merge(state.faults, into, other, now=NOON)
    assert state.faults.of_alarm == {"A1": into.number, "A2": 99}
    assert state.faults.of_episode == {(1, 2, NOON): into.number, (1, 3, NOON): 99}
    assert not other.is_open
