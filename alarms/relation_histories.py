"""Bring a history of alarms to arrays: types, devices, onsets, and which devices are neighbours.

A *type* is the code of an alarm, its name where it has no code. A *device* is the object; a carrier
(`<cell_id>/TRX-<n>`) counts as its cell. An *onset* is an alarm whose type was not raised
on that device within `REPEAT_S` before: an alarm that flaps tells once that something happened.

Simple so far: cells are not brought together under their site, because a history needs no inventory;
clearings are not used.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

REPEAT_S = 300.0
CARRIER = r"/TRX-\d+$"
MOST_LINES = 200
"""A node with more lines than this is near everything, so it says nothing about nearness."""


@dataclass(frozen=True)
class CodedHistory:
    """Onsets of a history, in order of device, time and type.

    Attributes
    ----------
    codes : array of str
        Types, in the order of their text.
    devices : int
        Number of devices.
    kind, device : array of int
        Position of the type and of the device of each onset.
    at_s : array of float
        Seconds since the first alarm.
    span_s : float
        Seconds from the first alarm to just after the last.
    lines : array of int, (lines, 2)
        Neighbouring devices, each pair in both directions, in order.
    """

    codes: Any
    devices: int
    kind: Any
    device: Any
    at_s: Any
    span_s: float
    lines: Any

    @property
    def onsets(self) -> Any:
        """Return how many onsets each type has."""
        return np.bincount(self.kind, minlength=len(self.codes))

    def at_neighbours(self) -> tuple[Any, Any, Any]:
        """Return the onsets as each neighbour sees them: device of the neighbour, type, time."""
        first = np.searchsorted(self.lines[:, 0], np.arange(self.devices + 1))
        lines = np.diff(first)[self.device]
        seen = np.repeat(np.arange(len(self.device)), lines)
        number = np.arange(len(seen)) - np.repeat(np.cumsum(lines) - lines, lines)
        neighbour = self.lines[first[self.device[seen]] + number, 1]
        return neighbour, self.kind[seen], self.at_s[seen]


def coded_history(alarms: pd.DataFrame, links: pd.DataFrame | None = None) -> CodedHistory:
    """Return a history as arrays.

    Parameters
    ----------
    alarms : DataFrame, one row per alarm, any order
        Needs `object_id`, `raised_at`, `name`; `code` is used where it is there and not empty.
    links : DataFrame, optional
        Needs `node` and `parent`; the direction does not matter.

    Returns
    -------
    CodedHistory

    Examples
    --------
    >>> alarms = pd.DataFrame({"object_id": ["a", "a", "b"], "name": ["x", "x", "y"],
    ...     "raised_at": pd.to_datetime(["2026-03-02 00:00", "2026-03-02 00:01",
    ...     "2026-03-02 00:02"])})
    >>> coded_history(alarms).onsets.tolist()
    [1, 1]
    """
    kind, codes = pd.factorize(alarm_types(alarms), sort=True)
    objects = alarms["object_id"].astype("str").str.replace(CARRIER, "", regex=True)
    device, names = pd.factorize(objects, sort=True)
    moments = alarms["raised_at"]
    at_s = ((moments - moments.min()) / pd.Timedelta(seconds=1)).to_numpy(float)
    span_s = float(at_s.max(initial=0.0)) + 1.0
    order = np.lexsort((at_s, kind, device))
    kind, device, at_s = kind[order], device[order], at_s[order]
    is_onset = np.ones(len(kind), dtype=bool)
    is_onset[1:] = (
        (kind[1:] != kind[:-1]) | (device[1:] != device[:-1]) | (np.diff(at_s) > REPEAT_S)
    )
    kind, device, at_s = kind[is_onset], device[is_onset], at_s[is_onset]
    order = np.lexsort((kind, at_s, device))
    return CodedHistory(
        codes=np.asarray(codes, dtype=object),
        devices=len(names),
        kind=kind[order],
        device=device[order],
        at_s=at_s[order],
        span_s=span_s,
        lines=_lines(links, pd.Index(names)),
    )


def alarm_types(alarms: pd.DataFrame) -> pd.Series:
    """Return the type of each alarm: its code, its name where it has none."""
    names = alarms["name"].astype("str")
    if "code" not in alarms:
        return names.rename("type")
    codes = alarms["code"]
    is_empty = codes.isna() | (codes.astype("str").str.strip() == "")
    return codes.astype("str").mask(is_empty, names).rename("type")


def _lines(links: pd.DataFrame | None, names: pd.Index) -> Any:
    """Return pairs of neighbouring devices in both directions, each once, in order."""
    if links is None or links.empty:
        return np.zeros((0, 2), dtype=int)
    ends = [names.get_indexer(links[column].astype("str")) for column in ("node", "parent")]
    pairs = np.column_stack(ends)
    pairs = pairs[(pairs >= 0).all(1) & (pairs[:, 0] != pairs[:, 1])]
    pairs = np.unique(np.vstack([pairs, pairs[:, ::-1]]), axis=0)
    is_near = np.bincount(pairs[:, 0], minlength=len(names)) <= MOST_LINES
    return pairs[is_near[pairs].all(1)]
