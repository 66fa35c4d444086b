"""Find what somebody types into the search box: sites, cells, places, incidents, tickets.

Simple so far: a part of a name or number, as it is written; the first few of each kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, Table, select

from contract.ledger.accounts import Caller
from contract.ledger.county_scope import of_counties
from contract.ledger.schema import INCIDENTS, TICKETS
from dashboards.server.live_map.grounds import Ground
from dashboards.server.live_map.traces import INCIDENT, TICKET

MOST_OF_A_KIND = 5
LONGEST = 100


@dataclass(frozen=True)
class Found:
    """Something found: its kind, name and what tells it from others; either a place or the address of its page."""

    kind: str
    name: str
    more: str = ""
    lon: float | None = None
    lat: float | None = None
    address: str = ""


def found(
    connection: Connection, ground: Ground, text: object, *, caller: Caller
) -> list[Found] | None:
    """Return what a text names, the best first; None for no text.

    A caller who is bound to counties finds what lies in them; tickets are found by those who may see tickets.
    """
    asked = text.strip()[:LONGEST] if isinstance(text, str) else ""
    if not asked:
        return None
    out = [*_kept(connection, "incident", asked, caller=caller)]
    if caller.may("tickets"):
        out += _kept(connection, "ticket", asked, caller=caller)
    return [*out, *_on_ground(ground, asked, caller)]


def _on_ground(ground: Ground, asked: str, caller: Caller) -> Iterator[Found]:
    """Give sites, cells and places of a name."""
    sites = ground.sites
    own = (
        sites["county"].isin(list(caller.counties)) if caller.counties else sites["county"].notna()
    )
    sites = sites[own]
    names = _first(sites, [*_ranked(sites["name"], asked), *_ranked(sites["site_id"], asked)])
    for row in names.to_dict("records"):
        yield Found(
            "site", str(row["name"]), f"{row['site_id']} {row['county']}", row["lon"], row["lat"]
        )
    cells = _first(ground.cells, _ranked(ground.cells["cell_id"], asked))
    for cell, at in zip(cells["cell_id"], cells["row"].astype(int), strict=True):
        if at in sites.index:
            row = sites.loc[at]
            yield Found("cell", str(cell), str(row["name"]), float(row["lon"]), float(row["lat"]))
    places = ground.names
    if caller.counties:
        places = places[places["county"].isin(list(caller.counties))]
    for row in _first(places, _ranked(places["name"], asked)).to_dict("records"):
        yield Found("place", str(row["name"]), str(row["county"]), row["lon"], row["lat"])


def _ranked(names: pd.Series, asked: str) -> list[object]:
    """Return where names hold a text: those that are it, those that begin with it, those that hold it."""
    low = names.astype("str").str.lower()
    wanted = asked.lower()
    hits = low[low.str.contains(wanted, regex=False)]
    order = 2 - (hits == wanted).astype(int) - hits.str.startswith(wanted).astype(int)
    return list(order.sort_values(kind="stable").index[:MOST_OF_A_KIND])


def _first(rows: pd.DataFrame, index: list[object]) -> pd.DataFrame:
    """Return the first few rows named, each once."""
    return rows.loc[list(dict.fromkeys(index))[:MOST_OF_A_KIND]]


def _kept(connection: Connection, kind: str, asked: str, *, caller: Caller) -> Iterator[Found]:
    """Give incidents or tickets whose number holds a text."""
    table, key, latest, address = _KINDS[kind]
    more = table.c.area if kind == "incident" else table.c.place
    question = select(table.c[key], more, table.c.county).where(
        table.c[key].contains(asked, autoescape=True), of_counties(table, caller.counties)
    )
    order = (table.c[latest].desc(), table.c[key])
    for number, place, county in connection.execute(
        question.order_by(*order).limit(MOST_OF_A_KIND)
    ):
        told = str(place or county or "").replace("|", " ")
        yield Found(kind, str(number), told, address=f"{address}{number}")


_KINDS: dict[str, tuple[Table, str, str, str]] = {
    "incident": (INCIDENTS, "incident_id", "detected_at", INCIDENT),
    "ticket": (TICKETS, "ticket_id", "created_at", TICKET),
}
