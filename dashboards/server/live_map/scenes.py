"""Put together what one look at the map shows: what the ledger knew at a moment, and the marks of a view.

What the ledger answered is kept until something changed, so that many pages that look at once ask it once. Rows that
come in change the number of alarms in force alone: all else waits for the step that concludes something from them.

Simple so far: kept for each set of counties, now alone.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from contract.ledger.accounts import Caller
from correlate.per_10k import users_on
from dashboards.server.due_days import day_from, local_day
from dashboards.server.live_map.grounds import Ground
from dashboards.server.live_map.marks import (
    LEAST_SHOWN,
    Marks,
    bounded,
    complaint_marks,
    fault_marks,
    names_in,
    placed_faults,
    site_marks,
    site_severities,
)
from dashboards.server.live_map.moments import (
    Figures,
    Moment,
    alarms_at,
    complaints_at,
    county_complaints,
    faults_at,
    figures_at,
    told_at,
)
from dashboards.server.live_map.views import View
from dashboards.server.running import Server
from dashboards.server.writing import US

COMPLAINT_HOURS = 6
TEAM = "alarms"
"""Who may see alarms is of the network team."""
MOST_BACK_S = 86_400
MOST_KEPT = 64


@dataclass(frozen=True)
class Standing:
    """How things stood at a moment, for some counties.

    Attributes
    ----------
    faults : DataFrame
        As `marks.placed_faults` gives them.
    severities : Series
        As `marks.site_severities` gives them.
    complaints : DataFrame
        Of the last hours, as `moments.complaints_at` gives them.
    rates : DataFrame
        `complaints` and `per_10k` of the day, index the county.
    drawn : str
        The same where the same is drawn of it: all but the figures along the top.
    """

    moment: Moment
    figures: Figures
    faults: pd.DataFrame
    severities: pd.Series
    complaints: pd.DataFrame
    rates: pd.DataFrame
    drawn: str = field(default_factory=lambda: secrets.token_hex(8))


@dataclass(frozen=True)
class _Kept:
    """How things stood, what the hub had concluded when, and what it had told of in all."""

    mark: object
    told: int
    standing: Standing


@dataclass
class KeptStandings:
    """What the ledger answered last for each set of counties, until something changed."""

    _kept: dict[frozenset[str], _Kept] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(
        self, server: Server, ground: Ground, counties: frozenset[str], at: int | None
    ) -> Standing:
        """Return how things stand, or stood at a moment (seconds since 1970)."""
        if at is not None:
            return standing(server, ground, counties, at)
        with self._lock:
            told = server.hub.told
            mark = (server.hub.concluded, server.writer.clock() // (60 * US), id(ground))
            found = self._kept.get(counties)
            if found is None or found.mark != mark:
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                found = _Kept(mark, told, standing(server, ground, counties, None))
            elif found.told != told:
                found = _Kept(mark, told, _counted_anew(server, found.standing))
            self._kept[counties] = found
            return found.standing


def standing(server: Server, ground: Ground, counties: frozenset[str], at: int | None) -> Standing:
    """Return how things stand, or stood at a moment: what the ledger answers, laid on the ground."""
    moment = moment_of(server, at)
    day = local_day(moment.at, server.settings.zone)
    users = users_on(server.intake.inventory["subscribers"], day)
    users_of = {c: n for c, n in users.items() if not counties or c in counties}
    with server.ledger.reading() as connection:
        told_of = told_at(connection, moment, counties=counties)
        faults = faults_at(connection, moment, told_of=told_of, counties=counties)
        since = moment.at - COMPLAINT_HOURS * 3600
        complaints = complaints_at(connection, moment, since=since, counties=counties)
        by_county = county_complaints(connection, moment, counties=counties)
        figures = figures_at(
            connection,
            moment,
            faults=faults,
            by_county=by_county,
            users_of=users_of,
            notices=len(told_of),
        )
    return Standing(
        moment=moment,
        figures=replace(figures, target=server.settings.target_per_10k),
        faults=placed_faults(faults, ground),
        severities=site_severities(faults, ground),
        complaints=complaints,
        rates=county_rates(by_county, users_of),
    )


def _counted_anew(server: Server, stood: Standing) -> Standing:
    """Return how things stand after rows came in and nothing was concluded from them yet."""
    with server.ledger.reading() as connection:
        alarms = alarms_at(connection, stood.moment)
    return replace(stood, figures=replace(stood.figures, alarms=alarms))


def moment_of(server: Server, at: int | None) -> Moment:
    """Return a moment of the last day, now where none is given or it lies ahead."""
    now = server.writer.clock() // US
    is_now = at is None or at >= now
    meant = now if at is None or is_now else max(at, now - MOST_BACK_S)
    return Moment(meant, is_now, day_from(meant, server.settings.zone))


def county_rates(by_county: pd.DataFrame, users_of: Mapping[str, float]) -> pd.DataFrame:
    """Return the complaints of each county, also where there were none, and what they are per 10,000 users.

    Returns
    -------
    DataFrame
        `complaints`, `per_10k` (those told before are not counted), index the county.
    """
    users = pd.Series(dict(users_of), dtype=float)
    rows = by_county.reindex(users.index).fillna(0.0)
    left = (rows["complaints"] - rows["covered"]).astype(float)
    return pd.DataFrame(
        {
            "complaints": rows["complaints"].astype(float),
            "per_10k": left * 1e4 / users.where(users > 0),
        }
    )


def told_rates(rates: pd.DataFrame, caller: Caller) -> pd.DataFrame:
    """Return rates as a caller may see them: null where few complained, but for the network team."""
    if caller.may(TEAM):
        return rates
    return rates.assign(per_10k=rates["per_10k"].where(rates["complaints"] >= LEAST_SHOWN))


def marks_of(
    stood: Standing, ground: Ground, view: View, *, caller: Caller, layers: Collection[str]
) -> Marks:
    """Return the marks of a view, of the layers that are switched on."""
    counties = sorted(caller.counties)
    faults = stood.faults if {"faults", "notices"} & set(layers) else stood.faults.iloc[:0]
    complaints = stood.complaints if "complaints" in layers else stood.complaints.iloc[:0]
    drawn = ground.sites if "sites" in layers else ground.sites.iloc[:0]
    team, now = caller.may(TEAM), stood.moment.at
    return bounded(
        Marks(
            faults=fault_marks(faults, view),
            sites=site_marks(drawn, stood.severities, view, counties=counties),
            complaints=complaint_marks(complaints, view, now=now, is_team=team),
            names=names_in(ground, view, counties=counties),
        )
    )
