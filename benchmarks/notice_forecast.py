"""Measure what notices expected against what came: coverage of the interval, error against a simple peer.

    python -m benchmarks.notice_forecast OUT...

OUT is what `cellcause run` wrote. Taken are the notices that were issued and whose incident was over when the run
ended. What came are the complaints diagnosed to the incident from the issue of the notice to the end of the incident.
One peer expects of each notice the mean of those that were over before it was issued, of one user as of another; the
other repeats yesterday: the mean of those that ended in the day before, where there were some.

Simple so far: what came is what the run itself diagnosed, not the truth of a practice world.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.daybook import read_daybook

FIRST_GUESS = 1.0
"""What the peer expects before anything is over, complaints."""
Floats = NDArray[np.float64]


def outcomes(out: Path) -> pd.DataFrame:
    """Return the notices of a run whose incidents are over, with what they expected and what came.

    Returns
    -------
    DataFrame, one row per notice, by time of issue
        `issued_at`, `ended_at`, `cause`, `expected`, `low`, `high`, `seen`, `past`, `yesterday`.
    """
    book = read_daybook(out)
    changes = book["notice_changes"]
    issued = changes[changes["action"] == "issued"].set_index("notice_id")
    last = book["versions"].sort_values("at").drop_duplicates("incident_id", keep="last")
    over = last.set_index("incident_id")["ended_at"]
    rows = book["notices"].set_index("notice_id")[["incident_id", "cause"]]
    rows = rows.join(issued[["at", "expected", "expected_low", "expected_high"]], how="inner")
    rows = rows.rename(columns={"at": "issued_at", "expected_low": "low", "expected_high": "high"})
    rows["ended_at"] = rows["incident_id"].map(over)
    rows = rows[rows["ended_at"] > rows["issued_at"]].reset_index()
    pairs = rows.merge(book["tickets"][["incident_id", "created_at"]], on="incident_id")
    is_in = pairs["created_at"].between(pairs["issued_at"], pairs["ended_at"])
    seen = pairs[is_in].groupby("notice_id").size()
    rows["seen"] = rows["notice_id"].map(seen).fillna(0).astype(int)
    rows = rows.sort_values(["issued_at", "notice_id"], ignore_index=True)
    day = pd.Timedelta(days=1)
    return rows.assign(past=_means(rows), yesterday=_means(rows, within=day))


def _means(rows: pd.DataFrame, *, within: pd.Timedelta | None = None) -> list[float]:
    """Return the mean of what came of the notices over by then, of late or (where none were) ever, for each."""
    guesses = []
    for issued_at in rows["issued_at"]:
        over = rows["ended_at"] < issued_at
        late = over & (rows["ended_at"] >= issued_at - within) if within is not None else over
        past = rows["seen"][late if late.any() else over]
        guesses.append((FIRST_GUESS + past.sum()) / (1 + len(past)))
    return guesses


def figures(rows: pd.DataFrame) -> dict[str, float]:
    """Return how well counts were expected: coverage, mean absolute error, Poisson deviance, and the peers'."""
    seen = rows["seen"].to_numpy(float)
    inside = (rows["low"] <= seen) & (seen <= rows["high"])
    found: dict[str, float] = {
        "notices": float(len(rows)),
        "seen": float(seen.sum()),
        "expected": float(rows["expected"].sum()),
        "coverage": float(inside.mean()),
    }
    for name, column in (("ours", "expected"), ("past", "past"), ("yesterday", "yesterday")):
        guess = np.maximum(rows[column].to_numpy(float), 1e-3)
        found[f"error_{name}"] = float(np.abs(seen - guess).mean())
        found[f"deviance_{name}"] = float(_deviance(seen, guess).mean())
    return found


def _deviance(seen: Floats, guess: Floats) -> Floats:
    """Return the Poisson deviance of each count."""
    ratio = np.where(seen > 0, seen / guess, 1.0)
    return np.asarray(2.0 * (seen * np.log(ratio) - (seen - guess)), dtype=float)


def main() -> None:
    """Print the figures of each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, nargs="+", help="what `cellcause run` wrote")
    args = parser.parse_args()
    table = pd.DataFrame({out.name: figures(outcomes(out)) for out in args.out})
    print(table.to_string(float_format="{:.2f}".format))


if __name__ == "__main__":
    main()
