"""Turn tickets and what the register said of their numbers into observations without numbers.

Only tickets whose coordinates or words tell the place count: a place taken from the register would
confirm the register.

Simple so far: the spot of a ticket is the one after fusing, which its sightings drew a little.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from correlate.tickets import Ticket
from sites.inventory import Network
from sites.observations import Observations, nothing_observed, observations

TOLD = ("coordinates", "address")
MOST_RADIUS_M = 5000.0
MOST_AGE_H = 24.0 * 14
COLUMNS = ("msisdn", "created_at", "arrived_at", "x_m", "y_m", "radius_m")


def observed(tickets: Iterable[Ticket], locations: pd.DataFrame, network: Network) -> Observations:
    """Return where the numbers of tickets were seen, and from which places.

    Parameters
    ----------
    tickets : iterable of Ticket
    locations : DataFrame
        `msisdn`, `seen_at` (UTC), `cell_id`: what had arrived by now. Never changed.
    network : Network

    Returns
    -------
    Observations
        One for each ticket and cell, the freshest; `arrived_at` is the ticket's.
    """
    told = [
        (ticket.msisdn, ticket.created_at, ticket.arrived_at, ticket.x_m, ticket.y_m, ticket.radius_m)
        for ticket in tickets
        if ticket.msisdn and ticket.basis in TOLD and ticket.radius_m <= MOST_RADIUS_M
    ]  # fmt: skip
    if not told or locations.empty:
        return nothing_observed()
    asked = pd.DataFrame(told, columns=list(COLUMNS))
    cell = locations["cell_id"].map(network.cell_position)
    seen = pd.DataFrame(
        {
            "msisdn": locations["msisdn"].astype("str"),
            "cell": cell.fillna(-1).astype("int64"),
            "seen_s": locations["seen_at"].dt.as_unit("s").astype("int64"),
        }
    )
    pairs = asked.assign(ticket=asked.index).merge(seen[cell.notna()], on="msisdn")
    age_h = (pairs["created_at"] - pairs["seen_s"]) / 3600.0
    pairs = pairs.assign(age_h=np.abs(age_h))[age_h.abs() <= MOST_AGE_H]
    pairs = pairs.sort_values(["ticket", "cell", "age_h"], kind="stable")
    pairs = pairs.drop_duplicates(["ticket", "cell"])
    return observations(
        pairs["x_m"],
        pairs["y_m"],
        radius_m=pairs["radius_m"],
        cell=pairs["cell"],
        age_h=pairs["age_h"],
        arrived_at=pairs["arrived_at"],
    )
