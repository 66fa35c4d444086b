"""Incidents are split and merged as people say, stay apart where they said so, and are whole again when taken back."""

import pickle
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from contract.ledger.acts import Deed
from correlate import alarm_signals, uniting
from correlate.covering import final_fault
from correlate.faults import Fault
from correlate.feed import Feed, build_feed
from correlate.partings import are_apart, may_take, parted_groups
from correlate.reporting import report
from correlate.state import State
from correlate.step import step
from correlate.uniting import unite_same
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arrivals,
    arriving,
    at,
    bundle_tables,
    cells_of,
    fresh_state,
    make_ticket,
    small_knowledge,
    sure_outage,
)

KNOWN = small_knowledge()
STEP_S = 300
OUTAGE, CELL_OUT = "NE Is Disconnected", "Cell Out of Service"
LATER = NOON + 90 * 60
FIRST, SECOND = "INC-20260310-00001", "INC-20260310-00002"
HUB_ROWS = [(site, OUTAGE, NOON) for site in ("H1", "H2", "H3", "H4")]


def deed(kind: str, act_id: str = "a1", subject: str = FIRST, **content: Any) -> Deed:
    """Return an act of Li on an incident."""
    parts: dict[str, Any] = {"sites": [], "cells": []} if kind == "split" else {}
    return Deed(act_id, "li", kind, "incident", subject, {"text": ""} | parts | content)


class Shift:
    """A state that takes steps over alarms: object, name, raised."""

    def __init__(self, rows: Sequence[tuple[str, str, int]]) -> None:
        self.state = fresh_state()
        self.feed = _feed(rows)
        self.at = self.feed.first
        self.told: dict[str, tuple[str, str]] = {}

    def on(self, until: int, *deeds: Deed) -> None:
        """Take the steps up to a moment, the acts with the first."""
        while self.at * STEP_S <= until:
            came = self.feed.at(self.at) if self.at <= self.feed.last else arrivals()
            came, deeds = replace(came, acts=list(deeds)), ()
            _, issued = step(self.state, KNOWN, came, now=self.at * STEP_S)
            self.told |= {
                str(r["act_id"]): (str(r["outcome"]), str(r["detail"])) for r in issued.acts
            }
            self.at += 1

    @property
    def faults(self) -> list[Fault]:
        """The faults that last."""
        return self.state.faults.open_ones()

    def rules(self, fault: Fault) -> list[str]:
        """The rules by which an incident changed."""
        return [change.rule for change in self.state.life.changes[fault.number]]


def _feed(rows: Sequence[tuple[str, str, int]]) -> Feed:
    """Return alarms as they arrive."""
    alarms = arriving(
        "alarms",
        [raised for _, _, raised in rows],
        alarm_id=[f"A{n}" for n in range(len(rows))],
        object_id=[name for name, _, _ in rows],
        raised_at=[at(raised) for _, _, raised in rows],
        cleared_at=[pd.NaT] * len(rows),
        name=[name for _, name, _ in rows],
    )
    return build_feed(bundle_tables(alarms=alarms), KNOWN)


def hub_shift() -> Shift:
    """Return an outage below the hub, split at H3 half an hour after noon; more alarms come an hour later."""
    shift = Shift([*HUB_ROWS, ("H3-G", CELL_OUT, LATER), ("H2-G", CELL_OUT, LATER)])
    shift.on(NOON + 1500)
    shift.on(NOON + 1800, deed("split", sites=["H3"]))
    return shift


def sites_of(fault: Fault) -> list[str]:
    """Return the sites that a fault reaches."""
    return sorted(KNOWN.site_ids[np.unique(KNOWN.reach.site_of[fault.cells])].tolist())


def looks(fault: Fault) -> dict[str, Any]:
    """Return what people see of a fault."""
    names = "cells degree alarm_ids episodes names object_id family extent started_at alarm_exists"
    told = {name: getattr(fault, name) for name in names.split()}
    return {n: v.tolist() if isinstance(v, np.ndarray) else v for n, v in told.items()}


