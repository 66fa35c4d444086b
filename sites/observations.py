"""Hold where numbers that complained were seen: place, cell, age of the sighting; never the number.

An observation says: from this place, somebody was seen on that cell, so long before complaining.
It teaches how the network really serves; it is kept without who it was.

Simple so far: a place is a spot with a radius, not the whole cloud of points that locating had.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from contract.errors import InputError
from sites.inventory import Network

ALIKE_M = 300.0
"""Two places so near, seen on one cell, are taken as one place: complaints of one fault come in bursts."""


@dataclass(frozen=True)
class Observations:
    """Sightings from known places, one row each.

    Attributes
    ----------
    x_m, y_m : array of float, shape (n,)
        The place, metres in the network's projection.
    radius_m : array of float, shape (n,)
        Within it the place lies with a chance of two thirds.
    cell : array of int, shape (n,)
        The cell seen, position in `Network.cells`.
    age_h : array of float, shape (n,)
        Hours from the sighting to the complaint; 0 or more.
    arrived_at : array of int, shape (n,)
        When the complaint arrived, seconds since 1970.
    """

    x_m: Any
    y_m: Any
    radius_m: Any
    cell: Any
    age_h: Any
    arrived_at: Any

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.cell)


def observations(
    x_m: Any, y_m: Any, *, radius_m: Any, cell: Any, age_h: Any, arrived_at: Any
) -> Observations:
    """Return observations; those without place or cell are left out.

    Parameters
    ----------
    x_m, y_m, radius_m : array of float, shape (n,)
        Metres in the network's projection.
    cell : array of int, shape (n,)
        Positions in `Network.cells`, -1 for an unknown one.
    age_h : array of float, shape (n,)
        A sighting after the complaint counts by how long after.
    arrived_at : array of int, shape (n,)
        Seconds since 1970.

    Returns
    -------
    Observations
        In order of arrival, then of place and cell: the order of rows given never matters.

    Raises
    ------
    InputError
        If the arrays differ in length.

    Examples
    --------
    >>> from sites.observations import observations
    >>> seen = observations([0.0, 5.0], [0.0, 5.0], radius_m=[200.0, 200.0], cell=[-1, 3],
    ...                     age_h=[1.0, -2.0], arrived_at=[10, 20])
    >>> seen.cell.tolist(), seen.age_h.tolist()
    ([3], [2.0])
    """
    floats = [np.asarray(values, dtype=float).ravel() for values in (x_m, y_m, radius_m, age_h)]
    whole = [np.asarray(values, dtype=np.int64).ravel() for values in (cell, arrived_at)]
    lengths = {len(values) for values in (*floats, *whole)}
    if len(lengths) > 1:
        message = f"`x_m` to `arrived_at` need one length; they have {sorted(lengths)}."
        raise InputError(message)
    known = (whole[0] >= 0) & np.isfinite(floats).all(axis=0)
    x, y, radius, age = (values[known] for values in floats)
    seen, arrived = (values[known] for values in whole)
    order = np.lexsort((age, seen, y, x, arrived))
    return Observations(
        x_m=x[order],
        y_m=y[order],
        radius_m=np.maximum(radius[order], 1.0),
        cell=seen[order],
        age_h=np.abs(age[order]),
        arrived_at=arrived[order],
    )


def nothing_observed() -> Observations:
    """Return no observations."""
    return observations([], [], radius_m=[], cell=[], age_h=[], arrived_at=[])


def chosen_observations(of: Observations, which: Any) -> Observations:
    """Return some observations.

    Parameters
    ----------
    of : Observations
    which : array of bool or of int, or slice
        Which rows.

    Returns
    -------
    Observations
    """
    return Observations(**{name: values[which] for name, values in vars(of).items()})


def arrived_before(of: Observations, instant: int) -> Observations:
    """Return the observations whose complaints had arrived before an instant.

    Parameters
    ----------
    of : Observations
        In order of arrival.
    instant : int
        Seconds since 1970.

    Returns
    -------
    Observations
    """
    return chosen_observations(of, slice(int(np.searchsorted(of.arrived_at, instant))))


def burst_weight(of: Observations) -> Any:
    """Return how much each observation counts: k alike count as the root of k.

    Parameters
    ----------
    of : Observations

    Returns
    -------
    array of float, shape (n,)
        Above 0, at most 1.

    Examples
    --------
    >>> from sites.observations import burst_weight, observations
    >>> one = [0.0] * 4
    >>> burst_weight(observations(one, one, radius_m=one, cell=[1] * 4, age_h=one,
    ...                           arrived_at=[0] * 4)).tolist()
    [0.5, 0.5, 0.5, 0.5]
    """
    squares = [np.round(values / ALIKE_M).astype(np.int64) for values in (of.x_m, of.y_m)]
    alike = np.column_stack([*squares, of.cell])
    _, number, count = np.unique(alike, axis=0, return_inverse=True, return_counts=True)
    return 1.0 / np.sqrt(count[number.reshape(-1)])


def distinct_places(of: Observations, network: Network) -> Observations:
    """Return one observation, the freshest, for each place and site.

    Parameters
    ----------
    of : Observations
    network : Network

    Returns
    -------
    Observations
    """
    site = network.cells["site"].to_numpy(int)[of.cell]
    squares = [np.round(values / ALIKE_M).astype(np.int64) for values in (of.x_m, of.y_m)]
    order = np.argsort(of.age_h, kind="stable")
    alike = np.column_stack([*squares, site])[order]
    _, first = np.unique(alike, axis=0, return_index=True)
    return chosen_observations(of, np.sort(order[first]))
