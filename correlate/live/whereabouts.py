"""Find the cells that a place, as a caller names it, is served by.

Simple so far: a name is looked for as it is written, among places, sites, towns and counties; the cells are those of
the sites nearest to it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from contract.references import distance_km

NEAREST_SITES = 3
MOST_KM = 5.0
NAMES = (("sites", "site_name"), ("sites", "site_id"), ("places", "name"))


def cells_at(inventory: Mapping[str, pd.DataFrame], place: str) -> list[str]:
    """Return the cells that may serve a named place, none where nothing is called so.

    Parameters
    ----------
    inventory : mapping of table name to DataFrame
        `sites`, `cells`, `places`.
    place : str
        A site, a place or a town; a part of the name is enough where it names few.
    """
    sites = inventory["sites"]
    in_town = sites["site_id"][(sites["town"] == place).to_numpy(bool)]
    if len(in_town):
        return _cells_of(inventory, in_town)
    for is_part in (False, True):
        for table, column in NAMES:
            rows = inventory[table]
            names = rows[column].fillna("")
            meant = names.str.contains(place, regex=False) if is_part else names == place
            if meant.any():
                return _cells_of(inventory, _nearest(sites, rows[meant.to_numpy(bool)].iloc[0]))
    return []


def _nearest(sites: pd.DataFrame, spot: pd.Series) -> pd.Series:
    """Return the sites nearest to a spot."""
    far = distance_km(sites["lon"].to_numpy(), sites["lat"].to_numpy(), (spot["lon"], spot["lat"]))
    order = np.argsort(far, kind="stable")[:NEAREST_SITES]
    return sites["site_id"].iloc[order[far[order] <= MOST_KM]]


def _cells_of(inventory: Mapping[str, pd.DataFrame], sites: pd.Series) -> list[str]:
    """Return the cells of sites."""
    cells = inventory["cells"]
    return [str(cell) for cell in cells["cell_id"][cells["site_id"].isin(sites).to_numpy(bool)]]
