"""Measure what learning from closed orders brings: `python -m benchmarks.learned WORLD WITHOUT WITH --share 0.5`.

WORLD is a bundle with its truth, WITHOUT and WITH are folders that `run` wrote from it, the second with the setting
`learned`. Only tickets that came after that share of the orders was closed are compared: what was learned could not
know them. `--learn FOLDER` writes what the orders closed by then teach instead.

Simple so far: one world at a time; the runs are made by `cellcause run`.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from contract.bundles import read_bundle
from contract.settings import load_settings
from correlate.instants import seconds
from correlate.learning.verdicts import judgement_entry, learn_verdicts, write_verdicts
from correlate.score_details import Run, answer_figures, answers
from correlate.score_tables import written_table
from correlate.scoring import NEEDED, ZONE, read_truth

FIGURES = ("cause_top1", "cause_top3", "cause_macro_f1", "calibration_error", "object_hit")


def figures_after(world: Path, out: Path, cut: pd.Timestamp, zone: str = ZONE) -> dict[str, float]:
    """Return the figures of a run over the tickets that arrived after a moment, and how many those are.

    Parameters
    ----------
    world, out : Path
        As of `correlate.scoring.score_run`.
    cut : Timestamp
        UTC.
    """
    truth = read_truth(world, zone)
    later = truth.orders.index[truth.orders["arrived_at"] > cut]
    truth = replace(truth, tickets=truth.tickets[truth.tickets.index.isin(later)])
    diagnoses = written_table(out, "diagnoses", zone, needed=NEEDED["diagnoses"].split())
    empty = diagnoses.iloc[:0]
    judged = answers(truth, Run(diagnoses, empty, empty, empty))
    found = answer_figures(judged)
    return {"tickets": float(len(judged)), **{name: found[name] for name in FIGURES}}


def cut_at(world: Path, share: float) -> pd.Timestamp:
    """Return when a share of the closed orders of a bundle was closed, UTC."""
    verdicts = read_bundle(world, load_settings(None)).tables["verdicts"]
    at = np.quantile(seconds(verdicts["arrived_at"]), share, method="lower")
    return pd.Timestamp(int(at), unit="s", tz="UTC")


def main(arguments: list[str] | None = None) -> int:
    """Print figures without and with what was learned, or learn; return 0."""
    chosen = _parser().parse_args(arguments)
    cut = cut_at(chosen.world, chosen.share)
    if chosen.learn:
        now = datetime.now(UTC)
        learned = learn_verdicts(
            chosen.world, load_settings(None), now=now, until=int(cut.timestamp())
        )
        write_verdicts(learned, chosen.learn)
        told = pd.DataFrame([judgement_entry(work) for work in learned.pieces])
        sys.stdout.write(told.to_string(index=False) + "\n")
        return 0
    rows = {out.name: figures_after(chosen.world, out, cut) for out in chosen.outs}
    sys.stdout.write(f"tickets after {cut}\n{pd.DataFrame(rows).T.round(4).to_string()}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    """Return what the command line understands."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learned", description=__doc__)
    parser.add_argument("world", type=Path, help="bundle with truth/")
    parser.add_argument("outs", type=Path, nargs="*", help="folders that `run` wrote")
    parser.add_argument("--share", type=float, default=0.5, help="of closed orders before the cut")
    parser.add_argument("--learn", type=Path, metavar="FOLDER", help="learn, write to FOLDER")
    return parser


if __name__ == "__main__":
    sys.exit(main())
