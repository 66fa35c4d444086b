"""Sort cells into layers: those of one technology, indoor or not, of one band.

Simple so far: a layer too small to tell what is usual falls back to its technology as a whole.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.intp]

LEAST_CELLS = 12


def layer_names(cells: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return technology, indoor or not, and band of each cell, the last two where known.

    Parameters
    ----------
    cells : DataFrame
        `rat`; `is_indoor` and `freq_mhz` (MHz) where known.
    """
    columns = [cells["rat"].astype(str)]
    if "is_indoor" in cells:
        columns.append(cells["is_indoor"].fillna(value=False).astype(bool).astype(str))
    if "freq_mhz" in cells:
        columns.append(cells["freq_mhz"].round(-2).astype(str))
    return list(zip(*columns, strict=True))


def layer_codes(names: Sequence[tuple[str, ...]], *, least: int = LEAST_CELLS) -> Ints:
    """Return the layer of each cell: the finest name that enough cells share.

    Parameters
    ----------
    names : sequence of tuples
        From coarse to fine, such as (rat, band, indoor).
    least : int, default 12
        Cells that make a layer.

    Returns
    -------
    array of int

    Examples
    --------
    >>> layer_codes([("GSM", "900"), ("GSM", "900"), ("GSM", "1800")], least=2).tolist()
    [1, 1, 0]
    """
    chosen: list[tuple[str, ...]] = [name[:1] for name in names]
    depth = max((len(name) for name in names), default=0)
    for size in range(2, depth + 1):
        finer = [name[:size] for name in names]
        counts: dict[tuple[str, ...], int] = {}
        for name in finer:
            counts[name] = counts.get(name, 0) + 1
        chosen = [
            fine if counts[fine] >= least else held
            for fine, held in zip(finer, chosen, strict=True)
        ]
    order = {name: i for i, name in enumerate(sorted(set(chosen)))}
    return np.array([order[name] for name in chosen], dtype=np.intp)
