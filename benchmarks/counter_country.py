"""Make up the counters of a country: those of one small province, laid over as many cells as wanted, with noise.

A province of `examples.province` is counted once by the hour and once, its last day, by the quarter. Every region of
the country is that province several times over: each copy of a cell has its own size and its own noise in every row,
its faults come at the same time as in the others. The generator itself would need hours for a country.

Simple so far: copies have one land, and their faults begin together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from contract.history import History
from examples.province.bundle import write_province
from examples.province.settings import Settings as Province

ZONE = "Asia/Shanghai"
BASE_CELLS = 2_000
DAYS = 29
FIRST = date(2026, 3, 2)
SEED = 5
COUNTS = (
    "setup_attempts", "setup_successes", "congestion_failures", "sd_attempts", "sd_congestion", "drops",
    "ho_attempts", "ho_successes", "data_attempts", "data_successes",
)  # fmt: skip
AMOUNTS = ("traffic_erl", "data_mb", "active_users", "throughput_mbps")
SHAKE = {"ul_interference_dbm": 0.4, "cqi": 0.1, "vswr": 0.005, "prb_utilisation": 0.005}
PERFECT = {"prb_utilisation": (0.0, 1.0), "cqi": (1.0, 15.0), "vswr": (1.0, 1000.0)}


@dataclass(frozen=True)
class Country:
    """A small province to be laid over many cells.

    Attributes
    ----------
    folder : Path
        With the bundles `hours` and `quarters`.
    cells : DataFrame
        Of the province, with `county` and `vendor`.
    regions : int
    region_cells : int
        Cells of a region.
    """

    folder: Path
    cells: pd.DataFrame
    regions: int
    region_cells: int

    def cells_of(self, region: int) -> pd.DataFrame:
        """Return the cells of a region, as `kpi.regions` takes them."""
        rows = np.arange(self.region_cells)
        base = self.cells.iloc[rows % len(self.cells)].reset_index(drop=True)
        copy = pd.Series(rows // len(self.cells)).astype("str")
        prefix = f"R{region:03d}-" + copy + "-"
        return pd.DataFrame(
            {
                "cell_id": prefix + base["cell_id"],
                "region": f"R{region:03d}",
                "rat": base["rat"],
                "freq_mhz": base["freq_mhz"],
                "is_indoor": base["indoor"].fillna(0).ne(0),
                "site": prefix + base["site_id"],
                "feed": base["vendor"] + " " + base["county"],
            }
        )

    def all_cells(self) -> pd.DataFrame:
        """Return the cells of all regions."""
        return pd.concat([self.cells_of(i) for i in range(self.regions)], ignore_index=True)

    def rows_of(self, region: int, day: int, *, is_quarterly: bool = False) -> pa.Table:
        """Return the counters of a region on a day, 0 for the first, by cell and period."""
        rng = np.random.default_rng((SEED, region, day))
        name = "quarters" if is_quarterly else "hours"
        base = _day_of(self.folder / name, day)
        position = pd.Index(self.cells["cell_id"]).get_indexer(base["cell_id"].to_pandas())
        copies = []
        for copy in range(-(-self.region_cells // len(self.cells))):
            cells = min(self.region_cells - copy * len(self.cells), len(self.cells))
            rows = np.flatnonzero(position < cells)
            size = np.random.default_rng((SEED, region, copy)).lognormal(0, 0.2, len(self.cells))
            part = base.take(pa.array(rows))
            copies.append(_noisy(part, f"R{region:03d}-{copy}-", size[position[rows]], rng))
        return pa.concat_tables(copies)


def country(folder: Path, cells: int, *, region_cells: int = 10_000) -> Country:
    """Return a country of so many cells; its province is made where the folder has none.

    Parameters
    ----------
    folder : Path
    cells : int
    region_cells : int, default 10,000
        Cells of a region, fewer where there are fewer cells.
    """
    for name, minutes in (("hours", 60), ("quarters", 15)):
        if not (folder / name).exists():
            wanted = Province(
                cells=BASE_CELLS, days=DAYS, seed=SEED, kpi_minutes=minutes, start=FIRST
            )
            write_province(wanted, folder / name)
    listed = pd.read_csv(folder / "hours" / "cells.csv").drop_duplicates("cell_id")
    sites = pd.read_csv(folder / "hours" / "sites.csv").drop_duplicates("site_id")
    joined = listed.merge(sites[["site_id", "county", "vendor"]], on="site_id", how="left")
    size = min(region_cells, cells)
    return Country(folder, joined.reset_index(drop=True), -(-cells // size), size)


def write_days(
    made: Country, history: History, *, first: int, last: int, is_quarterly: bool = False
) -> int:
    """Write the counters of days `first` to before `last` to a history; return their rows."""
    count = 0
    with history.writing() as writer:
        for region in range(made.regions):
            for day in range(first, last):
                rows = made.rows_of(region, day, is_quarterly=is_quarterly)
                writer.write("kpi", rows, region=f"R{region:03d}", day=FIRST + timedelta(days=day))
                count += len(rows)
    return count


def _day_of(bundle: Path, day: int) -> pa.Table:
    """Return the counters of a day of the province, instants in UTC."""
    name = (FIRST + timedelta(days=day)).isoformat()
    table = pa.concat_tables([pq.read_table(path) for path in sorted(bundle.glob(f"kpi/{name}_*"))])
    start = table["start"].to_pandas().dt.tz_localize(ZONE).dt.tz_convert("UTC")
    at = table.column_names.index("start")
    return table.set_column(at, "start", pa.array(start, pa.timestamp("us", "UTC")))


def _noisy(
    base: pa.Table, prefix: str, size: npt.NDArray[Any], rng: np.random.Generator
) -> pa.Table:
    """Return rows of a copy: other names, another size, noise of their own."""
    factor = (size * rng.lognormal(0, 0.05, len(size))).astype(np.float32)
    columns = {}
    for name in base.column_names:
        column = base[name]
        if name == "cell_id":
            names = column.combine_chunks().dictionary_encode()
            renamed = pa.array([prefix + text for text in names.dictionary.to_pylist()])
            columns[name] = pa.DictionaryArray.from_arrays(names.indices, renamed)
        elif name in COUNTS or name in AMOUNTS:
            values = column.to_numpy() * factor
            columns[name] = np.round(values, 0 if name in COUNTS else 2).astype(np.float32)
        elif name in SHAKE:
            values = column.to_numpy() + rng.normal(0, SHAKE[name], len(size))
            low, high = PERFECT.get(name, (-np.inf, np.inf))
            columns[name] = np.round(np.clip(values, low, high), 3).astype(np.float32)
        else:
            columns[name] = column
    return pa.table(columns)