def test_a_split_makes_an_incident_of_its_own_with_its_alarms_and_cause() -> None:
    shift = hub_shift()
    kept, made = shift.faults
    assert shift.told == {"a1": ("done", "")}
    assert (sites_of(kept), sites_of(made)) == (["H1", "H2", "H4"], ["H3"])
    assert (kept.alarm_ids, made.alarm_ids) == ({"A0", "A1", "A3"}, {"A2"})
    assert (kept.object_id, kept.extent) == ("HUB", "node")
    assert (made.object_id, made.extent, made.first_alert) == ("H3", "site", "A2")
    first, second = (shift.state.incidents[f.number] for f in (kept, made))
    assert (second.incident_id, second.split_from) == (SECOND, first.incident_id)
    assert (first.cause, second.cause) == ("transmission_break", "site_outage")
    assert shift.rules(made) == ["SPLIT-3"]
    last = shift.state.life.changes[kept.number][-1]
    assert (last.rule, last.detail, last.other) == ("SPLIT-4", "li", made.number)
    assert shift.state.faults.of_alarm["A2"] == made.number


def test_what_comes_later_goes_to_the_side_where_it_is() -> None:
    shift = hub_shift()
    shift.on(LATER + HOUR)
    kept, made = shift.faults
    assert (kept.alarm_ids, made.alarm_ids) == ({"A0", "A1", "A3", "A5"}, {"A2", "A4"})
    assert (sites_of(kept), sites_of(made)) == (["H1", "H2", "H4"], ["H3"])
    assert shift.state.faults.merged_into == {}


def test_without_the_guard_the_program_would_unite_them_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shift = hub_shift()
    monkeypatch.setattr(alarm_signals, "parted_rows", lambda _s, _k, group, **_: [group])
    monkeypatch.setattr(alarm_signals, "are_apart", lambda *_: False)
    shift.on(LATER + HOUR)
    assert len(shift.faults) == 1


def test_faults_that_name_one_object_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    shift = hub_shift()
    kept, made = shift.faults
    made.object_id = kept.object_id
    for fault in (kept, made):
        fault.touch()
    unite_same(shift.state, KNOWN, now=NOON + 2000)
    assert shift.faults == [kept, made]
    monkeypatch.setattr(uniting, "are_apart", lambda *_: False)
    unite_same(shift.state, KNOWN, now=NOON + 2000)
    assert shift.faults == [kept]


def test_cells_of_one_site_are_split_and_stay_apart() -> None:
    shift = Shift([("H1-G", CELL_OUT, NOON), ("H1-L", CELL_OUT, NOON)])
    shift.on(NOON + 1500)
    shift.on(NOON + 3 * HOUR, deed("split", cells=["H1-L"]))
    kept, made = shift.faults
    assert (kept.cells.tolist(), made.cells.tolist()) == tuple(
        cells_of(name).tolist() for name in ("H1-G", "H1-L")
    )
    assert (kept.alarm_ids, made.alarm_ids) == ({"A0"}, {"A1"})


def test_signs_are_grouped_on_each_side_by_themselves() -> None:
    shift = hub_shift()
    kept, made = shift.faults
    cells = np.concatenate([cells_of("H1"), cells_of("H3"), cells_of("V1")])
    group = parted_groups(shift.state, cells, np.zeros(len(cells), np.int64))
    assert group.tolist() == [0, 0, 1, 1, 0, 0]
    assert not may_take(shift.state, kept, cells_of("H3-G"))
    assert not may_take(shift.state, made, cells_of("H1-G"))
    assert may_take(shift.state, made, cells_of("V1-G"))


def test_what_was_cut_off_one_side_is_apart_from_the_other() -> None:
    shift = hub_shift()
    kept, made = shift.faults
    cut = sure_outage(shift.state, "V1", cut_from=kept.number)
    let_go = sure_outage(shift.state, "V2", alarm_ids={"X1"})
    shift.state.faults.let_go["X1"] = made.number
    assert are_apart(shift.state, cut, made)
    assert are_apart(shift.state, cut, let_go)
    assert not are_apart(shift.state, cut, kept)


def test_a_person_may_merge_them_again_and_the_program_then_takes_them_as_one() -> None:
    shift = hub_shift()
    shift.on(NOON + 2100, deed("merge", "m1", SECOND, into=FIRST))
    assert shift.told["m1"] == ("done", "")
    (fault,) = shift.faults
    assert shift.state.acts.partings == []
    shift.on(LATER + HOUR)
    assert (shift.faults, sites_of(fault)) == ([fault], ["H1", "H2", "H3", "H4"])
    shift.on(LATER + HOUR + 300, deed("undo", "u1", undoes="a1"))
    assert shift.told["u1"] == ("refused", "overtaken")


