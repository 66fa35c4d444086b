"""Compare locating with plain tools on practice worlds: figures by source, calibration pooled.

The program's answers are those of a run, given or made here; the peers answer the same tickets.
Both are judged by `correlate.scoring`, which alone opens a world's truth.

Simple so far: every ticket of a pool weighs the same, so the largest world weighs most.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from benchmarks.locating_figures import (
    by_source,
    calibration_error,
    calibration_text,
    pooled,
    pooled_bins,
)
from benchmarks.locating_peers import PEERS, peer_answers
from benchmarks.run_worlds import WORLDS, cost
from contract.bundles import read_bundle
from contract.settings import Settings
from contract.tables import OUTPUTS, empty_table
from correlate.scoring import ZONE, calibration_table, locating_by_source

DEFAULT = ("first:plain-zh", "first:hills-en", "second:coast-zh", "second:coast-en")
OURS = "cellcause"
READ = ("sites", "cells", "places", "complaints", "locations")


@dataclass(frozen=True)
class Judged:
    """How well one method locates the tickets of one world: by source, and by tenth stated."""

    sources: pd.DataFrame
    bins: pd.DataFrame


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of each pool of worlds; return 0, or 2 if a world is not there."""
    parser = argparse.ArgumentParser(description="Compare locating with plain tools.")
    parser.add_argument(
        "worlds",
        nargs="*",
        default=[f"{label}:{WORLDS / name}" for label, name in map(_split, DEFAULT)],
        help="POOL:WORLD; worlds of one pool are counted together (default: the practice worlds)",
    )
    parser.add_argument("--outs", type=Path, help="a folder with runs, each named as its world")
    options = parser.parse_args(arguments)
    pools: dict[str, list[Path]] = {}
    for label, world in map(_split, options.worlds):
        pools.setdefault(label, []).append(Path(world))
    absent = [str(world) for worlds in pools.values() for world in worlds if not world.is_dir()]
    if absent:
        print(f"locating: no such world: {', '.join(absent)}", file=sys.stderr)
        return 2
    for label, worlds in pools.items():
        judged = [judged_world(world, options.outs) for world in worlds]
        names = [world.name for world in worlds]
        print("\n\n".join([f"== {label}: {', '.join(names)}", *_pool_texts(names, judged)]), "\n")
    return 0


def judged_world(world: Path, outs: Path | None) -> dict[str, Judged]:
    """Return how well the program and each peer locate the tickets of a world.

    Parameters
    ----------
    world : Path
        A bundle with its truth.
    outs : Path or None
        Where `outs / world.name` may hold a run; without one the world is run.

    Returns
    -------
    dict of Judged
        By the name of the method, the program's first.
    """
    with tempfile.TemporaryDirectory(prefix="cellcause-") as folder:
        out = outs / world.name if outs else None
        if out is None or not out.is_dir():
            out = Path(folder) / "run"
            cost(["run", str(world), "--out", str(out), "--quiet"])
        judged = {OURS: _judged(world, out)}
        for name, answers in peer_answers(inventory_and_orders(world)).items():
            judged[name] = _judged(world, _written(answers, Path(folder) / name))
    return judged


def inventory_and_orders(world: Path) -> Mapping[str, pd.DataFrame]:
    """Return the tables that peers need, as the contract reads them; counters are not read.

    Parameters
    ----------
    world : Path
    """
    with tempfile.TemporaryDirectory(prefix="cellcause-") as folder:
        for path in world.iterdir():
            if path.stem in READ:
                (Path(folder) / path.name).symlink_to(path.resolve())
        return read_bundle(Path(folder), Settings(zone=ZONE)).tables


def summary(judged: Mapping[str, Judged]) -> pd.DataFrame:
    """Return one row a method: all figures over all tickets.

    Parameters
    ----------
    judged : mapping of method to Judged
    """
    rows = {
        name: each.sources.loc["all"].to_dict()
        | {"calibration_error": calibration_error(pooled_bins([each.bins]))}
        for name, each in judged.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _split(argument: str) -> tuple[str, str]:
    """Return the pool and the world of an argument; without a pool it is ``worlds``."""
    label, found, world = argument.partition(":")
    return (label, world) if found else ("worlds", argument)


def _judged(world: Path, out: Path) -> Judged:
    """Return the figures of a folder of answers."""
    bins = calibration_table(world, out).xs("site", level="answer")
    return Judged(by_source(locating_by_source(world, out)), bins)


def _written(answers: pd.DataFrame, folder: Path) -> Path:
    """Write a peer's answers as the output of a run that says nothing else."""
    folder.mkdir()
    empty_table(OUTPUTS["diagnoses"]).to_parquet(folder / "diagnoses.parquet")
    answers.assign(distance_m=float("nan")).to_parquet(folder / "serving_cells.parquet")
    return folder


def _pool_texts(names: Sequence[str], judged: Sequence[Mapping[str, Judged]]) -> list[str]:
    """Return the tables of one pool as texts."""
    together = {
        method: Judged(
            pooled([each[method].sources for each in judged]),
            pd.concat([each[method].bins for each in judged]),
        )
        for method in (OURS, *PEERS)
    }
    texts = [f"{name}\n{_text(summary(each))}" for name, each in zip(names, judged, strict=True)]
    texts += [f"together\n{_text(summary(together))}"] * (len(names) > 1)
    texts += [f"{name}, by source\n{_text(each.sources)}" for name, each in together.items()]
    return [*texts, f"{OURS}, {calibration_text(pooled_bins([together[OURS].bins]))}"]


def _text(table: pd.DataFrame) -> str:
    """Return a table as text."""
    whole = table.assign(tickets=table["tickets"].astype(int)).rename_axis(None)
    return str(whole.to_string(float_format="{:.3f}".format, na_rep="-"))


if __name__ == "__main__":
    sys.exit(main())
