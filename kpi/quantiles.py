"""Take quantiles down the columns of arrays with unknown values.

Sorting puts NaN last, so one sort and one pick give the quantile of the known values of every
column at once; that is many times faster than `numpy.nanquantile`. Long columns are parted at the
picks instead of sorted.

Simple so far: no interpolation, the lower of two neighbours is taken.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

LONG = 512  # values from which parting at a few picks is faster than sorting
PICKS = 4


def column_quantiles(values: Floats, shares: tuple[float, ...]) -> tuple[list[Floats], Floats]:
    """Return quantiles of each column, and how many values each column has.

    Parameters
    ----------
    values : array [n, ...]
        NaN where unknown.
    shares : tuple of float
        Between 0 and 1.

    Returns
    -------
    quantiles : list of arrays [...]
        One per share; NaN where a column has no value.
    counts : array [...]
        Known values per column.

    Examples
    --------
    >>> values = np.array([[1.0], [3.0], [np.nan], [2.0]], dtype=np.float32)
    >>> quantiles, counts = column_quantiles(values, (0.5,))
    >>> float(quantiles[0][0]), float(counts[0])
    (2.0, 3.0)
    """
    counts = np.isfinite(values).sum(axis=0).astype(np.float32)
    if not len(values):
        return [np.full(values.shape[1:], np.nan, dtype=np.float32) for _ in shares], counts
    lanes = np.ascontiguousarray(np.moveaxis(values, 0, -1))
    picks = [np.maximum(np.floor(share * (counts - 1)), 0).astype(np.intp) for share in shares]
    places = (
        np.unique(np.concatenate([pick.reshape(-1) for pick in picks]))
        if len(values) >= LONG
        else ()
    )
    if 0 < len(places) <= PICKS:
        lanes.partition(places, axis=-1)
    else:
        lanes.sort(axis=-1)
    return [np.take_along_axis(lanes, pick[..., None], axis=-1)[..., 0] for pick in picks], counts


def group_medians(values: Floats, groups: npt.NDArray[np.intp], size: int) -> tuple[Floats, Floats]:
    """Return the median of each column in each group, and how many values it rests on.

    Parameters
    ----------
    values : array [n, m]
        NaN where unknown.
    groups : array of int [n]
        Group of each row, 0 to `size` - 1.
    size : int
        Number of groups.

    Returns
    -------
    medians, counts : arrays [size, m]
    """
    medians = np.full((size, values.shape[1]), np.nan, dtype=np.float32)
    counts = np.zeros((size, values.shape[1]), dtype=np.float32)
    order = np.argsort(groups.astype(np.min_scalar_type(size)), kind="stable")
    values, bounds = values[order], np.searchsorted(groups[order], np.arange(size + 1))
    for group in range(size):
        rows = values[bounds[group] : bounds[group + 1]]
        if len(rows):
            (medians[group],), counts[group] = column_quantiles(rows, (0.5,))
    return medians, counts
