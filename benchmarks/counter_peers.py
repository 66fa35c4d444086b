"""Compare how hidden faults are found by counters: cellcause, fixed thresholds, z-scores, and clusters as in Netdata.

Every way is given the same counters of a bundle and judged by the scorer's figures (`correlate.score_episodes`).
`cellcause` is a run, its episodes taken from the daybook of a folder given by `--outs`; `counters alone` is the watch
on the counters without alarms, work or neighbours, its episodes joined in the same plain way as those of the peers.

Simple so far: the peers judge whole hours and never hear of alarms, work or links.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.peer_detectors import (
    Flags,
    anomaly_bits,
    by_clusters,
    by_thresholds,
    by_z_scores,
    z_scores,
)
from benchmarks.peer_episodes import episodes_of
from benchmarks.peer_hours import Hours, lay_out
from benchmarks.peer_watch import watched
from contract.bundles import read_bundle
from contract.settings import Settings
from correlate.score_details import Truth
from correlate.score_episodes import episode_figures, read_episodes
from correlate.scoring import ZONE, read_truth

ROOT = Path(__file__).resolve().parents[1]
WORLDS = ROOT.parent / "shared" / "worlds"
DEFAULT = ("plain-zh", "hills-en", "coast-zh", "coast-en")
FIGURES = {
    "episodes_recall": "recall",
    "by_chance": "by_chance",
    "episodes_on_cells": "on_cells",
    "episodes_named": "named",
    "episodes_precision": "precision",
    "episodes_matched": "matched",
    "episodes_delay_min": "delay_min",
    "episodes_first_min": "first_min",
    "false_per_1000_cell_days": "false",
    "episodes": "episodes",
}
PEERS: dict[str, Callable[[Hours], dict[str, Flags]]] = {
    "thresholds, watch": partial(by_thresholds, is_bad=False),
    "thresholds, bad": partial(by_thresholds, is_bad=True),
}
LIMITS = (2.2, 3.5, 10.0)
NODES = {"Netdata, 1 % of metrics": (0.01, 1), "Netdata, 20 % over 3 hours": (0.2, 3)}
"""Share of a cell's metrics that makes it anomalous, and the hours it is the mean of."""
Told = Iterator[tuple[str, pd.DataFrame, float]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table for each bundle; return 0, or 2 if one is not there."""
    parser = argparse.ArgumentParser(description="Compare how hidden faults are found.")
    parser.add_argument("worlds", nargs="*", type=Path, help="bundles with truth (default: four)")
    parser.add_argument(
        "--outs", type=Path, help="folder of runs, one folder a bundle, by its name"
    )
    options = parser.parse_args(arguments)
    worlds = options.worlds or [WORLDS / name for name in DEFAULT]
    absent = [str(world) for world in worlds if not world.is_dir()]
    if absent:
        print(f"counter_peers: no such bundle: {', '.join(absent)}", file=sys.stderr)
        return 2
    for world in worlds:
        out = None if options.outs is None else options.outs / world.name
        print(compared(world, out).to_string(float_format="{:.2f}".format), flush=True)
    return 0


def compared(world: Path, out: Path | None = None) -> pd.DataFrame:
    """Return the figures of all ways on a bundle, a row each, and the seconds they took."""
    tables, truth = read_bundle(world, Settings()).tables, read_truth(world)
    hours = lay_out(tables)
    rows = {
        name: {
            **episode_figures(truth, episodes),
            "by_chance": recall_by_chance(truth, episodes),
            "seconds": seconds,
        }
        for name, episodes, seconds in (*_ours(tables, hours, out), *_theirs(hours))
    }
    table = pd.DataFrame.from_dict(rows, orient="index")[[*FIGURES, "seconds"]]
    return table.rename(columns=FIGURES).rename_axis(f"{world.name}: {len(hours.cell_id):,} cells")


def recall_by_chance(truth: Truth, episodes: pd.DataFrame) -> float:
    """Return the recall if the same episodes stood half the network away: each cell is told as another."""
    cells = np.sort(truth.site_of.index.to_numpy(str))
    away = pd.Series(np.roll(cells, len(cells) // 2), cells)
    named = episodes["cells"].fillna("").str.split("|").explode()
    moved = named.map(away).fillna("").groupby(level=0).agg("|".join)
    return episode_figures(truth, episodes.assign(cells=moved))["episodes_recall"]


def _ours(tables: Mapping[str, pd.DataFrame], hours: Hours, out: Path | None) -> Told:
    """Yield the project's ways: name, episodes, seconds."""
    told = None if out is None else read_episodes(out, ZONE)
    if told is not None:
        yield "cellcause", told, float("nan")
    begun = time.perf_counter()
    yield "counters alone", watched(tables, hours), time.perf_counter() - begun


def _theirs(hours: Hours) -> Told:
    """Yield the peers: name, episodes, seconds."""
    for name, way in PEERS.items():
        begun = time.perf_counter()
        yield name, episodes_of(hours, way(hours)), time.perf_counter() - begun
    begun = time.perf_counter()
    scores = z_scores(hours)
    for limit in LIMITS:
        episodes = episodes_of(hours, by_z_scores(scores, limit))
        yield f"z-score {limit:g}", episodes, time.perf_counter() - begun
    begun = time.perf_counter()
    bits = anomaly_bits(hours)
    for name, (share, over) in NODES.items():
        episodes = episodes_of(hours, by_clusters(bits, share, over))
        yield name, episodes, time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
