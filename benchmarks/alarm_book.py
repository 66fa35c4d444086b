"""Measure what it costs to keep the book of alarms: seconds and memory of a day, and of one storm.

A day of alarms is made up (seeded): most are cleared within the hour, some come back again and
again, some are never cleared, some are told twice. It is fed in steps of five minutes, each size in
a process of its own. The storm is 100,000 alarms of 2,000 sites in one step on a book that holds a
day of 100,000.

Simple so far: meanings are given, so reading the catalogue is not counted.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alarms.lifecycle import AlarmBook, update_book

SIZES = (10_000, 100_000, 1_000_000)
STEPS = 288
STEP_S = 300
SITES = 20_000
STORM = 100_000
STORM_SITES = 2_000
START = pd.Timestamp("2026-03-02", tz="UTC")
NAMES = (
    "Cell Unavailable",
    "NE Is Disconnected",
    "Mains Input Out of Range",
    "VSWR",
    "Fan Stalled",
)
ASKED = (
    "alarm_id", "object_id", "name", "meaning", "service_effect", "raised_at", "first_raised_at",
    "ended_at", "filter_delay_s", "is_engineering",
)  # fmt: skip
"""What `alarms.roots` needs of the alarms in force at every step."""
LIMITS = {"day_s": 25.0, "day_mib": 800.0, "storm_s": 1.0}
"""Seconds and MiB for a day of 1,000,000 alarms; seconds for a storm of 100,000."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return 0, or 1 if one is beyond its limit."""
    parser = argparse.ArgumentParser(description="Measure the book of alarms.")
    parser.add_argument("--alarms", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.only:
        print(json.dumps(storm() if options.only == "storm" else day(int(options.only))))
        return 0
    print(
        f"{'alarms':>12}{'wall s':>10}{'CPU s':>10}{'us each':>10}{'peak MiB':>10}{'held':>10}{'in force':>10}"
    )
    days = {}
    for count in sorted(options.alarms):
        days[count] = child(str(count))
        print(line(count, days[count]))
    burst = child("storm")
    print(f"a storm of {STORM:,} in one step: {burst['seconds']:.2f} s, CPU {burst['cpu_s']:.2f} s")
    beyond = exceeded(days, burst)
    print("within every limit" if not beyond else f"beyond its limit: {', '.join(beyond)}")
    return int(bool(beyond))


def child(role: str) -> dict[str, float]:
    """Return the figures of one part, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.alarm_book", "--only", role]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def line(count: int, figures: dict[str, float]) -> str:
    """Return the figures of a day as a line."""
    each = 1e6 * figures["cpu_s"] / count
    return (
        f"{count:>12,}{figures['seconds']:>10.2f}{figures['cpu_s']:>10.2f}{each:>10.1f}{figures['peak_mib']:>10.0f}"
        f"{figures['known']:>10,.0f}{figures['in_force']:>10,.0f}"
    )


def exceeded(days: dict[int, dict[str, float]], burst: dict[str, float]) -> list[str]:
    """Return which limits are not kept."""
    most = days.get(max(SIZES))
    measured = {"storm_s": burst["seconds"]}
    if most is not None:
        measured |= {"day_s": most["seconds"], "day_mib": most["peak_mib"]}
    return [f"{name} {value:.2f}" for name, value in measured.items() if value > LIMITS[name]]


def day(count: int) -> dict[str, float]:
    """Return what a day costs, making it not counted."""
    book, spent, worked = AlarmBook(), 0.0, 0.0
    for raised, cleared, now in steps(count):
        begun, idle = time.perf_counter(), time.process_time()
        book = update_book(book, raised, cleared, now)
        book.in_force_columns(ASKED)
        spent, worked = (
            spent + time.perf_counter() - begun,
            worked + time.process_time() - idle,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    held = float(len(book.held))
    known = float(len(book))
    return {
        "seconds": spent,
        "cpu_s": worked,
        "peak_mib": peak,
        "known": known,
        "in_force": held,
    }


def storm() -> dict[str, float]:
    """Return what a storm costs in its step."""
    book = AlarmBook()
    for raised, cleared, now in steps(100_000):
        book = update_book(book, raised, cleared, now)
    at = START + pd.Timedelta(days=1)
    rng = np.random.default_rng(7)
    raised = alarms(rng, STORM, at=at, first=10**9, sites=STORM_SITES)
    begun, idle = time.perf_counter(), time.process_time()
    update_book(book, raised, None, at + pd.Timedelta(minutes=1))
    return {"seconds": time.perf_counter() - begun, "cpu_s": time.process_time() - idle}


def steps(count: int) -> Iterator[tuple[Any, Any, pd.Timestamp]]:
    """Make a day of alarms step by step: what was raised, what was cleared, and the end of the step."""
    rng = np.random.default_rng(5)
    due = pd.DataFrame(
        {"alarm_id": pd.Series(dtype="str"), "cleared_at": pd.Series(dtype="M8[us, UTC]")}
    )
    for step in range(STEPS):
        begin = START + pd.Timedelta(seconds=step * STEP_S)
        now = begin + pd.Timedelta(seconds=STEP_S)
        first, last = count * step // STEPS, count * (step + 1) // STEPS
        raised = alarms(rng, last - first, at=begin, first=first, sites=SITES)
        lasting = pd.to_timedelta(rng.exponential(1500.0, len(raised)).round(), unit="s")
        ends = raised.assign(cleared_at=(raised["raised_at"] + lasting).dt.as_unit("us"))
        ends = ends.loc[rng.random(len(ends)) > 0.03, ["alarm_id", "cleared_at"]]
        due = pd.concat([due, ends], ignore_index=True)
        is_over = (due["cleared_at"] <= now).to_numpy()
        again = raised.iloc[: len(raised) // 50]
        yield pd.concat([raised, again], ignore_index=True), due[is_over], now
        due = due[~is_over]


def alarms(
    rng: np.random.Generator, count: int, *, at: pd.Timestamp, first: int, sites: int
) -> pd.DataFrame:
    """Make alarms raised within five minutes of an instant."""
    site = rng.integers(0, sites, count)
    chatters = rng.random(count) < 0.1
    site[chatters] = rng.integers(0, max(1, sites // 100), int(chatters.sum()))
    name = rng.integers(0, len(NAMES), count)
    effect = np.array(["down", "down", "threat", "degraded", "none"])
    return pd.DataFrame(
        {
            "alarm_id": [f"A{number:09d}" for number in range(first, first + count)],
            "object_id": np.char.add("S", site.astype("U6")),
            "raised_at": at.as_unit("us")
            + pd.to_timedelta(rng.integers(0, STEP_S, count), unit="s").as_unit("us"),
            "name": np.array(NAMES)[name],
            "code": np.array(["29240", "301", "25622", "26529", "26111"])[name],
            "severity": np.array(["critical", "major", "minor"])[rng.integers(0, 3, count)],
            "vendor": "Huawei",
            "detail": np.char.add("Slot No.=", rng.integers(0, 40, count).astype("U2")),
            "meaning": np.array(["cell_down", "site_disconnected", "mains_off", "vswr", "fan"])[
                name
            ],
            "service_effect": effect[name],
        }
    )


if __name__ == "__main__":
    sys.exit(main())
