"""Print what making a province costs: python -m benchmarks.province [CELLS:DAYS ...].

Each size is made in a process of its own, so that its memory is its own.

Simple so far: one run a size, on whatever else the machine is doing.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = ("50:14", "600:14", "5000:7", "20000:7")
BYTES_PER_MIB = 2**20


def main(sizes: list[str]) -> int:
    """Print a row for each size, `CELLS:DAYS`; return 0."""
    print(f"{'cells':>8} {'days':>5} {'seconds':>8} {'MiB peak':>9} {'rows':>12} {'bytes':>14}")
    for size in sizes or list(SIZES):
        cells, days = size.split(":")
        command = [sys.executable, "-m", "benchmarks.province", "--one", cells, days]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        print(done.stdout, end="", flush=True)
    return 0


def measure(cells: int, days: int) -> str:
    """Return the row of one size, made in this process in a folder that is thrown away."""
    from examples.province.bundle import write_province
    from examples.province.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        rows = write_province(Settings(cells=cells, days=days), Path(folder) / "world")
        seconds = time.perf_counter() - started
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / BYTES_PER_MIB
    total = sum(rows.values())
    return f"{cells:>8,} {days:>5} {seconds:>8.1f} {peak:>9,.0f} {total:>12,} {size:>14,}"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(measure(int(sys.argv[2]), int(sys.argv[3])))
        raise SystemExit(0)
    raise SystemExit(main(sys.argv[1:]))