def test_callers_go_with_their_cells() -> None:
    shift = Shift(HUB_ROWS)
    shift.on(NOON + 1500)
    state = shift.state
    for number, cell in (("T1", "H3-L"), ("T2", "H1-L")):
        ticket = make_ticket(number, cell=cell, diagnosed_at=NOON + 1400, arrived_at=NOON + 1000)
        ticket.fault_share, ticket.fault, ticket.unexplained = {1: 0.9}, 1, 0.1
        state.tickets[number] = ticket
        state.docket.tickets.append(ticket)
        state.faults.numbered[1].tickets += 0.9
    shift.on(NOON + 1800, deed("split", sites=["H3"]))
    kept, made = shift.faults
    assert (state.tickets["T1"].fault, state.tickets["T2"].fault) == (made.number, kept.number)
    shares = [state.tickets[number].fault_share for number in ("T2", "T1")]
    assert [set(share) for share in shares] == [{kept.number}, {made.number}]
    told = [share[f.number] for share, f in zip(shares, (kept, made), strict=True)]
    assert [kept.tickets, made.tickets] == pytest.approx(told)
    shift.on(NOON + 2100, deed("undo", "u1", undoes="a1"))
    assert kept.tickets == pytest.approx(sum(told))


def test_episodes_go_with_their_cells_and_the_counters_of_both_go_on() -> None:
    shift = Shift(HUB_ROWS)
    shift.on(NOON + 1500)
    (fault,) = shift.faults
    far, near = int(cells_of("H3-L")[0]), int(cells_of("H1-L")[0])
    for cell in (far, near):
        shift.state.faults.hold((cell, 0, NOON), fault)
        fault.episodes[cell, 0] = NOON
    fault.counters_open = fault.confirmed = True
    shift.on(NOON + 1800, deed("split", sites=["H3"]))
    kept, made = shift.faults
    assert (set(kept.episodes), set(made.episodes)) == ({(near, 0)}, {(far, 0)})
    assert shift.state.faults.of_episode[far, 0, NOON] == made.number
    assert kept.counters_open
    assert made.counters_open


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"sites": ["V1"]}, "not_its_part"),
        ({"sites": ["NONE"], "cells": ["H9-G"]}, "not_its_part"),
        ({"sites": ["H1", "H2", "H3", "H4"]}, "nothing_left"),
        ({"cells": ["H3-G"]}, "no_signs"),
    ],
    ids=["elsewhere", "no such names", "all of it", "nothing seen there"],
)
def test_a_split_that_makes_no_sense_is_refused(parts: dict[str, Any], why: str) -> None:
    shift = Shift(HUB_ROWS)
    shift.on(NOON + 1500)
    shift.on(NOON + 1800, deed("split", **parts))
    assert shift.told == {"a1": ("refused", why)}
    assert len(shift.state.faults.faults) == 1


def test_an_incident_that_is_over_or_merged_is_not_split() -> None:
    shift = hub_shift()
    shift.on(NOON + 2100, deed("close", "c1", SECOND, cause="power_failure"))
    shift.on(NOON + 2400, deed("split", "a2", SECOND, cells=["H3-G"]))
    assert shift.told["a2"] == ("refused", "incident_over")
    shift = hub_shift()
    shift.on(NOON + 2100, deed("merge", "m1", SECOND, into=FIRST))
    shift.on(NOON + 2400, deed("split", "a2", SECOND, cells=["H3-G"]))
    assert shift.told["a2"] == ("refused", "merged")


def test_a_split_taken_back_leaves_one_incident_as_it_was() -> None:
    whole = Shift([*HUB_ROWS, ("H3-G", CELL_OUT, LATER), ("H2-G", CELL_OUT, LATER)])
    whole.on(NOON + 2100)
    shift = hub_shift()
    shift.on(NOON + 2100, deed("undo", "u1", undoes="a1"))
    assert shift.told["u1"] == ("done", "")
    assert shift.told["a1"] == ("undone", "")
    (kept,), (same,) = shift.faults, whole.faults
    assert looks(kept) == looks(same)
    made = shift.state.faults.numbered[2]
    assert shift.rules(made) == ["SPLIT-3", "SPLIT-5"]
    assert shift.rules(kept)[-1] == "SPLIT-6"
    assert shift.state.incidents[made.number].merged_into == FIRST
    shift.on(LATER + HOUR)
    whole.on(LATER + HOUR)
    assert looks(kept) == looks(same)


