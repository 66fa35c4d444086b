"""Spoil counters as collection does: gaps, restarts, late files, files sent twice.

Choices among rows depend on the cell, the period and the plan's salt alone, so that it does not matter how the table is
cut into chunks. Simple so far: a restart spoils the period in which it falls, not those after it.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from examples.province.dirt_ledger import Flags, interleaved, span_of
from examples.province.dirt_plan import DirtPlan

_COUNTS = (
    "setup_attempts",
    "setup_successes",
    "congestion_failures",
    "sd_attempts",
    "sd_congestion",
    "drops",
    "ho_attempts",
    "ho_successes",
    "data_attempts",
    "data_successes",
)
_PAIRS = (
    ("setup_attempts", "setup_successes"),
    ("ho_attempts", "ho_successes"),
    ("data_attempts", "data_successes"),
)
_NOT_COUNTERS = ("cell_id", "start", "minutes", "received_at")
_TABLE = "kpi"
_USUAL_DELAY_MIN = 20
_KINDS = ("reset_negative", "reset_wrapped", "reset_excess")


def dirty_kpi(kpi: pd.DataFrame, plan: DirtPlan, _rng: np.random.Generator) -> pd.DataFrame:
    """Return a chunk of counters as it would be delivered.

    Parameters
    ----------
    kpi : DataFrame
        Needs `cell_id`, `start` (datetime64, local), `minutes`, and counters. Never changed.
    plan : DirtPlan
    _rng : Generator
        Not used: the plan's salt decides.

    Returns
    -------
    DataFrame
        With `received_at` (NaT = at the usual time); counters as float.
    """
    counters = [name for name in kpi.columns if name not in _NOT_COUNTERS]
    typed = kpi.assign(**{name: kpi[name].astype("float64") for name in counters})
    kept = _without_gap(typed, plan).reset_index(drop=True)
    draws = _draws(kept, plan)
    late = _with_arrivals(_with_resets(kept, plan, draws["reset"]), plan, draws)
    return interleaved([*_copies(late, counters, plan, draws["copy"]), late])


def _draws(kpi: pd.DataFrame, plan: DirtPlan) -> Mapping[str, npt.NDArray[np.float64]]:
    """Return even random numbers for each purpose, made of the cell, the period and the salt."""
    cells = pd.util.hash_array(
        kpi["cell_id"].astype("str").to_numpy(dtype=object), hash_key=plan.salt
    )
    minutes = kpi["start"].astype("datetime64[us]").astype("int64").to_numpy() // 60_000_000
    seed = cells ^ _mixed(minutes.astype("uint64"))
    purposes = ("reset", "late", "hours", "copy")
    return {
        name: _mixed(seed + np.uint64(number + 1)) / 2.0**64 for number, name in enumerate(purposes)
    }


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Return well-spread 64-bit numbers (the finaliser of splitmix64)."""
    z = values * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _without_gap(kpi: pd.DataFrame, plan: DirtPlan) -> pd.DataFrame:
    """Return the rows without those of the silent element manager in its half day."""
    window = plan.windows["kpi_gap"]
    lost = kpi["cell_id"].isin(plan.silent.cells).to_numpy() & window.holds(kpi["start"])
    plan.ledger.enter(
        "kpi_gap",
        _TABLE,
        lost.sum(),
        object_id=plan.silent.name,
        since=window.since,
        until=window.until,
        note="never delivered",
    )
    return kpi[~lost] if lost.any() else kpi


def _with_resets(kpi: pd.DataFrame, plan: DirtPlan, draw: npt.NDArray[np.float64]) -> pd.DataFrame:
    """Return the rows, nonsense where the counters of an element manager restarted."""
    length = pd.to_timedelta(kpi["minutes"].astype("float64"), unit="min")
    hit = np.zeros(len(kpi), dtype=bool)
    for moment in plan.resets:
        hit |= ((kpi["start"] <= moment) & (moment < kpi["start"] + length)).to_numpy()
    hit &= kpi["cell_id"].isin(plan.resetting.cells).to_numpy()
    kinds = np.minimum((draw * len(_KINDS)).astype(int), len(_KINDS) - 1)
    for number, kind in enumerate(_KINDS):
        flags = hit & (kinds == number)
        details = span_of(kpi["start"], flags)
        plan.ledger.enter(kind, _TABLE, flags.sum(), object_id=plan.resetting.name, **details)
    negative, wrapped, excess = (hit & (kinds == number) for number in range(len(_KINDS)))
    spoilt = kpi.assign(**_reset_counts(kpi, plan, negative, wrapped))
    return spoilt.assign(**_excess(spoilt, excess))


