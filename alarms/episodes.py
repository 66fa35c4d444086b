"""Join the occurrences of an alarm that follow each other closely into episodes.

Rules, shown with each alarm:

=========  ======================================================================================
RAISE-1    raised, in force
RAISE-2    raised while the same identity was in force: the same alarm, brought up to date
CHANGE-1   the same `alarm_id` arrived again with other content
CLEAR-1    cleared as reported
CLEAR-2    clearing never reported; ended when the same alarm was raised again
CLEAR-3    reported as cleared before it was raised: counted as ended at once
FLAP-1     raised again within 5 min of its clearing
FLAP-2     raised three times or more within 10 min
=========  ======================================================================================

Simple so far: the gap and the window are the same for every alarm and vendor.

References
----------
.. [1] ISA-18.2, 2016: chattering alarms. Its three a minute is for process industry; START values
   here are three in 10 min and 5 min.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Columns = Mapping[str, Array]

MINUTE_US = 60_000_000
FLAP_GAP_US = 5 * MINUTE_US
FLAP_WINDOW_US = 10 * MINUTE_US
FLAP_CYCLES = 3
NOT_YET = np.iinfo(np.int64).min
_NEVER = np.iinfo(np.int64).max // 4


def with_episodes(columns: Columns, rows: Array) -> Columns:
    """Return the columns of a book with episodes and rules worked out anew for some rows.

    Parameters
    ----------
    columns : mapping of str to array, shape (n,)
        Needs `alarm_key`, `identity`, `slot`, `raised_at`, `cleared_at`, `is_changed` and the
        columns that are worked out; instants in microseconds, `NOT_YET` where there is none.
    rows : array of int
        All rows of the identities to be worked out.

    Returns
    -------
    mapping of str to array
        With new `ended_at`, `first_raised_at`, `last_raised_at`, `repeats`, `is_flapping` and
        `rule`. The input is not changed.
    """
    if not len(rows):
        return columns
    part = {name: columns[name][rows] for name in ("alarm_key", "raised_at", "identity")}
    rows = rows[np.lexsort((part["alarm_key"], part["raised_at"], part["identity"]))]
    raised, identity = columns["raised_at"][rows], columns["identity"][rows]
    reported = columns["cleared_at"][rows]
    ended, basis = _ends(identity, columns["slot"][rows], raised, reported=reported)
    is_next = np.r_[False, identity[1:] == identity[:-1]]
    latest_end = _running_maximum(ended, is_next)
    gap = np.where(is_next, raised - np.r_[_NEVER, latest_end[:-1]], _NEVER)
    is_burst = _bursts(raised, identity)
    is_joined = is_next & ((gap <= FLAP_GAP_US) | is_burst)
    is_again = is_joined & (gap > 0)
    number = np.cumsum(~is_joined) - 1
    starts = np.flatnonzero(~is_joined)
    lasts = np.r_[starts[1:], len(rows)] - 1
    flaps = np.bincount(number, weights=is_again, minlength=len(starts)) > 0
    new = {
        "ended_at": np.where(ended == _NEVER, NOT_YET, ended),
        "first_raised_at": raised[starts][number],
        "last_raised_at": raised[lasts][number],
        "repeats": (lasts - starts + 1)[number],
        "is_flapping": flaps[number],
        "rule": _rules(basis, is_joined, is_again, is_burst, columns["is_changed"][rows]),
    }
    return {**columns, **{name: _replaced(columns[name], rows, new[name]) for name in new}}


def _replaced(values: Array, rows: Array, new: Array) -> Array:
    """Return values with new ones in some rows."""
    values = values.copy()
    values[rows] = new
    return values


def _ends(identity: Array, slot: Array, raised: Array, *, reported: Array) -> tuple[Array, Array]:
    """Return the end of each occurrence in us (`_NEVER` while in force), and how it is known.

    Rows are in order of identity and raising. 0: in force, 1: as reported, 2: from the next
    raising of the same slot, 3: reported before it was raised.
    """
    place = np.lexsort((np.arange(len(slot)), slot, identity))
    later = np.full(len(raised), _NEVER, dtype=np.int64)
    first, second = place[:-1], place[1:]
    is_same = (identity[first] == identity[second]) & (slot[first] == slot[second])
    later[first[is_same]] = raised[second[is_same]]
    is_reported = reported != NOT_YET
    times = np.where(is_reported, reported, later)
    basis = np.where(is_reported, np.where(times < raised, 3, 1), np.where(later < _NEVER, 2, 0))
    return np.maximum(times, raised), basis


def _running_maximum(values: Array, is_next: Array) -> Array:
    """Return the greatest value so far within each run of rows of one identity."""
    run = np.cumsum(~is_next)
    distinct, ranks = np.unique(values, return_inverse=True)
    offset = run * len(distinct)
    return np.asarray(distinct[np.maximum.accumulate(ranks + offset) - offset])


def _bursts(raised: Array, identity: Array) -> Array:
    """Return whether each row follows the one before it in a burst of `FLAP_CYCLES` raisings."""
    is_burst = np.zeros(len(raised), dtype=bool)
    span = FLAP_CYCLES - 1
    if len(raised) <= span:
        return is_burst
    window = FLAP_WINDOW_US
    is_dense = (raised[span:] - raised[:-span] <= window) & (identity[span:] == identity[:-span])
    for step in range(1, FLAP_CYCLES):
        is_burst[step : len(raised) - span + step] |= is_dense
    return is_burst


def _rules(
    basis: Array, is_joined: Array, is_again: Array, is_burst: Array, is_changed: Array
) -> Array:
    """Return the number of the rule that gave each row its state."""
    conditions = {
        "CLEAR-1": basis == 1,
        "CLEAR-2": basis == 2,
        "CLEAR-3": basis == 3,
        "FLAP-2": is_burst & is_again,
        "FLAP-1": is_again,
        "RAISE-2": is_joined,
        "CHANGE-1": is_changed,
    }
    rules = np.select(list(conditions.values()), list(conditions), default="RAISE-1")
    return np.asarray(rules, dtype=object)