def two_outages() -> Shift:
    """Return outages of two sites far apart, and what comes to the second an hour and a half later."""
    rows = [("H1", OUTAGE, NOON), ("H1-G", CELL_OUT, NOON)]
    rows += [("V1", OUTAGE, NOON), ("V1-L", CELL_OUT, NOON), ("V1-G", CELL_OUT, LATER)]
    shift = Shift(rows)
    shift.on(NOON + 1500)
    return shift


def test_a_merge_taken_back_gives_each_what_it_had() -> None:
    shift, apart = two_outages(), two_outages()
    apart.on(NOON + 2100)
    shift.on(NOON + 1800, deed("merge", subject=SECOND, into=FIRST))
    assert len(shift.faults) == 1
    shift.on(NOON + 2100, deed("undo", "u1", SECOND, undoes="a1"))
    assert shift.told == {"a1": ("undone", ""), "u1": ("done", "")}
    assert [looks(f) for f in shift.faults] == [looks(f) for f in apart.faults]
    kept, gone = shift.faults
    assert (shift.rules(gone)[-2:], shift.rules(kept)[-2]) == (["MERGE-3", "MERGE-5"], "MERGE-6")
    incident = shift.state.incidents[gone.number]
    assert (incident.incident_id, incident.merged_into, incident.ended_at) == (SECOND, "", None)
    assert shift.state.faults.of_alarm == {
        "A0": kept.number, "A1": kept.number, "A2": gone.number, "A3": gone.number,
    }  # fmt: skip
    assert shift.state.acts.merged == {}


def test_what_came_to_its_cells_after_the_merge_goes_with_it() -> None:
    shift, apart = two_outages(), two_outages()
    shift.on(NOON + 1800, deed("merge", subject=SECOND, into=FIRST))
    shift.on(LATER + 600)
    assert len(shift.faults) == 1
    shift.on(LATER + 900, deed("undo", "u1", SECOND, undoes="a1"))
    kept, gone = shift.faults
    assert (kept.alarm_ids, gone.alarm_ids) == ({"A0", "A1"}, {"A2", "A3", "A4"})
    assert are_apart(shift.state, kept, gone)
    apart.on(LATER + 900)
    assert looks(kept) == looks(apart.faults[0])


def test_callers_of_both_are_shared_out_again() -> None:
    shift = two_outages()
    kept, gone = shift.faults
    for number, cell, share in (("T1", "V1-L", {2: 0.8}), ("T2", "H1-L", {1: 0.6, 2: 0.2})):
        ticket = make_ticket(number, cell=cell, diagnosed_at=NOON + 1400, arrived_at=NOON + 1000)
        ticket.fault_share = dict(share)
        shift.state.tickets[number] = ticket
        for fault, part in share.items():
            shift.state.faults.numbered[fault].tickets += part
    log = gone.ticket_log.copy()
    shift.on(NOON + 1800, deed("merge", subject=SECOND, into=FIRST))
    assert round(kept.tickets, 6) == 1.6
    shift.on(NOON + 2100, deed("undo", "u1", SECOND, undoes="a1"))
    assert (round(kept.tickets, 6), round(gone.tickets, 6)) == (0.6, 1.0)
    assert shift.state.tickets["T1"].fault == gone.number
    assert shift.state.tickets["T2"].fault == kept.number
    assert np.allclose(gone.ticket_log, log)


@pytest.mark.parametrize(
    "later",
    [
        deed("close", "b1", FIRST, cause="power_failure"),
        deed("split", "b1", FIRST, sites=["V1"]),
        deed("merge", "b1", FIRST, into="INC-20260310-00003"),
    ],
    ids=["closed", "split", "merged on"],
)
def test_a_merge_that_something_came_after_is_not_taken_back(later: Deed) -> None:
    shift = two_outages()
    sure_outage(shift.state, "V2", alarm_ids={"X2"}, alarm_open=True, is_held=True)
    shift.on(NOON + 1800, deed("merge", subject=SECOND, into=FIRST))
    shift.on(NOON + 2100, later)
    assert shift.told["b1"] == ("done", "")
    shift.on(NOON + 2400, deed("undo", "u1", SECOND, undoes="a1"))
    assert shift.told["u1"] == ("refused", "overtaken")


