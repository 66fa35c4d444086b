"""Make the hourly counters of the Dali example: ordinary days first, then what befell some cells.

Simple so far: every cell has the same shape of day and week, and one factor per effect stands for
what a radio engineer would see carrier by carrier. Only uniform random numbers are drawn, without
logarithm or sine, so that the same numbers come out on every machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

HOUR_WEIGHTS = (
    *(0.10, 0.06, 0.04, 0.03, 0.04, 0.08, 0.20, 0.42, 0.66, 0.82, 0.90, 0.88),
    *(0.78, 0.70, 0.68, 0.70, 0.76, 0.84, 0.92, 1.00, 0.98, 0.78, 0.48, 0.22),
)
DAY_WEIGHTS = (1.00, 0.98, 0.99, 1.00, 1.06, 1.04, 0.94)
"""Share of the busy hour by hour of day, and of the mean day from Monday to Sunday."""

HOLDING_S = 75.0
"""Mean length of a call [s], of the order usual in dimensioning."""

NEED_CHANNEL = ("setup_attempts", "setup_successes", "congestion_failures", "sd_attempts")
CARRIED = ("drops", "ho_attempts", "ho_successes")


@dataclass(frozen=True)
class Effect:
    """What befalls the counters of some cells for some time.

    `demand` scales the attempts, `carried` the traffic; `success`, `drop` and `handover` are the
    ratios seen then (None: as before), `congestion` and `sd_congestion` the shares of all attempts
    that find no channel, more of them the busier the hour; `availability` is the share of the time
    in service. Objects are cells, or sites with all their cells.
    """

    objects: tuple[str, ...]
    start: datetime
    end: datetime = datetime(2100, 1, 1)  # noqa: DTZ001 - naive local time, as in the files
    demand: float = 1.0
    carried: float | None = None
    success: float | None = None
    drop: float | None = None
    handover: float | None = None
    congestion: float | None = None
    sd_congestion: float | None = None
    availability: float = 1.0


def effect(row: Mapping[str, Any]) -> Effect:
    """Return the effect that a row of the facts file describes.

    Examples
    --------
    >>> effect({"objects": ["DL1"], "start": datetime(2010, 6, 24, 17), "demand": 0.5}).demand
    0.5
    """
    return Effect(**{**row, "objects": tuple(row["objects"])})


def healthy_counters(
    cells: pd.DataFrame, hours: pd.DatetimeIndex, *, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the counters of ordinary days, a row per cell and hour.

    Parameters
    ----------
    cells : DataFrame, one row per cell
        Needs `cell_id` and `busy_erl` (traffic of the busy hour [Erl]).
    hours : DatetimeIndex
        Beginnings of the hours, local and naive.
    rng : Generator
        The only source of chance.

    Returns
    -------
    DataFrame in the order of `cells`, then `hours`
        The columns of the `kpi` table that a GSM network reports.
    """
    shape = (len(cells), len(hours))
    day = np.array(HOUR_WEIGHTS)[hours.hour] * np.array(DAY_WEIGHTS)[hours.day_of_week]
    unrest = 0.82 + 0.18 * (rng.random(shape) + rng.random(shape))
    traffic = np.outer(cells["busy_erl"].to_numpy(dtype=float), day) * unrest
    attempts = np.floor(traffic * 3600 / HOLDING_S + rng.random(shape))
    failures = np.minimum(
        attempts, np.floor(attempts * 0.024 * rng.random(shape) + rng.random(shape))
    )
    handovers = np.floor(attempts * (0.7 + 0.3 * rng.random(shape)))
    lost = np.minimum(handovers, np.floor(handovers * 0.05 * rng.random(shape) + rng.random(shape)))
    columns = {
        "setup_attempts": attempts,
        "setup_successes": attempts - failures,
        "congestion_failures": np.zeros(shape),
        "sd_attempts": np.floor(attempts * (2.2 + 0.8 * rng.random(shape))),
        "sd_congestion": np.zeros(shape),
        "drops": np.floor(
            (attempts - failures) * 0.014 * rng.random(shape) + rng.random(shape) ** 3
        ),
        "ho_attempts": handovers,
        "ho_successes": handovers - lost,
        "traffic_erl": np.round(traffic, 2),
        "ul_interference_dbm": np.round(-111.5 + 2 * rng.random(shape) + 2 * day, 1),
        "availability": np.ones(shape),
    }
    kpi = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
    kpi.insert(0, "cell_id", np.repeat(cells["cell_id"].to_numpy(), len(hours)))
    kpi.insert(1, "start", np.tile(hours.to_numpy(), len(cells)))
    kpi.insert(2, "minutes", 60)
    kpi["drops"] = kpi[["drops", "setup_successes"]].min(axis=1)
    return kpi


