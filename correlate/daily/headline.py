"""Give the figures for the top of a daily report, each with its change against the report a day earlier.

Simple so far: expected complaints of single faults are added as independent; complaints no fault explains are left out.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from correlate.daily.expected import SPREADS
from correlate.daily.incidents import told_incidents, with_expected
from correlate.daily.known_then import Known

UNITS = {
    "complaints": "complaints",
    "per_10k": "per_10k",
    "per_10k_without": "per_10k",
    "open_faults": "faults",
    "silent_faults": "faults",
    "open_notices": "notices",
    "expected_today": "complaints",
    "late_repairs": "repairs",
}
COUNTED = ("complaints", "per_10k", "per_10k_without")


def headline(
    known: Known, earlier: Known | None, counts: pd.DataFrame, day: dt.date
) -> pd.DataFrame:
    """Return the figures for the top of the report of a day.

    Parameters
    ----------
    known, earlier : Known
        What is known, and what was a day earlier; None before the first day.
    counts : DataFrame
        As `correlate.daily.rates.daily_counts` gives them.
    """
    now = _counted(counts, day, 1) | _standing(known)
    before = _counted(counts, day, 2) | (_standing(earlier) if earlier is not None else {})
    rows: list[dict[str, Any]] = [
        {
            "measure": name,
            "value": now.get(name, np.nan),
            "before": before.get(name, np.nan),
            "low": now.get(f"{name} low", np.nan),
            "high": now.get(f"{name} high", np.nan),
            "unit": unit,
        }
        for name, unit in UNITS.items()
    ]
    table = pd.DataFrame(rows)
    return table.assign(change=table["value"] - table["before"])


def _counted(counts: pd.DataFrame, day: dt.date, ago: int) -> dict[str, float]:
    """Return the figures counted of one day."""
    on = pd.Timestamp(day) - pd.Timedelta(days=ago)
    row = counts[(counts["scope"] == "all") & (counts["day"] == on)]
    if row.empty:
        return {}
    found = {name: float(row[name].iat[0]) for name in COUNTED}
    return found | {f"per_10k {end}": float(row[end].iat[0]) for end in ("low", "high")}


def _standing(known: Known) -> dict[str, float]:
    """Return the figures of one moment."""
    told = told_incidents(known)
    rows = with_expected(told[told["state"] == "open"], known)
    mean = float(rows["expected"].sum())
    spread = float(np.sqrt(rows["expected_variance"].sum()))
    return {
        "open_faults": float(len(rows)),
        "silent_faults": float(rows["is_silent"].sum()),
        "open_notices": float(len(known.open_notices)),
        "expected_today": mean,
        "expected_today low": max(0.0, mean - SPREADS * spread),
        "expected_today high": mean + SPREADS * spread,
        "late_repairs": float((rows["late_h"] > 0).sum()),
    }