def test_acts_are_taken_back_one_after_the_other() -> None:
    shift = two_outages()
    shift.on(NOON + 1800, deed("merge", subject=SECOND, into=FIRST))
    shift.on(NOON + 2100, deed("split", "b1", FIRST, sites=["V1"]))
    shift.on(NOON + 2400, deed("undo", "u1", FIRST, undoes="b1"))
    shift.on(NOON + 2700, deed("undo", "u2", SECOND, undoes="a1"))
    assert (shift.told["u1"], shift.told["u2"]) == (("done", ""), ("done", ""))
    assert [sites_of(f) for f in shift.faults] == [["H1"], ["V1"]]
    assert shift.state.acts.reshaped == {}


def test_a_state_read_back_goes_on_the_same() -> None:
    shift = hub_shift()
    again = hub_shift()
    again.state = pickle.loads(pickle.dumps(again.state))
    for one in (shift, again):
        one.on(LATER)
        one.on(LATER + 600, deed("undo", "u1", undoes="a1"))
        one.on(LATER + HOUR)
    assert shift.told["u1"] == ("done", "")
    assert [looks(f) for f in shift.faults] == [looks(f) for f in again.faults]
    assert shift.state.life.changes == again.state.life.changes


def test_partings_go_when_both_are_forgotten() -> None:
    shift = hub_shift()
    for fault in shift.faults:
        fault.ended_at = NOON
    shift.state.faults.forget(NOON + 1)
    shift.state.faults.forgot_at = NOON + 10 * HOUR
    report(shift.state, KNOWN, now=NOON + 10 * HOUR)
    assert shift.state.acts.partings == []


def test_nothing_is_kept_where_nobody_acted() -> None:
    shift = Shift(HUB_ROWS)
    shift.on(NOON + HOUR)
    acts = shift.state.acts
    assert (acts.partings, acts.reshaped, acts.rejoined, acts.done) == ([], {}, set(), {})


@pytest.mark.parametrize("seed", range(4))
def test_any_acts_in_any_order_leave_each_sign_with_one_side(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sites = ("H1", "H2", "H3", "H4", "V1", "V2")
    rows = [(s, OUTAGE, NOON) for s in sites]
    rows += [
        (f"{s}-{x}", CELL_OUT, NOON + 300 * int(rng.integers(0, 60))) for s in sites for x in "GL"
    ]
    shift, done, outcomes = Shift(rows), [("", "")], set()
    shift.on(NOON + 1500)
    for number in range(60):
        told = [shift.state.incidents[f.number].incident_id for f in shift.faults if f.reported_at]
        subject = str(rng.choice(told))
        act = {
            "split": deed("split", f"a{number}", subject, sites=[str(rng.choice(sites))]),
            "merge": deed("merge", f"a{number}", subject, into=str(rng.choice(told))),
            "undo": deed("undo", f"a{number}", done[-1][1], undoes=done[-1][0]),
        }[str(rng.choice(["split", "merge", "undo"]))]
        shift.on(NOON + 1800 + 300 * number, act)
        outcomes.add((act.kind, shift.told[act.act_id][0]))
        if shift.told[act.act_id][0] == "done":
            done = done[:-1] if act.kind == "undo" else [*done, (act.act_id, act.subject_id)]
        _are_sound(shift.state)
    assert {("split", "done"), ("merge", "done"), ("undo", "done")} <= outcomes


def _are_sound(state: State) -> None:
    """Check that each alarm and each given cell is with one side, and merges are told as they are."""
    for fault in state.faults.open_ones():
        assert len(fault.cells) == len(fault.degree) > 0
        assert {state.faults.of_alarm[alarm] for alarm in fault.alarm_ids} <= {fault.number}
    for parting in state.acts.partings:
        kept = state.faults.numbered[final_fault(state, parting.kept)]
        assert kept.number != final_fault(state, parting.made)
        assert parting.cells.isdisjoint(kept.cells.tolist()) or not kept.is_open
    for number, incident in state.incidents.items():
        assert bool(incident.merged_into) == (number in state.faults.merged_into)