def with_effect(
    kpi: pd.DataFrame, seen: Effect, *, site_of: Mapping[str, str], rng: np.random.Generator
) -> pd.DataFrame:
    """Return the counters as they are when an effect befalls its cells; others stay as they were.

    An hour that the effect covers in part is changed in part.

    Parameters
    ----------
    kpi : DataFrame of `healthy_counters`
    seen : Effect
        Its objects are cells, or sites with all their cells.
    site_of : mapping from `cell_id` to `site_id`
    rng : Generator
        Rounds small counts fairly.
    """
    covered = _share_covered(kpi["start"], seen)
    mine = kpi["cell_id"].isin(seen.objects) | kpi["cell_id"].map(site_of).isin(seen.objects)
    rows = mine & (covered > 0)
    part, share = kpi.loc[rows], covered[rows].to_numpy()
    part = _scaled(part, seen, share=share, luck=rng.random(len(part)))
    part = _at_ratios(part, seen, share=share, luck=rng.random(len(part)))
    return pd.concat([kpi.loc[~rows], part]).sort_index()


def _share_covered(start: pd.Series, seen: Effect) -> pd.Series:
    """Return the share of each hour that the effect covers."""
    begun = np.maximum(start, pd.Timestamp(seen.start))
    ended = np.minimum(start + pd.Timedelta(hours=1), pd.Timestamp(seen.end))
    return ((ended - begun) / pd.Timedelta(hours=1)).clip(0, 1)


def _scaled(
    kpi: pd.DataFrame, seen: Effect, *, share: np.ndarray, luck: np.ndarray
) -> pd.DataFrame:
    """Return the counters with demand and carried traffic scaled."""
    carried = seen.demand if seen.carried is None else seen.carried
    demand_factor, carried_factor = (1 + share * (by - 1) for by in (seen.demand, carried))
    luck = np.where(demand_factor > 0, luck, 0)
    demanded = {name: np.floor(kpi[name] * demand_factor + luck) for name in NEED_CHANNEL}
    followed = {name: np.floor(kpi[name] * carried_factor + luck) for name in CARRIED}
    other = {
        "traffic_erl": np.round(kpi["traffic_erl"] * carried_factor, 2),
        "availability": np.round(1 - share * (1 - seen.availability), 3),
    }
    return kpi.assign(**demanded, **followed, **other)


def _at_ratios(
    kpi: pd.DataFrame, seen: Effect, *, share: np.ndarray, luck: np.ndarray
) -> pd.DataFrame:
    """Return the counters with the ratios of the effect put in."""
    attempts, done = kpi["setup_attempts"], kpi["setup_successes"]
    congested, sd_congested = kpi["congestion_failures"], kpi["sd_congestion"]
    if seen.congestion is not None:
        congested = np.floor(_blocked(attempts, seen.congestion) * share + luck)
        done = np.minimum(done, attempts - congested)
    if seen.sd_congestion is not None:
        sd_congested = np.floor(_blocked(kpi["sd_attempts"], seen.sd_congestion) * share + luck)
    if seen.success is not None:
        done = np.minimum(done, np.floor(attempts * (1 - share * (1 - seen.success)) + luck))
    drops = kpi["drops"] if seen.drop is None else np.floor(done * seen.drop * share + luck)
    moved = kpi["ho_successes"]
    if seen.handover is not None:
        moved = np.floor(kpi["ho_attempts"] * (1 - share * (1 - seen.handover)))
    return kpi.assign(
        setup_successes=done,
        congestion_failures=np.minimum(congested, attempts),
        sd_congestion=np.minimum(sd_congested, kpi["sd_attempts"]),
        drops=np.minimum(drops, done),
        ho_successes=np.minimum(moved, kpi["ho_attempts"]),
    )


def _blocked(attempts: pd.Series, ratio: float) -> pd.Series:
    """Return attempts that find no channel, `ratio` of all, growing with the square of the load."""
    squares = attempts**2
    return np.minimum(attempts, squares * (ratio * attempts.sum() / max(squares.sum(), 1.0)))
