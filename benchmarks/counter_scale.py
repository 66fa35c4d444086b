"""Measure the counters of a country: the newest period, a day, the first baseline, on two cores and within 12 GiB.

Each part runs in processes of its own. The counters are made up by `benchmarks.counter_country` and not counted. The
newest period is one Parquet file with the rows of all cells, read and judged in one process that holds the watches of
all regions; it is measured twice, in the middle of an hour and at the turn of one, when the levels of the new hour are
taken from 28 days. A day is 96 such periods: `update` is the part of it that learns, `day` reading the history,
judging and saving as well. `first` reads 28 days by the hour from the history and plays the last 3 of them.

Simple so far: seconds are of the wall, so nothing else may run; `core s` tells what they would have been at rest.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.counter_country import FIRST, Country, country, write_days
from contract.history import open_history
from contract.settings import Settings
from kpi.baseline import expected_levels, learn
from kpi.counter_rows import COLUMNS, CounterRows, counter_rows
from kpi.episodes import observe, open_episodes
from kpi.measures import MEASURES, measure_values, scaled_values
from kpi.region_watches import open_region, read_about
from kpi.regions import learn_regions, watch_regions
from kpi.schedules import Schedule
from kpi.watches import Watch

FULL = 500_000
LEARNED, PERIODS = 28, 96
TURN, MIDDLE = 40, 41
"""Periods of the 29th day that are judged: the first of an hour, and the one after."""
LIMITS = {"newest": 20.0, "update": 300.0, "first": 900.0}
"""Seconds for 500,000 cells."""
MOST_MIB = 12 * 1024.0
SETTINGS = Settings(history_threads=1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return 0, or 1 if one is beyond its limit."""
    parser = argparse.ArgumentParser(description="Measure the counters of a country.")
    parser.add_argument("folder", type=Path, help="folder to work in; 60 GB for 500,000 cells")
    parser.add_argument("--cells", type=int, default=FULL // 10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--parts", nargs="*", default=["make", "first", "newest", "update", "day"])
    parser.add_argument("--keep", action="store_true", help="leave the history and the watches")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.only:
        figures = PARTS[options.only](options.folder, options.cells, options.jobs)
        print(json.dumps(figures | spent()))
        return 0
    print(f"{options.cells:,} cells", flush=True)
    print("".join(f"{n:>12}" for n in ("part", "seconds", "core s", "MiB", "rows", "told")))
    beyond = [told for part in options.parts if (told := line(part, options))]
    if not options.keep:
        shutil.rmtree(options.folder / "history", ignore_errors=True)
        shutil.rmtree(options.folder / "watches", ignore_errors=True)
    print("within every limit" if not beyond else f"beyond its limit: {', '.join(beyond)}")
    return int(bool(beyond))


def line(part: str, options: argparse.Namespace) -> str:
    """Measure and print a part; return what is beyond its limit."""
    root = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-m", "benchmarks.counter_scale", str(options.folder)]
    command += ["--cells", str(options.cells), "--jobs", str(options.jobs), "--only", part]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    shown = [f"{found[name]:>12,.1f}" for name in ("seconds", "core_s")]
    shown += [f"{found[name]:>12,.0f}" for name in ("mib", "rows", "told")]
    print(f"{part:>12}{''.join(shown)}", flush=True)
    limit = LIMITS.get(part, np.inf) * max(options.cells / FULL, 0.1)
    slow = found["seconds"] > limit or found["mib"] > MOST_MIB
    return f"{part} {found['seconds']:.0f} s, {found['mib']:,.0f} MiB" if slow else ""


def spent() -> dict[str, float]:
    """Return core seconds and the most memory of this process and of two it started, each taken as the largest."""
    mine, theirs = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    core_s = sum(used.ru_utime + used.ru_stime for used in (mine, theirs))
    return {"core_s": core_s, "mib": (mine.ru_maxrss + 2 * theirs.ru_maxrss) / 1024}


def make(folder: Path, cells: int, jobs: int) -> dict[str, float]:
    """Write the history: 28 days by the hour, the 29th by the quarter, and two periods of it as files."""
    del jobs
    made, begun = country(folder / "province", cells), time.perf_counter()
    history = open_history(str(folder / "history"), settings=SETTINGS)
    rows = write_days(made, history, first=0, last=LEARNED)
    rows += write_days(made, history, first=LEARNED, last=LEARNED + 1, is_quarterly=True)
    write_periods(made, folder)
    return {"seconds": time.perf_counter() - begun, "rows": rows, "told": made.regions}


def write_periods(made: Country, folder: Path) -> None:
    """Write two periods of the 29th day as files, with the rows of all cells."""
    midnight = pd.Timestamp(FIRST + timedelta(LEARNED), tz="Asia/Shanghai")
    parts: dict[int, list[pa.Table]] = {TURN: [], MIDDLE: []}
    for region in range(made.regions):
        rows = made.rows_of(region, LEARNED, is_quarterly=True)
        for period, found in parts.items():
            at = pa.scalar(midnight + pd.Timedelta(minutes=15 * period))
            found.append(rows.filter(pc.equal(rows["start"], at)))
    for period, found in parts.items():
        table = pa.concat_tables(found).unify_dictionaries()
        pq.write_table(table, folder / f"period-{period}.parquet")


def first(folder: Path, cells: int, jobs: int) -> dict[str, float]:
    """Learn the first baseline."""
    made, begun = country(folder / "province", cells), time.perf_counter()
    days = [FIRST + timedelta(days=day) for day in range(LEARNED)]
    counts = learn_regions(
        str(folder / "history"),
        made.all_cells(),
        folder / "watches",
        settings=SETTINGS,
        days=days,
        schedule=Schedule(jobs=jobs),
    )
    seconds = time.perf_counter() - begun
    return {
        "seconds": seconds,
        "rows": int(counts["used"].sum()),
        "told": int(counts["cells"].sum()),
    }


def newest(folder: Path, cells: int, jobs: int) -> dict[str, float]:
    """Judge the newest period, at the turn of an hour and after; the slower of the two counts."""
    del cells
    watches = _opened(folder, jobs)
    slowest, rows, told = 0.0, 0, 0
    for period in (TURN, MIDDLE):
        begun = time.perf_counter()
        table = pq.read_table(
            folder / f"period-{period}.parquet", columns=list(COLUMNS[:3]) + _counters(folder)
        )
        split = _by_region(table, watches)
        with ThreadPoolExecutor(jobs) as pool:
            told = sum(pool.map(_judged, watches, split))
        slowest, rows = max(slowest, time.perf_counter() - begun), len(table)
    return {"seconds": slowest, "rows": rows, "told": told}


def update(folder: Path, cells: int, jobs: int) -> dict[str, float]:
    """Learn a day of quarters: what the baseline alone costs, without reading and judging."""
    del cells
    watches = _opened(folder, jobs)
    table = pq.read_table(
        folder / f"period-{MIDDLE}.parquet", columns=list(COLUMNS[:3]) + _counters(folder)
    )
    split = _by_region(table, watches)
    begun = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        rows = sum(pool.map(_learned, watches, split))
    return {"seconds": time.perf_counter() - begun, "rows": rows, "told": PERIODS}


def day(folder: Path, cells: int, jobs: int) -> dict[str, float]:
    """Play the 29th day from the history: read, judge, learn, save."""
    begun = time.perf_counter()
    found = watch_regions(
        str(folder / "history"),
        folder / "watches",
        day=FIRST + timedelta(days=LEARNED),
        settings=SETTINGS,
        schedule=Schedule(jobs=jobs),
    )
    return {"seconds": time.perf_counter() - begun, "rows": cells * PERIODS, "told": len(found)}


PARTS: dict[str, Callable[[Path, int, int], dict[str, float]]] = {
    "make": make,
    "first": first,
    "newest": newest,
    "update": update,
    "day": day,
}


def _opened(folder: Path, jobs: int) -> list[tuple[Watch, pa.Array]]:
    """Return the watches of all regions."""
    regions, terms = read_about(folder / "watches")
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda name: open_region(folder / "watches" / name, terms), regions))


