"""Find the named places around some sites, as callers name them.

Simple so far: a place is a point, whatever its size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

KINDS = ("seat", "town", "village", "poi")


@dataclass(frozen=True)
class NamedPlaces:
    """Names and positions of the places of a gazetteer, metres; `tree` finds them."""

    names: tuple[str, ...]
    spots: NDArray[np.float64]
    tree: cKDTree | None

    @classmethod
    def of(cls, entries: pd.DataFrame) -> NamedPlaces:
        """Return the places among the entries of a gazetteer."""
        told = entries[entries["kind"].isin(KINDS)]
        spots = told[["x_m", "y_m"]].to_numpy(float)
        names = tuple(str(name) for name in told["name"])
        return cls(names, spots, cKDTree(spots) if len(spots) else None)

    def near(self, xy: NDArray[np.float64], *, within_m: float, most: int) -> tuple[str, ...]:
        """Return the different names within a distance of one of some points [n, 2], the nearest first.

        >>> entries = pd.DataFrame({"kind": ["town", "poi"], "name": ["A", "B"], "x_m": [9.0, 1.0], "y_m": 0.0})
        >>> NamedPlaces.of(entries).near(np.zeros((1, 2)), within_m=10.0, most=5)
        ('B', 'A')
        """
        if self.tree is None or not len(xy):
            return ()
        around = self.tree.query_ball_point(xy, within_m * 1.001)
        found = np.array(sorted({i for part in around for i in part}), dtype=np.int64)
        if not len(found):
            return ()
        gaps = self.spots[found][:, None, :] - xy[None, :, :]
        nearest = np.hypot(gaps[..., 0], gaps[..., 1]).min(axis=1)
        order = np.argsort(nearest, kind="stable")
        told = found[order][nearest[order] <= within_m]
        return tuple(dict.fromkeys(self.names[i] for i in told.tolist()))[:most]
