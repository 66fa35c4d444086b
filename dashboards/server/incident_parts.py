"""List the sites and cells of an incident with what is seen at each, for who splits some of them off.

Simple so far: complaints are not counted by site: where they come from is not known to the cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Part:
    """A site or cell: its id, what it is called, how many alarms are there, and of how many cells counters tell."""

    name: str
    label: str
    alarms: int
    counters: int
    cells: tuple[Part, ...] = ()


def parts_of(dossier: Mapping[str, Any], inventory: Mapping[str, pd.DataFrame]) -> tuple[Part, ...]:
    """Return the sites that an incident reaches with their cells that it reaches, those most is seen at first.

    Parameters
    ----------
    dossier : mapping
        As `correlate.live.dossiers.live_dossier` returns it.
    inventory : mapping of table name to DataFrame
        `sites` and `cells`.
    """
    at = Counter(str(row["object_id"] or "").split("/", maxsplit=1)[0] for row in dossier["alarms"])
    told = dossier["evidence"] or {"counters": []}
    showing = {str(cell) for row in told["counters"] for cell in row["cells"]}
    known = inventory["cells"]
    own = known[known["cell_id"].isin(dossier["cells"]).to_numpy(bool)]
    sites = inventory["sites"]
    called = dict(zip(sites["site_id"], sites["site_name"], strict=True))
    found = []
    for site, rows in own.groupby("site_id", sort=True):
        cells = tuple(
            Part(str(cell), str(cell), at[cell], int(cell in showing))
            for cell in sorted(rows["cell_id"])
        )
        label = str(site) if pd.isna(called.get(site)) else str(called[site])
        alarms = at[str(site)] + sum(cell.alarms for cell in cells)
        counters = sum(cell.counters for cell in cells)
        found.append(Part(str(site), label, alarms, counters, cells))
    return tuple(sorted(found, key=lambda part: (-part.alarms, -part.counters, part.name)))
