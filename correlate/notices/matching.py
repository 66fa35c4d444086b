"""Match complaints to the notices that were out for their place when they came, and tell which of them fit.

A complaint *escaped* when a notice was out for its place, at its time, for what it complains of: an agent who had read
the notice could have answered it, and no work order need have been written.

Simple so far: place is one of the three likeliest sites; a symptom fits when it is not rare among the cause's callers.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from correlate.covering import LIKELIEST, final_fault
from correlate.knowledge import Knowledge
from correlate.state import State
from correlate.tickets import Ticket

LEAST_CHANCE = 0.03
"""Chance of a symptom among the callers of a cause from which it fits (between rare and possible)."""
FOREVER = 2**62


def matched_complaints(state: State, knowledge: Knowledge) -> pd.DataFrame:
    """Return the complaints that came while a notice was out for their place.

    Returns
    -------
    DataFrame, one row per notice and ticket
        `notice_id`, `ticket_id`, `known_at` (seconds since 1970), `lead_min`, `is_escaped`, `is_same_fault`.
    """
    tickets = list(state.tickets.values())
    rows, spots = _rows_at_sites(state), _tickets_at_sites(knowledge, tickets)
    pairs = spots.merge(rows, on="site")
    is_out = (pairs["issued_at"] < pairs["created_at"]) & (pairs["created_at"] <= pairs["until"])
    pairs = pairs[is_out].drop_duplicates(["notice_id", "ticket_id"])
    pairs = pairs.sort_values(["notice_id", "ticket_id"], ignore_index=True)
    first = {n.notice_id: n.issued_at for n in state.notice_book.notices.values()}
    issued = pairs["notice_id"].map(first).astype(float)
    fits = [
        _fits(knowledge, symptom, cause)
        for symptom, cause in zip(pairs["symptom"], pairs["cause"], strict=True)
    ]
    return pd.DataFrame(
        {
            "notice_id": pairs["notice_id"],
            "ticket_id": pairs["ticket_id"],
            "known_at": pairs["arrived_at"],
            "lead_min": (pairs["created_at"] - issued) / 60.0,
            "is_escaped": np.array(fits, dtype=bool),
            "is_same_fault": pairs["fault_x"] == pairs["fault_y"],
        }
    )


def _rows_at_sites(state: State) -> pd.DataFrame:
    """Return the rows issued, once for each of their sites."""
    found = state.notices
    table = pd.DataFrame(
        {
            "notice_id": [n.notice_id for n in found],
            "cause": [n.cause for n in found],
            "fault": [final_fault(state, n.fault) for n in found],
            "issued_at": [n.issued_at for n in found],
            "until": [FOREVER if n.valid_until is None else n.valid_until for n in found],
        }
    )
    sizes = [len(n.sites) for n in found]
    site = np.array([s for n in found for s in sorted(n.sites)], dtype=np.int64)
    return table.loc[np.repeat(table.index, sizes)].assign(site=site)


def _tickets_at_sites(knowledge: Knowledge, tickets: list[Ticket]) -> pd.DataFrame:
    """Return the tickets, once for each of the sites that may serve them."""
    sites = [np.unique(knowledge.reach.site_of[t.cells[t.cells >= 0][:LIKELIEST]]) for t in tickets]
    table = pd.DataFrame(
        {
            "ticket_id": [t.ticket_id for t in tickets],
            "created_at": np.array([t.created_at for t in tickets], dtype=np.int64),
            "arrived_at": np.array([t.arrived_at for t in tickets], dtype=np.int64),
            "symptom": [t.symptom for t in tickets],
            "fault": np.array([t.fault for t in tickets], dtype=np.int64),
        }
    )
    site = np.concatenate([np.empty(0, np.int64), *sites])
    return table.loc[np.repeat(table.index, [len(s) for s in sites])].assign(site=site)


def _fits(knowledge: Knowledge, symptom: str, cause: str) -> bool:
    """Tell whether callers of a cause complain of a symptom; one that was not understood fits none."""
    profile = knowledge.profiles.symptoms
    if symptom not in profile.columns or cause not in profile.index:
        return False
    return float(profile.at[cause, symptom]) >= LEAST_CHANCE
