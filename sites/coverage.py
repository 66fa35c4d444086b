"""Tell which cells serve a place, with probabilities, and how likely nothing does.

The chance of a cell grows with its level plus the preference of its layer; what is not known of
the way (shadowing, wrong records, the very place) spreads the choice (`sites.choice`). Nothing
serves where every cell is below what the service needs (`sites.service`).

Simple so far: history of a number is not used; one spread for every network.

References
----------
.. [1] 3GPP TR 36.942 V16 (2020), 4.5.2: shadowing 10 dB, correlation 0.5 between sites.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from contract.errors import InputError
from sites.choice import cell_chances, temperature_db
from sites.inventory import Network
from sites.layers import RATS
from sites.levels import candidate_cells, levels_dbm
from sites.radio import Radio, build_radio
from sites.service import margins_db, unserved_probability
from sites.serving import Serving, integrated, likeliest, stacked
from sites.shares import fitted_preference_db
from sites.surroundings import Surroundings, surroundings

Service = Literal["voice", "data"]

__all__ = [
    "Candidates",
    "Serving",
    "Service",
    "integrated_serving",
    "preference_of",
    "radio_of",
    "received_power_dbm",
    "serving_probabilities",
]

# Reference [1] has 10 dB for shadowing; records and places that are somewhat wrong add to it.
SIGMA_DB = 12.0
_CHUNK_POINTS = 1024


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


def radio_of(network: Network) -> Radio:
    """Return the radio values of a network, kept because every step asks for them again.

    Parameters
    ----------
    network : Network

    Returns
    -------
    Radio
    """
    if "radio" not in network.worked_out:
        network.worked_out["radio"] = build_radio(network)
    radio: Radio = network.worked_out["radio"]
    return radio


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
    name = ("preference", float(sigma_db))
    if name not in network.worked_out:
        spread = temperature_db(float(sigma_db))
        fitted = np.array(fitted_preference_db(radio_of(network), temperature_db=spread))
        fitted.flags.writeable = False
        network.worked_out[name] = fitted
    return network.worked_out[name]


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
    offset_db: Any | None = None,
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
        Shifts the preferences moderately, and says what level is needed.
    offset_db : array, shape (C,), optional
        What the operator's own data add to the level of each cell.
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
    by_point = {"rat_weight": rat_weight, "indoor": indoor}
    ask = _question(network, sigma_db=sigma_db, service=service, offset_db=offset_db, top=top)
    down = _sized(down, len(network.cells), "down")
    return _asked(ask, _points(x_m, y_m), by_point, down)


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
    return integrated(at_points, row, points["weight"], places=places, top=top)


@dataclass(frozen=True)
class _Question:
    """What does not change from point to point."""

    radio: Radio
    preference_db: Any
    offset_db: Any
    deeper_db: Any
    is_data: bool
    sigma_db: float
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


def _question(
    network: Network,
    *,
    sigma_db: float = SIGMA_DB,
    service: Service | None = None,
    offset_db: Any | None = None,
    top: int = 12,
) -> _Question:
    """Return what does not change from point to point."""
    radio = radio_of(network)
    preference = preference_of(network, sigma_db)
    if service is not None:
        preference = preference + (radio.voice_db if service == "voice" else radio.data_db)
    offset = _sized(offset_db, len(network.cells), "offset_db")
    return _Question(
        radio=radio,
        preference_db=preference.astype(np.float32),
        offset_db=None if offset is None else offset.astype(np.float32),
        deeper_db=(radio.deep_db - radio.building_db).astype(np.float32),
        is_data=service == "data",
        sigma_db=sigma_db,
        top=top,
    )


def _asked(
    ask: _Question, point: tuple[Any, Any], by_point: dict[str, Any], down: Any | None
) -> Serving:
    """Return which cells serve all points."""
    x_m, y_m = point
    weight, inside = (_sized(by_point[n], len(x_m), n) for n in ("rat_weight", "indoor"))
    parts: list[Serving] = []
    for start in range(0, max(len(x_m), 1), _CHUNK_POINTS):
        rows = slice(start, start + _CHUNK_POINTS)
        indoor = _rows(inside, rows)
        around = surroundings(ask.radio, x_m[rows], y_m[rows], indoor=indoor)
        level = around.level_dbm
        if ask.offset_db is not None:
            level = level + np.take(ask.offset_db, around.cell)
        if down is not None:
            level = np.where(np.take(down, around.cell), -np.inf, level)
        parts.append(_serving(ask, around, level, _rows(weight, rows), indoor))
    return stacked(parts)


def _serving(ask: _Question, around: Surroundings, level: Any, weight: Any, indoor: Any) -> Serving:
    """Return which cells serve some points."""
    nothing = _nothing(ask, around, level, indoor)
    utility = level + np.take(ask.preference_db, around.cell)
    chance = cell_chances(around, utility, temperature=temperature_db(ask.sigma_db))
    if weight is not None:
        row = around.pair // around.site.shape[1]
        by_rat = np.concatenate([weight, np.ones((len(weight), 1))], axis=1)
        chance = chance * by_rat[row, ask.radio.rat[around.cell] % (len(RATS) + 1)]
    return likeliest(around, chance, nothing, top=ask.top)


def _nothing(ask: _Question, around: Surroundings, level: Any, indoor: Any) -> Any:
    """Return the chance that nothing serves, with some of those inside buildings deep inside."""
    margin = margins_db(ask.radio, around, level, is_data=ask.is_data)
    shallow = unserved_probability(around, margin, sigma_db=ask.sigma_db)
    if indoor is None or not (indoor > 0.0).any():
        return shallow
    margin = margin - np.take(ask.deeper_db, around.cell)
    deep = unserved_probability(around, margin, sigma_db=ask.sigma_db, asked=indoor > 0.0)
    return shallow + indoor * ask.radio.deep_share * (deep - shallow)
