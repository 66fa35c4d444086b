"""Null counters that contradict each other, row by row.

Simple so far: successes are held against attempts only; more of them by more than a rounding
nulls both, for nobody can say which is wrong.
"""

from dataclasses import replace

import pandas as pd

from contract.tables import Table
from contract.validation import Checked, repaired_rows

PAIRS = (
    ("setup_attempts", "setup_successes"),
    ("ho_attempts", "ho_successes"),
    ("data_attempts", "data_successes"),
)
"""Counters of which the second is a part of the first."""
ROUNDING, SHARE = 2.0, 0.05
"""A part may exceed its whole by so many, or this share: calls are tried in one period and set
up in the next."""


def consistent_counters(checked: Checked, table: Table) -> Checked:
    """Return counters, those null that claim more successes than attempts, which are listed.

    Parameters
    ----------
    checked : Checked
        Typed rows of `kpi`.
    table : Table

    Returns
    -------
    Checked
        As it came where all is consistent.
    """
    frame, lists = checked.frame, []
    for whole, part in PAIRS:
        if not {whole, part} <= set(frame):
            continue
        limit = frame[whole] + (frame[whole] * SHARE).clip(lower=ROUNDING)
        is_bad = (frame[part] > limit).to_numpy(bool)
        if not is_bad.any():
            continue
        for name in (whole, part):
            reason = f"{part} exceeds {whole}"
            lists.append(repaired_rows(frame[is_bad], table, name, reason))
        frame = frame.assign(**{name: frame[name].mask(is_bad) for name in (whole, part)})
    if not lists:
        return checked
    repairs = pd.concat([checked.repairs, *lists], ignore_index=True)
    return replace(checked, frame=frame, repairs=repairs)
