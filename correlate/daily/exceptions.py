"""Apply what was approved: stretches in which a repair clock stands still, and sites left out of an assessment.

The setting `repair_exceptions` names a table of them: `kind` (suspension or exemption), `object_id` (an incident, its
object or one of its sites; for an exemption a site), `since`, `until` (empty: still), `reason`, `approved_by`. A row
without an approval does not count.

Simple so far: an approval counts from the begin of its row, also where it was given later.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd

from contract.errors import InputError
from correlate.daily.known_then import Known
from correlate.daily.side_tables import read_side_table

REASONS_FILE = Path(__file__).with_name("suspension_reasons.csv")
KINDS = ("suspension", "exemption")
COLUMNS = ("kind", "object_id", "since", "until", "reason", "approved_by")
HOUR = pd.Timedelta(hours=1)


@cache
def suspension_reasons(path: Path = REASONS_FILE) -> frozenset[str]:
    """Return the reasons for which a clock may stand still.

    >>> sorted(suspension_reasons())
    ['power', 'property', 'weather']
    """
    with path.open(encoding="utf-8", newline="") as file:
        return frozenset(row["reason"] for row in csv.DictReader(file))


def no_exceptions() -> pd.DataFrame:
    """Return a table of exceptions without a row."""
    instants = ("since", "until")
    kinds = {n: "datetime64[us, UTC]" if n in instants else "str" for n in COLUMNS}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def read_exceptions(path: Path | None, zone: str) -> pd.DataFrame:
    """Return the approved exceptions of a file, instants in UTC; none without a file.

    Raises
    ------
    InputError
        If the file can't be read, lacks a column, or has a kind or a reason that is not known.
    """
    if path is None:
        return no_exceptions()
    table = read_side_table(
        path,
        "repair_exceptions",
        needed=("kind", "object_id", "since"),
        instants=("since", "until"),
        more=("until", "reason", "approved_by"),
        zone=zone,
    )
    _check(table, "kind", KINDS, path)
    stops = table[table["kind"] == "suspension"]
    _check(stops, "reason", sorted(suspension_reasons()), path)
    table["until"] = pd.to_datetime(table["until"], utc=True)
    return table[table["approved_by"].notna()].reset_index(drop=True)


def with_suspensions(known: Known, exceptions: pd.DataFrame) -> Known:
    """Return what was known with the due times of incidents put off by their suspensions.

    Adds to the incidents `suspended_h`, hours in which the clock stood still, and `suspension`, the reason for which
    it stands still at the moment (null: it does not). Time after the repair was due puts nothing off.
    """
    rows = known.incidents
    at = known.at.tz_convert("UTC")
    stops = exceptions[(exceptions["kind"] == "suspension") & (exceptions["since"] <= at)]
    is_on = stops["until"].isna() | (stops["until"] > at)
    clipped = stops["until"].fillna(at).clip(upper=at)
    pairs = _matched(rows, stops.assign(is_on=is_on, until=clipped))
    shift = pd.Series(pd.Timedelta(0), index=rows.index)
    reason = pd.Series(None, index=rows.index, dtype="str")
    for incident_id, stretches in pairs.groupby("incident"):
        told = rows.loc[incident_id]
        shift[incident_id] = _put_off(told, stretches)
        still = stretches[stretches["is_on"]]
        is_open = pd.isna(told["ended_at"]) and told["due_at"] + shift[incident_id] > at
        reason[incident_id] = still["reason"].iloc[-1] if len(still) and is_open else None
    due = rows["due_at"] + shift
    told_rows = rows.assign(due_at=due, suspended_h=shift / HOUR, suspension=reason)
    return replace(known, incidents=told_rows)


def exempt_sites(exceptions: pd.DataFrame, at: pd.Timestamp) -> pd.DataFrame:
    """Return the stretches in which sites are left out: `site_id`, `since`, `until` (at most `at`)."""
    rows = exceptions[(exceptions["kind"] == "exemption") & (exceptions["since"] <= at)]
    now = at.tz_convert("UTC")
    until = rows["until"].clip(upper=now).fillna(now)
    return pd.DataFrame(
        {"site_id": rows["object_id"], "since": rows["since"], "until": until}
    ).reset_index(drop=True)


def _matched(incidents: pd.DataFrame, stops: pd.DataFrame) -> pd.DataFrame:
    """Return the suspensions of each incident: by its own id, its object or one of its sites."""
    sites = incidents["site_ids"].fillna("").str.split("|").explode()
    names = pd.concat(
        [
            pd.Series(incidents.index, index=incidents.index, dtype="str"),
            incidents["object_id"],
            sites,
        ]
    )
    named = pd.DataFrame({"incident": names.index.astype("str"), "object_id": names.to_numpy()})
    named = named.dropna().drop_duplicates()
    pairs = named.merge(stops, on="object_id")
    return pairs.sort_values(["incident", "since"], kind="stable")


def _put_off(incident: pd.Series, stretches: pd.DataFrame) -> pd.Timedelta:
    """Return how long the clock of an incident stood still before it was due; stretches that overlap count once."""
    due, reached = incident["due_at"], incident["detected_at"]
    total = pd.Timedelta(0)
    for since, until in zip(stretches["since"], stretches["until"], strict=True):
        begin = max(since, reached)
        if begin < min(until, due + total):
            total += until - begin
            reached = until
    return total


def _check(
    table: pd.DataFrame, column: str, allowed: tuple[str, ...] | list[str], path: Path
) -> None:
    """Raise where a column holds something that is not known."""
    strange = sorted(set(table[column].fillna("")) - set(allowed))
    if strange:
        msg = f"`repair_exceptions`: `{column}` of {path.name} must be one of {list(allowed)}, got {strange}."
        raise InputError(msg)
