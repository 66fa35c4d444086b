"""List the complaints that became work orders although a notice was out for their place, time and symptom.

The list is for the training of agents: each of these callers could have been answered from the notice.

Simple so far: where several notices fit, the one its fault was diagnosed to counts, else the one out longest.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from correlate.daily.known_then import Known

OF_TICKET = ["ticket_id", "created_at", "county", "place", "symptom", "cause"]
OF_NOTICE = ["notice_id", "told_cause", "lead_min", "is_same_fault"]


def escaped_tickets(
    known: Known, run: Mapping[str, pd.DataFrame], begin: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    """Return the escaped tickets created from `begin` to before `end`, oldest first, one row each.

    Parameters
    ----------
    run : mapping of DataFrame
        The daybook; `notices` and `notice_complaints` are read.

    Returns
    -------
    DataFrame
        `ticket_id`, `created_at`, `county`, `place`, `symptom`, `cause` (as diagnosed), `notice_id`, `told_cause` (of
        the notice), `lead_min`, `is_same_fault`.
    """
    tickets = known.tickets
    tickets = tickets[(tickets["created_at"] >= begin) & (tickets["created_at"] < end)]
    pairs = run["notice_complaints"]
    pairs = pairs[pairs["is_escaped"].astype(bool) & (pairs["known_at"] <= known.at)]
    told = run["notices"].set_index("notice_id")["cause"]
    pairs = pairs.assign(told_cause=pairs["notice_id"].map(told)).sort_values(
        ["is_same_fault", "lead_min", "notice_id"], ascending=[False, False, True]
    )
    fitting = pairs.drop_duplicates("ticket_id")[["ticket_id", *OF_NOTICE]]
    rows = tickets[OF_TICKET].merge(fitting, on="ticket_id")
    return rows.sort_values(["created_at", "ticket_id"], ignore_index=True)


def escape_rates(known: Known, run: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return, per county, `complaints`, those that came while a notice fitted them (`escaped`) and their `share`."""
    escaped = escaped_tickets(known, run, known.tickets["created_at"].min(), known.at)
    county = known.tickets["county"].fillna("")
    counts = county.value_counts().rename("complaints").rename_axis("county").to_frame()
    counts["escaped"] = escaped["county"].fillna("").value_counts().reindex(counts.index).fillna(0)
    counts = counts.astype("int64")
    return counts.assign(share=counts["escaped"] / counts["complaints"]).reset_index()
