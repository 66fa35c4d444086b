"""Measure how long before and after each onset the nearest onset of every type lies.

*Here* is on the same device, *near* on a neighbouring one. Only onsets strictly before or after count:
what begins in the same second has no order.

Simple so far: neighbours of neighbours are not looked at.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from alarms.relation_histories import CodedHistory

LAG_EDGES_S = (0.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4, 3e4, 1e5)
"""Limits of the classes of lags; the last class of all is "longer, or never"."""
WINDOWS_S = (30.0, 100.0, 300.0, 1e3, 3e3)
CLASSES = len(LAG_EDGES_S) - 1
FAR_S = 1e7
"""Added between devices when their onsets are laid on one line; beyond every lag that counts."""


@dataclass(frozen=True)
class Lags:
    """Lags of a history, by class.

    Attributes
    ----------
    classes : array of int8, (onsets, columns)
        Class of the time since the last onset of a type; columns are types here, then types
        near, the latter only where there are lines.
    exposure_s : array of float, (types, columns, CLASSES)
        How long the devices that raise the row's type were in each class of the column.
    before, after : array of float, (windows, types, types)
        Onsets of the column's type with one of the row's here, within each window before, after.
    """

    classes: Any
    exposure_s: Any
    before: Any
    after: Any


def measured_lags(history: CodedHistory) -> Lags:
    """Return the lags of a history.

    Parameters
    ----------
    history : CodedHistory

    Returns
    -------
    Lags
    """
    types, windows = len(history.codes), len(WINDOWS_S)
    sources = [(history.device, history.kind, history.at_s)]
    if len(history.lines):
        sources.append(history.at_neighbours())
    classes = np.full((len(history.kind), types * len(sources)), CLASSES, dtype=np.int8)
    before, after = (np.zeros((windows, types, types)) for _ in range(2))
    for number, source in enumerate(sources):
        for kind, line in enumerate(_lines_of_time(history, source)):
            back, forth = _nearest(history, line)
            classes[:, number * types + kind] = lag_class(back)
            if number == 0:
                for place, window in enumerate(WINDOWS_S):
                    before[place, kind] = _counted(history, back <= window)
                    after[place, kind] = _counted(history, forth <= window)
    exposure = [_exposure(history, source) for source in sources]
    return Lags(classes, np.concatenate(exposure, axis=1), before, after)


def lag_class(lag_s: Any) -> Any:
    """Return the class of lags: 0 for up to the first limit, `CLASSES` for beyond the last.

    Examples
    --------
    >>> lag_class(np.array([1.0, 3.0, 4.0, np.inf])).tolist()
    [0, 0, 1, 10]
    """
    return (np.searchsorted(LAG_EDGES_S[1:], lag_s, side="left")).astype(np.int8)


def _lines_of_time(history: CodedHistory, source: tuple[Any, Any, Any]) -> list[Any]:
    """Return for each type its onsets on one line: the devices one after the other, in order."""
    device, kind, at_s = source
    place = device * (history.span_s + FAR_S) + at_s
    order = np.lexsort((place, kind))
    limits = np.searchsorted(kind[order], np.arange(len(history.codes) + 1))
    return [place[order[limits[k] : limits[k + 1]]] for k in range(len(history.codes))]


def _nearest(history: CodedHistory, line: Any) -> tuple[Any, Any]:
    """Return for each onset the lag since the last one on a line, and to the next; else inf."""
    count = len(history.kind)
    if not len(line):
        return np.full(count, np.inf), np.full(count, np.inf)
    place = history.device * (history.span_s + FAR_S) + history.at_s
    left = np.searchsorted(line, place, side="left")
    right = np.searchsorted(line, place, side="right")
    back = np.where(left > 0, place - line[np.maximum(left - 1, 0)], np.inf)
    forth = np.where(right < len(line), line[np.minimum(right, len(line) - 1)] - place, np.inf)
    is_here = [lag <= LAG_EDGES_S[-1] for lag in (back, forth)]
    return np.where(is_here[0], back, np.inf), np.where(is_here[1], forth, np.inf)


def _counted(history: CodedHistory, is_within: Any) -> Any:
    """Return how many onsets of each type a condition holds for."""
    return np.bincount(history.kind[is_within], minlength=len(history.codes))


def _exposure(history: CodedHistory, source: tuple[Any, Any, Any]) -> Any:
    """Return how long devices were in each class of lag: (types, types of the source, CLASSES)."""
    device, kind, at_s = source
    types = len(history.codes)
    order = np.lexsort((at_s, kind, device))
    device, kind, at_s = device[order], kind[order], at_s[order]
    until = np.full(len(at_s), history.span_s)
    is_followed = (device[1:] == device[:-1]) & (kind[1:] == kind[:-1])
    until[:-1][is_followed] = at_s[1:][is_followed]
    raises = np.zeros((history.devices, types))
    raises[history.device, history.kind] = 1.0
    exposure = np.zeros((types, types, CLASSES))
    for number in range(CLASSES):
        low, high = LAG_EDGES_S[number : number + 2]
        within = np.clip(until - at_s, low, high) - low
        size = history.devices * types
        by_device = np.bincount(device * types + kind, within, size).reshape(-1, types)
        exposure[:, :, number] = raises.T @ by_device
    return exposure
