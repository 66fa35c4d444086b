"""Keep the watch of a region in a folder: begin it, take it up again, play days of counters to it.

Simple so far: a folder of watches has one writer; a ring that was being written when the machine stopped is put right
by playing the day again.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from contract.errors import InputError
from kpi.baseline import start_baseline
from kpi.counter_rows import CounterRows, deliveries
from kpi.day_kinds import load_holidays
from kpi.saved_watches import load_watch
from kpi.watches import GRACE_SECONDS, Watch, observe, start_watch

ABOUT = "about.json"
CELLS = "cells.parquet"
REMEMBERED_DAYS = 28


@dataclass(frozen=True)
class Terms:
    """What all regions of a folder share.

    Attributes
    ----------
    utc_offset_hours : float
        Of the network's day.
    delay_minutes : float
        After the end of their period counters arrive so much later.
    days : int
        Days that the ring remembers.
    country : str
        Whose holidays.
    holidays : str or None
        File of holidays laid over those shipped.
    """

    utc_offset_hours: float = 8.0
    delay_minutes: float = 20.0
    days: int = REMEMBERED_DAYS
    country: str = "CN"
    holidays: str | None = None


def start_region(folder: Path, terms: Terms) -> tuple[Watch, pa.Array]:
    """Return a watch that knows nothing over the cells of a region's folder, and their ids.

    Parameters
    ----------
    folder : Path
        With `cells.parquet`; the ring lies beside it.
    terms : Terms

    Returns
    -------
    watch : Watch
    ids : pyarrow Array of str [C]
    """
    cells = pd.read_parquet(folder / CELLS)
    watch = start_watch(cells, utc_offset_hours=terms.utc_offset_hours)
    watch.baseline = start_baseline(
        watch.baseline.layers,
        days=terms.days,
        folder=folder,
        country=terms.country,
        holidays=load_holidays(Path(terms.holidays) if terms.holidays else None),
    )
    return watch, pa.array(cells["cell_id"].tolist(), pa.string())


def open_region(folder: Path, terms: Terms) -> tuple[Watch, pa.Array]:
    """Return the watch that a region's folder keeps, and the ids of its cells.

    Parameters
    ----------
    folder : Path
    terms : Terms

    Returns
    -------
    watch : Watch
    ids : pyarrow Array of str [C]
    """
    watch, ids = start_region(folder, terms)
    return load_watch(watch, folder), ids


def play_day(watch: Watch, rows: CounterRows) -> Watch:
    """Return a watch after the rows of a day, taken as they arrived; its arrays are changed in place.

    Parameters
    ----------
    watch : Watch
    rows : CounterRows

    Returns
    -------
    Watch
    """
    for now, part in deliveries(rows):
        start = part.start.astype("datetime64[s]")
        watch = observe(watch, part.cells, start, part.minutes, dict(part.counters), now)
    if len(rows.arrived):
        after = pd.Timestamp(int(rows.arrived.max()) + GRACE_SECONDS, unit="s", tz="UTC")
        nothing = rows.take(np.zeros(0, dtype=np.intp))
        start = nothing.start.astype("datetime64[s]")
        watch = observe(watch, nothing.cells, start, nothing.minutes, {}, after)
    return watch


def read_about(baseline: Path) -> tuple[list[str], Terms]:
    """Return the regions of a folder of watches and what they share.

    Parameters
    ----------
    baseline : Path

    Returns
    -------
    regions : list of str
    terms : Terms

    Raises
    ------
    InputError
        If it is no such folder.
    """
    path = baseline / ABOUT
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        return list(about["regions"]), Terms(**about["terms"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = (
            f"`baseline` must be a folder that `counters learn` wrote; {path} gave: {error}. "
            "Check it, or learn first."
        )
        raise InputError(message) from error
