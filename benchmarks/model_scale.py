"""Measure a province day: 500,000 cells, 1,000,000 alarms, 20,000 complaints, counters scored already, steps of 5 min.

The day is made up (`benchmarks.model_day`) and written as a bundle in a process of its own; another reads it and
plays it as `run` does. What the step takes is told by its parts. Then, with the state of the evening, complaints are
taken one at a time: from the text to the rows of `diagnoses`.

Simple so far: seconds are of the wall, so nothing else may run; `core s` tells what they would have been at rest. The
state of counters is not played, so its memory is there and its time is not.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.model_day import STEP_S, make_day, scored_day, write_day
from contract.bundles import Bundle, read_bundle
from contract.settings import Settings, load_settings
from correlate import step as step_module
from correlate.feed import Arrivals
from correlate.garbage import collected_seldom
from correlate.knowledge import Knowledge, gather
from correlate.reading import read_tickets
from correlate.run import play
from correlate.state import State
from correlate.tabling import output_tables

LIMITS = {"core_s": 900.0, "mib": 12 * 1024.0, "one_most_ms": 200.0}
"""Seconds of cores and MiB for the whole day, milliseconds of cores for one complaint."""
ALONE = 200
PARTS = (
    "take_alarms", "take_scored", "open_works", "telling_changes", "close_faults", "learn_daily", "take_tickets",
    "weigh_fresh", "review", "_find_clusters", "diagnose", "report",
)  # fmt: skip


@dataclass
class Clock:
    """Seconds of this process's cores by part."""

    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Count what is done meanwhile under a name."""
        began = time.process_time()
        yield
        self.spent[name] = self.spent.get(name, 0.0) + time.process_time() - began

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that is counted under a name whenever it is called."""

        def counted(*given: Any, **named: Any) -> Any:
            with self.of(name):
                return work(*given, **named)

        return counted


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return 0, or 1 if one is beyond its limit."""
    parser = argparse.ArgumentParser(description="Measure a province day.")
    parser.add_argument("--share", type=float, default=0.1, help="of the day, 1.0 for all of it")
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.only:
        name, _, folder = options.only.partition(":")
        print(json.dumps(measured(name, options.share, Path(folder))))
        return 0
    with tempfile.TemporaryDirectory(prefix="cellcause-") as folder:
        made = child("make", options.share, folder)
        figures = child("play", options.share, folder)
    print("\n".join(lines(made, figures)))
    beyond = exceeded(figures, share=options.share)
    print("within every limit" if not beyond else f"beyond its limit: {', '.join(beyond)}")
    return int(bool(beyond))


def child(role: str, share: float, folder: str) -> dict[str, Any]:
    """Return the figures of one part, measured in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.model_scale", "--share", str(share)]
    command += ["--only", f"{role}:{folder}"]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def lines(made: dict[str, Any], figures: dict[str, Any]) -> list[str]:
    r"""Return what was measured, a line each.

    Examples
    --------
    >>> figures = {"wall_s": 9.0, "core_s": 8.0, "mib": 512.0, "parts": {"read": 2.0, "report": 6.0}}
    >>> figures |= {"one_ms": 20.0, "one_most_ms": 50.0, "one_first_ms": 400.0, "one_wall_ms": 30.0}
    >>> figures |= {"faults": 7, "incidents": 5, "notices": 2}
    >>> print("\n".join(lines({"cells": 500, "alarms": 1000, "complaints": 20}, figures)))
    500 cells, 1,000 alarms, 20 complaints; 7 faults, 5 incidents, 2 notices
    part              core s
    report               6.0
    read                 2.0
    together             8.0   (9.0 s of the wall, 512 MiB at most)
    one live complaint: 20 core ms in the middle, 50 at most (30 ms of the wall in the middle)
    the first, with the weighing of all tickets that was due: 400 core ms
    """
    told = ", ".join(f"{made[n]:,} {n}" for n in ("cells", "alarms", "complaints"))
    kept = ", ".join(f"{figures[n]:,} {n}" for n in ("faults", "incidents", "notices"))
    parts = sorted(figures["parts"].items(), key=lambda part: -part[1])
    return [
        f"{told}; {kept}",
        f"{'part':16}{'core s':>8}",
        *(f"{name.strip('_'):16}{spent:>8.1f}" for name, spent in parts),
        f"{'together':16}{figures['core_s']:>8.1f}   "
        f"({figures['wall_s']:.1f} s of the wall, {figures['mib']:,.0f} MiB at most)",
        f"one live complaint: {figures['one_ms']:.0f} core ms in the middle, {figures['one_most_ms']:.0f} at most "
        f"({figures['one_wall_ms']:.0f} ms of the wall in the middle)",
        f"the first, with the weighing of all tickets that was due: {figures['one_first_ms']:.0f} core ms",
    ]


