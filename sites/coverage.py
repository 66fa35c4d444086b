"""Tell which cells serve a place, with probabilities, and how likely nothing does.

The chance of a cell grows with its level plus the preference of its layer; what is not known of
the way (shadowing, wrong records, the very place) spreads the choice. With log-normal spread sigma,
correlated rho between sites, levels differ with sigma_d = sigma sqrt(2 (1 - rho)), and the
multinomial logit of temperature sigma_d / 1.702 stands in for the exact integral.

Simple so far: shadowing is not told apart by site and by cell; history of a number is not used.

References
----------
.. [1] 3GPP TR 36.942 V16 (2020), 4.5.2: shadowing 10 dB, correlation 0.5 between sites.
.. [2] Bowling S. R. et al. (2009), A logistic approximation to the cumulative normal distribution,
   J. Ind. Eng. Manag. 2(1): the factor 1.702.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from contract.errors import InputError
from sites.inventory import Network
from sites.layers import RATS
from sites.levels import (
    Radio,
    build_radio,
    candidate_cells,
    levels_dbm,
    temperature_db,
    unserved_probability,
)
from sites.shares import fitted_preference_db

Service = Literal["voice", "data"]

# Reference [1] has 10 dB for shadowing; records and places that are somewhat wrong add to it.
SIGMA_DB = 12.0
_CHUNK_POINTS = 1024
_NETWORKS_KEPT = 4


@dataclass(frozen=True)
class Candidates:
    """Cells around points and their levels, the nearest site's first.

    Attributes
    ----------
    cell : array of int, shape (n, m)
        Positions in `Network.cells`; -1 pads.
    level_dbm : array, shape (n, m)
        Level of the reference signal; -inf pads.
    distance_m : array, shape (n, m)
        NaN pads.
    """

    cell: Any
    level_dbm: Any
    distance_m: Any


@dataclass(frozen=True)
class Serving:
    """The cells that serve each of n places, the likeliest first.

    Attributes
    ----------
    cell : array of int, shape (n, top)
        Positions in `Network.cells`; -1 pads.
    probability : array, shape (n, top)
        0 pads; with `nothing`, a row sums to at most 1.
    nothing : array, shape (n,)
        The chance that nothing serves.
    distance_m : array, shape (n, top)
        NaN pads.
    """

    cell: Any
    probability: Any
    nothing: Any
    distance_m: Any


@lru_cache(maxsize=_NETWORKS_KEPT)
def radio_of(network: Network) -> Radio:
    """Return the radio values of a network, kept because every step asks for them again.

    Parameters
    ----------
    network : Network

    Returns
    -------
    Radio
    """
    return build_radio(network)


@lru_cache(maxsize=4 * _NETWORKS_KEPT)
def preference_of(network: Network, sigma_db: float = SIGMA_DB) -> Any:
    """Return the fitted preference of each cell, kept as in `radio_of`.

    Parameters
    ----------
    network : Network
    sigma_db : float

    Returns
    -------
    array, shape (C,), read-only
        dB.
    """
    fitted = fitted_preference_db(radio_of(network), temperature_db=temperature_db(sigma_db))
    fitted = np.array(fitted)
    fitted.flags.writeable = False
    return fitted


def received_power_dbm(
    network: Network, x_m: Any, y_m: Any, *, cells: Any | None = None, indoor: Any | None = None
) -> Candidates:
    """Return the levels of cells at each point.

    Parameters
    ----------
    network : Network
    x_m, y_m : array, shape (n,)
        Metres in the network's projection; finite.
    cells : array of int, shape (n, m), optional
        Which cells; without it those of the 24 nearest sites.
    indoor : array, shape (n,), optional
        Chance that the point is inside a building.

    Returns
    -------
    Candidates

    Raises
    ------
    InputError
        If coordinates are missing or arrays differ in length.

    References
    ----------
    `sites.levels`.
    """
    x_m, y_m = _points(x_m, y_m)
    radio = radio_of(network)
    chosen = candidate_cells(radio, x_m, y_m) if cells is None else np.asarray(cells)
    level, distance = levels_dbm(radio, x_m, y_m, chosen, indoor=indoor)
    return Candidates(cell=chosen, level_dbm=level, distance_m=distance)


def serving_probabilities(  # noqa: PLR0913 - the question's conditions, all by keyword
    network: Network,
    x_m: Any,
    y_m: Any,
    *,
    sigma_db: float = SIGMA_DB,
    rat_weight: Any | None = None,
    indoor: Any | None = None,
    down: Any | None = None,
    service: Service | None = None,
    top: int = 12,
) -> Serving:
    """Return which cells serve each point.

    Parameters
    ----------
    network : Network
    x_m, y_m : array, shape (n,)
        Metres in the network's projection; finite.
    sigma_db : float
        Spread of what is not known of the way, at one site.
    rat_weight : array, shape (n, 4), optional
        Multiplies the chances of GSM, UMTS, LTE and NR cells.
    indoor : array, shape (n,), optional
        Chance that the point is inside a building.
    down : array of bool, shape (C,), optional
        Cells that serve nobody now.
    service : {"voice", "data"}, optional
        Shifts the preferences moderately.
    top : int
        How many cells to return.

    Returns
    -------
    Serving

    Raises
    ------
    InputError
        If coordinates are missing or arrays differ in length.
    """
    x_m, y_m = _points(x_m, y_m)
    ask = _Question(
        radio=radio_of(network),
        preference_db=preference_of(network, sigma_db) + _service_db(radio_of(network), service),
        sigma_db=sigma_db,
        down=_sized(down, len(network.cells), "down"),
        top=top,
    )
    weight = _sized(rat_weight, len(x_m), "rat_weight")
    inside = _sized(indoor, len(x_m), "indoor")
    parts = []
    for start in range(0, max(len(x_m), 1), _CHUNK_POINTS):
        rows = slice(start, start + _CHUNK_POINTS)
        parts.append(_serving(ask, x_m[rows], y_m[rows], _rows(weight, rows), _rows(inside, rows)))
    return _stacked(parts)


def integrated_serving(network: Network, points: Any, *, top: int = 12, **options: Any) -> Serving:
    """Return which cells serve places that are known as weighted points.

    Parameters
    ----------
    network : Network
    points : DataFrame, any number of rows per place, any order
        `row` (int, the place, 0..n-1), `x_m`, `y_m`, `weight` (0 or more; each place's weights are
        scaled to sum to 1). `indoor` (0 to 1) is used where there is one.
    top : int
        How many cells to return.
    **options
        `sigma_db`, `down`, `service` as in `serving_probabilities`; `rat_weight`, shape (n, 4), is
        by place; `places` (int) is n, where the last places may have no point.

    Returns
    -------
    Serving
        One row per place; a place without points has no cell and `nothing` NaN.

    Raises
    ------
    InputError
        If `points` lacks a column, or a coordinate is missing.
    """
    missing = [name for name in ("row", "x_m", "y_m", "weight") if name not in points.columns]
    if missing:
        message = f"`points` lacks columns {missing}; it has {list(points.columns)}."
        raise InputError(message)
    row = points["row"].to_numpy(dtype=np.int64)
    places = int(options.pop("places", row.max(initial=-1) + 1))
    by_place = options.pop("rat_weight", None)
    if by_place is not None:
        options["rat_weight"] = np.asarray(by_place)[row]
    if "indoor" in points.columns:
        options["indoor"] = points["indoor"].to_numpy(float)
    # More cells than asked for: what is third at every point may be first over all of them.
    at_points = serving_probabilities(
        network, points["x_m"], points["y_m"], top=max(3 * top, 30), **options
    )
    return _integrated(at_points, row, _weights(row, points["weight"], places), places, top)


@dataclass(frozen=True)
class _Question:
    """What does not change from point to point."""

    radio: Radio
    preference_db: Any
    sigma_db: float
    down: Any
    top: int


def _points(x_m: Any, y_m: Any) -> tuple[Any, Any]:
    """Return coordinates as arrays of floats, checked."""
    east, north = np.asarray(x_m, dtype=float).ravel(), np.asarray(y_m, dtype=float).ravel()
    if east.shape != north.shape:
        message = f"`x_m` and `y_m` need one length; they have {east.size}, {north.size}."
        raise InputError(message)
    if not (np.isfinite(east).all() and np.isfinite(north).all()):
        message = "`x_m` and `y_m` need finite metres; some are missing. Leave those out."
        raise InputError(message)
    return east, north


def _sized(values: Any, length: int, name: str) -> Any:
    """Return an optional array, checked for its length."""
    if values is None:
        return None
    array = np.asarray(values)
    if len(array) != length:
        message = f"`{name}` needs {length} rows; it has {len(array)}."
        raise InputError(message)
    return array


def _rows(values: Any, rows: slice) -> Any:
    """Return a part of an optional array."""
    return None if values is None else values[rows]


def _service_db(radio: Radio, service: Service | None) -> Any:
    """Return what a service shifts each cell by."""
    if service is None:
        return 0.0
    return radio.voice_db if service == "voice" else radio.data_db


def _serving(ask: _Question, x_m: Any, y_m: Any, weight: Any, indoor: Any) -> Serving:
    """Return which cells serve some points."""
    cells = candidate_cells(ask.radio, x_m, y_m)
    level, distance = levels_dbm(ask.radio, x_m, y_m, cells, indoor=indoor)
    if ask.down is not None:
        level = np.where((cells >= 0) & ask.down[cells], -np.inf, level)
    nothing = unserved_probability(ask.radio, cells, level, sigma_db=ask.sigma_db)
    score = (level + ask.preference_db[cells]) / temperature_db(ask.sigma_db)
    highest = score.max(axis=1, keepdims=True, initial=-np.inf)
    chance = np.exp(score - np.where(np.isfinite(highest), highest, 0.0))
    if weight is not None:
        by_rat = np.concatenate([weight, np.ones((len(weight), 1))], axis=1)
        chance = chance * np.take_along_axis(by_rat, ask.radio.rat[cells] % (len(RATS) + 1), axis=1)
    total = chance.sum(axis=1, keepdims=True)
    chance = np.divide(chance, total, out=np.zeros_like(chance), where=total > 0.0)
    return _top(cells, chance * (1.0 - nothing)[:, None], nothing, distance, ask.top)


def _top(cells: Any, chance: Any, nothing: Any, distance: Any, top: int) -> Serving:
    """Return the likeliest cells of each row, padded to `top`."""
    order = np.argsort(-chance, axis=1, kind="stable")[:, :top]
    probability = np.take_along_axis(chance, order, axis=1)
    used = probability > 0.0
    short = ((0, 0), (0, top - order.shape[1]))
    cell = np.where(used, np.take_along_axis(cells, order, axis=1), -1)
    away = np.where(used, np.take_along_axis(distance, order, axis=1), np.nan)
    return Serving(
        cell=np.pad(cell, short, constant_values=-1),
        probability=np.pad(probability, short),
        nothing=nothing,
        distance_m=np.pad(away, short, constant_values=np.nan),
    )


def _stacked(parts: list[Serving]) -> Serving:
    """Return parts as one."""
    return Serving(
        cell=np.concatenate([part.cell for part in parts]),
        probability=np.concatenate([part.probability for part in parts]),
        nothing=np.concatenate([part.nothing for part in parts]),
        distance_m=np.concatenate([part.distance_m for part in parts]),
    )


def _weights(row: Any, weight: Any, places: int) -> Any:
    """Return weights that sum to 1 for each place."""
    values = np.maximum(np.nan_to_num(np.asarray(weight, dtype=float)), 0.0)
    total = np.bincount(row, values, minlength=places)
    even = 1.0 / np.maximum(np.bincount(row, minlength=places), 1)
    return np.where(total[row] > 0.0, values / np.maximum(total[row], 1e-300), even[row])


def _integrated(at: Serving, row: Any, weight: Any, places: int, top: int) -> Serving:
    """Return the sum over each place's points."""
    used = at.cell >= 0
    place = np.broadcast_to(row[:, None], used.shape)[used]
    mass = (at.probability * weight[:, None])[used]
    span = int(at.cell.max(initial=0)) + 1
    keys, inverse = np.unique(place * span + at.cell[used], return_inverse=True)
    chance = np.bincount(inverse, mass, minlength=len(keys))
    away = np.bincount(inverse, mass * at.distance_m[used], minlength=len(keys)) / chance
    of_place, cell = keys // span, keys % span
    order = np.lexsort((cell, -chance, of_place))
    of_place, cell, chance, away = of_place[order], cell[order], chance[order], away[order]
    rank = np.arange(len(keys)) - np.searchsorted(of_place, of_place)
    kept = rank < top
    out = Serving(
        cell=np.full((places, top), -1, dtype=np.int64),
        probability=np.zeros((places, top)),
        nothing=np.bincount(row, weight * at.nothing, minlength=places),
        distance_m=np.full((places, top), np.nan),
    )
    out.cell[of_place[kept], rank[kept]] = cell[kept]
    out.probability[of_place[kept], rank[kept]] = chance[kept]
    out.distance_m[of_place[kept], rank[kept]] = away[kept]
    out.nothing[np.bincount(row, minlength=places) == 0] = np.nan
    return out
