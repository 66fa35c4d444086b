"""Learn how often a first dip of availability is a short reset, and how often an outage begins.

A *first dip* is a period in which a cell, available before, was away for a part of the time. In some networks
equipment restarts daily and nearly every dip is over when its counters come; in others a dip is the first part of an
outage. Which it is here is learned from the periods that followed earlier dips; where resets prevail, a first dip
alone opens nothing.

Simple so far: dips are told apart by depth, length of period and company (one cell or two of a site, or more at once)
only, not by cell, vendor or hour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpi.measures import Floats

Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

WHOLE = 0.95  # availability from which a cell counts as there all the time
DEPTHS = np.array([0.1, 0.3, 0.5, 0.7], dtype=np.float32)  # what was left, between nothing and all
LASTING_AT_FIRST = 1.5  # of two dips; START value: a dip is believed until resets have been seen
RESET_AT_FIRST = 0.5
BELIEVED_AT = 0.4
SHORT_SECONDS = 2700
COMPANY = 3  # cells of a site that dip at once: the site's trouble, not a cell's


@dataclass
class Resets:
    """What is known of dips so far; `learn_resets` changes it in place."""

    last: Floats  # [C] availability in the last period told, NaN before any
    company: Ints  # [C] cells of the site in a first dip in that period; 0: this one was in none
    lasting: (
        Floats  # [2, 2, D] dips that went on, by short or long periods, alone or in company, depth
    )
    over: Floats  # [2, 2, D] dips that did not


def start_resets(cells: int) -> Resets:
    """Return what is known of dips before any counter came."""
    shape = (2, 2, len(DEPTHS) + 1)
    return Resets(
        last=np.full(cells, np.nan, dtype=np.float32),
        company=np.zeros(cells, dtype=np.intp),
        lasting=np.full(shape, LASTING_AT_FIRST, dtype=np.float32),
        over=np.full(shape, RESET_AT_FIRST, dtype=np.float32),
    )


def first_dips(resets: Resets, cells: Ints, availability: Floats) -> Flags:
    """Return which cells, there all the time before (or unknown), were away for a part of a period.

    Parameters
    ----------
    cells : array of int [n]
        Each once.
    availability : array [n]
        Share of the period, 0 to 1; NaN where not reported.

    Examples
    --------
    >>> first_dips(start_resets(2), np.array([0, 1]), np.array([0.8, 1.0])).tolist()
    [True, False]
    """
    before = resets.last[cells]
    return np.asarray((availability < WHOLE) & ~(before < WHOLE))


def company_of(dips: Flags, sites: Ints) -> Ints:
    """Return for each dip how many cells of its site dip at once, itself included; 0 for no dip.

    Parameters
    ----------
    dips : array of bool [n]
    sites : array of int [n]
        Site of each.

    Examples
    --------
    >>> company_of(np.array([True, True, False]), np.array([4, 4, 4])).tolist()
    [2, 2, 0]
    """
    together = np.bincount(sites[dips], minlength=int(sites.max(initial=0)) + 1)
    return np.where(dips, together[sites], 0).astype(np.intp)


def lasting_share(resets: Resets, availability: Floats, company: Ints, *, seconds: int) -> Floats:
    """Return the share of earlier dips of such depth and company that went on in the next period.

    Parameters
    ----------
    availability : array [n]
    company : array of int [n]
        As `company_of` gives it.
    seconds : int
        Length of the period.

    Examples
    --------
    >>> lasting_share(start_resets(1), np.array([0.8]), np.array([1]), seconds=3600).tolist()
    [0.75]
    """
    at = _class_of(availability, company, seconds=seconds)
    return np.asarray(resets.lasting[at] / (resets.lasting[at] + resets.over[at]))


def _class_of(availability: Floats, company: Ints, *, seconds: int) -> tuple[Ints, Ints, Ints]:
    """Return the class of each dip: length of its period, company and depth."""
    length = np.full(len(availability), int(seconds >= SHORT_SECONDS), dtype=np.intp)
    depth = np.searchsorted(DEPTHS, availability)
    return length, (company >= COMPANY).astype(np.intp), np.asarray(depth, dtype=np.intp)


def learn_resets(
    resets: Resets, cells: Ints, availability: Floats, company: Ints, *, seconds: int
) -> Resets:
    """Return what is known of dips after a period, its arrays changed in place.

    Each dip counts by its share of its company, so that a site's trouble counts once.

    Parameters
    ----------
    cells : array of int [n]
        Each once; rows without availability teach nothing.
    availability : array [n]
    company : array of int [n]
        Of this period, as `company_of` gives it.
    seconds : int
        Length of the period.
    """
    known = np.isfinite(availability)
    before = resets.company[cells]
    at = _class_of(resets.last[cells], before, seconds=seconds)
    share = np.where(known & (before > 0), 1 / np.maximum(before, 1), 0).astype(np.float32)
    went_on = availability < WHOLE
    np.add.at(resets.lasting, at, share * went_on)
    np.add.at(resets.over, at, share * ~went_on)
    resets.last[cells[known]] = availability[known]
    resets.company[cells[known]] = company[known]
    return resets
