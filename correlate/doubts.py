"""List what the data of a run say that can't be so, for the summary, the daybook and the report.

Clocks, late rows, the inventory, names and identities nobody knows, map systems that channels
don't own up to. What was mended stands among the repairs too.

Simple so far: worked out at the end of a run; map systems are told of a channel, not corrected, and only
where its complaints name places spelled as in `places`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from rapidfuzz import fuzz

from alarms.catalogue import read_meanings, unmapped
from contract.bundles import Bundle
from contract.daybook import DAYBOOK
from contract.privacy import masked_numbers
from correlate.knowledge import Knowledge
from correlate.map_systems import channel_systems
from correlate.observing import observed
from correlate.state import State
from sites.sighting_doubts import sighting_doubts

LATE_S: Mapping[str, float] = {"alarms": 900.0, "complaints": 300.0, "kpi": 3600.0}
"""A row that arrives so long after what it tells of is late."""
MOVED: Mapping[str, str] = {
    "site_misplaced": "lon and lat contradict the handover neighbours; taken at their middle",
    "site_off_name": "lon and lat contradict the place of the site's name; taken there",
}
"""Doubts that moved a site, and how the repair is told."""
NAMES_TOLD = 20
LEAST_LIKE = 60.0
"""Similarity, 0-100, from which a name that is not in the text was read out of a misspelt one."""


def doubts_table(state: State, knowledge: Knowledge, bundle: Bundle) -> pd.DataFrame:
    """Return all doubts of a run, in the form of the daybook's table `doubts`.

    Parameters
    ----------
    state : State
        At the end of the run.
    knowledge : Knowledge
    bundle : Bundle

    Returns
    -------
    DataFrame
        `kind`: `clock`, `late`, `site_misplaced`, `site_off_name`, `site_elsewhere`, `azimuth_turned`,
        `azimuths_equal`, `alarm_unknown`, `identity_unknown`, `misspelt`, `county_unknown`, `form` or `map_system`;
        the rest as declared.
    """
    names = list(DAYBOOK["doubts"].column_names)
    parts = [
        _clocks(bundle.clocks),
        *(_late(bundle.tables[name], name) for name in LATE_S),
        knowledge.inventory_doubts,
        _against_sightings(state, knowledge, bundle.tables["locations"]),
        _unknown_alarms(bundle.tables["alarms"], knowledge),
        _unknown_identities(bundle.unresolved),
        _misspelt(state),
        _unknown_counties(bundle.tables),
        _forms(bundle.forms),
        channel_systems(bundle.tables["complaints"], bundle.tables["places"]),
    ]
    kept = [part.reindex(columns=names).astype(object) for part in parts if len(part)]
    found = pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=names)
    for name in ("since", "until"):
        found[name] = pd.to_datetime(found[name], utc=True).astype("datetime64[us, UTC]")
    return found.astype(
        {"rows": "float64"} | dict.fromkeys(("kind", "table", "object_id", "note"), "str")
    )


def inventory_repairs(knowledge: Knowledge, bundle: Bundle) -> pd.DataFrame:
    """Return the repairs of a bundle with those of its sites that were moved."""
    doubts = knowledge.inventory_doubts
    moved = doubts[doubts["kind"].isin(list(MOVED))]
    if moved.empty:
        return bundle.repairs
    row = bundle.tables["sites"].drop_duplicates("site_id").set_index("site_id")["row"]
    listed = pd.DataFrame(
        {
            "table": "sites",
            "row": row.reindex(moved["object_id"]).to_numpy(np.int64),
            "reason": moved["kind"].map(MOVED).to_numpy(),
            "content": ("site_id=" + moved["object_id"] + "; " + moved["note"]).to_numpy(),
        }
    )
    return pd.concat([bundle.repairs, listed.astype(bundle.repairs.dtypes)], ignore_index=True)


def _against_sightings(state: State, knowledge: Knowledge, locations: pd.DataFrame) -> pd.DataFrame:
    """Return antennas and sites that sightings and handover contradict."""
    seen = observed(state.tickets.values(), locations, knowledge.network)
    return sighting_doubts(knowledge.network, seen)


def _clocks(clocks: pd.DataFrame) -> pd.DataFrame:
    """Return clocks that are off."""
    if clocks.empty:
        return clocks
    ways = np.where(clocks["minutes"] > 0, "behind", "ahead")
    minutes = clocks["minutes"].abs().round().astype("int64").astype("str")
    note = "clock " + pd.Series(ways, index=clocks.index) + " by " + minutes + " min"
    told = clocks.rename(columns={"group": "object_id"})
    return told.assign(kind="clock", table="alarms", note=note + "; alarms dated anew")


def _late(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return how many rows of a table came late."""
    if rows.empty:
        return pd.DataFrame()
    if name == "kpi":
        told = rows["start"] + pd.to_timedelta(rows["minutes"], unit="min")
    else:
        told = rows["created_at" if name == "complaints" else "raised_at"]
    lag = (rows["received_at"] - told).dt.total_seconds()
    is_late = lag > LATE_S[name]
    if not is_late.any():
        return pd.DataFrame()
    note = f"came over {LATE_S[name] / 60:.0f} min late, up to {lag.max() / 60:.0f} min"
    span = {"since": rows["arrived_at"][is_late].min(), "until": rows["arrived_at"][is_late].max()}
    row = {"kind": "late", "table": name, "rows": int(is_late.sum()), "note": note, "object_id": ""}
    return pd.DataFrame([row | span])


