"""List the numbers that complain again and again.

Simple so far: calls of one number within an hour count once, wherever they came from.
"""

from __future__ import annotations

import pandas as pd

from correlate.daily.known_then import Known

DAYS = pd.Timedelta(days=30)
ONE_CALL = pd.Timedelta(hours=1)
LEAST = 2


def repeaters(known: Known) -> pd.DataFrame:
    """Return the numbers with two complaints or more in the last 30 days, most first."""
    tickets = known.tickets
    rows = tickets[(tickets["created_at"] > known.at - DAYS) & tickets["caller"].notna()]
    rows = rows.sort_values(["caller", "created_at", "ticket_id"], kind="stable")
    since = rows.groupby("caller")["created_at"].diff()
    rows = rows.assign(is_new=~(since <= ONE_CALL))
    found = rows.groupby("caller").agg(
        number=("number", "last"),
        complaints=("is_new", "sum"),
        first_at=("created_at", "min"),
        causes=("cause", "nunique"),
    )
    last = rows.drop_duplicates("caller", keep="last").set_index("caller")
    found = found.assign(
        last_at=last["created_at"],
        last_cause=last["cause"],
        is_same_cause=found["causes"] == 1,
        county=last["county"],
        place=last["place"],
        last_ticket_id=last["ticket_id"],
        last_incident_id=last["incident_id"],
        is_open=last["incident_id"].isin(known.open_incidents.index),
    )
    found = found[found["complaints"] >= LEAST].reset_index()
    order = ["complaints", "last_at", "caller"]
    return found.sort_values(order, ascending=[False, False, True], ignore_index=True)
