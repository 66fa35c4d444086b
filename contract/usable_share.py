"""Refuse a required table of which too little can be used.

Simple so far: one share for all tables.
"""

from __future__ import annotations

from contract.errors import MissingTableError, TooManyRejectedError
from contract.tables import Table
from contract.validation import Checked


def check_share(checked: Checked, table: Table, share: float) -> None:
    """Raise when too large a share of a required table is unusable.

    Raises
    ------
    TooManyRejectedError
        If more than `share` of its rows were rejected.
    MissingTableError
        If none is left.
    """
    rejected = checked.rejected
    if checked.rows and len(rejected) > share * checked.rows:
        reason = rejected["reason"].value_counts().index[0]
        example = rejected[rejected["reason"] == reason].iloc[0]
        msg = (
            f"`{table.name}` must have at most {share:.0%} of its rows unusable; "
            f"{len(rejected)} of {checked.rows} are, most often: {reason} "
            f"(row {example['row']}: {example['content'][:120]}). Correct the file."
        )
        raise TooManyRejectedError(msg)
    if checked.frame.empty:
        msg = f"`{table.name}` must have a usable row; it has {checked.rows} rows. Export it again."
        raise MissingTableError(msg)
