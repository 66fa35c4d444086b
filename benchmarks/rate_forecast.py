"""Forecast the complaints of counties from finished runs, beside two peers: as yesterday, and as the mean day so far.

Every day from the sixth on is stood at, and the next day and the next week are forecast from what was known then: the
error is the mean of |seen - forecast| in complaints, the coverage the share of sums inside the 95 % interval. The peer
that repeats yesterday has the interval of a rate known from one Poisson count; the mean day that of days as they
scatter.

    python -m benchmarks.rate_forecast OUT...

Simple so far: what open faults were expected to bring is read from the run once; no truth is opened.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from correlate.daily.forecast import forecast, interval
from correlate.daily.known_then import Known, known_then, local_instant, read_run
from correlate.daily.outlook import left_by_day, open_expected, with_total
from correlate.daily.rates import daily_counts

FIRST, WEEK = 5, 7
REPORT_HOUR = 8.0
MODELS = ("ours", "yesterday", "mean_day")
Floats = NDArray[np.float64]


def tables(out: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return complaints not intercepted by day and county, and what open faults were expected to bring."""
    run = read_run(out)
    about = run["about"].iloc[0]
    zone = str(about["zone"])
    first, last = (about[c].tz_convert(zone).date() for c in ("first_arrival", "last_arrival"))
    known: Known = known_then(run, local_instant(last, REPORT_HOUR, zone), zone)
    counts = daily_counts(
        known, run["subscribers"], span=(first, known.tickets["day"].max().date())
    )
    left, _ = left_by_day(counts)
    expected = open_expected(run, known, first, last, days=len(left) + 2)
    return left.iloc[1:], with_total(expected, left).iloc[1:]


def guesses(
    left: pd.DataFrame, expected: pd.DataFrame, at: int, days: int
) -> dict[str, tuple[Floats, Floats]]:
    """Return mean and variance of the sum of the next days by each model, from the first `at` days."""
    past = left.iloc[:at]
    scope = pd.Series(left.columns.get_level_values("scope") == "all", index=left.columns).astype(
        "str"
    )
    ours = forecast(past, expected.iloc[: at + 1], days, groups=scope)
    last = past.iloc[-1].to_numpy(float)
    mean = np.maximum(past.mean().to_numpy(float), 0.5 / at)
    spread = np.maximum(mean, past.var().to_numpy(float))
    return {
        "ours": (ours.mean, ours.variance),
        "yesterday": (days * np.maximum(last, 0.3), days * (last + 0.5) + days**2 * (last + 0.5)),
        "mean_day": (days * mean, spread * days * (1 + days / at)),
    }


def judged(out: Path, days: int) -> pd.DataFrame:
    """Return error and coverage of each model over the counties and all together."""
    left, expected = tables(out)
    is_all = left.columns.get_level_values("scope") == "all"
    rows = []
    for at in range(FIRST, len(left) - days + 1):
        seen = left.iloc[at : at + days].sum().to_numpy(float)
        for model, (mean, variance) in guesses(left, expected, at, days).items():
            low, high = interval(mean, variance)
            inside = (low <= seen) & (seen <= high)
            part = {
                "model": model,
                "is_all": is_all,
                "error": np.abs(seen - mean),
                "covered": inside,
            }
            rows.append(pd.DataFrame(part | {"seen": seen}))
    table = pd.concat(rows).groupby(["is_all", "model"])[["seen", "error", "covered"]].mean()
    return table.reset_index().assign(world=out.name, days=days)


def main(outs: list[str]) -> None:
    """Print error and coverage of every model, run by run."""
    parts = [judged(Path(out), days) for out in outs for days in (1, WEEK)]
    table = pd.concat(parts, ignore_index=True)
    table["what"] = np.where(table["is_all"], "all", "county")
    wide = table.pivot(
        index=["days", "what", "world"], columns="model", values=["error", "covered"]
    )
    wide = wide.round(2)[[(m, k) for m in ("error", "covered") for k in MODELS]]
    sys.stdout.write(
        f"{wide.to_string()}\n\n{wide.groupby(level=[0, 1]).mean().round(2).to_string()}\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
