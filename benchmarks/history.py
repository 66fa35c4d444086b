"""Measure what a kept history costs: writing a day of counters, compacting it, reading a cell and reading a period.

Each part runs in a process of its own, so that its memory can be told. Days are made up with a level for each cell and
hour and Poisson noise, so that they pack as counters do.

Simple so far: one machine and its own disk; an object store is not measured.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from contract.history import open_history
from contract.history.layout import days_between

FIRST = date(2026, 1, 1)
ZONE = "Asia/Shanghai"
PERIODS, REGIONS = 96, 20
COUNTS = (
    "setup_attempts",
    "drops",
    "ho_attempts",
    "ho_successes",
    "data_attempts",
    "data_successes",
)
LEVELS = ("traffic_erl", "data_mb", "prb_utilisation", "ul_interference_dbm", "throughput_mbps")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return 0."""
    parser = argparse.ArgumentParser(description="Measure a kept history of counters.")
    parser.add_argument("--cells", type=int, default=50_000)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.only:
        print(json.dumps(part(options.only)))
        return 0
    size = f"{options.cells}:{options.days}"
    print(
        f"{options.cells:,} cells, {PERIODS} periods a day, {REGIONS} regions, {options.days} days"
    )
    print(
        "".join(
            f"{name:>18}"
            for name in ("part", "rows", "seconds", "rows/s", "MB", "MB/s", "peak MiB")
        )
    )
    with tempfile.TemporaryDirectory(prefix="cellcause-") as folder:
        for name in ("day", "periods", "compact", "days", "cell", "period", "sum", "region"):
            print(line(name, child(f"{name}:{size}:{folder}")), flush=True)
    return 0


def child(role: str) -> dict[str, float]:
    """Return the figures of one part, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.history", "--only", role]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def line(name: str, figures: dict[str, float]) -> str:
    """Return the figures of a part as a line."""
    rows, seconds, size = figures["rows"], figures["seconds"], figures["mb"]
    shown = (f"{rows:,.0f}", f"{seconds:,.2f}", f"{rows / seconds:,.0f}", f"{size:,.1f}")
    rate = f"{size / seconds:,.1f}" if size else ""
    return "".join(f"{value:>18}" for value in (name, *shown, rate, f"{figures['peak_mib']:,.0f}"))


def part(role: str) -> dict[str, float]:
    """Return the figures of the part of that name."""
    name, cells, days, folder = role.split(":", 3)
    parts = {
        "day": lambda: write_days(f"{folder}/whole", int(cells), 0, 1),
        "periods": lambda: write_periods(f"{folder}/periods", int(cells)),
        "compact": lambda: compact(f"{folder}/periods"),
        "days": lambda: write_days(f"{folder}/whole", int(cells), 1, int(days) - 1),
        "cell": lambda: read(f"{folder}/whole", "SELECT * FROM kpi WHERE cell_id = 'C000777'"),
        "period": lambda: read_period(f"{folder}/whole"),
        "sum": lambda: read(
            f"{folder}/whole", "SELECT cell_id, sum(drops), sum(setup_attempts) FROM kpi GROUP BY 1"
        ),
        "region": lambda: read_region(f"{folder}/whole"),
    }
    figures = parts[name]()
    return figures | {"peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def counters(cells: range, day: date) -> pd.DataFrame:
    """Return a day of counters of some cells."""
    rng = np.random.default_rng([cells.start, day.toordinal()])
    first = pd.Timestamp(day, tz=ZONE).tz_convert("UTC").as_unit("us")
    starts = first + pd.to_timedelta(np.arange(PERIODS) * 15, unit="min")
    names = pd.Categorical([f"C{number:06d}" for number in cells])
    wave = 1.2 + np.sin(np.arange(PERIODS) / PERIODS * 2 * np.pi)
    level = (rng.lognormal(3, 1, len(cells))[:, None] * wave).ravel()
    counts = {name: rng.poisson(level).astype("float32") for name in COUNTS}
    levels = {
        name: (level * rng.uniform(0.8, 1.2, level.size)).round(2).astype("float32")
        for name in LEVELS
    }
    frame = {
        "cell_id": names.repeat(PERIODS),
        "start": np.tile(starts, len(cells)),
        "minutes": np.full(level.size, 15.0),
    }
    return pd.DataFrame({**frame, **counts, **levels})


def shares(cells: int) -> list[range]:
    """Return the cells of each region."""
    edges = np.linspace(0, cells, REGIONS + 1).astype(int)
    return [range(low, high) for low, high in zip(edges[:-1], edges[1:], strict=True)]


def write_days(address: str, cells: int, first: int, days: int) -> dict[str, float]:
    """Return what it costs to write whole days, a file for each region; making them is not counted."""
    history, seconds, rows, size = open_history(address), 0.0, 0, 0
    with history.writing() as writer:
        for ahead in range(first, first + days):
            day = FIRST + timedelta(days=ahead)
            for number, share in enumerate(shares(cells)):
                frame = counters(share, day)
                begun = time.perf_counter()
                file = writer.write("kpi", frame, region=f"county {number}", day=day)
                seconds += time.perf_counter() - begun
                rows, size = rows + len(frame), size + (file.size_bytes if file else 0)
    return {"seconds": seconds, "rows": rows, "mb": size / 1e6}


def write_periods(address: str, cells: int) -> dict[str, float]:
    """Return what it costs to write a day as it comes, a file for each region and period."""
    history, seconds, rows, size = open_history(address), 0.0, 0, 0
    with history.writing() as writer:
        for number, share in enumerate(shares(cells)):
            for _, frame in counters(share, FIRST).groupby("start"):
                begun = time.perf_counter()
                file = writer.write("kpi", frame, region=f"county {number}", day=FIRST)
                seconds += time.perf_counter() - begun
                rows, size = rows + len(frame), size + (file.size_bytes if file else 0)
    return {"seconds": seconds, "rows": rows, "mb": size / 1e6}


def compact(address: str) -> dict[str, float]:
    """Return what it costs to bring a day of periods into one file a region."""
    history = open_history(address)
    begun = time.perf_counter()
    history.compact("kpi")
    seconds = time.perf_counter() - begun
    there = history.partitions("kpi")
    return {"seconds": seconds, "rows": int(there["rows"].sum()), "mb": there["bytes"].sum() / 1e6}


def read(address: str, query: str) -> dict[str, float]:
    """Return what a query costs."""
    begun = time.perf_counter()
    rows = open_history(address).sql(query).num_rows
    return {"seconds": time.perf_counter() - begun, "rows": rows, "mb": 0.0}


def read_period(address: str) -> dict[str, float]:
    """Return what it costs to read the newest period of every cell."""
    day = max(part.date() for part in open_history(address).partitions("kpi")["day"])
    at = pd.Timestamp(day, tz=ZONE).tz_convert("UTC") + pd.Timedelta(hours=18)
    told = f"{at:%Y-%m-%d %H:%M}+00"
    return read(address, f"SELECT * FROM kpi WHERE day = '{day}' AND start = TIMESTAMPTZ '{told}'")


def read_region(address: str) -> dict[str, float]:
    """Return what it costs to read one measure of one region over all days, as a table in order."""
    begun = time.perf_counter()
    days = days_between(FIRST, FIRST + timedelta(days=365))
    rows = open_history(address).read(
        "kpi", regions=["county 3"], days=days, columns=["cell_id", "start", "drops"]
    )
    return {"seconds": time.perf_counter() - begun, "rows": rows.num_rows, "mb": 0.0}


if __name__ == "__main__":
    sys.exit(main())
