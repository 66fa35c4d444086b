"""Look at a finished run as it stood at a moment: nothing issued or arrived later counts.

Simple so far: the whole daybook is read for one day's report.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from contract.daybook import read_daybook, read_result
from contract.tables import OUTPUTS
from correlate.incidents import WITHDRAW_AT


@dataclass(frozen=True, eq=False)
class Known:
    """What was known at a moment. Instants are UTC.

    Attributes
    ----------
    at : Timestamp
        The moment, in the zone of the report.
    zone : str
    tickets : DataFrame
        The daybook's tickets that had arrived; what was diagnosed later is empty. `day`: local midnight of
        `created_at`, without zone. `incident_id` is the one it goes on as.
    incidents : DataFrame, index `incident_id`
        The last version of each incident, with `state` (open, cleared, mistaken, merged), `complaints` diagnosed
        so far, `surest` (highest `real` so far) and `first_complaint_at`.
    notices : DataFrame
        The contract's interceptions issued by then; `valid_until` and `end_reason` empty where set later.
    """

    at: pd.Timestamp
    zone: str
    tickets: pd.DataFrame
    incidents: pd.DataFrame
    notices: pd.DataFrame

    @property
    def open_incidents(self) -> pd.DataFrame:
        """Incidents that last."""
        return self.incidents[self.incidents["state"] == "open"]

    @property
    def open_notices(self) -> pd.DataFrame:
        """Notices that are out, the last one of each incident, issued when the first of its revisions was."""
        rows = with_revisions(self.notices)
        out = rows[rows["valid_until"].isna()]
        return out.drop_duplicates("incident_id", keep="last")


def read_run(out: Path) -> dict[str, pd.DataFrame]:
    """Return the daybook of a run, with tables of the contract: notices, serving cells, rows rejected and repaired.

    Raises
    ------
    InputError
        If `out` is not what a run wrote.
    """
    names = ("interceptions", "serving_cells", "rejected", "repairs")
    return read_daybook(out) | {name: read_result(out, name, OUTPUTS[name]) for name in names}


def local_instant(day: dt.date, hour: float, zone: str) -> pd.Timestamp:
    """Return a local day and hour as an instant; an hour the clock leaves out is the next there is.

    >>> str(local_instant(dt.date(2026, 3, 10), 8.5, "Asia/Shanghai"))
    '2026-03-10 08:30:00+08:00'
    """
    naive = pd.Timestamp(day) + pd.Timedelta(hours=hour)
    return naive.tz_localize(zone, nonexistent="shift_forward", ambiguous=False)


def known_then(run: Mapping[str, pd.DataFrame], at: pd.Timestamp, zone: str) -> Known:
    """Return what was known of a run at a moment.

    Parameters
    ----------
    run : mapping of DataFrame
        As `read_run` gives it.
    at : Timestamp, zone-aware
    zone : str
        IANA zone that days are reckoned in.
    """
    merges = run["merges"][run["merges"]["at"] <= at]
    into = _final(merges)
    tickets = _tickets(run["tickets"], into, at, zone)
    notices = run["interceptions"]
    notices = notices[notices["issued_at"] <= at].sort_values(
        ["issued_at", "interception_id"], ignore_index=True
    )
    later = ~(notices["valid_until"] <= at)
    notices = notices.assign(
        valid_until=notices["valid_until"].mask(later), end_reason=notices["end_reason"].mask(later)
    )
    return Known(at, zone, tickets, _incidents(run["versions"], merges, tickets, at), notices)


def with_revisions(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each notice and its revisions: the last, with issue and expectation of the first.

    Parameters
    ----------
    rows : DataFrame
        As of `Known.notices`, in order of issue.

    Returns
    -------
    DataFrame
        The same columns and `revisions`, how many there were.
    """
    root: dict[str, str] = {}
    has_past = rows["revises"].notna()
    for own, past, is_later in zip(rows["interception_id"], rows["revises"], has_past, strict=True):
        root[own] = root.get(past, own) if is_later else own
    chain = rows["interception_id"].map(root).astype("str")
    groups = rows.groupby(chain, sort=False)
    rows = rows.assign(
        issued_at=groups["issued_at"].transform("first"),
        expected_complaints=groups["expected_complaints"].transform("first"),
        revisions=groups["interception_id"].transform("size") - 1,
    )
    return rows[~chain.duplicated(keep="last")].reset_index(drop=True)


def _final(merges: pd.DataFrame) -> dict[str, str]:
    """Return what each merged incident goes on as."""
    into = dict(zip(merges["incident_id"], merges["into"], strict=True))
    for one in into:
        while into[one] in into and into[one] != one:
            into[one] = into[into[one]]
    return into


def _tickets(
    tickets: pd.DataFrame, into: Mapping[str, str], at: pd.Timestamp, zone: str
) -> pd.DataFrame:
    """Return the tickets that had arrived, without what was found later."""
    rows = tickets[tickets["arrived_at"] <= at].reset_index(drop=True)
    is_told = rows["diagnosed_at"] <= at
    is_covered = rows["covered_at"] <= at
    incident = rows["incident_id"].where(rows["incident_at"] <= at).astype("str")
    local = rows["created_at"].dt.tz_convert(zone).dt.tz_localize(None)
    return rows.assign(
        day=local.dt.normalize(),
        cause=rows["cause"].where(is_told),
        probability=rows["probability"].where(is_told),
        is_customer_side=rows["is_customer_side"].astype(bool) & is_told,
        is_repeat=rows["is_repeat"].astype(bool) & is_told,
        incident_id=incident.map(into).astype("str").fillna(incident),
        covered_by=rows["covered_by"].where(is_covered),
        lead_min=rows["lead_min"].where(is_covered),
    )


def _incidents(
    versions: pd.DataFrame, merges: pd.DataFrame, tickets: pd.DataFrame, at: pd.Timestamp
) -> pd.DataFrame:
    """Return the incidents as they were believed to be, with their complaints so far."""
    told = versions[versions["at"] <= at].sort_values(["incident_id", "at"], kind="stable")
    last = told.drop_duplicates("incident_id", keep="last").set_index("incident_id")
    state = pd.Series("open", index=last.index, dtype="str")
    over = last["ended_at"].notna()
    state = state.mask(over, "cleared").mask(over & (last["real"] < WITHDRAW_AT), "mistaken")
    state = state.mask(last.index.isin(merges["incident_id"]), "merged")
    own = tickets.dropna(subset=["incident_id"]).groupby("incident_id")["created_at"]
    return last.assign(
        state=state,
        complaints=own.size().reindex(last.index).fillna(0).astype("int64"),
        first_complaint_at=own.min().reindex(last.index),
        surest=told.groupby("incident_id")["real"].max().reindex(last.index),
    )
