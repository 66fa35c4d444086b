"""Put together where complaints are: the cells, the candidate places, what decided and why.

Simple so far: the sentence names one place, the heaviest of what decided.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from correlate.place_points import Components, chosen_components
from correlate.taught_coverage import Lessons
from sites.serving import Serving

# Digits of probabilities kept.
DIGITS = 9
BASES = np.array(["coordinates", "address", "register", "county", "nothing"], dtype=object)
SAYS = {
    "coordinates": "the coordinates of the order",
    "register": "the number was last seen on",
    "county": "the order names no place inside its county",
    "network": "nothing says where",
}


@dataclass(frozen=True)
class Located:
    """Where complaints are, one row each in the order given.

    Attributes
    ----------
    serving : Serving
        Cells of the place while the network is healthy, likeliest first.
    places : DataFrame
        The candidate places: `row`, `x_m`, `y_m`, `radius_m`, `weight` (after the sightings, 1 in
        sum over a row), `kind`, `basis`, `name`.
    basis : Series of str
        What decided: coordinates, address, register, county or nothing.
    reason : Series of str
        The same as a sentence.
    x_m, y_m, radius_m : Series of float
        Best estimate, and the distance within which two thirds of the cloud lie, metres.
    notes : Series of str
        What was odd about the order's coordinates: zero, far, unfit (to the place named), exchanged,
        or "system", the one stated and the one that fits; empty for nothing.
    taught : Lessons
        What coverage was taught by then, and how well it foretells sightings held out.
    """

    serving: Serving
    places: pd.DataFrame
    basis: pd.Series
    reason: pd.Series
    x_m: pd.Series
    y_m: pd.Series
    radius_m: pd.Series
    notes: pd.Series
    taught: Lessons


def in_order(serving: Serving, top: int) -> Serving:
    """Return the likeliest cells in order.

    Parameters
    ----------
    serving : Serving
    top : int
        How many cells are kept.

    Returns
    -------
    Serving
    """
    # Rounded, so that the last digits don't tell how many complaints were located together.
    chance = np.where(serving.cell >= 0, serving.probability, 0.0).round(DIGITS)
    order = np.lexsort((serving.cell, -chance), axis=1)[:, :top]
    cell, away = (np.take_along_axis(v, order, 1) for v in (serving.cell, serving.distance_m))
    return Serving(cell, np.take_along_axis(chance, order, 1), serving.nothing, away)


def located_from(
    index: Any, order: Any, found: tuple[Components, Serving, Any, list[str]], *, taught: Lessons
) -> Located:
    """Return where complaints are, with what decided each row and the sentence that says it.

    Parameters
    ----------
    index : Index
        Of the complaints.
    order : array of int, shape (n,)
        Which complaint each row of what was found is of.
    found : tuple
        Components with their weights after the sightings, serving cells, best estimates with
        radius (n x 3, metres), and notes.
    taught : Lessons

    Returns
    -------
    Located
    """
    parts, serving, spot, notes = found
    back = np.argsort(order)
    parts = Components(**{**vars(parts), "row": order[parts.row]})
    parts = chosen_components(parts, np.argsort(parts.row, kind="stable"))
    serving = Serving(**{name: values[back] for name, values in vars(serving).items()})
    spot = spot[back]
    basis, main = _deciding(parts, len(index))
    reason = [_sentence(parts, number) for number in main.tolist()]
    columns = ("row", "x_m", "y_m", "radius_m", "weight", "kind", "basis", "name")
    return Located(
        serving=serving,
        places=pd.DataFrame({name: getattr(parts, name) for name in columns}),
        basis=pd.Series(basis, index=index, name="basis", dtype="str"),
        reason=pd.Series(reason, index=index, name="reason", dtype="str"),
        x_m=pd.Series(spot[:, 0], index=index, name="x_m"),
        y_m=pd.Series(spot[:, 1], index=index, name="y_m"),
        radius_m=pd.Series(spot[:, 2], index=index, name="radius_m"),
        notes=pd.Series(
            np.array(notes, dtype=object)[back], index=index, name="notes", dtype="str"
        ),
        taught=taught,
    )


def _deciding(parts: Components, size: int) -> tuple[Any, Any]:
    """Return the basis with the most weight of each row, and its heaviest component."""
    code = (parts.basis[:, None] == BASES[None, :]).argmax(axis=1)
    sums = np.zeros((size, len(BASES)))
    np.add.at(sums, (parts.row, code), parts.weight)
    best = sums.argmax(axis=1)
    heavy = np.where(code == best[parts.row], parts.weight, -1.0)
    order = np.lexsort((-heavy, parts.row))
    return BASES[best], order[np.searchsorted(parts.row, np.arange(size))]


def _sentence(parts: Components, number: int) -> str:
    """Return what a component says about the place, as a sentence."""
    kind, name = parts.kind[number], parts.name[number]
    if kind == "coordinates":
        return f"{SAYS[kind]}, read as {name}" if name else SAYS[kind]
    if kind == "register":
        return f"{SAYS[kind]} {name}"
    if parts.basis[number] == "address":
        return f"the words name {name} ({kind})"
    return SAYS["county"] + f", {name}" if kind == "county" else SAYS["network"]
