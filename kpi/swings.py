"""Say how much the move of a measure tells of the cause: by how sure and by how large it is.

Simple so far: the sizes that count whole are the same for every technology.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from contract.errors import InputError
from kpi.measures import MEASURES

Doubles = npt.NDArray[np.float64]

CATALOGUE = Path(__file__).with_name("swings.toml")
FULL_SWING_Z = 3.0
"""Deviation (in spreads) that counts as three quarters of a full swing."""


@cache
def full_changes(path: Path = CATALOGUE) -> tuple[float, Doubles]:
    """Return the least share that any sure move counts, and the change of each measure that counts whole.

    Raises
    ------
    InputError
        If a measure has no size, or one that is not above zero.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    sizes = rows.get("full", {})
    names = [measure.name for measure in MEASURES]
    wrong = {name for name in names if not float(sizes.get(name, 0)) > 0} | set(sizes) - set(names)
    if wrong:
        message = f"`full` needs a size above 0 for each measure and no other; see {sorted(wrong)}."
        raise InputError(message)
    return float(rows.get("least", 0.0)), np.array([float(sizes[name]) for name in names])


def swing(z: Doubles, change: Doubles | None = None) -> Doubles:
    """Return moves squeezed to -1 .. 1, unknown ones as 0.

    Parameters
    ----------
    z : array [..., M]
        Deviations in spreads, signed; NaN unknown.
    change : array [..., M], optional
        Plain changes behind them (see `kpi.deviations`); where unknown a move counts by its deviation alone.

    Examples
    --------
    >>> swing(np.array([0.0, 6.0, np.nan])).round(2).tolist()
    [0.0, 0.96, 0.0]
    """
    squeezed: Doubles = np.tanh(np.nan_to_num(z, nan=0.0) / FULL_SWING_Z)
    if change is None:
        return squeezed
    least, full = full_changes()
    size = np.clip(np.abs(np.nan_to_num(change, nan=np.inf)) / full, 0.0, 1.0)
    return np.asarray(squeezed * (least + (1 - least) * size))
