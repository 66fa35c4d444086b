"""Say in which region of a history a row is kept: the county of its site.

A site without a county goes to the tile of a grid of one degree, and what is no site, cell or transceiver, such as a
ring or a controller, to a region of its own.

Simple so far: a county that is spelled in two ways is two regions.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from contract.references import TRX_SUFFIX

NETWORK = "network"
"""Region of what stands in no county: rings, hubs, controllers."""


def regions_of(sites: pd.DataFrame) -> pd.Series:
    """Return the region of each site.

    Parameters
    ----------
    sites : DataFrame
        `site_id`, `county`, `lon`, `lat` (WGS-84).

    Returns
    -------
    Series of str, name `region`, index `site_id`

    Examples
    --------
    >>> sites = pd.DataFrame({"site_id": ["S", "T"], "county": ["大理", None], "lon": 100.2, "lat": 25.6})
    >>> regions_of(sites).to_dict()
    {'S': '大理', 'T': 'tile 25 100'}
    """
    county = sites["county"].astype("str").str.strip()
    lat, lon = (np.floor(sites[name]).astype("Int64").astype("str") for name in ("lat", "lon"))
    tile = ("tile " + lat + " " + lon).fillna(NETWORK)
    region = county.where(county.notna() & (county != ""), tile)
    return pd.Series(
        region.to_numpy(),
        index=pd.Index(sites["site_id"], name="site_id"),
        name="region",
        dtype="str",
    )


def regions_of_objects(objects: pd.Series, sites: pd.DataFrame, cells: pd.DataFrame) -> pd.Series:
    """Return the region of each object: a site, cell or transceiver, else `NETWORK`.

    Parameters
    ----------
    objects : Series of str
    sites : DataFrame
        As `regions_of` takes them.
    cells : DataFrame
        `cell_id`, `site_id`.

    Returns
    -------
    Series of str, name `region`, index of `objects`

    Examples
    --------
    >>> sites = pd.DataFrame({"site_id": ["S"], "county": ["K"], "lon": [100.0], "lat": [25.0]})
    >>> cells = pd.DataFrame({"cell_id": ["C"], "site_id": ["S"]})
    >>> regions_of_objects(pd.Series(["C/TRX-1", "S", "ring 4"]), sites, cells).tolist()
    ['K', 'K', 'network']
    """
    of_site = regions_of(sites)
    of_cell = pd.Series(
        cells["site_id"].map(of_site).to_numpy(), index=cells["cell_id"].to_numpy(), dtype="str"
    )
    known = pd.concat([of_site, of_cell])
    known = known[~known.index.duplicated()]
    codes, distinct = pd.factorize(objects)
    plain = pd.Series(distinct, dtype="str").str.replace(TRX_SUFFIX, "", regex=True)
    found = plain.map(known).astype("str").fillna(NETWORK)
    values = found.array.take(codes, allow_fill=True)
    return pd.Series(values, index=objects.index, name="region", dtype="str").fillna(NETWORK)
