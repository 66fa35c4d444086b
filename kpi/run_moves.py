"""Keep how far measures moved for those pairs of cell and kind that show something, and for no other.

Terms: a *pair* is a cell and a kind of fault. A *slot* holds the sums of one pair while its run lasts and a while
after; slot 0 belongs to nobody and holds nothing. In a network at work one pair in ten has a slot.

Simple so far: slots once made are used again but never given back to the machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi.measures import MEASURES, Floats

Ints = npt.NDArray[np.intp]

NOBODY = -1
FIRST_SLOTS = 64
ARRAYS = ("z_sums", "z_counts", "changes")


@dataclass
class RunMoves:
    """Sums of moves by slot, changed in place; `Evidence` says which pairs are over."""

    slot_of: npt.NDArray[np.int32]  # [C, K] 0 none
    pair: npt.NDArray[np.int64]  # [S] cell * K + kind, -1 free
    z_sums: Floats  # [S, M] deviations during the run
    z_counts: Floats  # [S, M] periods in which they were known
    changes: Floats  # [S, M] plain changes, summed like the deviations


def start_moves(cells: int, kinds: int) -> RunMoves:
    """Return moves of nothing for some cells and kinds."""
    shape = (FIRST_SLOTS, len(MEASURES))
    return RunMoves(
        slot_of=np.zeros((cells, kinds), dtype=np.int32),
        pair=np.full(FIRST_SLOTS, NOBODY, dtype=np.int64),
        z_sums=np.zeros(shape, dtype=np.float32),
        z_counts=np.zeros(shape, dtype=np.float32),
        changes=np.zeros(shape, dtype=np.float32),
    )


def add_moves(moves: RunMoves, cells: Ints, kinds: Ints, *, z: Floats, change: Floats) -> RunMoves:
    """Return the moves after a period of some pairs; they are changed in place.

    Parameters
    ----------
    moves : RunMoves
    cells, kinds : arrays of int [p]
        Pairs, each once. Those without a slot get one.
    z, change : arrays [p, M]
        Deviations, and plain changes behind them; NaN unknown.

    Returns
    -------
    RunMoves

    Examples
    --------
    >>> moves = start_moves(2, 3)
    >>> pair = np.array([1]), np.array([2])
    >>> z = np.full((1, len(MEASURES)), 4.0, dtype=np.float32)
    >>> for size in (1, 3):
    ...     moves = add_moves(moves, *pair, z=z * size, change=z)
    >>> float(mean_moves(moves, *pair)[0][0, 0]), len(held_pairs(moves)[0])
    (8.0, 1)
    """
    if not len(cells):
        return moves
    slots = _slots(moves, cells, kinds)
    known = np.isfinite(z)
    moves.z_sums[slots] += np.where(known, z, 0)
    moves.z_counts[slots] += known
    moves.changes[slots] += np.where(known, change, 0)
    return moves


def forget_moves(moves: RunMoves, cells: Ints, kinds: Ints) -> RunMoves:
    """Return the moves with nothing known of some pairs, in place; those with a slot keep it."""
    slots = moves.slot_of[cells, kinds]
    _clear(moves, slots[slots > 0])
    return moves


def mean_moves(moves: RunMoves, cells: Ints, kinds: Ints) -> tuple[Floats, Floats]:
    """Return the mean deviation and the mean plain change of each measure, [p, M], NaN where nothing was summed.

    Parameters
    ----------
    moves : RunMoves
    cells, kinds : arrays of int [p]
        Pairs.
    """
    slots = moves.slot_of[cells, kinds]
    counts = moves.z_counts[slots]
    z, change = np.full_like(counts, np.nan), np.full_like(counts, np.nan)
    np.divide(moves.z_sums[slots], counts, out=z, where=counts > 0)
    np.divide(moves.changes[slots], counts, out=change, where=counts > 0)
    return z, change


def held_pairs(moves: RunMoves) -> tuple[Ints, Ints]:
    """Return cells and kinds of the pairs that have a slot, by slot."""
    pairs = moves.pair[moves.pair != NOBODY]
    cells, kinds = np.divmod(pairs, max(moves.slot_of.shape[1], 1))
    return cells.astype(np.intp), kinds.astype(np.intp)


def free_slots(moves: RunMoves, cells: Ints, kinds: Ints) -> RunMoves:
    """Return the moves without some pairs, in place; their slots serve others."""
    slots = moves.slot_of[cells, kinds]
    slots = slots[slots > 0]
    _clear(moves, slots)
    moves.pair[slots] = NOBODY
    moves.slot_of[cells, kinds] = 0
    return moves


def _slots(moves: RunMoves, cells: Ints, kinds: Ints) -> npt.NDArray[np.int32]:
    """Return the slots of pairs, the lowest free ones for those that have none."""
    new = np.flatnonzero(moves.slot_of[cells, kinds] == 0)
    if len(new):
        free = _free(moves, least=len(new))[: len(new)]
        moves.pair[free] = cells[new] * moves.slot_of.shape[1] + kinds[new]
        moves.slot_of[cells[new], kinds[new]] = free
    return moves.slot_of[cells, kinds]


def _free(moves: RunMoves, *, least: int) -> Ints:
    """Return free slots in order, after making twice as many as often as it takes."""
    free = np.flatnonzero(moves.pair == NOBODY)[1:]
    if len(free) >= least:
        return free
    size = len(moves.pair)
    wanted = size
    while wanted - size + len(free) < least:
        wanted *= 2
    more = wanted - size
    moves.pair = np.concatenate([moves.pair, np.full(more, NOBODY, dtype=np.int64)])
    for name in ARRAYS:
        held = getattr(moves, name)
        nothing = np.zeros((more, held.shape[1]), dtype=held.dtype)
        setattr(moves, name, np.concatenate([held, nothing]))
    return np.flatnonzero(moves.pair == NOBODY)[1:]


def _clear(moves: RunMoves, slots: npt.NDArray[np.int32]) -> None:
    """Set slots to nothing."""
    for name in ARRAYS:
        getattr(moves, name)[slots] = 0