def _unknown_alarms(alarms: pd.DataFrame, knowledge: Knowledge) -> pd.DataFrame:
    """Return names of alarms without a known meaning."""
    unknown = unmapped(alarms, read_meanings(knowledge.catalogue, alarms)).head(NAMES_TOLD)
    found = unknown.rename(columns={"name": "object_id", "alarms": "rows"})
    note = pd.Series("no meaning known; left out", index=found.index, dtype="str")
    return found.assign(kind="alarm_unknown", table="alarms", note=note)


def _unknown_identities(unresolved: pd.DataFrame) -> pd.DataFrame:
    """Return how many rows of each table name cells and objects that the inventory lacks."""
    grouped = unresolved.groupby(["table", "column", "why"], as_index=False)
    found = grouped.agg(rows=("rows", "sum"), identities=("identity", "size"))
    note = (
        found["identities"].astype("str")
        + " identities of `"
        + found["column"]
        + "` are "
        + found["why"]
    )
    return found.assign(kind="identity_unknown", object_id="", note=note)


def _forms(forms: pd.DataFrame) -> pd.DataFrame:
    """Return odd forms that were read past."""
    if forms.empty:
        return forms
    told = forms.rename(columns={"column": "object_id", "form": "note"})
    return told.assign(kind="form")


def _unknown_counties(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return counties of complaints that no site or place spells so."""
    known = pd.concat([tables[name]["county"] for name in ("sites", "places")])
    said = tables["complaints"]["county"].dropna()
    counts = said[~said.isin(known)].value_counts() if known.notna().any() else said.iloc[:0]
    if counts.empty:
        return pd.DataFrame()
    note = f"counties not spelled as in the inventory: {', '.join(map(str, counts.index[:5]))}"
    row = {"kind": "county_unknown", "table": "complaints", "rows": int(counts.sum())}
    return pd.DataFrame([row | {"object_id": "", "note": masked_numbers(note)}])


def _misspelt(state: State) -> pd.DataFrame:
    """Return how many complaints name a place that is not spelled so, the places most often meant."""
    counts: dict[str, int] = {}
    for ticket in state.tickets.values():
        said = f"{ticket.address} {ticket.text}"
        for name in ticket.names[:1]:
            if name and name not in said and LEAST_LIKE <= fuzz.partial_ratio(name, said) < 100.0:
                counts[name] = counts.get(name, 0) + 1
    if not counts:
        return pd.DataFrame()
    order = sorted(counts, key=lambda name: (-counts[name], name))
    note = f"read as {', '.join(order[:5])}" + ("; ..." if len(order) > 5 else "")
    row = {"kind": "misspelt", "table": "complaints", "rows": sum(counts.values())}
    return pd.DataFrame([row | {"object_id": "", "note": masked_numbers(note)}])
