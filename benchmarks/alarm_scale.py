"""Measure what it costs to group alarms: a day of up to a million on 20,000 sites, and a storm.

Each part runs in a process of its own, and so does making a day. It is read by the catalogue and played in steps of
five minutes through book and groups; laying out the network is not counted. The storm is 100,000 alarms within a
minute of 2,000 sites on a book that holds half a day of 100,000; its time runs from its last alarm to its groups.

Simple so far: one process, so a second core is of no use.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from alarms.book import AlarmBook, microseconds
from alarms.catalogue import Catalogue, load_catalogue, read_meanings
from alarms.following import STEP, Delivery, deliveries
from alarms.groups import LATELY, NEEDED, GroupBook, regroup
from alarms.lifecycle import update_book
from alarms.roots import Roots
from benchmarks.alarm_days import START, country, day_of_alarms, storm_of_alarms

SIZES = (10_000, 100_000, 1_000_000)
SITES, STORM, STORM_SITES = 20_000, 100_000, 2_000
LIMITS = {"day_s": 60.0, "day_mib": 2048.0, "storm_s": 5.0}
"""Seconds and MiB for a day of 1,000,000 alarms; seconds for a storm of 100,000."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return 0, or 1 if one is beyond its limit."""
    parser = argparse.ArgumentParser(description="Measure the grouping of alarms.")
    parser.add_argument("--alarms", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--no-storm", action="store_true", help="leave the storm out")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.only:
        print(json.dumps(part(options.only)))
        return 0
    names = ("alarms", "seconds", "us each", "meanings", "book", "groups", "longest", "MiB", "made")
    print("".join(f"{name:>11}" for name in names), flush=True)
    beyond = []
    for count in sorted(options.alarms):
        with tempfile.TemporaryDirectory(prefix="cellcause-") as folder:
            path = Path(folder) / "alarms.parquet"
            child(f"make:{count}:{path}")
            figures = child(f"day:{path}")
        print(line(count, figures), flush=True)
        if count == max(SIZES):
            beyond += exceeded(day_s=figures["seconds"], day_mib=figures["peak_mib"])
    if not options.no_storm:
        burst = child("storm")
        print(f"a storm of {STORM:,}: {burst['seconds']:.2f} s, {burst['groups']:,.0f} groups")
        beyond += exceeded(storm_s=burst["seconds"])
    print("within every limit" if not beyond else f"beyond its limit: {', '.join(beyond)}")
    return int(bool(beyond))


def child(role: str) -> dict[str, float]:
    """Return the figures of one part, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.alarm_scale", "--only", role]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def part(role: str) -> dict[str, float]:
    """Return the figures of the part of that name: `storm`, `make:COUNT:PATH` or `day:PATH`."""
    name, _, rest = role.partition(":")
    if name == "storm":
        return storm()
    if name == "day":
        return day(Path(rest))
    count, _, path = rest.partition(":")
    day_of_alarms(country(SITES), int(count)).to_parquet(path)
    return {}


def line(count: int, figures: dict[str, float]) -> str:
    """Return the figures of a day as a line."""
    parts = [figures[name] for name in ("meanings_s", "book_s", "groups_s", "longest_s")]
    times = "".join(f"{part:>11.2f}" for part in parts)
    each = 1e6 * figures["seconds"] / count
    return (
        f"{count:>11,}{figures['seconds']:>11.2f}{each:>11.1f}{times}"
        f"{figures['peak_mib']:>11,.0f}{figures['groups']:>11,.0f}"
    )


def exceeded(**measured: float) -> list[str]:
    """Return which limits are not kept."""
    return [f"{name} {value:.2f}" for name, value in measured.items() if value > LIMITS[name]]


def day(path: Path) -> dict[str, float]:
    """Return what a day of alarms costs."""
    place, catalogue = country(SITES), load_catalogue()
    roots = Roots.of(place.topology, place.network, catalogue)
    begun = time.perf_counter()
    alarms = pd.read_parquet(path)
    alarms = alarms.join(read_meanings(catalogue, alarms))
    meanings_s = time.perf_counter() - begun
    book, groups = AlarmBook(), GroupBook()
    book_s = groups_s = longest_s = 0.0
    for delivery in deliveries(alarms):
        book, spent = taken(book, groups, delivery, roots)
        book_s, groups_s = book_s + spent[0], groups_s + spent[1]
        longest_s = max(longest_s, sum(spent))
    return {
        "seconds": time.perf_counter() - begun,
        "meanings_s": meanings_s,
        "book_s": book_s,
        "groups_s": groups_s,
        "longest_s": longest_s,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10,
        "groups": float(len(groups.groups)),
    }


def taken(
    book: AlarmBook, groups: GroupBook, delivery: Delivery, roots: Roots
) -> tuple[AlarmBook, tuple[float, float]]:
    """Return the book after a step, and the seconds that book and groups took."""
    begun = time.perf_counter()
    book = update_book(book, delivery.raised, delivery.cleared, delivery.now)
    columns = book.recent_columns(since=delivery.now - LATELY, names=NEEDED)
    between = time.perf_counter()
    regroup(groups, columns, roots, now=microseconds(delivery.now))
    return book, (between - begun, time.perf_counter() - between)


def storm() -> dict[str, float]:
    """Return what a storm costs from its last alarm to its groups."""
    place, catalogue = country(SITES), load_catalogue()
    roots = Roots.of(place.topology, place.network, catalogue)
    noon = START + pd.Timedelta("12h")
    before = meant(catalogue, day_of_alarms(place, STORM))
    book, groups = AlarmBook(), GroupBook()
    for delivery in deliveries(before[before["arrived_at"] <= noon]):
        if delivery.now <= noon:
            book, _ = taken(book, groups, delivery, roots)
    known = len(groups.groups)
    burst = storm_of_alarms(place, STORM, STORM_SITES, at=noon)
    begun = time.perf_counter()
    (delivery,) = deliveries(meant(catalogue, burst).drop(columns="clear_arrived_at"), step=STEP)
    taken(book, groups, delivery, roots)
    spent = time.perf_counter() - begun
    return {"seconds": spent, "groups": float(len(groups.groups) - known)}


def meant(catalogue: Catalogue, alarms: pd.DataFrame) -> pd.DataFrame:
    """Return alarms with their meanings."""
    return alarms.join(read_meanings(catalogue, alarms))


if __name__ == "__main__":
    sys.exit(main())
