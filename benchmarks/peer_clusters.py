"""Group complaints into incidents by DBSCAN in space and time, as outage tools of other trades do.

Two complaints are near when distance and time, each over its reach, add up (Euclid) to at most 1. All complaints of a
bundle are clustered at once, so the peer knows later complaints when it groups earlier ones: more than a run may.

Simple so far: places are points, however vague; a complaint in no cluster stands alone.

References
----------
.. [1] Ester, Kriegel, Sander, Xu: "A density-based algorithm for discovering clusters", KDD 1996.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.cluster import DBSCAN

from benchmarks.locating_peers import METRES_PER_DEGREE, stated_or_named


@dataclass(frozen=True)
class Reach:
    """How near complaints of one cluster are: kilometres, hours, and how many make one."""

    km: float
    hours: float
    least: int = 3

    @property
    def name(self) -> str:
        """The name of the peer.

        >>> Reach(2.0, 2.0).name
        'dbscan 2 km 2 h'
        """
        return f"dbscan {self.km:g} km {self.hours:g} h"


REACHES = (Reach(2.0, 2.0), Reach(5.0, 6.0))


def places_of(tables: Mapping[str, Any]) -> pd.DataFrame:
    """Return where and when complaints are, in metres and seconds.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        `complaints`, `places` and `sites` as the contract reads them.

    Returns
    -------
    DataFrame, index `ticket_id`
        `x_m`, `y_m` (east and north of some point), `at_s`.
    """
    orders = tables["complaints"].drop_duplicates("ticket_id").reset_index(drop=True)
    lon, lat = stated_or_named(orders, tables["places"], tables["sites"])
    scale = METRES_PER_DEGREE * np.cos(np.radians(np.nanmedian(lat))) if len(orders) else 1.0
    at = orders["arrived_at"].astype("datetime64[s, UTC]").astype("int64")
    table = {"x_m": lon * scale, "y_m": lat * METRES_PER_DEGREE, "at_s": at.to_numpy(float)}
    return pd.DataFrame(table, index=orders["ticket_id"])


def clusters(places: pd.DataFrame, reach: Reach) -> pd.Series:
    """Return the cluster of each complaint, null for one that stands alone.

    Parameters
    ----------
    places : DataFrame
        From :func:`places_of`.
    reach : Reach

    Examples
    --------
    >>> at = pd.DataFrame({"x_m": [0, 100, 9e4], "y_m": 0.0, "at_s": [0, 60, 0]}, index=list("abc"))
    >>> clusters(at, Reach(2.0, 2.0, least=2)).tolist()
    ['C0', 'C0', nan]
    """
    if places.empty:
        return pd.Series([], index=places.index, dtype="str")
    scaled = places / [1000 * reach.km, 1000 * reach.km, 3600 * reach.hours]
    number = DBSCAN(eps=1.0, min_samples=reach.least).fit_predict(scaled.to_numpy(float))
    name = pd.Series(number, index=places.index).astype("str").radd("C")
    return name.mask(number < 0)
