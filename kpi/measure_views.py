"""Lay the measures of an object out over a window of time, ready to be shown: what is missing stands as unknown.

Simple so far: `usual` is the median of earlier days of the same kind; a window by period has one step, that of its
longest period.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from contract.errors import InputError
from contract.instants import parse_instants
from contract.settings import Settings
from kpi.day_kinds import load_holidays
from kpi.measure_files import MeasureBook, load_measures
from kpi.measure_limits import crossed_levels
from kpi.measure_sources import Counters
from kpi.measure_usuals import usual_values
from kpi.rollups import rolled_up
from kpi.span_pieces import microseconds, span_edges

SPANS = ("period", "hour", "day")
WINDOWS = {
    "period": pd.Timedelta(hours=6),
    "hour": pd.Timedelta(days=1),
    "day": pd.Timedelta(days=14),
}
EARLIER = pd.Timedelta(days=45)
LONGEST = pd.Timedelta(days=366)
COLUMNS = (
    "start", "measure", "value", "n", "low", "high", "coverage", "is_few", "usual", "crossed",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see: step, measures (none = all known), first and last instant as text."""

    by: str = "hour"
    names: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None


def asked_instant(text: str | None, argument: str, zone: str) -> pd.Timestamp | None:
    """Return the instant that somebody wrote.

    Parameters
    ----------
    text : str or None
    argument : str
        For the message.
    zone : str
        Zone of what bears no offset.

    Returns
    -------
    Timestamp, UTC, or None where nothing was written

    Raises
    ------
    InputError
        If it can't be read.

    Examples
    --------
    >>> str(asked_instant("2026-03-02 08:00", "from", "Asia/Shanghai"))
    '2026-03-02 00:00:00+00:00'
    """
    if text is None:
        return None
    (moment,) = parse_instants(pd.Series([text], dtype="str"), zone)
    if pd.isna(moment):
        message = f"`{argument}` must be an instant such as '2026-03-02 08:00', got {text!r}."
        raise InputError(message)
    return pd.Timestamp(moment)


def measure_view(counters: Counters, asked: Asked, settings: Settings) -> pd.DataFrame:
    """Return the measures of an object over a window.

    Parameters
    ----------
    counters : Counters
        From `kpi.measure_sources.read_counters`.
    asked : Asked
        Without `until` the window ends with the last period, without `since` it is 6 hours, a day or 14 days long.
    settings : Settings
        `zone`, `measures`, `holidays` and `country` matter here.

    Returns
    -------
    DataFrame
        One row per step of the window and measure, also where nothing arrived: `start` (in the zone), `measure`,
        `value`, `n`, `low`, `high`, `coverage`, `is_few`, `usual`, `crossed`. Without `names` in `asked`, the measures
        of which anything is known.

    Raises
    ------
    InputError
        If a word or instant of `asked` can't be used.
    """
    if asked.by not in SPANS:
        message = f"`by` must be one of {list(SPANS)}, got {asked.by!r}."
        raise InputError(message)
    book = load_measures(settings.measures)
    for name in asked.names:
        _check_measure(name, book)
    since, until = _window(counters.rows, asked, settings.zone)
    rows = counters.rows[counters.rows["start"].between(since - EARLIER, until, inclusive="left")]
    span = _span(rows, since, asked.by)
    names = asked.names or None
    found = rolled_up(rows, counters.cells, span=span, zone=settings.zone, book=book, names=names)
    holidays = load_holidays(settings.holidays)
    found["usual"] = usual_values(found, settings.country, holidays=holidays)
    first, last = microseconds(pd.DatetimeIndex([since, until])).tolist()
    steps = span_edges(first, last, span, zone=settings.zone)[:-1]
    view = _gridded(found, steps, asked.names or _known_names(found, since))
    return _judged(view, counters, book, minutes=1440 if span == "day" else _minutes(span))


def _check_measure(name: str, book: MeasureBook) -> None:
    """Raise where a measure is not known; the nearest are told."""
    known = [m.name for m in book.measures if m.counters or m.factors]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.3)
        message = f"`measure` must be one of docs/measures.md; there is no {name!r}, the nearest are {near or known}."
        raise InputError(message)


def _window(rows: pd.DataFrame, asked: Asked, zone: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the begin and end of what is shown."""
    until = asked_instant(asked.until, "to", zone)
    if until is None:
        until = (rows["start"] + pd.to_timedelta(rows["minutes"], unit="min")).max()
    since = asked_instant(asked.since, "from", zone)
    if since is None:
        since = until - WINDOWS[asked.by]
    if not pd.Timedelta(0) < until - since <= LONGEST:
        message = f"`to` must come after `from`, by a year at most; got {since} to {until}."
        raise InputError(message)
    return since, until


def _span(rows: pd.DataFrame, since: pd.Timestamp, by: str) -> str | int:
    """Return the step of the window: for periods the longest that begins in it."""
    if by != "period":
        return by
    minutes = rows.loc[rows["start"] >= since, "minutes"]
    return int(minutes.max()) if len(minutes) else 60


def _minutes(span: str | int) -> int:
    """Return the length of an hour or of so many minutes."""
    return span if isinstance(span, int) else 60


def _known_names(found: pd.DataFrame, since: pd.Timestamp) -> Sequence[str]:
    """Return the measures of which anything is known in the window, else before it, in the order of the book."""
    is_known = found["value"].notna()
    within = is_known & (found["start"] >= since)
    known = found.loc[within if within.any() else is_known, "measure"]
    return [name for name in found["measure"].cat.categories if (known == name).any()]


def _gridded(found: pd.DataFrame, starts: pd.DatetimeIndex, names: Sequence[str]) -> pd.DataFrame:
    """Return every step and measure, with what was found and null where nothing was."""
    grid = pd.MultiIndex.from_product([starts, names], names=["start", "measure"])
    plain = found.assign(measure=found["measure"].astype("str")).set_index(["start", "measure"])
    view = plain.drop(columns="object_id").reindex(grid).reset_index()
    view["n"], view["coverage"] = view["n"].fillna(0.0), view["coverage"].fillna(0.0)
    return view.assign(is_few=view["is_few"].astype("boolean").fillna(value=False).astype(bool))


def _judged(
    view: pd.DataFrame, counters: Counters, book: MeasureBook, *, minutes: float
) -> pd.DataFrame:
    """Return a view with the level that each value crosses."""
    whole = view.assign(object_id=counters.object_id)
    crossed = crossed_levels(whole, counters.cells, book, minutes=minutes)
    return view.assign(crossed=crossed)[list(COLUMNS)]
