"""Count a county's complaints in every way that assessments count them, each over the same users.

Operators leave out different complaints: repeats, the customer's own side, those intercepted; and a group that
complains about one fault counts by head or once. All are shown side by side, so that nobody has to guess.

Simple so far: a day's complaints of one number, and of one incident in a county, count once; a month adds its days.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from correlate.daily.known_then import Known
from correlate.daily.rates import KEYS
from correlate.per_10k import exact_interval

NUMERATORS = ("orders", "not_intercepted", "no_repeats", "network_side", "callers", "events")


def numerators(known: Known, counts: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Return the complaints of the day before `day` and of its month so far, counted in every way.

    Parameters
    ----------
    counts : DataFrame
        As `correlate.daily.rates.daily_counts` gives them: its days and users hold.

    Returns
    -------
    DataFrame
        `scope`, `county`, `numerator` (one of `NUMERATORS`; all but the first without those intercepted), `complaints`
        and `per_10k` of the day with `low` and `high`, `month_complaints` and `month_per_10k`.
    """
    before = pd.Timestamp(day) - pd.Timedelta(days=1)
    told = counts[counts["complaints"].notna() & (counts["day"] >= before.replace(day=1))]
    tickets = known.tickets[known.tickets["day"].isin(told["day"].unique())]
    marks = _marks(tickets)
    both = pd.concat([marks, marks.assign(scope="all", county="")], ignore_index=True)
    names = list(NUMERATORS)
    of_day = both[both["day"] == before].groupby(KEYS)[names].sum()
    of_month = both.groupby(KEYS)[names].sum()
    users = counts.drop_duplicates(KEYS, keep="last").set_index(KEYS)["users"]
    frame = pd.DataFrame(
        {"complaints": _long(of_day, users.index), "month_complaints": _long(of_month, users.index)}
    )
    frame.index.names = [*KEYS, "numerator"]
    return _with_rates(frame.reset_index(), users)


def _marks(tickets: pd.DataFrame) -> pd.DataFrame:
    """Return a row a ticket, with scope and county, and whether each way counts it."""
    county = tickets["county"].fillna("")
    rows = tickets.assign(
        county=county, scope=np.where(county == "", "unknown", "county"), orders=True
    )
    left = rows["covered_by"].isna()
    who = rows["caller"].fillna("ticket " + rows["ticket_id"])
    what = rows["incident_id"].fillna("ticket " + rows["ticket_id"])
    keys = [rows["day"], rows["county"]]
    kept = rows[left]
    again = pd.DataFrame({"who": who, "what": what, "day": keys[0], "county": keys[1]}).loc[
        kept.index
    ]
    is_first = {
        name: ~again.duplicated([column, "day", "county"]).reindex(rows.index, fill_value=True)
        for name, column in (("callers", "who"), ("events", "what"))
    }
    return rows[["day", *KEYS, "orders"]].assign(
        not_intercepted=left,
        no_repeats=left & ~rows["is_repeat"],
        network_side=left & ~rows["is_customer_side"],
        **is_first,
    )


def _long(sums: pd.DataFrame, index: pd.MultiIndex) -> pd.Series:
    """Return counts by scope, county and way, none where nothing came."""
    wide = sums.reindex(index).fillna(0).astype("int64")
    return wide.stack()


def _with_rates(table: pd.DataFrame, users: pd.Series) -> pd.DataFrame:
    """Add rates with the interval of the day's, in the order of ways."""
    scale = 1e4 / pd.Series(
        users.where(users > 0).reindex(pd.MultiIndex.from_frame(table[KEYS])).to_numpy(),
        index=table.index,
    )
    low, high = exact_interval(table["complaints"])
    place = table["scope"].map({"county": 0, "unknown": 1, "all": 2})
    way = table["numerator"].map({name: i for i, name in enumerate(NUMERATORS)})
    table = table.assign(
        per_10k=table["complaints"] * scale,
        low=low * scale,
        high=high * scale,
        month_per_10k=table["month_complaints"] * scale,
        place=place,
        way=way,
    )
    table = table.sort_values(["place", "county", "way"], ignore_index=True)
    return table.assign(county=table["county"].replace("", None))
