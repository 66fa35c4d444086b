"""List what sightings and handover make doubtful in an inventory, for those who keep it.

Simple so far: azimuths and coordinates only. Heights and tilts shift all the levels of a cell
alike, as the ground does; what was seen cannot tell them apart, so nothing is said of them.
"""

from collections.abc import Iterable

import pandas as pd

from sites.doubts import COLUMNS
from sites.inventory import Network
from sites.observations import Observations, nothing_observed
from sites.strayed_sites import strayed_sites
from sites.turned_antennas import turned_antennas


def sighting_doubts(network: Network, seen: Observations | None = None) -> pd.DataFrame:
    """Return antennas and sites that are likely recorded wrongly, one row an object.

    Parameters
    ----------
    network : Network
    seen : Observations, optional
        Without them handover relations and habits alone speak, of azimuths only.

    Returns
    -------
    DataFrame
        `kind` (`azimuth_turned`, `site_elsewhere`), `table`, `object_id`, `rows` (cells touched),
        `note`, which tells the chance of each.
    """
    turned = turned_antennas(network, seen)
    strayed = strayed_sites(network, seen or nothing_observed())
    rows = [
        *_told_turned(turned.itertuples(index=False)),
        *_told_strayed(strayed.itertuples(index=False)),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _told_turned(found: Iterable[tuple[object, ...]]) -> list[tuple[str, str, str, int, str]]:
    """Return turned antennas as doubts."""
    rows = []
    for object_id, scope, cells, azimuth, likely, chance in found:
        count = str(cells).count("|") + 1
        whom = {"cell": "", "sector": f" of all {count} carriers", "site": " of the whole site"}
        note = (
            f"azimuth {float(str(azimuth)):.0f}{whom[str(scope)]} contradicts what its cells meet, "
            f"towards {float(str(likely)):.0f} they would; likely wrong with {float(str(chance)):.2f}"
        )
        table = "sites" if scope == "site" else "cells"
        rows.append(("azimuth_turned", table, str(object_id), count, note))
    return rows


def _told_strayed(found: Iterable[tuple[object, ...]]) -> list[tuple[str, str, str, int, str]]:
    """Return strayed sites as doubts."""
    rows = []
    for object_id, off_m, _, _, places, chance in found:
        note = (
            f"phones from {places} places were seen on its cells, which fits a site "
            f"{float(str(off_m)) / 1000.0:.1f} km away; likely wrong with {float(str(chance)):.2f}"
        )
        rows.append(("site_elsewhere", "sites", str(object_id), 1, note))
    return rows
