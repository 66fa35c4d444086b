"""Weigh where the numbers of complaints were last seen.

A sighting is of the place complained of the likelier the fresher it is, and hardly where the customer says to be
elsewhere. Old sightings are not looked at: where people are by night and by day is known from longer history only,
which the operator has to state a purpose for (`history_purpose`); then a site that saw a number on most of its nights
or working days stays likely whatever the age of the sighting.

Simple so far: the chances are constants of the settings; home and work are found by hours of the day alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from correlate.place_points import LocatingSettings
from sites.inventory import Network
from sites.mentions import matching_pairs
from sites.places import Gazetteer

HOURS = np.timedelta64(1, "h")
# Older sightings are history.
SHORT_H = 24.0 * 7
# Hours at home, and at work on days from Monday to Friday.
NIGHT_FROM, NIGHT_TO = 21, 7
WORK_FROM, WORK_TO = 9, 18
FRIDAY = 4
# Nights or working days on which a number must have been seen to have a habit, and the share of them at one site.
LEAST_DAYS, LEAST_SHARE = 3, 0.5
# Chance that the place complained of is where the number usually is by night, by day.
HOME_TRUST, WORK_TRUST = 0.35, 0.2


@dataclass(frozen=True)
class Sightings:
    """Sites that saw the number of a complaint: position of complaint, site, cell; trust (0-1), age (hours)."""

    row: Any
    site: Any
    cell: Any
    trust: Any
    age_h: Any


def sightings_of(
    asked: pd.DataFrame,
    sightings: pd.DataFrame,
    gazetteer: Gazetteer,
    network: Network,
    settings: LocatingSettings,
) -> Sightings:
    """Return the sites that saw each complaint's number, the most trusted ones, in order of the complaint.

    Parameters
    ----------
    asked : DataFrame, index 0..n-1
        `msisdn`, `created_at` (UTC), `text`.
    sightings : DataFrame
        `msisdn`, `seen_at` (UTC), `cell` (position, -1 for unknown).
    gazetteer : Gazetteer
        Its words tell who is elsewhere.
    network : Network
    settings : LocatingSettings
        `seen_*`, `most_sightings`, `uses_history`, `zone`.

    Returns
    -------
    Sightings
    """
    number = asked["msisdn"].fillna("").to_numpy(object).astype(str)
    seen = sightings["msisdn"].fillna("").to_numpy(object).astype(str)
    order = np.argsort(seen, kind="stable")
    row, at = matching_pairs(number, seen[order])
    at = order[at]
    cell = sightings["cell"].to_numpy(int)[at]
    created = asked["created_at"].dt.tz_localize(None).to_numpy()[row]
    hours = np.abs(created - sightings["seen_at"].dt.tz_localize(None).to_numpy()[at]) / HOURS
    kept = (cell >= 0) & (number[row] != "") & (settings.uses_history | (hours <= SHORT_H))
    row, at, cell, hours = row[kept], at[kept], cell[kept], hours[kept]
    site = network.cells["site"].to_numpy(int)[cell]
    trust = settings.seen_trust * 0.5 ** (hours / settings.seen_half_life_h)
    if settings.uses_history:
        seen_at = sightings["seen_at"].iloc[at].dt.tz_convert(settings.zone)
        trust = np.maximum(trust, habit_trust(row, site, seen_at))
    trust = trust * away_chance(asked, gazetteer, 1.0, settings.seen_trust_away)[row]
    found = Sightings(row=row, site=site, cell=cell, trust=trust, age_h=hours)
    return _one_a_site(found, settings)


def habit_trust(row: Any, site: Any, seen_at: pd.Series) -> Any:
    """Return the chance that a sighting is of the place complained of because its number is usually there.

    Parameters
    ----------
    row, site : array of int, shape (n,)
        Complaint and site of each sighting.
    seen_at : Series, shape (n,)
        On the operator's clock.

    Returns
    -------
    array, shape (n,)
        0 where there is no habit.
    """
    hour, weekday = seen_at.dt.hour.to_numpy(), seen_at.dt.day_of_week.to_numpy()
    day = seen_at.dt.tz_localize(None).to_numpy("datetime64[D]").astype(int)
    is_night = (hour >= NIGHT_FROM) | (hour < NIGHT_TO)
    is_work = (hour >= WORK_FROM) & (hour < WORK_TO) & (weekday <= FRIDAY)
    night = day - (hour < NIGHT_TO)
    home = _usual(row, site, night, is_night)
    return np.where(home, HOME_TRUST, np.where(_usual(row, site, day, is_work), WORK_TRUST, 0.0))


def _usual(row: Any, site: Any, day: Any, counts: Any) -> Any:
    """Return which sightings are at the site that saw their number on most of the days that count."""
    table = pd.DataFrame({"row": row[counts], "site": site[counts], "day": day[counts]})
    days = table.drop_duplicates(["row", "day"]).groupby("row").size()
    here = table.drop_duplicates().groupby(["row", "site"]).size()
    all_days = here.index.get_level_values("row").map(days).to_numpy(float)
    usual = here[(here >= LEAST_DAYS).to_numpy() & (here.to_numpy() >= LEAST_SHARE * all_days)]
    return pd.MultiIndex.from_arrays([row, site]).isin(usual.index)


def away_chance(asked: pd.DataFrame, gazetteer: Gazetteer, usual: float, said: float) -> Any:
    """Return one value where the words say that the customer is elsewhere, another where not.

    Parameters
    ----------
    asked : DataFrame
        `text`.
    gazetteer : Gazetteer
        Its words of the role ``away`` are looked for.
    usual, said : float
        The two values.

    Returns
    -------
    array of float, shape (n,)
    """
    pattern = gazetteer.words.patterns["away"]
    says = [isinstance(t, str) and pattern.search(t.lower()) is not None for t in asked["text"]]
    return np.where(np.array(says, dtype=bool), said, usual)


def _one_a_site(found: Sightings, settings: LocatingSettings) -> Sightings:
    """Return sightings with the sightings of one site together, the best ones of each row."""
    order = np.lexsort((found.cell, -found.trust, found.site, found.row))
    row, site, cell, trust, age_h = (values[order] for values in vars(found).values())
    is_first = np.ones(len(row), dtype=bool)
    is_first[1:] = (row[1:] != row[:-1]) | (site[1:] != site[:-1])
    count = np.diff(np.append(np.flatnonzero(is_first), len(row)))
    row, site, cell, age_h = row[is_first], site[is_first], cell[is_first], age_h[is_first]
    trust = 1.0 - (1.0 - trust[is_first]) * settings.seen_again ** (count - 1)
    order = np.lexsort((site, -trust, row))
    place = np.arange(len(row)) - np.searchsorted(row, row)
    kept = order[place < settings.most_sightings]
    return Sightings(row[kept], site[kept], cell[kept], trust[kept], age_h[kept])
