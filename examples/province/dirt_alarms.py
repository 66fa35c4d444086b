"""Deliver alarms as element managers do: late, twice, by a wrong clock, after a silence.

`received_at` always tells the true time of arrival; only the times an element manager stamps itself are skewed.
Simple so far: the clock of one element manager is wrong by a constant, over the whole time.
"""

import numpy as np
import pandas as pd

from examples.province.dirt_forms import (
    with_blanks,
    with_mixed_times,
    with_other_case,
    with_usual_times,
)
from examples.province.dirt_ledger import Flags, chosen, instants, interleaved, span_of
from examples.province.dirt_plan import DirtPlan

_TIMES = ("raised_at", "cleared_at", "received_at")
_TABLE = "alarms"


def dirty_alarms(alarms: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator) -> pd.DataFrame:
    """Return the alarms as they would be delivered.

    Parameters
    ----------
    alarms : DataFrame
        Needs `alarm_id`, `object_id`, `raised_at`, `name`; `cleared_at`, `code`, `severity`, `detail`, `vendor` are
        used where they are. Times local. Never changed.
    plan : DirtPlan
    rng : Generator

    Returns
    -------
    DataFrame
        With `received_at`; times as text.
    """
    timed = alarms.assign(**{name: instants(alarms[name]) for name in _TIMES if name in alarms})
    timed = timed.reset_index(drop=True)
    named = _with_unknown_names(timed, plan, rng)
    delivered = interleaved([*_split(_with_arrivals(named, plan, rng), plan, rng)])
    doubled = interleaved([delivered, *_copies(delivered, plan, rng)])
    skewed = _with_skew(doubled, plan)
    written = with_mixed_times(_TABLE, skewed, "raised_at", plan, rng)
    written = with_usual_times(written, ("cleared_at", "received_at"))
    written = with_blanks(_TABLE, written, "object_id", plan, rng)
    return with_other_case(_TABLE, written, "object_id", plan, rng)


def _with_arrivals(alarms: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator) -> pd.DataFrame:
    """Return the alarms with their arrival: seconds later, minutes for a few, after the silence of a vendor."""
    rules, size = plan.rules["late"], len(alarms)
    late = chosen(np.ones(size, dtype=bool), rules["alarms"], rng)
    seconds = np.where(
        late, rng.uniform(60, 60 * rules["alarms_minutes"], size), rng.uniform(3, 45, size)
    )
    received = alarms["raised_at"] + pd.Series(pd.to_timedelta(seconds.round(), unit="s"))
    plan.ledger.enter("late", _TABLE, late.sum(), note="received_at minutes after raised_at")
    window = plan.windows["alarm_gap"]
    muted = _vendors(alarms, plan).eq(plan.muted_vendor).to_numpy() & window.holds(received)
    after = pd.to_timedelta(rng.uniform(60, 1200, size).round(), unit="s")
    plan.ledger.enter(
        "alarm_silence",
        _TABLE,
        muted.sum(),
        object_id=plan.muted_vendor,
        since=window.since,
        until=window.until,
        note="delivered after the silence",
    )
    received = received.mask(muted, window.until + pd.Series(after))
    return alarms.assign(received_at=received.astype("datetime64[us]"))


def _vendors(alarms: pd.DataFrame, plan: DirtPlan) -> pd.Series:
    """Return the vendor of each alarm, from the row or else from its object."""
    of_object = _bases(alarms).map(plan.vendors)
    known = alarms["vendor"] if "vendor" in alarms else pd.Series(pd.NA, index=alarms.index)
    return known.astype(object).where(known.notna(), of_object).fillna("").astype("str")


def _bases(alarms: pd.DataFrame) -> pd.Series:
    """Return the object of each alarm, the cell for a carrier of it."""
    return alarms["object_id"].astype("str").str.split("/").str[0]


def _with_unknown_names(
    alarms: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the alarms, a few under a name and code no catalogue has."""
    flags = chosen(np.ones(len(alarms), dtype=bool), plan.rules["forms"]["unknown_alarms"], rng)
    names = rng.choice(np.array(plan.rules["forms"]["alarm_names"], dtype=object), len(alarms))
    plan.ledger.enter("unknown_alarm", _TABLE, flags.sum(), **span_of(alarms["raised_at"], flags))
    changed = alarms.assign(name=alarms["name"].astype("str").mask(flags, pd.Series(names)))
    if "code" in alarms:
        changed = changed.assign(code=alarms["code"].astype("str").mask(flags, "65521"))
    return changed


def _split(
    alarms: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator
) -> tuple[pd.DataFrame, ...]:
    """Return the alarms, a few as two rows: the raising, and the whole when it clears."""
    if "cleared_at" not in alarms:
        return (alarms,)
    lasting = (alarms["cleared_at"] > alarms["received_at"]).to_numpy()
    flags = chosen(lasting, plan.rules["duplicates"]["split_alarms"], rng)
    seconds = pd.to_timedelta(rng.uniform(5, 90, len(alarms)).round(), unit="s")
    whole = alarms.assign(received_at=alarms["cleared_at"] + pd.Series(seconds))[flags]
    raising = alarms.assign(cleared_at=alarms["cleared_at"].mask(flags))
    plan.ledger.enter("split_alarm", _TABLE, flags.sum(), note="raised and cleared in two rows")
    return raising, whole


def _copies(
    alarms: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows to add: exact copies, and fuller or poorer ones of the same key."""
    rules = plan.rules["duplicates"]
    everything = np.ones(len(alarms), dtype=bool)
    exact = chosen(everything, rules["exact"][_TABLE], rng)
    same_key = chosen(everything & ~exact, rules["same_key"][_TABLE], rng)
    poorer = alarms[same_key]
    early = pd.to_timedelta(rng.uniform(1, 3, len(poorer)).round(), unit="s")
    poorer = poorer.assign(received_at=poorer["received_at"] - early)
    poorer = poorer.assign(**{name: None for name in ("severity", "detail") if name in poorer})
    plan.ledger.enter("exact_duplicate", _TABLE, exact.sum())
    plan.ledger.enter("key_duplicate", _TABLE, same_key.sum(), note="a poorer row came before")
    return alarms[exact], poorer.astype(alarms.dtypes.to_dict())


def _with_skew(alarms: pd.DataFrame, plan: DirtPlan) -> pd.DataFrame:
    """Return the alarms with the times of one element manager off by a constant."""
    objects = plan.skewed.sites | plan.skewed.cells
    flags: Flags = _bases(alarms).isin(objects).to_numpy()
    by = pd.Timedelta(minutes=plan.skew_minutes)
    shifted = {
        name: alarms[name].mask(flags, alarms[name] + by)
        for name in ("raised_at", "cleared_at")
        if name in alarms
    }
    plan.ledger.enter(
        "clock_skew",
        _TABLE,
        flags.sum(),
        object_id=plan.skewed.name,
        note=f"{plan.skew_minutes:+d} min",
        **span_of(alarms["raised_at"], flags),
    )
    return alarms.assign(**shifted)
