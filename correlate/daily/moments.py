"""Stand at the hour of a day's report in a finished run, and draw up what is asked: rates, repairs, coverage.

Simple so far: each question reads the whole run again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from contract.daybook import DAYBOOK, FOLDER, read_result
from contract.errors import InputError
from contract.settings import Settings
from correlate.daily.coverage import thin_places
from correlate.daily.early_signs import early_signs
from correlate.daily.exceptions import exempt_sites, read_exceptions, with_suspensions
from correlate.daily.hotline import queue_alerts, read_queues
from correlate.daily.known_then import Known, known_then, local_instant, read_run
from correlate.daily.movers import movers
from correlate.daily.numerators import numerators
from correlate.daily.outage_minutes import outage_classes, outages, top_outages
from correlate.daily.outlook import open_expected
from correlate.daily.rates import daily_counts, day_rates, series
from correlate.daily.repairs import late_by_county, late_repairs, repair_clocks
from correlate.daily.site_values import site_values
from correlate.repair_owners import load_owners

ONE_DAY = dt.timedelta(days=1)
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Moment:
    """A run as it stood at the hour of the report of a day.

    `first` and `last` are the days on which something arrived; `exceptions` the approved ones.
    """

    run: Mapping[str, pd.DataFrame]
    known: Known
    first: dt.date
    last: dt.date
    day: dt.date
    settings: Settings
    exceptions: pd.DataFrame

    @property
    def begin(self) -> pd.Timestamp:
        """The begin of the day before."""
        return local_instant(self.day - ONE_DAY, 0, self.known.zone)

    def earlier(self) -> Known | None:
        """Return what was known a day earlier; None before the first day."""
        if self.first >= self.day:
            return None
        then = known_then(self.run, self.known.at - ONE_DAY, self.known.zone)
        return with_suspensions(then, self.exceptions)

    def counts(self) -> pd.DataFrame:
        """Return complaints and rates by county and day to the day before."""
        span = (self.first, self.day - ONE_DAY)
        return daily_counts(self.known, self.run["subscribers"], span=span)


def moment_of(out: Path, day: dt.date | None, settings: Settings) -> Moment:
    """Return a run as it stood at `report_hour` of a day, by default the one after its last.

    Raises
    ------
    InputError
        If `out` is not what a run wrote, or the day lies outside its span.
    """
    run = read_run(out)
    about = run["about"].iloc[0]
    zone = str(about["zone"])
    first, last = _span(about, zone)
    chosen = last + ONE_DAY if day is None else day
    if not first <= chosen <= last + ONE_DAY:
        msg = (
            f"`day` must be a day of the run, {first} to {last}, or the one after; it is {chosen}. "
            "Choose one of those."
        )
        raise InputError(msg)
    exceptions = read_exceptions(settings.repair_exceptions, zone)
    known = known_then(run, local_instant(chosen, settings.report_hour, zone), zone)
    known = with_suspensions(known, exceptions)
    return Moment(run, known, first, last, chosen, settings, exceptions)


def month_end(out: Path, month: str) -> dt.date:
    """Return the day on which a month of a run is told as far as it goes: the first after it, or after the run.

    Raises
    ------
    InputError
        If `out` is not what a run wrote, or the month is none as YYYY-MM.
    """
    try:
        begin = dt.date.fromisoformat(f"{month}-01")
    except ValueError:
        msg = f"`month` must be a month as YYYY-MM; it is {month!r}."
        raise InputError(msg) from None
    about = read_result(out, f"{FOLDER}/about", DAYBOOK["about"]).iloc[0]
    _, last = _span(about, str(about["zone"]))
    following = (begin + dt.timedelta(days=32)).replace(day=1)
    return min(following, last + ONE_DAY)


def rate_tables(moment: Moment) -> Tables:
    """Return `rates`, `series`, `movers`, `numerators`, `signs` and `queues` of a moment."""
    known, day, counts = moment.known, moment.day, moment.counts()
    expected = open_expected(moment.run, known, moment.first, day)
    return {
        "rates": day_rates(counts, day, moment.settings, expected=expected),
        "series": series(counts, day),
        "movers": movers(known, counts, day),
        "numerators": numerators(known, counts, day),
        "signs": early_signs(known, pd.Timestamp(moment.first)),
        "queues": _queues(moment),
    }


def repair_tables(moment: Moment) -> Tables:
    """Return `repairs`, `late`, `late_by`, `outage_classes` and `top_outages` of a moment."""
    known = moment.known
    clocks = repair_clocks(known, load_owners(moment.settings.repair_owners))
    found = outages(known, moment.run, exempt_sites(moment.exceptions, known.at))
    return {
        "repairs": clocks,
        "late": late_repairs(clocks),
        "late_by": late_by_county(known, clocks),
        "outage_classes": outage_classes(known, moment.run, found),
        "top_outages": top_outages(found),
    }


def coverage_tables(moment: Moment) -> Tables:
    """Return `thin` and `site_values` of a moment."""
    thin = thin_places(moment.known, moment.run)
    return {"thin": thin, "site_values": site_values(moment.known, moment.run, thin)}


def _queues(moment: Moment) -> pd.DataFrame:
    """Return when the hotline's queues asked for hands; none without a file of them."""
    path, zone = moment.settings.hotline_queue, moment.known.zone
    if path is None:
        return pd.DataFrame(columns=["queue", "action", "since", "until", "worst"])
    return queue_alerts(read_queues(path, zone), moment.begin, moment.known.at, zone)


def _span(about: pd.Series, zone: str) -> tuple[dt.date, dt.date]:
    """Return the first and last local day of a run; counters that arrive after midnight are of the day before."""
    if pd.isna(about["first_arrival"]) or pd.isna(about["last_arrival"]):
        msg = "`out` must be of a run in which something arrived; this one has no alarm, counter or complaint."
        raise InputError(msg)
    first, last = (about[name].tz_convert(zone) for name in ("first_arrival", "last_arrival"))
    told = last - pd.Timedelta(minutes=float(about["kpi_delay_min"]) + 1)
    return first.date(), max(first, told).date()