def _reset_counts(
    kpi: pd.DataFrame, plan: DirtPlan, negative: Flags, wrapped: Flags
) -> dict[str, pd.Series]:
    """Return the counts, negative or a wrapped register's length too large where flagged."""
    counts = {name: kpi[name] for name in _COUNTS if name in kpi}
    return {
        name: values.mask(negative, -7.0 * values - 11.0).mask(
            wrapped, values + float(plan.rules["resets"]["wrap"])
        )
        for name, values in counts.items()
    }


def _excess(kpi: pd.DataFrame, flags: Flags) -> dict[str, pd.Series]:
    """Return nothing but the successes of rows flagged, more than attempts."""
    if not flags.any():
        return {}
    pairs = [(tried, done) for tried, done in _PAIRS if {tried, done} <= set(kpi.columns)]
    return {done: kpi[done].mask(flags, kpi[tried] * 1.3 + 5.0) for tried, done in pairs}


def _with_arrivals(
    kpi: pd.DataFrame, plan: DirtPlan, draws: Mapping[str, npt.NDArray[np.float64]]
) -> pd.DataFrame:
    """Return the rows with `received_at` where they come late: single ones, and all of a group for some hours."""
    rules = plan.rules["late"]
    end = _ends(kpi)
    single = draws["late"] < rules["kpi"]
    hours = 1.0 + draws["hours"] * (rules["kpi_hours"] - 1.0)
    window = plan.windows["kpi_late"]
    grouped = kpi["cell_id"].isin(plan.delayed.cells).to_numpy() & window.holds(kpi["start"])
    received = (end + pd.Series(pd.to_timedelta((hours * 60).round(), unit="min"))).where(single)
    backlog = end + pd.Timedelta(hours=rules["kpi_hours"] / 2)
    received = received.mask(grouped, backlog).astype("datetime64[us]")
    note = "received_at hours after the period"
    plan.ledger.enter("late", _TABLE, single.sum(), note=note, **span_of(kpi["start"], single))
    plan.ledger.enter(
        "late_file",
        _TABLE,
        grouped.sum(),
        object_id=plan.delayed.name,
        note=note,
        **span_of(kpi["start"], grouped),
    )
    return kpi.assign(received_at=received)


def _ends(kpi: pd.DataFrame) -> pd.Series:
    """Return the end of each period."""
    return kpi["start"] + pd.to_timedelta(kpi["minutes"].astype("float64"), unit="min")


def _copies(
    kpi: pd.DataFrame, counters: list[str], plan: DirtPlan, draw: npt.NDArray[np.float64]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows to add: exact copies, and halves of a period that came before the whole."""
    rules = plan.rules["duplicates"]
    exact = draw < rules["exact"][_TABLE]
    partial = (draw >= 1.0 - rules["same_key"][_TABLE]) & kpi["received_at"].isna().to_numpy()
    early = kpi[partial]
    early = early.assign(
        received_at=(_ends(early) + pd.Timedelta(minutes=_USUAL_DELAY_MIN / 2)).astype(
            "datetime64[us]"
        ),
        **{name: early[name] * 0.5 for name in counters if name in _COUNTS},
        **{name: np.nan for name in counters if name not in _COUNTS},
    )
    plan.ledger.enter("exact_duplicate", _TABLE, exact.sum(), **span_of(kpi["start"], exact))
    plan.ledger.enter(
        "key_duplicate",
        _TABLE,
        partial.sum(),
        note="half of the counts came before the whole",
        **span_of(kpi["start"], partial),
    )
    return kpi[exact], early
