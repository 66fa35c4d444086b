"""Place names on a map so that no two overlap: the important ones first, those without room left out.

Simple so far: greedy, sixteen positions around a point; a name left out is not tried smaller.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Where the middle of a label lies from its point, in units of half its size plus the gap: right, left, above ...
POSITIONS = np.array(
    [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, 1], [1, -1], [-1, -1]], dtype=float
)
DISTANCES = (1, 3)


def placed_labels(
    points: NDArray[np.float64],
    sizes: NDArray[np.float64],
    *,
    frame: tuple[float, float],
    taken: NDArray[np.float64] | None = None,
    gap: float = 4.0,
) -> NDArray[np.float64]:
    """Return the middles of labels beside their points, NaN for a label that finds no room.

    Parameters
    ----------
    points : array, shape (n, 2)
        What the labels name, in pixels, most important first.
    sizes : array, shape (n, 2)
        Width and height of the labels in pixels.
    frame : tuple of float
        Width and height of the drawing; labels stay inside.
    taken : array, shape (m, 4), optional
        Boxes (left, bottom, right, top) that no label may cover.
    gap : float
        Pixels between a point and its label.

    Returns
    -------
    array, shape (n, 2)

    Examples
    --------
    >>> placed_labels(np.array([[50.0, 50.0], [50.0, 50.0]]), np.full((2, 2), 10.0), frame=(100, 100))
    array([[59., 50.],
           [41., 50.]])
    """
    boxes = (
        np.empty((len(points), 4))
        if taken is None
        else np.vstack([taken, np.empty((len(points), 4))])
    )
    used = 0 if taken is None else len(taken)
    middles = np.full((len(points), 2), np.nan)
    for number, (point, size) in enumerate(zip(points, sizes, strict=True)):
        tried = np.vstack([point + POSITIONS * (size / 2 + far * gap) for far in DISTANCES])
        candidates = np.hstack([tried - size / 2, tried + size / 2])
        inside = (candidates[:, :2] >= 0).all(axis=1) & (candidates[:, 2:] <= frame).all(axis=1)
        free = inside & ~overlaps(candidates, boxes[:used]).any(axis=1)
        if free.any():
            first = int(np.argmax(free))
            middles[number], boxes[used] = tried[first], candidates[first]
            used += 1
    return middles


def overlaps(boxes: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether each box overlaps each other one; boxes that only touch don't.

    Parameters
    ----------
    boxes : array, shape (n, 4)
        Left, bottom, right, top.
    others : array, shape (m, 4)

    Returns
    -------
    array of bool, shape (n, m)
    """
    a, b = boxes[:, None, :], others[None, :, :]
    return np.asarray(
        (a[..., 0] < b[..., 2])
        & (b[..., 0] < a[..., 2])
        & (a[..., 1] < b[..., 3])
        & (b[..., 1] < a[..., 3])
    )
