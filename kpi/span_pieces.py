"""Cut periods at the edges of hours and days of a zone.

Simple so far: in zones that change their clocks by less than an hour, hours are off by that for the rest of the day.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from contract.errors import InputError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
MINUTE_US = 60_000_000
SPANS: Mapping[str, str] = {"hour": "h", "day": "D"}


@dataclass(frozen=True)
class Pieces:
    """Periods cut at the edges of spans.

    Attributes
    ----------
    row, span : array of int [pieces]
        Period that each is of, and number of the span it lies in.
    share : array [pieces]
        Part of the period.
    minutes : array [pieces]
    """

    row: Ints
    span: Ints
    share: Floats
    minutes: Floats


def span_edges(first: int, last: int, span: str | int, *, zone: str) -> pd.DatetimeIndex:
    """Return the edges of the spans that hold everything between two instants.

    Parameters
    ----------
    first, last : int
        Microseconds since 1970, UTC.
    span : {"hour", "day"} or int
        A number is minutes, counted from midnight.
    zone : str

    Returns
    -------
    DatetimeIndex
        In the zone; one more than there are spans.

    Raises
    ------
    InputError
        If `span` is none of these.

    Examples
    --------
    >>> [str(edge) for edge in span_edges(0, 3_600_000_000, "day", zone="Asia/Shanghai")]
    ['1970-01-01 00:00:00+08:00', '1970-01-02 00:00:00+08:00']
    """
    if span not in SPANS and not (isinstance(span, int) and 0 < span <= 1440):
        message = (
            f"`span` must be one of {list(SPANS)} or a number of minutes up to 1440, got {span!r}."
        )
        raise InputError(message)
    begin, end = (pd.Timestamp(at, unit="us", tz="UTC").tz_convert(zone) for at in (first, last))
    step = f"{span}min" if isinstance(span, int) else SPANS[span]
    edges = pd.date_range(begin.normalize(), end.normalize() + pd.DateOffset(days=2), freq=step)
    instants = microseconds(edges)
    start = int(np.searchsorted(instants, first, side="right")) - 1
    return edges[start : max(int(np.searchsorted(instants, last, side="left")), start + 1) + 1]


def microseconds(instants: pd.DatetimeIndex) -> Ints:
    """Return instants as microseconds since 1970."""
    return np.asarray(instants.tz_convert("UTC").as_unit("us").asi8)


def cut_periods(begin: Ints, end: Ints, edges: Ints) -> Pieces:
    """Return the pieces of periods within spans.

    Parameters
    ----------
    begin, end : arrays of int [n]
        Microseconds; within the first and last edge, `begin` before `end`.
    edges : array of int, ascending

    Returns
    -------
    Pieces

    Examples
    --------
    >>> minutes = np.array([0, 60, 120]) * MINUTE_US
    >>> pieces = cut_periods(minutes[:1] + 45 * MINUTE_US, minutes[1:2] + 15 * MINUTE_US, minutes)
    >>> pieces.span.tolist(), pieces.minutes.tolist(), pieces.share.tolist()
    ([0, 1], [15.0, 15.0], [0.5, 0.5])
    """
    first = np.searchsorted(edges, begin, side="right") - 1
    count = np.searchsorted(edges, end, side="left") - first
    row = np.repeat(np.arange(len(begin)), count)
    span = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    length = np.minimum(end[row], edges[span + 1]) - np.maximum(begin[row], edges[span])
    return Pieces(row=row, span=span, share=length / (end - begin)[row], minutes=length / MINUTE_US)
