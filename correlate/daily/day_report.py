"""Hold what a daily report says, as tables whose columns `day_report.toml` declares.

Simple so far: one report is one whole network; `correlate.daily.county_report` cuts it down to counties.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from contract.outputs import output_table
from contract.tables import Table, declared_tables

DECLARATION = Path(__file__).with_name("day_report.toml")
REPORT: Mapping[str, Table] = declared_tables(
    tomllib.loads(DECLARATION.read_text(encoding="utf-8"))["report"]
)
"""The tables of a report: every field of `DayReport` that is a table, by its name."""


@dataclass(frozen=True, eq=False)
class DayReport:
    """What is known of a network on a day at the hour of the report.

    Every table has the columns that `REPORT` declares, in order: text is `str`, counts `Int64`, numbers `float64`,
    flags `boolean`, instants zone-aware in `zone`, dates text `YYYY-MM-DD`. A table may be empty.

    Attributes
    ----------
    day : date
        D, the day of the report. "The day before" is D-1.
    at : Timestamp
        Its instant: D at `report_hour`, zone-aware. Nothing that was issued or arrived later counts.
    zone : str
        IANA zone of every instant and day.
    bundle, version : str
        Name of the bundle's folder; version of the program that made the run.
    first_day, last_day : date
        Span of the run: days on which something arrived.
    is_whole_day : bool
        Whether data cover all of D-1 (false for the first day of a run).
    target, target_month : float or None
        Targets per 10,000 users for a day and a month, None where not set.
    headline : DataFrame
        Figures for the top of the page with their change, one row each, in the order of the declaration.
    to_intercept : DataFrame
        Open faults to tell callers about today, most complaints to come first.
    faults : DataFrame
        Faults open, or ended within 24 hours, worst first.
    fault_sites : DataFrame
        Sites of those faults, for the map.
    rates : DataFrame
        Complaints per 10,000 users by county, of D-1 and of the month to date; the last row is all together.
    series : DataFrame
        The same by day, last 30 days to D-1, for charts.
    movers, numerators : DataFrame
        What moved the rates, and the complaints counted in every way.
    signs, queues : DataFrame
        Early signs of unusual volume, and queues of the hotline that asked for hands.
    notices : DataFrame
        Notices that were out on D-1, and what became of them.
    late_by, late, repairs : DataFrame
        Repairs beyond their limit, by county and class, and one by one; the clock of every repair.
    outage_classes, top_outages : DataFrame
        Weighted outage minutes of the month by county and class; the sites out longest and most often.
    thin : DataFrame
        Places of thin coverage beside planned sites.
    site_values : DataFrame
        What planned sites, and ones to be proposed, would be worth to those places.
    repeaters : DataFrame
        Numbers that complain again and again, masked.
    gaps, doubts : DataFrame
        Data that did not arrive, and data that can't be so, from the begin of D-1.
    listed : DataFrame
        Rows rejected or repaired, by table and reason, of the whole bundle.
    sites, places : DataFrame
        The ground of the map: live, planned and retired sites; seats, towns, villages.
    counties : tuple of str
        The counties it tells of alone; empty: the whole network.
    """

    day: dt.date
    at: pd.Timestamp
    zone: str
    bundle: str
    version: str
    first_day: dt.date
    last_day: dt.date
    is_whole_day: bool
    target: float | None
    target_month: float | None
    headline: pd.DataFrame
    to_intercept: pd.DataFrame
    faults: pd.DataFrame
    fault_sites: pd.DataFrame
    rates: pd.DataFrame
    series: pd.DataFrame
    movers: pd.DataFrame
    numerators: pd.DataFrame
    signs: pd.DataFrame
    queues: pd.DataFrame
    notices: pd.DataFrame
    late_by: pd.DataFrame
    late: pd.DataFrame
    repairs: pd.DataFrame
    outage_classes: pd.DataFrame
    top_outages: pd.DataFrame
    thin: pd.DataFrame
    site_values: pd.DataFrame
    repeaters: pd.DataFrame
    gaps: pd.DataFrame
    doubts: pd.DataFrame
    listed: pd.DataFrame
    sites: pd.DataFrame
    places: pd.DataFrame
    counties: tuple[str, ...] = ()


def report_table(name: str, frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Return a table of a report in the form declared: its columns in order and in their types.

    Parameters
    ----------
    name : str
        Field of `DayReport`.
    frame : DataFrame
        Has every declared column; further ones are left out.
    zone : str
        IANA zone its instants are given in.

    Raises
    ------
    OutputError
        If a column is missing or holds something of another kind.
    """
    table = REPORT[name]
    kept = frame[[c for c in table.column_names if c in frame]]
    return output_table(kept, table, zone)
