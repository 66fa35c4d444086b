"""Lay tickets of the small network on the desk, with what has been handed in."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from contract.bundles import Bundle
from correlate.case.alarms import alarms_section
from correlate.case.archive import Archive, build_archive
from correlate.case.changes import around_section, changes_section
from correlate.case.counters import counters_section, seen_counters
from correlate.case.gathered import Gathered
from correlate.case.hidden_faults import asked_topics
from correlate.case.inquiry import Desk, Inquiry, inquiry_of
from correlate.case.place import neighbourhood_section, place_section
from correlate.case.ticket import ticket_section
from correlate.faults import Fault
from correlate.feed import build_feed
from correlate.state import State
from correlate.step import step
from correlate.tickets import Ticket
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    bundle_tables,
    fresh_state,
    make_ticket,
    small_knowledge,
)

TWO = NOON + 2 * HOUR


def archive_of(*, missing: tuple[str, ...] = (), **filled: pd.DataFrame) -> Archive:
    """Return the archive of a bundle of the small network with these tables filled."""
    none = pd.DataFrame()
    bundle = Bundle(Path("b"), bundle_tables(**filled), none, none, none, missing=missing)
    return build_archive(bundle, small_knowledge())


def played(**filled: pd.DataFrame) -> State:
    """Return the state after some tables of the small network were played."""
    known, state = small_knowledge(), fresh_state()
    feed = build_feed(bundle_tables(**filled), known)
    for number in range(feed.first, feed.last + 1):
        state, _ = step(state, known, feed.at(number), now=number * feed.step_s)
    return state


def lay(
    ticket: Ticket | None = None,
    *,
    state: State | None = None,
    archive: Archive | None = None,
    fault: Fault | None = None,
    likely: str = "site_outage",
    p: float = 0.6,
) -> Inquiry:
    """Return the inquiry of a ticket at two in the afternoon; one cause is likely, the others are not."""
    known, asked = small_knowledge(), state or fresh_state()
    asked.now = max(asked.now, TWO)
    probability = np.array([p if code == likely else 0.0 for code in known.codes])
    desk = Desk(known, archive or archive_of())
    laid = ticket or placed()
    asked.tickets.setdefault(laid.ticket_id, laid)
    return inquiry_of(asked, desk, laid, fault=fault, cause=likely, probability=probability)


def placed(ticket_id: str = "T1", **fields: Any) -> Ticket:
    """Return a complaint half a kilometre from H1."""
    x_m, y_m = small_knowledge().network.sites.loc[0, ["x_m", "y_m"]]
    spot = {"x_m": float(x_m) + 500.0, "y_m": float(y_m), "radius_m": 300.0}
    return make_ticket(ticket_id, **(spot | fields))


def gather_all(inquiry: Inquiry, *, p: float = 0.6) -> Gathered:
    """Return everything looked up for an inquiry."""
    seen = seen_counters(inquiry)
    sections = {
        "ticket": ticket_section(inquiry),
        "place": place_section(inquiry),
        "neighbourhood": neighbourhood_section(inquiry),
        "alarms": alarms_section(inquiry),
        "counters": counters_section(inquiry, seen),
        "changes": changes_section(inquiry),
        "around": around_section(inquiry),
    }
    fault = inquiry.fault
    first = {
        "cause": inquiry.cause,
        "probability": p,
        "object_id": fault.object_id if fault is not None else None,
        "fault_started_at": inquiry.iso(fault.started_at) if fault is not None else None,
    }
    return Gathered(inquiry, sections, seen, asked_topics(inquiry, seen), [first])


def change_rows(*rows: tuple[str, int, str], until: int | None = None) -> pd.DataFrame:
    """Return rows of changes: object, hours before noon, parameter."""
    moments = [NOON - hours * HOUR for _, hours, _ in rows]
    return arriving(
        "changes",
        moments,
        object_id=[o for o, _, _ in rows],
        changed_at=[at(m) for m in moments],
        parameter=[p for _, _, p in rows],
        old_value="1",
        new_value="2",
        until=[at(until) if until is not None else pd.NaT] * len(rows),
    )


def counter_rows(
    cells: tuple[str, ...], hours: int, counters: dict[str, float], *, last: int = 0
) -> pd.DataFrame:
    """Return hourly rows of counters up to two in the afternoon less `last` hours, the same in every hour."""
    pairs = [(cell, TWO - (hours - n) * HOUR) for n in range(hours - last) for cell in cells]
    return arriving(
        "kpi",
        [begin + HOUR for _, begin in pairs],
        cell_id=[cell for cell, _ in pairs],
        start=[at(begin) for _, begin in pairs],
        minutes=60.0,
        **counters,
    )