def exceeded(figures: dict[str, Any], *, share: float) -> list[str]:
    """Return which limits are not kept; seconds of a share of the day are to be that share.

    Examples
    --------
    >>> exceeded({"core_s": 95.0, "mib": 900.0, "one_most_ms": 50.0}, share=0.1)
    ['core_s 95']
    """
    most = LIMITS | {"core_s": LIMITS["core_s"] * min(1.0, share)}
    return [f"{name} {figures[name]:.0f}" for name in most if figures[name] > most[name]]


def measured(role: str, share: float, folder: Path) -> dict[str, Any]:
    """Return the figures of the part of that name: `make` or `play`."""
    return made_day(share, folder) if role == "make" else played_day(folder)


def made_day(share: float, folder: Path) -> dict[str, Any]:
    """Make the day and write it; return how much of everything there is."""
    day = make_day(share)
    alarms = write_day(day, folder / "bundle")
    scored = scored_day(alarms, dict(day.place.network.cell_position))
    with (folder / "scored.pickle").open("wb") as file:
        pickle.dump(scored, file)
    cells = len(day.place.network.cells)
    return {"cells": cells, "alarms": len(alarms), "complaints": day.complaints}


def played_day(folder: Path) -> dict[str, Any]:
    """Read the day and play it; return what that took, and what a complaint alone takes in the evening."""
    clock, began, cores = Clock(), time.monotonic(), time.process_time()
    settings = load_settings(None)
    with (folder / "scored.pickle").open("rb") as file:
        scored = pickle.load(file)
    with clock.of("read_bundle"):
        bundle = read_bundle(folder / "bundle", settings)
    with clock.of("gather"):
        knowledge = gather(bundle.tables, settings)
    with clock.of("steps and feed"):
        state, tables = _played(clock, bundle, knowledge, scored)
    inside = sum(clock.spent.get(name, 0.0) for name in PARTS)
    clock.spent["steps and feed"] -= inside + clock.spent["output_tables"]
    spent = {"wall_s": time.monotonic() - began, "core_s": time.process_time() - cores}
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    counts = {
        "faults": state.faults.next_number - 1,
        "incidents": len(tables["incidents"]),
        "notices": len(state.notices),
    }
    with collected_seldom():
        waits = waits_alone(bundle, knowledge, state, settings)
    (first, *rest), wall = [core for _, core in waits], [wall for wall, _ in waits]
    one = {"one_ms": float(np.median(rest)), "one_most_ms": max(rest), "one_first_ms": first}
    one["one_wall_ms"] = float(np.median(wall))
    return {**spent, "mib": mib, "parts": clock.spent, **counts, **one}


def _played(
    clock: Clock, bundle: Bundle, knowledge: Knowledge, scored: Any
) -> tuple[State, dict[str, Any]]:
    """Play the bundle with every part of the step timed."""
    for name in PARTS:
        setattr(step_module, name, clock.timed(name, getattr(step_module, name)))
    state, issued = play(bundle, knowledge, scored=scored)
    with clock.of("output_tables"):
        tables = output_tables(state, knowledge, issued, bundle)
    return state, tables


def waits_alone(
    bundle: Bundle, knowledge: Knowledge, state: State, settings: Settings
) -> list[tuple[float, float]]:
    """Return how long complaints taken one at a time take, from text to rows: ms of the wall, ms of cores.

    Each is a complaint of the day under a new id that arrived so long ago that it is due at once.
    """
    rows, seen = bundle.tables["complaints"].tail(ALONE), bundle.tables["locations"]
    now = state.now + STEP_S
    arrived = np.datetime64(now - int(settings.hold_min * 60), "s")
    waits = []
    for number in range(len(rows)):
        row = rows.iloc[[number]].assign(ticket_id=f"ALONE{number}")
        row["created_at"] = row["arrived_at"] = np.array([arrived]).astype("datetime64[us]")
        row = row.assign(
            created_at=row["created_at"].dt.tz_localize("UTC"),
            arrived_at=row["arrived_at"].dt.tz_localize("UTC"),
        )
        mine = seen[seen["msisdn"] == row["msisdn"].iat[0]]
        cells = mine["cell_id"].map(knowledge.network.cell_position).fillna(-1).astype("int64")
        sightings = mine[["seen_at", "source"]].assign(complaint=0, cell=cells)
        began, cores = time.perf_counter(), time.process_time()
        tickets, _ = read_tickets(row, knowledge, sightings)
        arrivals = Arrivals({"complaints": row}, None, None, None, tickets)
        _, issued = step_module.step(state, knowledge, arrivals, now=now)
        spent = time.perf_counter() - began, time.process_time() - cores
        waits.append((1e3 * spent[0], 1e3 * spent[1]))
        if not issued.diagnoses:
            msg = f"complaint {number} was not diagnosed at once"
            raise RuntimeError(msg)
    return waits


if __name__ == "__main__":
    sys.exit(main())
