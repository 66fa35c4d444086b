"""Measure what a work order waits for the counters of its cells, where the history holds a whole country.

A batch of counters of every cell is put into a history as the intake does; copies of it by link stand for the batches
of the four days that a case looks back. Then the rows of some forty cells, those of a case, are asked for.

Simple so far: each batch holds one period of all cells, as one feed would send it; the system has the files in memory.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from contract.ledger.arrivals import Entry
from contract.tables import TABLES
from correlate.live.entries import counter_table, keep_counters

LIMIT_S = 1.0
DAYS, CASE_CELLS = 4, 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return 0, or 1 if one is beyond the limit of a page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cells", type=int, default=500_000)
    parser.add_argument("--asked", type=int, default=7)
    options = parser.parse_args(arguments)
    rng, worst = np.random.default_rng(1), 0.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        batch = keep_counters(
            _period(options.cells, rng), folder, [1_000_000] * options.cells, source="bench"
        )
        kept_s = time.perf_counter() - began
        size = (folder / json.loads(batch.payload)["file"]).stat().st_size / (1 << 20)
        print(f"{options.cells:,} cells a batch, {size:.1f} MiB, kept in {kept_s:.1f} s")
        for minutes in (60, 15):
            batches = _linked(batch, folder, DAYS * 24 * 60 // minutes)
            taken = [_asked(batches, folder, options.cells, rng) for _ in range(options.asked)]
            worst = max(worst, float(np.median(taken)))
            told = f"{np.median(taken):.2f} s in the middle, {max(taken):.2f} s at most"
            print(f"every {minutes} min, {len(batches)} batches: {told}")
    return int(worst > LIMIT_S)


def _period(cells: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return one period of counters of every cell."""
    start = pd.Timestamp("2026-03-03", tz="UTC")
    frame = pd.DataFrame({"cell_id": _names(np.arange(cells)), "start": start, "minutes": 60})
    for column in TABLES["kpi"].columns:
        if column.name not in frame:
            frame[column.name] = rng.random(cells, dtype=np.float32)
    return frame


def _names(numbers: np.ndarray) -> list[str]:
    """Return the names of cells."""
    return [f"S{n // 9:06d}-L{n % 9}" for n in numbers.tolist()]


def _linked(batch: Entry, folder: Path, count: int) -> list[Entry]:
    """Return as many batches, each a file of its own."""
    source, found = folder / json.loads(batch.payload)["file"], []
    for number in range(count):
        path = source.with_name(f"{source.stem}-{number}.parquet")
        if not path.exists():
            os.link(source, path)
        told = json.dumps({"file": str(path.relative_to(folder))})
        found.append(replace(batch, payload=told))
    return found


def _asked(batches: list[Entry], folder: Path, cells: int, rng: np.random.Generator) -> float:
    """Return how long the rows of the cells of a case take: those of some sites beside each other."""
    first = int(rng.integers(0, cells - CASE_CELLS))
    began = time.perf_counter()
    rows = counter_table(batches, folder, cells=_names(np.arange(first, first + CASE_CELLS)))
    taken = time.perf_counter() - began
    if len(rows) < CASE_CELLS:
        msg = f"{len(rows)} rows of {CASE_CELLS} cells"
        raise RuntimeError(msg)
    return taken


if __name__ == "__main__":
    raise SystemExit(main())
