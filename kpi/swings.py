"""Say how much the move of a measure tells of the cause: by how sure and by how large it is.

Simple so far: the sizes that count whole are the same for every technology.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from contract.errors import InputError
from contract.knowledge_files import ORIGIN, check_keys, number_of, read_knowledge
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
        If the file can't be read, a measure has no size or one that is not above zero, or a key is unknown.
    """
    rows = read_knowledge(path, "swings")
    check_keys(rows, path.name, argument="swings", needed=(*ORIGIN, "least", "full"), known=())
    names = [measure.name for measure in MEASURES]
    check_keys(rows["full"], f"[full] of {path.name}", argument="swings", needed=names, known=())
    sizes = [_size(rows["full"][name], f"`{name}` of [full]") for name in names]
    least = number_of(rows["least"], "`least`", argument="swings")
    if not 0 <= least <= 1:
        message = f"`swings`: `least` must be a share from 0 to 1, got {least:g}; correct it."
        raise InputError(message)
    return least, np.array(sizes)


def _size(value: object, where: str) -> float:
    """Return a size of a file, above zero."""
    size = number_of(value, where, argument="swings")
    if size <= 0:
        message = f"`swings`: {where} must be a size above 0, got {size:g}; correct it."
        raise InputError(message)
    return size


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
