"""Teach coverage, as time goes by, on where numbers of earlier complaints were seen from known places.

Fits are made at the beginnings of days, whenever there are three times the observations of the last one; a
complaint is located with the latest fit before it arrived. A fit is kept only if it foretells sightings held out.

Simple so far: a fit begins anew each time; a place is its likeliest spot by coordinates or words alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from correlate.place_points import Components
from correlate.register import Sightings
from sites.fit_accuracy import Calibration, calibration, calibration_sentence
from sites.inventory import Network
from sites.observations import (
    Observations,
    arrived_before,
    chosen_observations,
    nothing_observed,
    observations,
)

LEAST_OBSERVATIONS = 200
GROWTH = 3.0
# Older ones are forgotten: networks change, and more teach little more.
MOST_OBSERVATIONS = 3000
MOST_RADIUS_M = 5000.0
MOST_AGE_H = 24.0 * 14
SECONDS_PER_HOUR = 3600.0
DAY_S = 86_400
TOLD = ("coordinates", "address")


@dataclass(frozen=True)
class Lessons:
    """What coverage was taught, in the order of time.

    Attributes
    ----------
    since_s : array of int
        From when each fit holds, seconds since 1970, ascending.
    fits : tuple of Calibration
    """

    since_s: Any
    fits: tuple[Calibration, ...]

    def number_at(self, arrived_h: Any) -> Any:
        """Return the number of the fit that holds at each arrival (hours), -1 where nothing is taught."""
        at = np.searchsorted(self.since_s, np.asarray(arrived_h) * SECONDS_PER_HOUR, "right") - 1
        is_kept = np.array([fit.is_kept for fit in self.fits] + [False])
        return np.where(is_kept[at], at, -1)

    def offset_db(self, number: int) -> Any | None:
        """Return what a fit adds to the preference of each cell, None for nothing."""
        return self.fits[number].fit.offset_db if number >= 0 else None


def told_of(taught: Lessons) -> str:
    """Return what coverage was taught in the end and how well it foretells, as one sentence."""
    if not taught.fits:
        return (
            f"coverage is as computed: fewer than {LEAST_OBSERVATIONS} sightings from known places"
        )
    return calibration_sentence(taught.fits[-1])


def lessons(network: Network, seen: Observations) -> Lessons:
    """Return the fits that were due while observations came, each on those that had arrived before it.

    Parameters
    ----------
    network : Network
    seen : Observations
        In order of arrival.
    """
    since: list[int] = []
    fits: list[Calibration] = []
    due = LEAST_OBSERVATIONS
    for day in np.unique(seen.arrived_at // DAY_S + 1).tolist():
        known = arrived_before(seen, day * DAY_S)
        if len(known) >= due:
            latest = chosen_observations(known, slice(-MOST_OBSERVATIONS, None))
            since.append(day * DAY_S)
            fits.append(calibration(network, latest))
            due = int(GROWTH * len(known))
    return Lessons(np.array(since, dtype=np.int64), tuple(fits))


def observed_places(parts: Components, seen: Sightings, arrived_h: Any) -> Observations:
    """Return sightings whose place is told by coordinates or words, without numbers.

    Parameters
    ----------
    parts : Components
        Candidate places before any sighting is weighed, in order of the complaint.
    seen : Sightings
    arrived_h : array, shape (n,)
        When each complaint arrived, hours since 1970.
    """
    told = np.where(np.isin(parts.basis, TOLD), parts.weight, -1.0)
    order = np.lexsort((-told, parts.row))
    rows, first = np.unique(parts.row[order], return_index=True)
    best = np.full(len(arrived_h), -1)
    best[rows] = order[first]
    at = best[seen.row]
    is_known = (at >= 0) & (told[at] > 0.5) & (parts.radius_m[at] <= MOST_RADIUS_M)
    is_known &= seen.age_h <= MOST_AGE_H
    if not is_known.any():
        return nothing_observed()
    at, row = at[is_known], seen.row[is_known]
    return observations(
        parts.x_m[at],
        parts.y_m[at],
        radius_m=parts.radius_m[at],
        cell=seen.cell[is_known],
        age_h=seen.age_h[is_known],
        arrived_at=(np.asarray(arrived_h)[row] * SECONDS_PER_HOUR).astype(np.int64),
    )
