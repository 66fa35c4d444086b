"""Draw up the report of a day from what a run wrote, as it was known at the hour of the report.

Simple so far: every report reads the whole run again; nothing is kept from one day to the next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from contract.errors import InputError
from contract.settings import Settings
from correlate.daily import incidents
from correlate.daily.callers import repeaters
from correlate.daily.coverage import thin_places
from correlate.daily.data import doubts_between, gaps_between, listed_rows
from correlate.daily.day_report import REPORT, DayReport, report_table
from correlate.daily.headline import headline
from correlate.daily.known_then import Known, known_then, local_instant, read_run
from correlate.daily.notices import notices_between
from correlate.daily.outlook import open_expected
from correlate.daily.rates import daily_counts, day_rates, series
from correlate.daily.repairs import late_by_county, late_repairs

ONE_DAY = dt.timedelta(days=1)
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
        `report_hour`, `notice_min_complaints` and the targets matter here; zone and all else are those of the run.

    Returns
    -------
    DayReport

    Raises
    ------
    InputError
        If `out` is not what a run wrote, or the day lies outside its span.
    """
    run = read_run(out)
    about = run["about"].iloc[0]
    zone = str(about["zone"])
    first, last = _span(about, zone)
    if not first <= day <= last + ONE_DAY:
        msg = (
            f"`day` must be a day of the run, {first} to {last}, or the one after; it is {day}. "
            "Choose one of those."
        )
        raise InputError(msg)
    at = local_instant(day, settings.report_hour, zone)
    known = known_then(run, at, zone)
    begin = local_instant(day - ONE_DAY, 0, zone)
    tables = _tables(run, known, (first, day), settings)
    return DayReport(
        day=day,
        at=at,
        zone=zone,
        bundle=str(about["bundle"]),
        version=str(about["version"]),
        first_day=first,
        last_day=last,
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


def _span(about: pd.Series, zone: str) -> tuple[dt.date, dt.date]:
    """Return the first and last local day of a run; counters that arrive after midnight are of the day before."""
    if pd.isna(about["first_arrival"]) or pd.isna(about["last_arrival"]):
        msg = "`out` must be of a run in which something arrived; this one has no alarm, counter or complaint."
        raise InputError(msg)
    first, last = (about[name].tz_convert(zone) for name in ("first_arrival", "last_arrival"))
    told = last - pd.Timedelta(minutes=float(about["kpi_delay_min"]) + 1)
    return first.date(), max(first, told).date()


def _tables(
    run: Mapping[str, pd.DataFrame],
    known: Known,
    span: tuple[dt.date, dt.date],
    settings: Settings,
) -> dict[str, pd.DataFrame]:
    """Return every table of a report; `span` is the first day of the run and the day of the report."""
    first, day = span
    begin, end = (local_instant(d, 0, known.zone) for d in (day - ONE_DAY, day))
    counts = daily_counts(known, run["subscribers"], span=(first, day - ONE_DAY))
    shown = incidents.faults(known)
    touched = incidents.fault_sites(shown, run["sites"])
    earlier = known_then(run, known.at - ONE_DAY, known.zone) if first < day else None
    return {
        "headline": headline(known, earlier, counts, day),
        "to_intercept": incidents.to_intercept(known, least=settings.notice_min_complaints),
        "faults": incidents.with_middles(shown, touched),
        "fault_sites": touched,
        "rates": day_rates(counts, day, settings, expected=open_expected(run, known, first, day)),
        "series": series(counts, day),
        "notices": notices_between(known, begin, end),
        "late_by": late_by_county(known),
        "late": late_repairs(known),
        "thin": thin_places(known, run),
        "repeaters": repeaters(known),
        "gaps": gaps_between(run["gaps"], begin, known.at),
        "doubts": doubts_between(run["doubts"], begin, known.at),
        "listed": listed_rows(run),
        "sites": run["sites"],
        "places": run["places"],
    }
