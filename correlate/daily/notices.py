"""Judge the notices of a day: what they expected, what came, what they intercepted, which were false.

A notice and its revisions are one row: issued when the first was, under the id and with the words of the last.

Simple so far: a complaint counts for the notice that was out when it came; the effect on callers who never became a
work order is not known.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from correlate.daily.known_then import Known, with_revisions

SURE = 0.8
"""A fault that reached this probability was no false one."""
MINUTE = pd.Timedelta(minutes=1)
HOUR = pd.Timedelta(hours=1)


def notices_between(known: Known, begin: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Return the notices that were out at some time between two instants, and what became of them, `revisions` too.

    Parameters
    ----------
    begin, end : Timestamp, zone-aware
        From `begin` to before `end`.
    """
    rows = with_revisions(known.notices)
    told = known.incidents.reindex(rows["incident_id"])
    first_issue = rows.groupby("incident_id")["issued_at"].transform("min")
    first = told["first_complaint_at"].reset_index(drop=True)
    until = rows["valid_until"].fillna(known.at.tz_convert("UTC"))
    rows = rows.assign(
        state=np.where(rows["issued_at"] >= begin, "new", "continued"),
        county=told["county"].to_numpy(),
        area=told["area"].to_numpy(),
        surest=told["surest"].to_numpy(),
        first_complaint_at=first,
        lead_min=(first - first_issue) / MINUTE,
        duration_h=(until - rows["issued_at"]) / HOUR,
        until=until,
    )
    rows = rows[(rows["issued_at"] < end) & ~(rows["valid_until"] <= begin)]
    return _with_rates(_with_complaints(rows.reset_index(drop=True), known))


def _with_complaints(rows: pd.DataFrame, known: Known) -> pd.DataFrame:
    """Add the complaints of each notice's fault: before it, while it was out, and those it covered."""
    tickets = known.tickets.dropna(subset=["incident_id"])
    tickets = tickets[["incident_id", "created_at", "covered_by"]]
    pairs = rows[["interception_id", "incident_id", "issued_at", "until"]].merge(
        tickets, on="incident_id"
    )
    is_before = pairs["created_at"] < pairs["issued_at"]
    is_during = ~is_before & (pairs["created_at"] <= pairs["until"])
    marks = pd.DataFrame(
        {
            "before": is_before,
            "seen": is_during,
            "intercepted": is_during & pairs["covered_by"].notna(),
        }
    )
    sums = marks.groupby(pairs["interception_id"]).sum()
    sums = sums.reindex(rows["interception_id"]).fillna(0).astype("int64").reset_index(drop=True)
    expected = (rows["expected_complaints"] - sums["before"]).clip(lower=0.0)
    return rows.assign(
        expected=expected,
        seen=sums["seen"],
        intercepted=sums["intercepted"],
        escaped=sums["seen"] - sums["intercepted"],
    )


def _with_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Add which notices were false and the rates with and without them."""
    is_over = rows["end_reason"].isin(["cleared", "expired"])
    is_idle = is_over & rows["first_complaint_at"].isna() & ~(rows["surest"] >= SURE)
    scale = 1e4 / rows["users"].where(rows["users"] > 0)
    return rows.assign(
        is_false=(rows["end_reason"] == "withdrawn") | is_idle,
        per_10k_with=rows["escaped"] * scale,
        per_10k_without=rows["seen"] * scale,
    ).sort_values(["issued_at", "interception_id"], ignore_index=True)
