"""Add the counters, alarms and changes of a bundle to a history.

The bundle is read and judged as every command reads it; of each key the row that holds at the end is added.

Simple so far: the bundle is read whole, complaints too, though only these tables are added.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from contract.arrivals import OWN
from contract.bundles import Bundle, read_bundle
from contract.history.forms import CLOCKS
from contract.history.regions import regions_of_objects
from contract.history.store import History
from contract.history.writing import Writer
from contract.settings import Settings

OBJECTS = {"kpi": "cell_id", "alarms": "object_id", "changes": "object_id"}
"""The column that says where a row belongs."""


@dataclass(frozen=True)
class Added:
    """What was added.

    Attributes
    ----------
    counts : DataFrame
        Index `table`; `rows`, `used`, `rejected`, `repaired` as the bundle was read, and `partitions` and `files`: the
        regions and days its rows are of, and the files written. Rows that stood there already write none.
    rejected, repairs : DataFrame
        Of these tables, as in the bundle.
    """

    counts: pd.DataFrame
    rejected: pd.DataFrame
    repairs: pd.DataFrame


def add_bundle(history: History, folder: Path, settings: Settings) -> Added:
    """Add a bundle to a history; the same bundle again changes nothing.

    Parameters
    ----------
    history : History
    folder : Path
        Of the bundle.
    settings : Settings

    Raises
    ------
    InputError
        If the bundle can't be read, or another writer holds the history.
    """
    with history.writing() as writer:
        bundle = read_bundle(folder, settings)
        written = {name: _add_table(writer, bundle, name) for name in CLOCKS}
    counts = bundle.counts.loc[list(CLOCKS)]
    own = pd.DataFrame.from_dict(written, orient="index", columns=["partitions", "files"])
    is_ours = [listed["table"].isin(list(CLOCKS)) for listed in (bundle.rejected, bundle.repairs)]
    return Added(
        counts=counts.join(own),
        rejected=bundle.rejected[is_ours[0]].reset_index(drop=True),
        repairs=bundle.repairs[is_ours[1]].reset_index(drop=True),
    )


def _add_table(writer: Writer, bundle: Bundle, name: str) -> tuple[int, int]:
    """Add a table; return how many partitions its rows are of, and how many files were written."""
    frame = bundle.tables[name]
    frame = frame[frame["superseded_at"].isna()]
    if frame.empty:
        return 0, 0
    objects = frame[OBJECTS[name]].astype("str")
    region = regions_of_objects(objects, bundle.tables["sites"], bundle.tables["cells"])
    zone = ZoneInfo(writer.known.about.zone)
    day = frame[CLOCKS[name]].dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    rows = frame.drop(columns=[own for own in OWN if own in frame])
    parts = rows.groupby([region, day], observed=True, sort=True).indices
    files = [
        writer.write(name, rows.iloc[positions], region=str(where), day=pd.Timestamp(at).date())
        for (where, at), positions in parts.items()
    ]
    return len(files), sum(file is not None for file in files)
