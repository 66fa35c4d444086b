"""Measure what a run costs: wall time, CPU time, peak memory and rows a second, world by world.

Each run is a process of its own, as a user starts it: reading, playing and writing all count.

Simple so far: figures are printed, not kept; needs a POSIX system with nothing else running.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
WORLDS = ROOT.parent / "shared" / "worlds"
DEFAULT = ("plain-zh", "coast-zh")
KIB = 1024 if sys.platform != "darwin" else 1
MIB = 2**20


@dataclass(frozen=True)
class Cost:
    """What one process cost: seconds on the wall and of the processor, bytes at most."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the worlds named; print a line for each and return 0, or 2 if one is not there."""
    parser = argparse.ArgumentParser(description="Measure `cellcause run` on whole worlds.")
    parser.add_argument("worlds", nargs="*", type=Path, help="bundles (default: two practice ones)")
    parser.add_argument("--times", type=int, default=3, help="runs of each world (default 3)")
    options = parser.parse_args(arguments)
    worlds = options.worlds or [WORLDS / name for name in DEFAULT]
    absent = [str(world) for world in worlds if not world.is_dir()]
    if absent:
        print(f"run_worlds: no such bundle: {', '.join(absent)}", file=sys.stderr)
        return 2
    print(f"{'world':16}{'rows':>12}{'wall s':>9}{'CPU s':>9}{'peak MiB':>10}{'rows/s':>11}")
    for world in worlds:
        print(line(world.name, table_rows(world), measured(world, max(1, options.times))))
    return 0


def measured(world: Path, times: int) -> list[Cost]:
    """Return the cost of each of several runs of a world, written to a folder thrown away.

    Parameters
    ----------
    world : Path
        The bundle.
    times : int
        Runs, one or more.

    Raises
    ------
    RuntimeError
        If a run does not end well.
    """
    costs = []
    with tempfile.TemporaryDirectory(prefix="cellcause-") as folder:
        for number in range(times):
            out = Path(folder) / str(number)
            costs.append(cost(["run", str(world), "--out", str(out), "--quiet"]))
    return costs


def cost(arguments: Sequence[str], environment: dict[str, str] | None = None) -> Cost:
    """Return what one command of cellcause costs as a process of its own.

    The kernel counts time and memory of the child that is waited for (`wait4`), so neither this
    process nor an earlier child is counted in.

    Parameters
    ----------
    arguments : sequence of str
        The command and its arguments.
    environment : dict of str, optional
        Variables beside those of this process.

    Raises
    ------
    RuntimeError
        If the command does not end well.
    """
    command = [sys.executable, "-m", "cli", *arguments]
    variables = os.environ | {"PYTHONPATH": str(ROOT)} | (environment or {})
    silent = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    began = time.monotonic()
    child = os.posix_spawn(sys.executable, command, variables, file_actions=[silent])
    _, status, usage = os.wait4(child, 0)
    wall_s = time.monotonic() - began
    if os.waitstatus_to_exitcode(status) != 0:
        message = f"`cellcause {' '.join(arguments)}` must end well; it did not. See above."
        raise RuntimeError(message)
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KIB)


def table_rows(world: Path) -> int:
    """Return the rows of all tables of a bundle, the header of a CSV file not counted.

    Parameters
    ----------
    world : Path
        Bundle of CSV and Parquet files.
    """
    rows = 0
    for path in sorted(world.iterdir()):
        if path.suffix == ".csv":
            rows += len(pd.read_csv(path, usecols=[0], dtype=str))
        elif path.suffix == ".parquet" and path.is_file():
            rows += pq.ParquetFile(path).metadata.num_rows
    return rows


def line(name: str, rows: int, costs: Sequence[Cost]) -> str:
    """Return a line of the table: medians of time, the greatest memory.

    Examples
    --------
    >>> line("plain", 9000, [Cost(3.0, 2.5, 2**28), Cost(4.0, 2.7, 2**28), Cost(2.0, 2.6, 2**29)])
    'plain                  9,000      3.0      2.6       512      3,000'
    """
    wall_s = statistics.median(each.wall_s for each in costs)
    cpu_s = statistics.median(each.cpu_s for each in costs)
    peak = max(each.peak_bytes for each in costs) / MIB
    return f"{name:16}{rows:12,}{wall_s:9.1f}{cpu_s:9.1f}{peak:10,.0f}{rows / wall_s:11,.0f}"


if __name__ == "__main__":
    sys.exit(main())
