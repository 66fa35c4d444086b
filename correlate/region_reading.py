"""Read the words of complaints region by region: here, in other processes or on a Dask cluster, with one result.

Region: the complaints of one county. What a complaint says depends on its own row alone, so regions know nothing of
each other, and reading them apart, in any order, gives what reading all at once gives.

Simple so far: words alone are read apart; places, which teach coverage, and the step, in which all faults meet, are
worked out in one process.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from contract.settings import Settings
from correlate.lexicon import Lexicon, default_lexicon, load_lexicon
from correlate.onset import read_onsets
from correlate.symptoms import read_symptoms
from kpi.schedules import Schedule, in_order

COLUMNS = ("text", "category", "created_at")


@dataclass(frozen=True)
class Task:
    """Complaints of one region: `rows` [complaints, COLUMNS]; `lexicon` is a file laid over ours."""

    region: str
    rows: pd.DataFrame
    zone: str
    lexicon: Path | None


def read_words(
    rows: pd.DataFrame, settings: Settings, lexicon: Lexicon, *, schedule: Schedule | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what each complaint states, and since when it says it lasts.

    Parameters
    ----------
    rows : DataFrame, unique index
        `text`, `category`, `created_at` and `county` of complaints.
    settings : Settings
    lexicon : Lexicon
        The one that `settings` asks for.
    schedule : Schedule, optional
        Where regions are read; without one all complaints are read at once, in this process.

    Returns
    -------
    symptoms, onsets : DataFrame, index of `rows`
        As `correlate.symptoms.read_symptoms` and `correlate.onset.read_onsets` give them.

    Raises
    ------
    InputError
        If there is no scheduler at the address.
    """
    if schedule is None or rows.empty:
        return _words(rows, lexicon, settings.zone)
    counties = rows["county"].astype("str").fillna("")
    tasks = [
        Task(str(region), rows.loc[mine.index, list(COLUMNS)], settings.zone, settings.lexicon)
        for region, mine in counties.groupby(counties)
    ]
    found = in_order(read_region, tasks, schedule)
    order = np.argsort(np.concatenate([rows.index.get_indexer(s.index) for s, _ in found]))
    symptoms = pd.concat([symptoms for symptoms, _ in found]).iloc[order]
    return symptoms, pd.concat([onsets for _, onsets in found]).iloc[order]


def read_region(task: Task) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what `read_words` tells of the complaints of one region; a worker needs nothing but the task.

    Parameters
    ----------
    task : Task
    """
    lexicon = load_lexicon(task.lexicon) if task.lexicon else default_lexicon()
    return _words(task.rows, lexicon, task.zone)


def _words(rows: pd.DataFrame, lexicon: Lexicon, zone: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read complaints together."""
    symptoms = read_symptoms(rows["text"], lexicon, categories=rows["category"])
    return symptoms, read_onsets(rows["text"], rows["created_at"], zone)
