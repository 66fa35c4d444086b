from typing import Any

import numpy as np
import pytest

from correlate.faults import Fault
from correlate.incident_size import is_oversized, limit_sizes
from correlate.reporting import report
from correlate.state import State
from tests.correlate.small_network import (
    NOON,
    cells_of,
    fresh_state,
    knowledge_with,
    make_fault,
    small_knowledge,
    sure_outage,
)

KNOWN = knowledge_with(notice_min_complaints=1e9)
SITES = ("H1", "H2", "H3", "H4", "V1")


def wide(state: State, **fields: Any) -> Fault:
    """Return an outage of five sites that nothing holds together, at H1."""
    given: dict[str, Any] = {"object_id": "H1", "object_kind": "", "extent": "area"} | fields
    return sure_outage(state, *SITES, **given)


def sites_of(fault: Fault) -> list[str]:
    known = small_knowledge()
    return sorted(known.site_ids[np.unique(known.reach.site_of[fault.cells])].tolist())


def test_what_lies_beyond_the_limit_becomes_a_fault_of_its_own() -> None:
    state = fresh_state()
    fault = wide(state)
    (rest,) = limit_sizes(state, KNOWN, most=3)
    assert sites_of(fault) == ["H1", "H2", "H3"]
    assert sites_of(rest) == ["H4", "V1"]
    assert rest.cut_from == fault.number
    assert rest.number != fault.number
    assert state.faults.by_number(rest.number) is rest


def test_the_rest_is_cut_again_where_it_is_too_large_still() -> None:
    state = fresh_state()
    wide(state)
    made = limit_sizes(state, KNOWN, most=2)
    assert sorted(len(sites_of(fault)) for fault in state.faults.faults) == [1, 2, 2]
    assert len(made) == 2


def test_signs_go_with_their_cells() -> None:
    state = fresh_state()
    far, near = int(cells_of("V1-L")[0]), int(cells_of("H1-L")[0])
    fault = wide(state, episodes={(near, 0): NOON, (far, 0): NOON})
    for cell in (near, far):
        state.faults.hold((cell, 0, NOON), fault)
    (rest,) = limit_sizes(state, KNOWN, most=3)
    assert (set(fault.episodes), set(rest.episodes)) == ({(near, 0)}, {(far, 0)})
    assert state.faults.of_episode == {
        (near, 0, NOON): fault.number,
        (far, 0, NOON): rest.number,
    }


def test_what_grows_again_goes_to_the_fault_that_has_room() -> None:
    state = fresh_state()
    fault = wide(state)
    (rest,) = limit_sizes(state, KNOWN, most=3)
    fault.add_cells(cells_of("V2"), 1.0)
    fault.touch()
    assert limit_sizes(state, KNOWN, most=3) == [rest]
    assert sites_of(rest) == ["H4", "V1", "V2"]
    assert len(state.faults.faults) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"object_id": "BSC", "object_kind": "controller"},
        {"family": "work"},
        {"was_pooled": True},
    ],
    ids=["a node of the trees", "announced work", "a pool"],
)
def test_what_something_explains_has_no_limit(fields: dict[str, Any]) -> None:
    assert not is_oversized(KNOWN, wide(fresh_state(), **fields), most=3)


def test_the_core_needs_no_node() -> None:
    log = np.zeros(len(small_knowledge().signatures.causes))
    log[small_knowledge().signatures.position("core_fault")] = 20.0
    fault = make_fault(fresh_state(), *SITES, alarm_log=log, extent="network")
    assert not is_oversized(KNOWN, fault, most=3)


def test_small_faults_are_left_alone() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", "H2")
    before = fault.cells.copy()
    assert limit_sizes(state, KNOWN, most=3) == []
    assert np.array_equal(fault.cells, before)


def test_the_limit_is_told_on_both_incidents() -> None:
    state = fresh_state()
    fault = wide(state)
    report(state, KNOWN, now=NOON + 300)
    fault.touch()
    (rest,) = limit_sizes(state, KNOWN, most=3)
    report(state, KNOWN, now=NOON + 600)
    assert [c.rule for c in state.life.changes[rest.number]] == ["SIZE-2"]
    told = {c.rule: c for c in state.life.changes[fault.number]}
    assert (told["SIZE-1"].detail, told["SIZE-1"].other) == ("30", rest.number)
    assert "SHRINK-1" in told
    assert state.incidents[rest.number].split_from == state.incidents[fault.number].incident_id
