"""Choose between rows of one cell whose periods overlap, as when a feed delivers 15 and 60 minutes of the same hour.

Where finer rows fill a coarser one, the finer count. Where they leave a hole in it, the coarser counts, for it knows
the whole, and the finer in it are left out.

Simple so far: of rows of one length that overlap each other the one that begins first counts; a finer row that only
reaches into a coarser one goes whole.
"""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def is_counted(cell: Ints, start: Ints, end: Ints) -> Flags:
    """Return which rows count, so that no two of a cell overlap.

    Parameters
    ----------
    cell : array of int [n]
        Number of the cell, from 0.
    start, end : arrays of int [n]
        Begin and end of the period, in any one unit.

    Returns
    -------
    array of bool [n]

    Examples
    --------
    >>> quarters, hour = [0, 15, 30, 45], [0]
    >>> start = np.array(quarters + hour)
    >>> is_counted(np.zeros(5, dtype=int), start, start + np.array([15, 15, 15, 15, 60])).tolist()
    [True, True, True, True, False]
    >>> is_counted(np.zeros(2, dtype=int), np.array([0, 0]), np.array([15, 60])).tolist()
    [False, True]
    """
    counted = np.ones(len(cell), dtype=np.bool_)
    if not len(cell):
        return counted
    reach = int(end.max()) - int(start.min()) + 1
    begin = cell.astype(np.int64) * reach + (start - start.min())
    finish = begin + (end - start)
    touched = _touched(cell, begin, finish)
    if len(touched):
        counted[touched] = False
        counted[touched[_chosen(begin[touched], finish[touched])]] = True
    return counted


def _touched(cell: Ints, begin: Ints, finish: Ints) -> Ints:
    """Return the rows of cells that have an overlap, in order of begin."""
    order = np.lexsort((finish, begin))
    overlaps = begin[order][1:] < np.maximum.accumulate(finish[order])[:-1]
    if not overlaps.any():
        return np.empty(0, dtype=np.int64)
    is_cell = np.zeros(int(cell.max()) + 1, dtype=np.bool_)
    is_cell[cell[order][1:][overlaps]] = True
    return np.asarray(order[is_cell[cell[order]]], dtype=np.int64)


def _chosen(begin: Ints, finish: Ints) -> Ints:
    """Return the rows that count, from the finest length to the coarsest; rows are in order of begin."""
    length = finish - begin
    kept = np.empty(0, dtype=np.int64)
    for one in np.unique(length):
        rows = np.flatnonzero(length == one)
        rows = rows[np.diff(begin[rows], prepend=begin[rows[0]] - one) >= one]
        filled = _covered(begin[kept], finish[kept], finish[rows])
        filled -= _covered(begin[kept], finish[kept], begin[rows])
        rows = rows[filled < one]
        kept = kept[~_meets(begin[kept], finish[kept], begin[rows], finish[rows])]
        kept = np.sort(np.concatenate([kept, rows]))
    return kept


def _covered(begin: Ints, finish: Ints, until: Ints) -> Ints:
    """Return how much of all time before each moment is covered by periods in order that don't overlap."""
    if not len(begin):
        return np.zeros(len(until), dtype=np.int64)
    length = finish - begin
    before = np.concatenate([[0], np.cumsum(length)[:-1]])
    place = np.searchsorted(begin, until, side="right") - 1
    within = np.minimum(until - begin[place], length[place])
    return np.asarray(np.where(place < 0, 0, before[place] + within), dtype=np.int64)


def _meets(begin: Ints, finish: Ints, others: Ints, others_end: Ints) -> Flags:
    """Return which periods overlap one of the others, which are in order and don't overlap each other."""
    if not len(others):
        return np.zeros(len(begin), dtype=np.bool_)
    place = np.searchsorted(others, finish, side="left") - 1
    return np.asarray((place >= 0) & (others_end[place] > begin))
