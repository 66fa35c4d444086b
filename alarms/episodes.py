"""Join the occurrences of an alarm that follow each other closely into episodes.

The rules by which an alarm gets its state, each with its number, stand in `lifecycle_rules.toml`
(`alarms.lifecycle_rules`); those that follow from raisings and clearings are worked out here.

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
RULES = (
    "", "RAISE-1", "RAISE-2", "RAISE-3", "FLAP-1", "FLAP-2", "CHANGE-1",
    "CLEAR-1", "CLEAR-2", "CLEAR-3", "CLEAR-4", "CLEAR-5", "MUTE-1", "MUTE-2",
)  # fmt: skip
"""Numbers of rules, as kept in a book by their position here; the first stands for none."""
RULE_NUMBER: Mapping[str, int] = {rule: number for number, rule in enumerate(RULES)}
INFERRED_ENDS = tuple(RULE_NUMBER[rule] for rule in ("CLEAR-2", "CLEAR-4", "CLEAR-5"))
"""Rules that end an alarm without a clearing reported."""


def worked_out(part: Columns) -> dict[str, Array]:
    """Return what follows from raisings and clearings for all alarms of some identities.

    Parameters
    ----------
    part : mapping of str to array, shape (n,)
        All alarms of these identities, in any order: `alarm_key`, `identity`, `slot`, `raised_at`,
        `earliest_raised_at` (of any version), `cleared_at`, `inferred_at`, `inferred_rule`,
        `worst_told`; instants in microseconds, `NOT_YET` where there is none.

    Returns
    -------
    dict of str to array
        `ended_at` (`NOT_YET` while in force), `first_raised_at`, `last_raised_at`, `repeats`,
        `is_flapping` and `worst` (the lowest `worst_told`) of the episode, `raise_rule` and
        `end_rule` (positions in `RULES`), in the order given.
    """
    order = np.lexsort((part["alarm_key"], part["raised_at"], part["identity"]))
    rows = {name: values[order] for name, values in part.items()}
    raised, identity = rows["raised_at"], rows["identity"]
    ended, end_rule, is_back = _ends(rows)
    is_next = np.r_[False, identity[1:] == identity[:-1]]
    latest_end = running_maximum(ended, is_next)
    gap = np.where(is_next, raised - np.r_[_NEVER, latest_end[:-1]], _NEVER)
    is_burst = _bursts(raised, identity)
    is_joined = is_next & ((gap <= FLAP_GAP_US) | is_burst)
    is_again = is_joined & (gap > 0)
    number = np.cumsum(~is_joined) - 1
    starts = np.flatnonzero(~is_joined)
    lasts = np.r_[starts[1:], len(order)] - 1
    flaps = np.bincount(number, weights=is_again, minlength=len(starts)) > 0
    raise_rule = np.select(
        [is_burst & is_again, is_again, is_joined, is_back],
        [RULE_NUMBER[rule] for rule in ("FLAP-2", "FLAP-1", "RAISE-2", "RAISE-3")],
        default=RULE_NUMBER["RAISE-1"],
    )
    new = {
        "ended_at": np.where(ended == _NEVER, NOT_YET, ended),
        "first_raised_at": raised[starts][number],
        "last_raised_at": raised[lasts][number],
        "repeats": (lasts - starts + 1)[number],
        "is_flapping": flaps[number],
        "worst": np.minimum.reduceat(rows["worst_told"], starts)[number],
        "raise_rule": raise_rule,
        "end_rule": end_rule,
    }
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    return {name: values[back] for name, values in new.items()}


def shown_rules(columns: Columns) -> Array:
    """Return the number of the rule that gave each alarm its state, as text.

    Parameters
    ----------
    columns : mapping of str to array
        Needs `raise_rule`, `end_rule`, `mute_rule` and `is_changed`.
    """
    raising = columns["raise_rule"]
    is_plain = columns["is_changed"] & (raising == RULE_NUMBER["RAISE-1"])
    rule = np.where(is_plain, RULE_NUMBER["CHANGE-1"], raising)
    rule = np.where(columns["mute_rule"] > 0, columns["mute_rule"], rule)
    rule = np.where(columns["end_rule"] > 0, columns["end_rule"], rule)
    return np.asarray(np.array(RULES, dtype=object)[rule])


def _ends(rows: Columns) -> tuple[Array, Array, Array]:
    """Return the end of each occurrence in us (`_NEVER` while in force), its rule, and whether it was raised anew.

    Rows are in order of identity and raising. A clearing reported counts before one inferred, and that before the next
    raising of the same slot. One reported of an earlier version, before this was raised, ends that version only.
    """
    identity, slot, raised = rows["identity"], rows["slot"], rows["raised_at"]
    place = np.lexsort((np.arange(len(slot)), slot, identity))
    later = np.full(len(raised), _NEVER, dtype=np.int64)
    first, second = place[:-1], place[1:]
    is_same = (identity[first] == identity[second]) & (slot[first] == slot[second])
    later[first[is_same]] = raised[second[is_same]]
    reported = rows["cleared_at"]
    is_back = (reported < raised) & (rows["earliest_raised_at"] <= reported)
    is_reported = (reported != NOT_YET) & ~is_back
    inferred = rows["inferred_at"]
    is_inferred = ~is_reported & (inferred >= raised) & (inferred <= later)
    times = np.select([is_reported, is_inferred], [reported, inferred], default=later)
    rule = np.select(
        [is_reported & (times < raised), is_reported, is_inferred, later < _NEVER],
        [RULE_NUMBER["CLEAR-3"], RULE_NUMBER["CLEAR-1"], rows["inferred_rule"],
         RULE_NUMBER["CLEAR-2"]],
        default=0,
    )  # fmt: skip
    return np.maximum(times, raised), rule, is_back


def running_maximum(values: Array, is_next: Array) -> Array:
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
