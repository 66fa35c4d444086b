"""Say which limits of the rule books rolled-up measures cross.

With fewer attempts than a measure needs, a ratio crosses a limit only where its whole interval lies beyond it.

Simple so far: an object of several technologies is judged only by limits that hold for all of them.
"""

from collections.abc import Mapping, Set

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi.measure_files import LEVELS, Limit, Measure, MeasureBook

Flags = npt.NDArray[np.bool_]


def crossed_levels(
    found: pd.DataFrame, cells: pd.DataFrame, book: MeasureBook, *, minutes: float
) -> pd.Series:
    """Return the worst level that each value crosses.

    Parameters
    ----------
    found : DataFrame
        From `kpi.rollups.rolled_up`.
    cells : DataFrame, index `cell_id`
        From `kpi.rollups.grouped_cells`.
    book : MeasureBook
        Limits and measures.
    minutes : float
        Length of the spans; limits that are judged over longer ones are left out.

    Returns
    -------
    Series of str, name `crossed`, index of `found`
        `watch`, `bad` or `severe`; empty where none is crossed, none is known or the value is unknown.

    Examples
    --------
    >>> from kpi.measure_files import load_measures
    >>> cells = pd.DataFrame({"object_id": ["A1"], "rat": ["LTE"]}, index=["A1"])
    >>> found = pd.DataFrame({"object_id": "A1", "measure": "vswr", "value": [1.2, 1.6, 2.4, None],
    ...                       "low": None, "high": None, "is_few": False})
    >>> crossed_levels(found, cells, load_measures(), minutes=60).tolist()
    ['', 'watch', 'bad', '']
    """
    measures = book.by_name
    rats = {str(name): set(group["rat"]) for name, group in cells.groupby("object_id")}
    worst = np.full(len(found), -1)
    for limit in book.limits:
        if limit.over_min > minutes:
            continue
        measure = measures[limit.measure]
        objects = _objects_of(limit, measure, rats)
        is_judged = (found["measure"] == measure.name) & found["object_id"].isin(objects)
        chosen = np.flatnonzero(is_judged)
        level = LEVELS.index(limit.level)
        beyond = chosen[_is_beyond(found.iloc[chosen], limit.at, measure)]
        worst[beyond] = np.maximum(worst[beyond], level)
    words = np.array([*LEVELS, ""], dtype=object)[worst]
    return pd.Series(words, index=found.index, name="crossed", dtype="str")


def _objects_of(limit: Limit, measure: Measure, rats: Mapping[str, Set[str]]) -> list[str]:
    """Return the objects for all of whose technologies the limit holds; an unknown one may be any."""
    found = []
    for name, own in rats.items():
        defined = set(measure.rats) if "" in own else own & set(measure.rats)
        if defined and defined <= set(limit.rats):
            found.append(name)
    return found


def _is_beyond(found: pd.DataFrame, at: float, measure: Measure) -> Flags:
    """Tell which values lie beyond a limit; where attempts are few the nearer end of the interval decides."""
    value, few = found["value"].to_numpy(float), found["is_few"].to_numpy(bool)
    if measure.direction == "low":
        surely = np.where(few, found["high"].to_numpy(float), value)
        return np.asarray(surely < at)
    surely = np.where(few, found["low"].to_numpy(float), value)
    return np.asarray(surely > at)
