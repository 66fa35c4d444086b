"""Keep apart what a person told apart: the program neither unites such faults nor lets one take the other's signs.

Parting: a person's word that some cells of one fault (kept) are another one (made). It holds for both, for what they
went into, and for what was cut off them or they let go, until a person merges them or both are forgotten.

Simple so far: trouble that begins anew at the cells of the kept fault while both last is not held to be of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from correlate.acts.book import Parting
from correlate.covering import final_fault
from correlate.faults import Fault, Ints
from correlate.incident_life import source_of_split
from correlate.state import State

KEPT, MADE, NEITHER = "kept", "made", ""


def are_apart(state: State, one: Fault, other: Fault) -> bool:
    """Tell whether a person told two faults apart."""
    return any(
        {side_of(state, parting, one), side_of(state, parting, other)} == {KEPT, MADE}
        for parting in state.acts.partings
    )


def may_take(state: State, fault: Fault, cells: Ints) -> bool:
    """Tell whether a fault may take signs at some cells: none that a person gave to the other one."""
    for parting in lasting(state):
        side = side_of(state, parting, fault)
        if side == KEPT and not parting.cells.isdisjoint(cells.tolist()):
            return False
        if side == MADE and np.isin(cells, kept_cells(state, parting)).any():
            return False
    return True


def parted_groups(state: State, cells: Ints, group: Ints) -> Ints:
    """Return the group number of signs, those of both sides of a parting told apart.

    Parameters
    ----------
    cells, group : array of int [n]
        Where each sign is, and the group that place and time give it.
    """
    for parting in lasting(state):
        is_made = np.isin(cells, sorted(parting.cells))
        is_kept = np.isin(cells, kept_cells(state, parting))
        for number in np.unique(group[is_made & np.isin(group, group[is_kept])]):
            group = np.where((group == number) & is_made, group.max() + 1, group)
    return group


def lasting(state: State) -> Iterator[Parting]:
    """Return the partings of which one side lasts: only then are signs told apart."""
    for parting in state.acts.partings:
        sides = [_now(state, number) for number in (parting.kept, parting.made)]
        if any(fault is not None and fault.is_open for fault in sides):
            yield parting


def side_of(state: State, parting: Parting, fault: Fault) -> str:
    """Return the side of a parting that a fault is on: itself, what it came from, or where all its cells are."""
    numbers = {
        final_fault(state, parting.kept): KEPT,
        final_fault(state, parting.made): MADE,
    }
    asked: Fault | None = fault
    seen: set[int] = set()
    while asked is not None and asked.number not in seen:
        if asked.number in numbers:
            return numbers[asked.number]
        seen.add(asked.number)
        asked = state.faults.by_number(asked.cut_from or source_of_split(state, asked))
    is_within = bool(len(fault.cells)) and parting.cells.issuperset(fault.cells.tolist())
    return MADE if is_within else NEITHER


def lift(state: State, one: Fault, other: Fault) -> None:
    """Let two faults be one again, for a person says so."""
    numbers = {one.number, other.number}
    state.acts.partings = [
        p
        for p in state.acts.partings
        if {final_fault(state, p.kept), final_fault(state, p.made)} != numbers
    ]


def forget_partings(state: State) -> None:
    """Forget the partings of faults that are forgotten."""
    state.acts.partings = [
        p
        for p in state.acts.partings
        if _now(state, p.kept) is not None and _now(state, p.made) is not None
    ]


def kept_cells(state: State, parting: Parting) -> Ints:
    """Return the cells of the kept side but those that were given away."""
    kept = _now(state, parting.kept)
    cells = np.empty(0, np.int64) if kept is None else kept.cells
    return cells[~np.isin(cells, sorted(parting.cells))]


def _now(state: State, number: int) -> Fault | None:
    """Return what a fault became, if still in memory."""
    return state.faults.by_number(final_fault(state, number))
