"""Make deviations mean the same everywhere: a healthy layer and a healthy cell show about one.

The spread of the bulk of a layer in each measure, and of each cell over its last days, divides the
deviations. It only ever makes them smaller, so a restless measure or cell must show more.

Simple so far: the bulk is the ninth decile of a period, so a fault of more than a tenth of a layer
weakens itself a little.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi.deviations import LIMIT
from kpi.measures import MEASURES, Floats
from kpi.quantiles import column_quantiles

Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

DECILE_OF_NORMAL = np.float32(1.645)
BULK_GAIN = np.float32(0.03)
BULK_LIMIT = np.float32(3.0)
CELL_GAIN = np.float32(1 / 72)
CELL_LIMIT = np.float32(3.0)
COMMON = np.array([measure.is_common for measure in MEASURES])
CLIP = np.float32(9.0)  # one wild period must not silence a cell


@dataclass
class Calibration:
    """How restless layers and cells are; arrays are changed in place."""

    layers: Ints  # [C]
    bulk: Floats  # [2, L, M] by hour-long and shorter periods
    steps: Floats  # [2, L] periods behind it
    restless: Floats  # [C, M] mean square deviation


def start_calibration(layers: Ints) -> Calibration:
    """Return the calibration of cells that are taken as ordinary."""
    size = int(layers.max()) + 1 if len(layers) else 1
    return Calibration(
        layers=layers,
        bulk=np.ones((2, size, len(MEASURES)), dtype=np.float32),
        steps=np.zeros((2, size), dtype=np.float32),
        restless=np.ones((len(layers), len(MEASURES)), dtype=np.float32),
    )


def calibrated(calibration: Calibration, cells: Ints, z: Floats, *, is_short: bool) -> Floats:
    """Return the deviations of a period divided by the habit of layer and cell.

    The layer's habit includes this period, the cell's does not: see `learn_restlessness`.

    Parameters
    ----------
    calibration : Calibration
        Changed in place.
    cells : array of int [n]
        Positions, each once.
    z : array [n, M]
        NaN where unknown.
    is_short : bool
        The period is well below an hour.

    Returns
    -------
    array [n, M]
    """
    layers = calibration.layers[cells]
    side = int(is_short)
    bulk = _learn_bulk(calibration, layers, z, side=side)
    held = np.clip(np.sqrt(calibration.restless[cells]), 1, CELL_LIMIT)
    z = z / np.maximum(bulk[layers], 1) / held
    return np.clip(z, -LIMIT, LIMIT).astype(np.float32)


def learn_restlessness(
    calibration: Calibration, cells: Ints, z: Floats, *, frozen: Flags, weight: float
) -> Calibration:
    """Return the calibration after a period; what belongs to a fault is not learned.

    Parameters
    ----------
    calibration : Calibration
        Changed in place.
    cells : array of int [n]
        Positions, each once.
    z : array [n, M]
        As `calibrated` returned them.
    frozen : array of bool [n, M]
        Values that belong to a fault.
    weight : float
        Share of an hour that the period lasted.

    Returns
    -------
    Calibration
    """
    held = calibration.restless[cells]
    square = np.minimum(z**2 * np.clip(held, 1, CELL_LIMIT**2), CLIP)
    square = np.where(np.isfinite(z) & ~frozen, square, held)
    calibration.restless[cells] = held + CELL_GAIN * np.float32(weight) * (square - held)
    return calibration


def _learn_bulk(calibration: Calibration, layers: Ints, z: Floats, *, side: int) -> Floats:
    """Move the spread of each layer towards that of this period; return what holds now.

    Loads take this period's own spread where it is wider: on a holiday morning part of the cells
    rise and part fall.
    """
    now: Floats = calibration.bulk[side].copy()
    for layer in np.unique(layers):
        (decile,), counts = column_quantiles(np.abs(z[layers == layer]), (0.9,))
        seen = np.clip(decile / DECILE_OF_NORMAL, 0, BULK_LIMIT)
        gain = max(BULK_GAIN, 1 / (calibration.steps[side, layer] + 1))
        held = calibration.bulk[side, layer]
        moved = held + np.float32(gain) * (np.nan_to_num(seen) - held)
        calibration.bulk[side, layer] = np.where(counts >= 8, moved, held)
        calibration.steps[side, layer] += 1
        widest = np.where(COMMON & (counts >= 8), np.fmax(moved, seen), moved)
        now[layer] = np.where(counts >= 8, widest, held)
    return now