def _counters(folder: Path) -> list[str]:
    """Return the counters that a period's file has."""
    there = pq.read_schema(folder / f"period-{MIDDLE}.parquet").names
    return [name for name in COLUMNS[3:] if name in there]


def _by_region(table: pa.Table, watches: Sequence[tuple[Watch, pa.Array]]) -> list[CounterRows]:
    """Return the rows of each region by the position of their cell."""
    firsts = np.cumsum([0, *(len(ids) for _, ids in watches)])
    rows = counter_rows(table, pa.concat_arrays([ids for _, ids in watches]), delay_minutes=20)
    order = np.argsort(rows.cells, kind="stable")
    cuts = np.searchsorted(rows.cells[order], firsts)
    parts = [rows.take(order[cuts[i] : cuts[i + 1]]) for i in range(len(watches))]
    return [replace(part, cells=part.cells - firsts[i]) for i, part in enumerate(parts)]


def _judged(held: tuple[Watch, pa.Array], rows: CounterRows) -> int:
    """Judge the rows of a period; return how many episodes are open."""
    now = pd.Timestamp(int(rows.arrived.max()), unit="s", tz="UTC")
    start = rows.start.astype("datetime64[s]")
    watch = observe(held[0], rows.cells, start, rows.minutes, dict(rows.counters), now)
    return len(open_episodes(watch, now, keep_hours=0.0))


def _learned(held: tuple[Watch, pa.Array], rows: CounterRows) -> int:
    """Learn a day of periods, each with the same rows."""
    baseline = held[0].baseline
    key = (int(rows.start.min()) + held[0].utc_offset) // 3600 // 24 * 24
    frozen = np.zeros((len(rows.cells), len(MEASURES)), dtype=np.bool_)
    for period in range(PERIODS):
        values, attempts = measure_values(rows.counters, rows.minutes)
        scaled, hour_key = scaled_values(values), key + period // 4
        expected_levels(baseline, rows.cells, scaled, hour_key=hour_key)
        learn(baseline, rows.cells, scaled, attempts=attempts, hour_key=hour_key, frozen=frozen)
    return len(rows.cells) * PERIODS


if __name__ == "__main__":
    sys.exit(main())
