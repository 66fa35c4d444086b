"""Play the counters of a bundle through the watch alone, and join what it tells as the peers' runs are joined.

Simple so far: one cause a kind of episode, and nothing is explained away.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.peer_episodes import CAUSES, joined
from benchmarks.peer_hours import HOUR, Hours
from kpi.episodes import observe, open_episodes, start_watch

Array = Any
STEP = pd.Timedelta("5min")
SIGNS = {
    "cell_lost": "availability",
    "sleeping": "availability",
    "vswr": "vswr",
    "transport_errors": "ber",
    "interference": "ul_interference_dbm",
    "congestion_voice": "congestion_rate",
    "congestion_signalling": "sd_congestion",
    "congestion_data": "prb_utilisation",
    "handover": "ho_success",
    "access": "setup_success",
    "data_lost": "data_success",
    "data_degraded": "throughput_mbps",
    "quality": "drop_rate",
    "cochannel": "cqi",
    "low_level": "setup_attempts",
    "traffic_loss": "traffic_erl",
}
"""The measure whose cause in the peers' table stands for a kind; a kind not listed is told without a cause."""
KEYS = ["cell", "kind", "opened_at"]


def watched(tables: Mapping[str, pd.DataFrame], hours: Hours) -> pd.DataFrame:
    """Return the episodes of the watch, in the columns of the daybook's table `episodes`."""
    watch = start_watch(_watched_cells(tables), utc_offset_hours=hours.utc_offset)
    told: dict[tuple[Any, ...], Any] = {}
    for now, rows in _steps(tables["kpi"], hours):
        watch = observe(watch, rows["cell"], rows["start"], rows["minutes"], rows["counters"], now)
        found = open_episodes(watch, now, keep_hours=2.0)
        told |= {
            tuple(row[:3]): row[3:]
            for row in found[[*KEYS, "onset_at", "closed_at"]].itertuples(index=False)
        }
    runs = pd.DataFrame(
        [(*key, *rest) for key, rest in told.items()], columns=[*KEYS, "onset_at", "closed_at"]
    )
    kinds = runs["kind"].map(SIGNS).fillna("other")
    hour = ((runs["opened_at"] - hours.begin) // HOUR).astype(int)
    table = joined(runs.assign(kind=kinds, hour=hour), hours)
    return table.assign(cause=table["kind"].map(CAUSES).astype("str"))


def _watched_cells(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the cells as the watch wants them, in the order of `Hours.cell_id`."""
    cells = tables["cells"].drop_duplicates("cell_id", keep="last").reset_index(drop=True)
    return pd.DataFrame(
        {
            "rat": cells["rat"],
            "freq_mhz": cells["freq_mhz"],
            "is_indoor": cells["indoor"] == 1,
            "site": cells["site_id"],
            "feed": _feeds(cells, tables["sites"]),
        }
    )


def _feeds(cells: pd.DataFrame, sites: pd.DataFrame) -> pd.Series:
    """Return who delivers the rows of each cell: the maker of its site in its county, where the inventory says."""
    known = sites.drop_duplicates("site_id", keep="last").set_index("site_id")
    named = pd.Series("", known.index, dtype="str")
    for name in ("vendor", "county"):
        if name in known:
            named = named + "|" + known[name].astype("str").fillna("")
    return named.reindex(cells["site_id"]).set_axis(cells.index)


def _steps(kpi: pd.DataFrame, hours: Hours) -> Iterator[tuple[pd.Timestamp, dict[str, Any]]]:
    """Yield the rows of counters by the five minutes in which they arrived."""
    cell = pd.Index(hours.cell_id).get_indexer(kpi["cell_id"])
    arrived = kpi["arrived_at"].dt.ceil(STEP).dt.tz_localize(None).to_numpy()
    order = np.argsort(arrived, kind="stable")
    order = order[cell[order] >= 0]
    names = [name for name in kpi if pd.api.types.is_float_dtype(kpi[name]) and name != "minutes"]
    columns = {name: kpi[name].to_numpy(np.float32)[order] for name in names}
    start = kpi["start"].dt.tz_localize(None).to_numpy()[order]
    minutes, cell, arrived = kpi["minutes"].to_numpy(float)[order], cell[order], arrived[order]
    cuts = np.flatnonzero(arrived[1:] != arrived[:-1]) + 1
    for rows in np.split(np.arange(len(order)), cuts):
        yield (
            pd.Timestamp(arrived[rows[0]], tz="UTC"),
            {
                "cell": cell[rows],
                "start": start[rows],
                "minutes": minutes[rows].astype(int),
                "counters": {name: column[rows] for name, column in columns.items()},
            },
        )
