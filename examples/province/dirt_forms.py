"""Write values as careless exports do: times in several forms, stray blanks, other letter case, numbers with a point.

Simple so far: a value suffers one such thing at a time, in the columns named.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from examples.province.dirt_ledger import Flags, chosen, instants
from examples.province.dirt_plan import DirtPlan

_USUAL = "%Y-%m-%d %H:%M:%S"


def with_mixed_times(
    table: str, frame: pd.DataFrame, column: str, plan: DirtPlan, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the table with one column of times as text, some in other forms than the rest.

    Parameters
    ----------
    table : str
        Its name, for the report.
    frame : DataFrame
        Never changed.
    column : str
        Local times; empty ones stay empty.
    plan : DirtPlan
    rng : Generator

    Returns
    -------
    DataFrame
    """
    times = instants(frame[column])
    text = times.dt.strftime(_USUAL).astype("str")
    flags = chosen(times.notna().to_numpy(), plan.rules["forms"]["mixed_times"], rng)
    patterns = plan.rules["forms"]["patterns"]
    drawn = rng.integers(len(patterns), size=len(frame))
    for number, pattern in enumerate(patterns):
        rows = flags & (drawn == number)
        text = text.mask(rows, times.dt.strftime(pattern).astype("str"))
    plan.ledger.enter("mixed_times", table, flags.sum(), note=column)
    return frame.assign(**{column: text})


def with_usual_times(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the table with its columns of times as text to the second, where it has them."""
    texts = {
        name: instants(frame[name]).dt.strftime(_USUAL).astype("str")
        for name in columns
        if name in frame.columns
    }
    return frame.assign(**texts)


def with_blanks(
    table: str, frame: pd.DataFrame, column: str, plan: DirtPlan, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the table with blanks before or behind some values of a column."""
    flags = chosen(frame[column].notna().to_numpy(), plan.rules["forms"]["blanks"], rng)
    text = frame[column].astype("str")
    before = flags & (rng.random(len(frame)) < 0.3)
    text = text.mask(before, " " + text).mask(flags & ~before, text + "  ")
    plan.ledger.enter("stray_blanks", table, flags.sum(), note=column)
    return frame.assign(**{column: text})


def with_other_case(
    table: str, frame: pd.DataFrame, column: str, plan: DirtPlan, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the table with some identities of a column in lower or upper case; those without letters stay."""
    text = frame[column].astype("str")
    lower = text.str.lower()
    swapped = lower.where(lower != text, text.str.upper())
    flags = chosen(
        (swapped != text).fillna(False).to_numpy(), plan.rules["forms"]["other_case"], rng
    )
    plan.ledger.enter("other_case", table, flags.sum(), note=column)
    return frame.assign(**{column: text.mask(flags, swapped)})


def with_points(table: str, frame: pd.DataFrame, column: str, plan: DirtPlan) -> pd.DataFrame:
    """Return the table with the numbers of a column as a spreadsheet makes them: `123.0`."""
    text = frame[column].astype("str")
    flags: Flags = text.str.fullmatch(r"\d+").fillna(False).to_numpy(dtype=bool)
    plan.ledger.enter("float_ids", table, flags.sum(), note=column)
    return frame.assign(**{column: text.mask(flags, text + ".0")})
