"""Say what was usual of rolled-up measures at the same hour of earlier days of the same kind.

Simple so far: a plain median of what was there, without weights and without the layer; what the watch on counters
expects is in `kpi.baseline`.
"""

import pandas as pd

from kpi.day_kinds import Holidays, day_kinds

MOST_DAYS = 20
LEAST_DAYS = 3
KEYS = ["object_id", "measure", "moment"]


def usual_values(
    found: pd.DataFrame, country: str = "CN", *, holidays: Holidays | None = None
) -> pd.Series:
    """Return the median of the same time of day on earlier days of the same kind.

    Workdays are compared with workdays, weekends with weekends, holidays with holidays: with at most 20 days, and
    with none where fewer than 3 are known.

    Parameters
    ----------
    found : DataFrame
        From `kpi.rollups.rolled_up`.
    country : str, default "CN"
        Whose holidays hold.
    holidays : Holidays, optional
        Default the table shipped.

    Returns
    -------
    Series of float, name `usual`, index of `found`
        NaN where unknown.

    Examples
    --------
    >>> start = pd.date_range("2026-03-02 10:00", periods=5, freq="D", tz="Asia/Shanghai")
    >>> found = pd.DataFrame({"object_id": "A1", "measure": "vswr", "start": start,
    ...                       "value": [1.1, 1.2, 1.3, 2.0, 2.1]})
    >>> usual_values(found).tolist()
    [nan, nan, nan, 1.2, 1.25]
    """
    days = found["start"].dt.tz_localize(None).dt.normalize()
    table = pd.DataFrame(
        {
            "object_id": found["object_id"].astype("str"),
            "measure": found["measure"].astype("str"),
            "moment": (found["start"].dt.tz_localize(None) - days).dt.total_seconds(),
            "day": (days - pd.Timestamp("1970-01-01")).dt.days,
            "value": found["value"].astype("float64"),
            "position": range(len(found)),
        }
    )
    kinds = day_kinds(table["day"].to_numpy(), country, holidays=holidays)
    usual = pd.Series(float("nan"), index=table["position"])
    for _, rows in table.groupby(kinds):
        ordered = rows.sort_values([*KEYS, "day"], kind="stable")
        earlier = ordered.groupby(KEYS, sort=False)["value"].shift()
        medians = earlier.groupby([ordered[key] for key in KEYS], sort=False).rolling(
            MOST_DAYS, min_periods=LEAST_DAYS
        )
        usual.loc[ordered["position"]] = medians.median().to_numpy()
    return pd.Series(usual.to_numpy(), index=found.index, name="usual")
