"""Find the cells of what somebody asked for, and their counters in a bundle or a history.

Simple so far: a bundle is read whole for one cell; a history knows cells alone, unless a bundle says which sites they
belong to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pandas as pd
from rapidfuzz import process

from contract.bundles import read_bundle
from contract.errors import InputError
from contract.history import History, open_history
from contract.history.forms import ABOUT
from contract.settings import Settings
from kpi.files.suspects import without_suspects
from kpi.rollups import UNKNOWN_RAT, grouped_cells

NEAREST = 3
LEAST_LIKENESS = 50.0
HISTORY_DAYS = 45  # before the last day wanted: enough to say what is usual
CELL_COLUMNS = ("cell_id", "site_id", "rat", "freq_mhz")


@dataclass(frozen=True)
class Counters:
    """Counters of the cells of one object.

    Attributes
    ----------
    rows : DataFrame
        Rows of the table `kpi`, each key once; what the equipment calls suspect is unknown.
    cells : DataFrame, index `cell_id`
        As `kpi.rollups.grouped_cells` gives them, of the object alone.
    object_id : str
    """

    rows: pd.DataFrame
    cells: pd.DataFrame
    object_id: str


def read_counters(
    source: str,
    name: str,
    settings: Settings,
    *,
    inventory: Path | None = None,
    until: pd.Timestamp | None = None,
) -> Counters:
    """Return the counters of a cell, site, layer or county.

    Parameters
    ----------
    source : str
        Folder of a bundle, or address of a history.
    name : str
        Id of a cell, id or name of a site, a layer such as `LTE 1800`, or a county.
    settings : Settings
    inventory : Path, optional
        Bundle that knows the cells of a history; without it `name` must be a cell.
    until : Timestamp, optional
        Of a history only the 45 days before are read; default its last day.

    Returns
    -------
    Counters

    Raises
    ------
    InputError
        If nothing is called so, with the nearest names; if the source can't be read or holds no counter of it.
    """
    history = _history(source, settings)
    if history is None:
        bundle = read_bundle(Path(source), settings)
        cells = cells_called(name, bundle.tables["cells"], bundle.tables["sites"])
        rows = bundle.tables["kpi"]
        rows = rows[rows["superseded_at"].isna() & rows["cell_id"].isin(cells.index)]
    else:
        cells = _cells_of_history(name, settings, inventory)
        rows = _rows_of_history(history, list(cells.index), until)
    rows = without_suspects(rows, _counters_of(rows))
    if rows.empty:
        message = f"`object` {name!r} has no counters in {source!r}; check the table `kpi` there."
        raise InputError(message)
    return Counters(rows, cells, str(cells["object_id"].iloc[0]))


def cells_called(name: str, cells: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of an object, grouped under it.

    Parameters
    ----------
    name : str
        As `read_counters` takes it; case and blanks around it don't matter.
    cells, sites : DataFrame
        The tables of the contract.

    Returns
    -------
    DataFrame, index `cell_id`
        `object_id` and `rat`.

    Raises
    ------
    InputError
        If nothing is called so; the nearest names are told.
    """
    sites = sites.drop_duplicates("site_id")
    wanted = name.strip().casefold()
    named = sites.loc[sites["site_name"].str.casefold() == wanted, "site_id"]
    known: list[str] = [str(site) for site in sites["site_name"].dropna()]
    for by in ("cell", "site", "layer", "county"):
        grouped = grouped_cells(cells, sites, by=by)
        label = grouped["object_id"].astype("str")
        known += label.unique().tolist()
        found = grouped[label.str.casefold() == wanted]
        if by == "site" and found.empty and len(named):
            found = grouped[label.isin(named)]
        if len(found):
            return found
    raise InputError(_unknown(name, known))


def _unknown(name: str, known: Sequence[str]) -> str:
    """Return what is said of a name that nothing bears."""
    near = process.extract(name, sorted(set(known)), limit=NEAREST, score_cutoff=LEAST_LIKENESS)
    hint = f"the nearest are {[found[0] for found in near]}" if near else "nothing is called alike"
    return f"`object` must be a cell, site, layer or county; there is no {name!r}, {hint}."


def _counters_of(rows: pd.DataFrame) -> list[str]:
    """Return the columns of values: the numbers but the length of the period."""
    return [c for c in rows if pd.api.types.is_float_dtype(rows[c]) and c != "minutes"]


def _history(source: str, settings: Settings) -> History | None:
    """Return the history at an address, or None where it is a bundle's folder."""
    if "://" not in source and not (Path(source) / ABOUT).is_file():
        return None
    return open_history(source, settings=settings, is_new=False)


def _cells_of_history(name: str, settings: Settings, inventory: Path | None) -> pd.DataFrame:
    """Return the cells of an object, from a bundle's inventory or the name alone."""
    if inventory is not None:
        tables = read_bundle(inventory, settings).tables
        return cells_called(name, tables["cells"], tables["sites"])
    index = pd.Index([name.strip()], name="cell_id")
    return pd.DataFrame({"object_id": index, "rat": UNKNOWN_RAT}, index=index)


def _rows_of_history(
    history: History, cells: Sequence[str], until: pd.Timestamp | None
) -> pd.DataFrame:
    """Return the rows of some cells in the days before an instant."""
    there = history.partitions("kpi")
    if there.empty:
        return pd.DataFrame({"cell_id": []})
    last = there["day"].max()
    if until is not None:
        last = min(last, until.tz_convert(history.zone).tz_localize(None).normalize())
    wanted = there["day"][(there["day"] <= last) & (there["day"] > last - timedelta(HISTORY_DAYS))]
    days = [day.date() for day in wanted.drop_duplicates()]
    if not days:
        return pd.DataFrame({"cell_id": []})
    return history.read("kpi", days=days, only=cells).to_pandas()
