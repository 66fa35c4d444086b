"""Measure what each source of knowledge is worth: run worlds without it and score the runs as ever.

A bundle is laid out anew without a table, or without what is written in it; what is left is linked, not copied. The
run sees that bundle, the scorer the whole world.

Simple so far: one source is taken away at a time; what two of them say alike is worth little in each of their rows.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.run_worlds import WORLDS, cost
from contract.bundle_files import table_paths
from contract.files import read_table_file
from correlate.scoring import score_run

DEFAULT = ("plain-zh", "coast-en")
MOST_JOBS = 2
FIGURES = (
    "cause_top1",
    "cause_top3",
    "object_hit",
    "incident_ari",
    "faults_found",
    "faults_named",
    "hidden_named",
    "incident_precision",
    "intercept_recall",
    "intercept_precision",
    "calibration_error",
)


@dataclass(frozen=True)
class Ablation:
    """What is taken away: whole tables, or columns of `complaints`; a text that must stand is a dash."""

    name: str
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


WHOLE = Ablation("whole")
ABLATIONS = (
    WHOLE,
    Ablation("without alarms", tables=("alarms",)),
    Ablation("without counters", tables=("kpi",)),
    Ablation("without accounts", tables=("accounts",)),
    Ablation("without sightings", tables=("locations",)),
    Ablation("without register", tables=("accounts", "locations")),
    Ablation("without texts", columns=("text", "category", "previous_opinion")),
    Ablation("without closed orders", tables=("verdicts",)),
)
"""Texts: the place keeps its address; the register of subscribers is their accounts and where they were seen."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table for each world; return 0, or 2 if a world is not there."""
    parser = argparse.ArgumentParser(description="Measure what each source is worth.")
    parser.add_argument("worlds", nargs="*", type=Path, help="worlds with truth (default: two)")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time, 1 or 2 (default 1)")
    names = [each.name.removeprefix("without ") for each in ABLATIONS]
    parser.add_argument("--only", nargs="*", choices=names, help="these alone (default: all)")
    options = parser.parse_args(arguments)
    worlds = options.worlds or [WORLDS / name for name in DEFAULT]
    absent = [str(world) for world in worlds if not world.is_dir()]
    if absent:
        print(f"ablations: no such world: {', '.join(absent)}", file=sys.stderr)
        return 2
    chosen = [a for a in ABLATIONS if not options.only or a.name.split(" ", 1)[-1] in options.only]
    for world in worlds:
        table = figures(world, chosen, jobs=min(max(1, options.jobs), MOST_JOBS))
        print(table.to_string(float_format="{:.3f}".format, na_rep="-"), "\n", flush=True)
    return 0


def figures(world: Path, ablations: Sequence[Ablation], *, jobs: int = 1) -> pd.DataFrame:
    """Return the scorer's figures of a world, a row for each source taken away.

    Parameters
    ----------
    world : Path
        A bundle with its truth.
    ablations : sequence of Ablation
    jobs : int, default 1
        Runs at a time. Each is told on the error stream when it is done; one that fails has an empty row.
    """
    with ThreadPoolExecutor(jobs) as pool:
        scores = list(pool.map(partial(_scores, world), ablations))
    names = pd.Index([each.name for each in ablations], name=world.name)
    return pd.DataFrame(scores, index=names).reindex(columns=list(FIGURES))


def lay_out_without(world: Path, ablation: Ablation, folder: Path) -> Path:
    """Lay a bundle out in an empty folder without what is taken away, and return the folder.

    Parameters
    ----------
    world : Path
        The bundle; tables that stay as they are become links to its files.
    ablation : Ablation
    folder : Path
        Made if need be.

    Raises
    ------
    InputError
        If the bundle can't be listed or its complaints can't be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in table_paths(world)[0].items():
        if name in ablation.tables:
            continue
        if name == "complaints" and ablation.columns:
            rows = read_table_file(path).frame
            without_columns(rows, ablation.columns).to_csv(
                folder / "complaints.csv", index=False, lineterminator="\n"
            )
        else:
            (folder / path.name).symlink_to(path.resolve())
    return folder


def without_columns(complaints: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return complaints without some columns; the text, which a row must have, becomes a dash.

    >>> given = pd.DataFrame({"ticket_id": ["T1"], "text": ["no data"], "category": ["Data"]})
    >>> without_columns(given, ["text", "category"]).values.tolist()
    [['T1', '-']]
    """
    kept = complaints.drop(columns=[c for c in columns if c in complaints and c != "text"])
    return kept.assign(text="-") if "text" in columns else kept


def _scores(world: Path, ablation: Ablation) -> dict[str, float]:
    """Run a world without something, and return its figures, none where the run does not end well."""
    with tempfile.TemporaryDirectory(prefix="cellcause-") as folder:
        bundle = lay_out_without(world, ablation, Path(folder) / "bundle")
        out = Path(folder) / "out"
        try:
            cost(["run", str(bundle), "--out", str(out), "--quiet"])
        except RuntimeError as error:
            print(f"{world.name}, {ablation.name}: {error}", file=sys.stderr, flush=True)
            return {}
        scores = score_run(world, out)
    told = ", ".join(f"{name} {scores[name]:.3f}" for name in FIGURES if name in scores)
    print(f"{world.name}, {ablation.name}: {told}", file=sys.stderr, flush=True)
    return scores


if __name__ == "__main__":
    sys.exit(main())
