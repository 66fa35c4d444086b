"""Make a network that fits in the head: four hill sites on one hub, two far valley sites beside it.

H1 to H4 stand 2 km apart in a row and hang on the hub HUB; V1 and V2 stand 12 km north on hubs of their own. All hang
on the controller BSC. Every site has two sectors, one GSM cell (`H1-G`) and one LTE cell (`H1-L`); V2 has an indoor
LTE cell (`V2-I`) as well.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from contract.settings import Settings
from contract.tables import TABLES, empty_table
from correlate.diagnosis import diagnose, due_tickets
from correlate.faults import Fault, new_fault
from correlate.feed import Arrivals
from correlate.joint import review
from correlate.knowledge import Knowledge, gather
from correlate.state import State, start_state
from correlate.tickets import NEVER, Ticket

SITES = ("H1", "H2", "H3", "H4", "V1", "V2")
EAST_KM = (0.0, 2.0, 4.0, 6.0, 0.0, 6.0)
NORTH_KM = (0.0, 0.0, 0.0, 0.0, 12.0, 12.0)
GRADES = ("C", "C", "A", "C", "VIP", "C")
HOUR = 3600
NOON = int(pd.Timestamp("2026-03-10 12:00", tz="Asia/Shanghai").timestamp())
"""Midday of the operator, on the full hour, in seconds since 1970."""


def table(name: str, /, **columns: Any) -> pd.DataFrame:
    """Return a table of the contract with these columns filled, the others empty."""
    declared = empty_table(TABLES[name])
    size = max((len(v) for v in columns.values() if isinstance(v, (list, tuple))), default=0)
    rows = declared.reindex(range(size))
    for column, values in columns.items():
        given = values if isinstance(values, (list, tuple)) else [values] * size
        kind = declared[column].dtype if column in declared else None
        rows[column] = pd.Series(list(given), dtype=kind)
    return rows


def at(seconds: int) -> pd.Timestamp:
    """Return seconds since 1970 as an instant."""
    return pd.Timestamp(seconds, unit="s", tz="UTC").as_unit("us")


def small_tables() -> dict[str, pd.DataFrame]:
    """Return every table of the contract; only the inventory has rows."""
    lon = [100.0 + e / (111.32 * float(np.cos(np.radians(25.0)))) for e in EAST_KM]
    lat = [25.0 + n / 110.8 for n in NORTH_KM]
    cells = [(f"{s}-{layer}", s, layer) for s in SITES for layer in "GL"] + [("V2-I", "V2", "I")]
    pairs = [("H1", "H2"), ("H2", "H3"), ("H3", "H4"), ("V1", "V2")]
    near = [(f"{a}-{x}", f"{b}-{x}") for a, b in pairs for x in "GL"]
    links = [(s, "HUB", "hub") for s in SITES[:4]] + [("V1", "HUB-V1", "hub")]
    links += [("V2", "HUB-V2", "hub")] + [(s, "BSC", "controller") for s in SITES]
    made = {name: empty_table(declared) for name, declared in TABLES.items()}
    made["sites"] = table(
        "sites",
        site_id=SITES,
        site_name=[f"{s} station" for s in SITES],
        lon=lon,
        lat=lat,
        grade=GRADES,
        county=["Hill"] * 4 + ["Vale"] * 2,
        status="live",
    )
    made["cells"] = table(
        "cells",
        cell_id=[c for c, _, _ in cells],
        site_id=[s for _, s, _ in cells],
        rat=["GSM" if x == "G" else "LTE" for _, _, x in cells],
        freq_mhz=[945.0 if x == "G" else 1850.0 for _, _, x in cells],
        azimuth_deg=[0.0 if x == "G" else 90.0 for _, _, x in cells],
        indoor=[1.0 if x == "I" else 0.0 for _, _, x in cells],
        users=[500.0] * len(cells),
    )
    made["links"] = table(
        "links",
        node=[n for n, _, _ in links],
        parent=[p for _, p, _ in links],
        kind=[k for _, _, k in links],
    )
    both = near + [(b, a) for a, b in near]
    made["neighbours"] = table(
        "neighbours", cell_id=[a for a, _ in both], neighbour_id=[b for _, b in both]
    )
    return made


@cache
def small_knowledge() -> Knowledge:
    """Return what a run over the small network knows; nothing in it is ever changed."""
    return gather(small_tables(), Settings())


def knowledge_with(**settings: Any) -> Knowledge:
    """Return the small knowledge with some settings changed."""
    known = small_knowledge()
    return replace(known, settings=known.settings.model_copy(update=settings))


def fresh_state() -> State:
    """Return the state before anything arrived."""
    return start_state(small_knowledge())


def cells_of(*names: str) -> np.ndarray:
    """Return the positions of cells; a site stands for all its cells."""
    known = small_knowledge().network.cells
    wanted = known["cell_id"].isin(names) | known["site_id"].isin(names)
    return np.flatnonzero(wanted.to_numpy(bool)).astype(np.int64)


def site_flags(*names: str) -> np.ndarray:
    """Return which sites are among the names."""
    return np.isin(small_knowledge().site_ids, names)


def with_towns() -> Knowledge:
    """Return the small network with a town for each county."""
    known = small_knowledge()
    sites = known.network.sites
    named = sites.assign(town=sites["county"] + "town")
    return replace(known, network=replace(known.network, sites=named))


def make_fault(state: State, *names: str, started_at: int = NOON, **fields: Any) -> Fault:
    """Open a fault on cells or sites with any of its fields set."""
    family = str(fields.pop("family", "loss"))
    fault = new_fault(
        state.faults,
        small_knowledge().signatures,
        cells_of(*names),
        started_at=started_at,
        now=started_at,
        family=family,
    )
    for name, value in fields.items():
        assert hasattr(fault, name)
        setattr(fault, name, value)
    return fault


def sure_outage(state: State, *names: str, started_at: int = NOON, **fields: Any) -> Fault:
    """Open a fault that alarms and counters agree on, its site out of service."""
    signatures = small_knowledge().signatures
    log = np.zeros(len(signatures.causes))
    log[signatures.position("site_outage")] = 6.0
    given = {
        "object_id": names[0],
        "object_kind": "site",
        "extent": "site",
        "alarm_log": log,
        "alarm_exists": 4.0,
        "alarm_ids": {"A1"},
        "alarm_open": True,
        "is_settled": True,
        "first_alert": "A1",
        "names": ("Site down",),
    }
    return make_fault(state, *names, started_at=started_at, **(given | fields))


def make_ticket(ticket_id: str = "T1", *, cell: str = "H1-L", **fields: Any) -> Ticket:
    """Return a complaint served by one cell, an hour after noon, whose words say nothing."""
    codes = small_knowledge().codes
    given: dict[str, Any] = {
        "ticket_id": ticket_id,
        "created_at": NOON + HOUR,
        "arrived_at": NOON + HOUR,
        "msisdn": "",
        "text": "no signal",
        "address": "",
        "county": "Hill",
        "previous": "",
        "words": np.zeros(len(codes)),
        "symptom": "NOSIG",
        "is_group": False,
        "is_indoor": False,
        "is_chronic": False,
        "cells": cells_of(cell),
        "share": np.full(len(cells_of(cell)), 0.98 / len(cells_of(cell))),
        "distance_m": np.full(len(cells_of(cell)), 500.0),
        "nothing": 0.02,
        "basis": "address",
        "onset_from": NEVER,
        "onset_to": NEVER,
        "account": "",
        "posterior": np.zeros(len(codes)),
        "fault_share": {},
    }
    return Ticket(**(given | fields))


def words_for(**log: float) -> np.ndarray:
    """Return words that speak for some causes, by code."""
    codes = small_knowledge().codes
    words = np.zeros(len(codes))
    for code, weight in log.items():
        words[codes.index(code)] = weight
    return words


def arrivals(**fields: Any) -> Arrivals:
    """Return the arrivals of one step, empty but for what is given."""
    given: dict[str, Any] = {"tables": {}, "raised": None, "cleared": None, "counters": None}
    return Arrivals(**(given | fields))


def arriving(name: str, arrived: list[int], /, **columns: Any) -> pd.DataFrame:
    """Return rows of a table of arrivals as a bundle holds them, in order of their arrival."""
    rows = table(name, **columns)
    instants = pd.Series([at(second) for second in arrived], dtype="datetime64[us, UTC]")
    never = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us, UTC]")
    rows = rows.assign(arrived_at=instants, superseded_at=never, row=range(len(rows)))
    if name == "alarms":
        rows["clear_arrived_at"] = rows["cleared_at"]
    return rows.sort_values("arrived_at", kind="stable", ignore_index=True)


def bundle_tables(**filled: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return all tables as a bundle holds them: the small inventory and what is given."""
    streams = ("alarms", "kpi", "changes", "complaints", "locations", "accounts", "verdicts")
    return small_tables() | {name: arriving(name, []) for name in streams} | filled


def diagnose_held(
    state: State, knowledge: Knowledge, *, now: int, fresh: Sequence[Ticket] = ()
) -> list[dict[str, object]]:
    """Review and diagnose what is due, as a step does; held tickets not met before count as fresh."""
    known = {t.ticket_id for t in state.docket.tickets}
    new = [t for t in (*state.held, *fresh) if t.ticket_id not in known]
    due = due_tickets(state, knowledge, now=now)
    review(state, knowledge, new, due, now=now)
    return diagnose(state, knowledge, due, now=now)


def settle(state: State) -> None:
    """Take the news of faults in, as a report does."""
    for fault in state.faults.index.touched():
        fault.is_touched = False
    state.faults.index.settle()
