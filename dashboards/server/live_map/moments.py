"""Ask the ledger how things stood at a moment: faults, complaints, notices, and the figures along the top.

A moment is in seconds since 1970; None is now. Of the past an incident is told by its version of then, and its
complaints by the tickets that had come; how many were still expected then is not kept, so `to_come` is unknown.

Severity is that of the daily report (`correlate.daily.incidents.severity`).

Simple so far: the ledger keeps no rate of a version, so the usual rate of its cause stands for it; complaints of the
past count as told before by what is known now.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from contract.ledger.county_scope import of_counties
from contract.ledger.schema import (
    ALARMS,
    FAULT_INCIDENTS,
    INCIDENTS,
    NOTICES,
    STEPS,
    TICKETS,
    VERSIONS,
)
from correlate.daily.incidents import severity
from correlate.signatures import load_signatures
from kpi.kinds import KINDS
from kpi.measures import MEASURES

LATE_S = 86_400
"""How long after its end an incident may have been taken as open."""
MOST_FAULTS = 5_000
MOST_TICKETS = 20_000
FAULTS = (
    "incident_id", "severity", "cause", "county", "area", "object_id", "users", "cells", "sites", "site_ids",
    "started_at", "complaints", "to_come", "is_noticed",
)  # fmt: skip
COMPLAINTS = (
    "ticket_id", "created_at", "lon", "lat", "county", "place", "symptom", "cause", "covered_by",
)  # fmt: skip
Counties = Collection[str]


@dataclass(frozen=True)
class Moment:
    """What is asked about: seconds since 1970, whether that is now, and when its day began."""

    at: int
    is_now: bool
    day_from: int


@dataclass(frozen=True)
class Figures:
    """The figures along the top; None where unknown."""

    faults: int
    users: float
    notices: int
    alarms: int
    complaints: int
    per_10k: float | None
    step_at: int | None
    target: float | None = None


def faults_at(
    connection: Connection, moment: Moment, *, told_of: Collection[str], counties: Counties = ()
) -> pd.DataFrame:
    """Return the incidents open at a moment, most complaints still to come first, then most users.

    Parameters
    ----------
    told_of : collection of str
        As `told_at` gives them.

    Returns
    -------
    DataFrame
        Columns `FAULTS`; at most `MOST_FAULTS` rows.
    """
    asked = _open_at(moment).where(of_counties(INCIDENTS, counties))
    rows = _frame(connection, asked.limit(MOST_FAULTS))
    if not len(rows):
        return pd.DataFrame(columns=list(FAULTS))
    told = _versions_at(connection, moment, rows["incident_id"].tolist())
    rows = rows.join(told, on="incident_id", how="left" if moment.is_now else "inner")
    if moment.is_now:
        left = (rows["expected_complaints"].fillna(0.0) - rows["complaints"].fillna(0)).clip(
            lower=0.0
        )
        rows = rows.assign(to_come=left.astype(float))
    else:
        rows = rows[rows["ended"].isna() | (rows["ended"] > moment.at)]
        came = _complaints_until(connection, moment.at, rows["incident_id"].tolist())
        rows = rows.assign(
            to_come=np.nan, complaints=came.reindex(rows["incident_id"]).fillna(0).to_numpy()
        )
        for name in ("cause", "county", "area", "object_id", "users", "started_at"):
            rows[name] = rows[f"{name}_then"]
    rows = rows.assign(is_noticed=rows["incident_id"].isin(told_of), severity=_severity(rows))
    by = ["to_come", "users", "incident_id"]
    return rows.sort_values(by, ascending=[False, False, True])[list(FAULTS)].reset_index(drop=True)


def complaints_at(
    connection: Connection, moment: Moment, *, since: int, counties: Counties = ()
) -> pd.DataFrame:
    """Return the complaints made from one moment to another, the latest first, with where they came from.

    Returns
    -------
    DataFrame
        Columns `COMPLAINTS`, placed ones alone; at most `MOST_TICKETS` rows.
    """
    asked = select(*[TICKETS.c[name] for name in COMPLAINTS]).where(
        TICKETS.c.created_at > since,
        TICKETS.c.created_at <= moment.at,
        TICKETS.c.lon.is_not(None),
        of_counties(TICKETS, counties),
    )
    order = (TICKETS.c.created_at.desc(), TICKETS.c.ticket_id)
    return _frame(connection, asked.order_by(*order).limit(MOST_TICKETS))


def county_complaints(
    connection: Connection, moment: Moment, *, counties: Counties = ()
) -> pd.DataFrame:
    """Return the complaints of the day so far by county.

    Returns
    -------
    DataFrame
        `complaints` and `covered` (told before), index `county`.
    """
    counts = (func.count().label("complaints"), func.count(TICKETS.c.covered_by).label("covered"))
    asked = select(TICKETS.c.county, *counts).where(
        TICKETS.c.created_at >= moment.day_from,
        TICKETS.c.created_at <= moment.at,
        of_counties(TICKETS, counties),
    )
    rows = _frame(connection, asked.group_by(TICKETS.c.county))
    return rows.assign(county=rows["county"].fillna("")).set_index("county")


def figures_at(
    connection: Connection,
    moment: Moment,
    *,
    faults: pd.DataFrame,
    by_county: pd.DataFrame,
    users_of: Mapping[str, float],
    notices: int,
) -> Figures:
    """Return the figures along the top.

    Parameters
    ----------
    faults, by_county : DataFrame
        What `faults_at` and `county_complaints` gave.
    users_of : mapping of county to its users
        Of the counties that are asked about.
    notices : int
        How many are out.
    """
    last = (
        select(func.max(STEPS.c.at)).where(STEPS.c.at <= moment.at) if not moment.is_now else None
    )
    step_at = connection.execute(select(func.max(STEPS.c.at)) if last is None else last).scalar()
    left = float((by_county["complaints"] - by_county["covered"]).sum())
    users = sum(users_of.values())
    return Figures(
        faults=len(faults),
        users=float(faults["users"].sum()),
        notices=notices,
        alarms=alarms_at(connection, moment),
        complaints=int(by_county["complaints"].sum()),
        per_10k=left / users * 1e4 if users else None,
        step_at=None if step_at is None else int(step_at),
    )


def alarms_at(connection: Connection, moment: Moment) -> int:
    """Return how many alarms were in force at a moment."""
    in_force: ColumnElement[bool] = ALARMS.c.cleared_at.is_(None)
    if not moment.is_now:
        in_force = and_(
            ALARMS.c.raised_at <= moment.at, or_(in_force, ALARMS.c.cleared_at > moment.at)
        )
    return int(connection.execute(select(func.count()).where(in_force)).scalar() or 0)


def _open_at(moment: Moment) -> Select[Any]:
    """Return the question for the incidents that are, or may have been, open at a moment."""
    named = (
        "incident_id",
        "cause",
        "county",
        "area",
        "object_id",
        "users",
        "started_at",
        "complaints",
    )
    asked = select(*[INCIDENTS.c[name] for name in (*named, "expected_complaints")])
    if moment.is_now:
        return asked.where(INCIDENTS.c.ended_at.is_(None))
    ended = INCIDENTS.c.ended_at
    return asked.where(
        INCIDENTS.c.detected_at <= moment.at, or_(ended.is_(None), ended > moment.at - LATE_S)
    )


def _versions_at(connection: Connection, moment: Moment, wanted: list[str]) -> pd.DataFrame:
    """Return the last version of incidents at a moment, index `incident_id`."""
    last = select(VERSIONS.c.incident_id, func.max(VERSIONS.c.number).label("number"))
    if not moment.is_now:
        last = last.where(VERSIONS.c.at <= moment.at)
    last = last.where(VERSIONS.c.incident_id.in_(wanted)).group_by(VERSIONS.c.incident_id)
    latest = last.subquery()
    then = ("cause", "county", "area", "object_id", "users", "started_at")
    asked = select(
        VERSIONS.c.incident_id, VERSIONS.c.grade, VERSIONS.c.sites, VERSIONS.c.cells, VERSIONS.c.site_ids,
        VERSIONS.c.ended_at.label("ended"), *[VERSIONS.c[name].label(f"{name}_then") for name in then],
    ).join(
        latest,
        and_(VERSIONS.c.incident_id == latest.c.incident_id, VERSIONS.c.number == latest.c.number),
    )  # fmt: skip
    return _frame(connection, asked).set_index("incident_id")


def _complaints_until(connection: Connection, at: int, wanted: list[str]) -> pd.Series:
    """Return how many tickets of incidents had come by a moment."""
    asked = (
        select(FAULT_INCIDENTS.c.incident_id, func.count().label("complaints"))
        .join(TICKETS, TICKETS.c.fault == FAULT_INCIDENTS.c.fault)
        .where(FAULT_INCIDENTS.c.incident_id.in_(wanted), TICKETS.c.created_at <= at)
        .group_by(FAULT_INCIDENTS.c.incident_id)
    )
    return _frame(connection, asked).set_index("incident_id")["complaints"]


def told_at(connection: Connection, moment: Moment, *, counties: Counties = ()) -> list[str]:
    """Return the incident of each notice that was out at a moment; what comes and goes is told of in between."""
    is_out: ColumnElement[bool] = NOTICES.c.valid_until.is_(None)
    if not moment.is_now:
        is_out = and_(
            NOTICES.c.issued_at <= moment.at, or_(is_out, NOTICES.c.valid_until > moment.at)
        )
    asked = (
        select(NOTICES.c.incident_id)
        .join(INCIDENTS, INCIDENTS.c.incident_id == NOTICES.c.incident_id)
        .where(is_out, of_counties(INCIDENTS, counties))
    )
    return [str(one) for one in connection.execute(asked).scalars()]


def _severity(rows: pd.DataFrame) -> pd.Series:
    """Return the perceived severity of open incidents."""
    usual = rows["cause"].map(_usual_rates()).fillna(0.0)
    told = {"state": "open", "first_sign": "", "per_user_hour": usual}
    counted = {name: rows[name].fillna(0) for name in ("sites", "users")}
    return severity(rows.assign(**told, **counted))


@cache
def _usual_rates() -> Mapping[str, float]:
    """Return the complaints per user and hour that each cause usually brings."""
    measures, kinds = tuple(m.name for m in MEASURES), tuple(k.name for k in KINDS)
    signatures = load_signatures(measures, kinds)
    return dict(zip(signatures.causes, signatures.per_user_hour.tolist(), strict=True))


def _frame(connection: Connection, asked: Select[Any]) -> pd.DataFrame:
    """Return the rows of an answer, numbers that are missing as NaN."""
    result = connection.execute(asked)
    names = list(result.keys())
    return pd.DataFrame([tuple(row) for row in result], columns=names)
