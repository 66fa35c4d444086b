"""Measure how long a person waits for one work order: the first time, then again.

The first question plays the whole bundle and keeps the cases of all its tickets; each later one
looks its case up. A fresh cache folder is used, so nothing kept before helps.

Simple so far: one question at a time; questions with `--at` are not measured.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from benchmarks.run_worlds import DEFAULT, MIB, WORLDS, Cost, cost


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure one world; print the waits and return 0, or 2 if the world has no complaints."""
    parser = argparse.ArgumentParser(description="Measure `cellcause investigate` on one world.")
    parser.add_argument(
        "world", nargs="?", type=Path, default=WORLDS / DEFAULT[0], help="the bundle"
    )
    parser.add_argument("--times", type=int, default=5, help="later questions (default 5)")
    options = parser.parse_args(arguments)
    complaints = options.world / "complaints.csv"
    if not complaints.is_file():
        print(f"investigate: {complaints} is not there", file=sys.stderr)
        return 2
    tickets = asked_tickets(complaints, 1 + max(1, options.times))
    first, *later = waits(options.world, tickets)
    print(f"{options.world.name}: first {first.wall_s:.1f} s, {first.peak_bytes / MIB:,.0f} MiB")
    print(f"{options.world.name}: {told(later)}")
    return 0


def asked_tickets(complaints: Path, count: int) -> list[str]:
    """Return ids of tickets spread evenly over a table of complaints.

    Parameters
    ----------
    complaints : Path
        CSV file.
    count : int
        Tickets wanted; fewer come back where the table has fewer.
    """
    known = pd.read_csv(complaints, usecols=["ticket_id"], dtype=str)["ticket_id"]
    distinct = known.dropna().unique().tolist()
    stride = max(1, len(distinct) // count)
    return [str(ticket) for ticket in distinct[::stride][:count]]


def waits(world: Path, tickets: Sequence[str]) -> list[Cost]:
    """Return the cost of asking for each ticket in turn, beginning with an empty cache.

    Parameters
    ----------
    world : Path
        The bundle.
    tickets : sequence of str
        Ids of its tickets.

    Raises
    ------
    RuntimeError
        If a question is not answered.
    """
    with tempfile.TemporaryDirectory(prefix="cellcause-") as cache:
        own = {"XDG_CACHE_HOME": cache}
        return [cost(["investigate", str(world), ticket, "--json"], own) for ticket in tickets]


def told(later: Sequence[Cost]) -> str:
    """Return the median and the longest of the later waits in words.

    Examples
    --------
    >>> told([Cost(0.5, 0.4, 2**26), Cost(0.7, 0.5, 2**26), Cost(0.6, 0.5, 2**26)])
    'later 0.60 s in the middle, 0.70 s at most, of 3'
    >>> told([])
    'no other ticket to ask for'
    """
    if not later:
        return "no other ticket to ask for"
    walls = [each.wall_s for each in later]
    middle = statistics.median(walls)
    return f"later {middle:.2f} s in the middle, {max(walls):.2f} s at most, of {len(walls)}"


if __name__ == "__main__":
    sys.exit(main())
