import numpy as np
import pandas as pd
import pytest

from correlate.faults import Fault
from correlate.state import State
from correlate.works import (
    object_cells,
    open_works,
    take_changes,
    telling_changes,
    weigh_changes,
)
from tests.correlate.small_network import (
    HOUR,
    NOON,
    SITES,
    arriving,
    at,
    cells_of,
    fresh_state,
    make_fault,
    small_knowledge,
)

KNOWN = small_knowledge()


def change(
    object_id: str, parameter: str, *, began: int = NOON, until: int | None = None
) -> pd.DataFrame:
    return arriving(
        "changes",
        [began],
        object_id=[object_id],
        changed_at=[at(began)],
        parameter=[parameter],
        until=[pd.NaT if until is None else at(until)],
    )


def work(state: State, *, parameter: str = "割接", object_id: str = "H1") -> None:
    take_changes(state, KNOWN, change(object_id, parameter, until=NOON + 4 * HOUR))


def log_of(fault: Fault, cause: str) -> float:
    return float(fault.change_log[KNOWN.signatures.position(cause)])


@pytest.mark.parametrize(
    ("object_id", "cells"),
    [
        ("H1-L", ("H1-L",)),
        ("H1-G/TRX-3", ("H1-G",)),
        ("H1", ("H1",)),
        ("HUB", ("H1", "H2", "H3", "H4")),
        ("BSC", SITES),
        ("GONE", ()),
    ],
)
def test_an_object_stands_for_the_cells_it_serves(object_id: str, cells: tuple[str, ...]) -> None:
    assert object_cells(KNOWN, object_id).tolist() == cells_of(*cells).tolist()


def test_announced_work_opens_a_fault_within_the_hour_before_it_and_not_earlier() -> None:
    state = fresh_state()
    work(state)
    open_works(state, KNOWN, now=NOON - HOUR - 1)
    assert state.faults.faults == []
    open_works(state, KNOWN, now=NOON - HOUR)
    (fault,) = state.faults.faults
    assert (fault.family, fault.object_id, fault.started_at) == ("work", "H1", NOON)
    assert fault.work_until == NOON + 4 * HOUR
    assert fault.cells.tolist() == cells_of("H1").tolist()


def test_a_window_of_work_is_one_fault_however_often_it_is_looked_at() -> None:
    state = fresh_state()
    work(state)
    for minutes in (-30, 0, 30):
        open_works(state, KNOWN, now=NOON + minutes * 60)
    assert len(state.faults.faults) == 1


def test_work_that_is_over_opens_nothing() -> None:
    state = fresh_state()
    work(state)
    open_works(state, KNOWN, now=NOON + 4 * HOUR)
    assert state.faults.faults == []


@pytest.mark.parametrize(
    ("parameter", "object_id"), [("巡检", "H1"), ("割接", "GONE")], ids=["inspection", "no cells"]
)
def test_work_nobody_feels_opens_nothing(parameter: str, object_id: str) -> None:
    state = fresh_state()
    work(state, parameter=parameter, object_id=object_id)
    open_works(state, KNOWN, now=NOON)
    assert state.faults.faults == []


def test_changes_are_forgotten_in_the_end() -> None:
    state = fresh_state()
    work(state)
    open_works(state, KNOWN, now=NOON + 24 * HOUR)
    assert len(state.changes) == 1
    open_works(state, KNOWN, now=NOON + 60 * 24 * HOUR)
    assert state.changes == []


def weighed(parameter: str, *, hours_before: float = 0.5, object_id: str = "H1-L") -> Fault:
    state = fresh_state()
    began = int(NOON - hours_before * HOUR)
    take_changes(state, KNOWN, change(object_id, parameter, began=began))
    fault = make_fault(state, "H1-L")
    weigh_changes(KNOWN, fault, *telling_changes(state, KNOWN))
    return fault


def test_access_barred_just_before_speaks_for_a_parameter_error() -> None:
    fault = weighed("cellBarred")
    assert log_of(fault, "parameter_error") > 1
    assert fault.changes == ("cellBarred@H1-L",)


def test_an_older_change_speaks_less() -> None:
    near, older = weighed("cellBarred"), weighed("cellBarred", hours_before=10)
    assert log_of(near, "parameter_error") > log_of(older, "parameter_error") > 0


@pytest.mark.parametrize(
    ("hours_before", "object_id"),
    [(100, "H1-L"), (-24, "H1-L"), (0.5, "V1")],
    ids=["long before", "long after", "elsewhere"],
)
def test_a_change_far_off_in_time_or_place_says_nothing(
    hours_before: float, object_id: str
) -> None:
    fault = weighed("cellBarred", hours_before=hours_before, object_id=object_id)
    assert not fault.change_log.any()
    assert fault.changes == ()


def test_weighing_anew_replaces_what_was_weighed() -> None:
    state = fresh_state()
    take_changes(state, KNOWN, change("H1-L", "cellBarred"))
    fault = make_fault(state, "H1-L")
    weigh_changes(KNOWN, fault, *telling_changes(state, KNOWN))
    once = fault.change_log.copy()
    weigh_changes(KNOWN, fault, *telling_changes(state, KNOWN))
    assert np.array_equal(fault.change_log, once)
