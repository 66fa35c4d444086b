"""Draw up the report of a day from what a run wrote, as it was known at the hour of the report.

Simple so far: every report reads the whole run again; nothing is kept from one day to the next.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from contract.errors import InputError
from contract.settings import Settings
from correlate.daily import incidents
from correlate.daily.callers import repeaters
from correlate.daily.data import doubts_between, gaps_between, listed_rows
from correlate.daily.day_report import REPORT, DayReport, report_table
from correlate.daily.headline import headline
from correlate.daily.known_then import local_instant
from correlate.daily.moments import Moment, coverage_tables, moment_of, rate_tables, repair_tables
from correlate.daily.notices import notices_between

SLACK = pd.Timedelta(hours=1)


def day_report(out: Path, day: dt.date, settings: Settings) -> DayReport:
    """Return the report of a day, as known then at `report_hour`.

    Nothing that was issued or arrived after that instant counts; only `listed` is of the whole bundle.

    Parameters
    ----------
    out : Path
        What `cellcause run` wrote.
    day : date
        D. From the first day of the run to the day after its last.
    settings : Settings
        `report_hour`, `notice_min_complaints`, the targets, `repair_owners`, `repair_exceptions` and `hotline_queue`
        matter here; zone and all else are those of the run.

    Returns
    -------
    DayReport

    Raises
    ------
    InputError
        If `out` is not what a run wrote, or the day lies outside its span.
    """
    moment = moment_of(out, day, settings)
    about, zone, begin = moment.run["about"].iloc[0], moment.known.zone, moment.begin
    tables = _tables(moment)
    return DayReport(
        day=day,
        at=moment.known.at,
        zone=zone,
        bundle=str(about["bundle"]),
        version=str(about["version"]),
        first_day=moment.first,
        last_day=moment.last,
        is_whole_day=bool(
            about["first_arrival"] <= begin + SLACK
            and about["last_arrival"] >= local_instant(day, 0, zone) - SLACK
        ),
        target=settings.target_per_10k,
        target_month=settings.target_per_10k_month,
        **{name: report_table(name, tables[name], zone) for name in REPORT},
    )


def parsed_day(text: str) -> dt.date:
    """Return a day written `YYYY-MM-DD`.

    Raises
    ------
    InputError
        If it is no such day.

    Examples
    --------
    >>> parsed_day("2026-03-10")
    datetime.date(2026, 3, 10)
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        msg = f"`day` must be a day as YYYY-MM-DD; it is {text!r}."
        raise InputError(msg) from None


def _tables(moment: Moment) -> dict[str, pd.DataFrame]:
    """Return every table of a report."""
    run, known, day = moment.run, moment.known, moment.day
    begin, end = moment.begin, local_instant(day, 0, known.zone)
    shown = incidents.faults(known)
    touched = incidents.fault_sites(shown, run["sites"])
    least = moment.settings.notice_min_complaints
    return {
        "headline": headline(known, moment.earlier(), moment.counts(), day),
        "to_intercept": incidents.to_intercept(known, least=least),
        "faults": incidents.with_middles(shown, touched),
        "fault_sites": touched,
        **rate_tables(moment),
        "notices": notices_between(known, begin, end),
        **repair_tables(moment),
        **coverage_tables(moment),
        "repeaters": repeaters(known),
        "gaps": gaps_between(run["gaps"], begin, known.at),
        "doubts": doubts_between(run["doubts"], begin, known.at),
        "listed": listed_rows(run),
        "sites": run["sites"],
        "places": run["places"],
    }
