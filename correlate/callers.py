"""Tell who is one caller, and which complaint is a repeat.

One caller: the same number about the same place within the hour. The later ticket is diagnosed like any other, but
counts for nothing where people are counted. Repeat: the same number for the same cause again, after more than an hour
and within 30 days.

Simple so far: a number is one person, though families and hotlines share numbers; a caller who goes on calling counts
anew after an hour.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from correlate.tickets import Ticket

ONE_CALL_S = 3600
REPEAT_S = 30 * 86400
NEAR_M = 1000.0
LIKELY_SHARE = 0.1
"""Least share of a place that makes a site a likely server of it."""
MOST_CALLS = 50
"""Earlier tickets of a number that are looked at, the latest."""
LEAST_DIGITS = 7

_NOT_TOLD = re.compile(r"[\W_]+")


def is_personal(number: str) -> bool:
    """Tell whether a number can be one person's: seven digits (or masks) at least, not all alike.

    Examples
    --------
    >>> [is_personal(n) for n in ("15912342291", "159****2291", "10086", "00000000000", "")]
    [True, True, False, False, False]
    """
    signs = [sign for sign in number if sign.isdigit() or sign == "*"]
    return len(signs) >= LEAST_DIGITS and len(set(signs)) > 1


def earlier_call(
    ticket: Ticket, before: Sequence[Ticket], site_of: NDArray[np.int64]
) -> Ticket | None:
    """Return the ticket of the same caller that counts, None where this one is the first.

    Parameters
    ----------
    before : sequence of Ticket
        Tickets of the same number that arrived before, in order of arrival.
    site_of : array of int [cells]
        Site of each cell.
    """
    for other in reversed(before):
        is_within = abs(ticket.created_at - other.created_at) <= ONE_CALL_S
        if is_within and not other.same_as and is_same_place(ticket, other, site_of):
            return other
    return None


def is_same_place(one: Ticket, other: Ticket, site_of: NDArray[np.int64]) -> bool:
    """Tell whether two tickets are about one place: a likely server, the address or 1 km in common."""
    address = _NOT_TOLD.sub("", one.address).casefold()
    if address and address == _NOT_TOLD.sub("", other.address).casefold():
        return True
    apart_m = math.hypot(one.x_m - other.x_m, one.y_m - other.y_m)
    if all(length <= NEAR_M for length in (apart_m, one.radius_m, other.radius_m)):
        return True
    return not _likely_sites(one, site_of).isdisjoint(_likely_sites(other, site_of))


def _likely_sites(ticket: Ticket, site_of: NDArray[np.int64]) -> set[int]:
    """Return the sites that are likely to serve a ticket's place."""
    known = ticket.cells >= 0
    sites, inverse = np.unique(site_of[ticket.cells[known]], return_inverse=True)
    share = np.bincount(inverse, weights=ticket.share[known], minlength=len(sites))
    return set(sites[share >= LIKELY_SHARE].tolist())


def is_repeat(ticket: Ticket, before: Sequence[Ticket]) -> bool:
    """Tell whether a diagnosed ticket repeats an earlier one: same number and cause (or fault).

    Of complaints within the hour the first counts: the later ones are no repeats, as operators count.

    Parameters
    ----------
    before : sequence of Ticket
        Other tickets of the same number; those not diagnosed yet are left out.
    """
    if ticket.same_as:
        return False
    cause = int(np.argmax(ticket.posterior))
    gaps = [
        ticket.created_at - other.created_at
        for other in before
        if other.diagnosed_at
        and (int(np.argmax(other.posterior)) == cause or 0 < ticket.fault == other.fault)
    ]
    if any(0 <= gap <= ONE_CALL_S for gap in gaps):
        return False
    return any(ONE_CALL_S < gap <= REPEAT_S for gap in gaps)


def calls_before(
    ticket: Ticket, callers: Mapping[str, Sequence[str]], tickets: Mapping[str, Ticket]
) -> list[Ticket]:
    """Return the other tickets of a ticket's number that came so far, the latest fifty."""
    ids = callers.get(ticket.msisdn, ())[-MOST_CALLS:]
    return [tickets[other] for other in ids if other != ticket.ticket_id]
