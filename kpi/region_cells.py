"""Read from a bundle's inventory the cells that regions are made of.

Simple so far: cells and sites are taken as the tables list them, without looking for doubtful coordinates.
"""

from pathlib import Path

import pandas as pd

from contract.bundle_files import table_paths
from contract.bundles import read_table
from contract.errors import MissingTableError
from contract.history.regions import NETWORK, regions_of
from contract.settings import Settings

COLUMNS = ("cell_id", "region", "rat", "freq_mhz", "is_indoor", "site", "feed")


def region_cells(bundle: Path, settings: Settings) -> pd.DataFrame:
    """Return the cells of a bundle as `kpi.regions.learn_regions` takes them.

    Parameters
    ----------
    bundle : Path
        Folder with the tables `cells` and `sites`.
    settings : Settings

    Returns
    -------
    DataFrame, one row per cell, by `cell_id`
        `cell_id`, `region` (county), `rat`, `freq_mhz`, `is_indoor`, `site`, `feed` (maker and county).

    Raises
    ------
    InputError
        If a table is missing or can't be read.
    """
    paths, _ = table_paths(bundle)
    for name in ("cells", "sites"):
        if name not in paths:
            message = f"`cells` must be a bundle with the table {name}; {bundle} has none. Check the folder."
            raise MissingTableError(message)
    cells = read_table(paths["cells"], "cells", settings).frame.drop_duplicates("cell_id")
    sites = read_table(paths["sites"], "sites", settings).frame.drop_duplicates("site_id")
    sites = sites.set_index("site_id", drop=False)
    feed = sites[["vendor", "county"]].astype("str").fillna("").agg(" ".join, axis=1)
    table = pd.DataFrame(
        {
            "cell_id": cells["cell_id"],
            "region": cells["site_id"].map(regions_of(sites)).fillna(NETWORK),
            "rat": cells["rat"],
            "freq_mhz": cells["freq_mhz"],
            "is_indoor": (cells["indoor"] == 1).fillna(value=False).astype(bool),
            "site": cells["site_id"],
            "feed": cells["site_id"].map(feed).fillna(""),
        }
    )
    return table.sort_values("cell_id", ignore_index=True)
