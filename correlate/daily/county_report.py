"""Cut the report of a whole network down to some counties, so that it tells nothing of the others.

`county_report.toml` says of each table by what its rows are kept; a table that it does not name is an error, so that a
new one can't slip through. Text that names what lies elsewhere is left out, and the headline is counted anew from what
is left: what only the whole network can tell has no figure.

Simple so far: a fault that reaches beyond is the county's with most of its users, and its counts of sites, cells and
users are of all it touches.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from correlate.daily.day_report import REPORT, DayReport, report_table
from correlate.daily.rates import with_rates

WAYS = frozenset({"county", "scope", "site", "nothing"})
DECLARED = tomllib.loads(Path(__file__).with_name("county_report.toml").read_text(encoding="utf-8"))
SPOKEN = ("script_zh", "script_en", "script_issued")
PLANNED = (
    "planned_id", "planned_name", "planned_on_air", "planned_km", "record_zh", "record_en", "told_zh", "told_en",
)  # fmt: skip
COUNTED = ("complaints", "intercepted", "users")


def report_within(report: DayReport, counties: Collection[str]) -> DayReport:
    """Return a report of some counties alone.

    Parameters
    ----------
    report : DayReport
        Of the whole network.
    counties : collection of str
        One or more.
    """
    own = {name: _rows(getattr(report, name), name, counties) for name in REPORT}
    sites, elsewhere = own["sites"], _elsewhere(report, own)
    own["fault_sites"] = _of(
        own["fault_sites"], incident_id=own["faults"]["incident_id"], site_id=sites["site_id"]
    )
    tables = {name: _without(table, elsewhere) for name, table in own.items()}
    tables["thin"] = _thin(tables["thin"], sites["site_id"])
    known = pd.concat([own[n]["incident_id"] for n in ("faults", "repairs", "notices")])
    for name, column in (("movers", "incident_id"), ("repeaters", "last_incident_id")):
        table = tables[name]
        tables[name] = table.assign(**{column: table[column].where(table[column].isin(known))})
    tables["headline"] = _headline(report, tables)
    typed = {name: report_table(name, table, report.zone) for name, table in tables.items()}
    return replace(report, counties=tuple(sorted(counties)), **typed)


def _rows(table: pd.DataFrame, name: str, counties: Collection[str]) -> pd.DataFrame:
    """Return the rows of a table that are of some counties."""
    way = DECLARED["rows"][name]
    if way == "nothing":
        return table.iloc[:0]
    if way == "site":
        return table
    is_own = table["county"].isin(counties)
    return table[is_own & (table["scope"] == "county")] if way == "scope" else table[is_own]


def _of(table: pd.DataFrame, **known: Iterable[str]) -> pd.DataFrame:
    """Return the rows whose columns hold what is known."""
    for column, values in known.items():
        table = table[table[column].isin(list(values))]
    return table


def _elsewhere(report: DayReport, own: Mapping[str, pd.DataFrame]) -> frozenset[str]:
    """Return the names of counties, towns, places and sites that are not known to be of the own ones."""
    parts = [
        ("sites", ("site_id", "site_name", "town", "county")),
        ("places", ("name", "town", "county")),
        ("rates", ("county",)),
    ]
    every = {
        n for name, columns in parts for c in columns for n in getattr(report, name)[c].dropna()
    }
    inside = {n for name, columns in parts for c in columns for n in own[name][c].dropna()}
    return frozenset(every - inside)


def _without(table: pd.DataFrame, elsewhere: Collection[str]) -> pd.DataFrame:
    """Return a table whose areas and objects are nothing that lies elsewhere.

    What is spoken of an area that reaches beyond is left out, for it names the area whole.
    """
    if "area" in table:
        given = table["area"].fillna("")
        kept = given.map(lambda names: "|".join(n for n in names.split("|") if n not in elsewhere))
        spoken = {name: table[name].mask(kept != given) for name in SPOKEN if name in table}
        table = table.assign(area=kept.where(kept != ""), **spoken)
    if "object_id" in table:
        is_beyond = table["object_id"].isin(elsewhere)
        table = table.assign(object_id=table["object_id"].mask(is_beyond))
    return table


def _thin(thin: pd.DataFrame, own: Iterable[str]) -> pd.DataFrame:
    """Return thin places without the sites of other counties beside them."""
    is_beside = thin["site_id"].isin(list(own))
    is_planned = thin["planned_id"].isna() | thin["planned_id"].isin(list(own))
    beside = {name: thin[name].where(is_beside) for name in ("site_id", "site_name")}
    planned = {name: thin[name].where(is_planned) for name in PLANNED}
    return thin.assign(**beside, **planned)


def _headline(report: DayReport, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the figures for the top that follow from the tables of the counties."""
    now, before = _counted(tables["rates"]), _day_before(report, tables)
    faults = tables["faults"]
    lasting = faults[faults["state"] == "open"]
    now |= {
        "open_faults": float(len(lasting)),
        "silent_faults": float(lasting["is_silent"].fillna(value=False).sum()),
        "open_notices": float(lasting["interception_id"].notna().sum()),
        "late_repairs": float(len(tables["late"])),
    }
    units = report.headline.set_index("measure")["unit"]
    rows = pd.DataFrame(
        [
            {"measure": name, "value": now.get(name, np.nan), "before": before.get(name, np.nan)}
            | {end: now.get(f"{name} {end}", np.nan) for end in ("low", "high")}
            | {"unit": unit}
            for name, unit in units.items()
            if name in now
        ],
        columns=["measure", "value", "before", "low", "high", "unit"],
    )
    return rows.assign(change=rows["value"] - rows["before"])


def _day_before(report: DayReport, tables: dict[str, pd.DataFrame]) -> dict[str, float]:
    """Return the counted figures of the day that the report a day earlier was of."""
    day = (pd.Timestamp(report.day) - pd.Timedelta(days=2)).date().isoformat()
    rows = tables["series"][tables["series"]["day"] == day]
    users = tables["rates"].set_index("county")["users"]
    return _counted(rows.assign(users=rows["county"].map(users)))


def _counted(rows: pd.DataFrame) -> dict[str, float]:
    """Return the figures counted of counties together; nothing where there are none."""
    if rows.empty:
        return {}
    whole = rows[list(COUNTED)].astype("float64").sum(min_count=len(rows)).to_frame().T
    told: dict[Any, Any] = with_rates(whole).iloc[0].to_dict()
    found = {name: float(told[name]) for name in ("complaints", "per_10k", "per_10k_without")}
    return found | {f"per_10k {end}": float(told[end]) for end in ("low", "high")}
