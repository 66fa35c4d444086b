"""Read a bundle: a folder with one file per table.

Every table of the contract is read, judged against it and against the inventory, given its
arrivals and put in canonical order. Files of other names are listed and never opened.

Simple so far: a bundle is read whole into memory.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from contract.arrivals import arrival_instants, clear_instants, settled_versions
from contract.bundle_files import table_paths
from contract.cell_identities import CellIdentities, cell_identities
from contract.clocks import (
    AHEAD,
    behind_repairs,
    clock_doubts,
    clock_groups,
    corrected_clocks,
)
from contract.errors import MissingTableError
from contract.files import SUFFIXES, read_table_file
from contract.forms import odd_forms
from contract.object_names import ObjectNames, object_names
from contract.placements import placed_complaints, placed_sites, swaps_named, unswapped
from contract.plausibility import consistent_counters
from contract.recognition import (
    TRIED,
    reasons_with_ambiguity,
    recognised,
    recognition_repairs,
    unresolved_identities,
)
from contract.references import Known, known_objects, misplaced, unknown_reference
from contract.rows import RawTable
from contract.settings import Settings
from contract.tables import TABLES, Table, empty_table
from contract.usable_share import check_share
from contract.validation import (
    LISTED,
    Checked,
    check_table,
    joined_lists,
    rejected_rows,
    repaired_rows,
)

DUPLICATE = "duplicate"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bundle:
    """A bundle as read.

    Attributes
    ----------
    folder : Path
    tables : dict of DataFrame
        Every input table of the contract by name; an empty one where its file is missing. Columns:
        those of the contract, extra ones, `row`; tables of arrivals also `arrived_at` and
        `superseded_at` (NaT = holds), alarms `clear_arrived_at`, complaints `lon_given` and
        `lat_given` (as they came, also where out of range). Order: arrival, key, content.
    rejected, repairs : DataFrame
        Columns `table`, `row`, `reason`, `content`. Rows superseded by a later arrival are
        among the rejected, as duplicates, though they stay in their table as earlier versions.
    counts : DataFrame
        Index `table`; columns `rows`, `used`, `rejected`, `repaired`.
    missing, ignored : tuple of str
        Tables without a file; names of files and folders that are no table.
    unresolved : DataFrame
        Identities of cells and objects that the inventory does not know in any form, the commonest
        first: `table`, `column`, `identity`, `why` (`ambiguous` or `unknown`), `vendor`, `rows`. Those it
        knows in another form than `cell_id` stand among the repairs, one row per text.
    clocks : DataFrame
        Clocks of element managers that are off: see `contract.clocks.clock_doubts`.
    forms : DataFrame
        Odd forms that were read past: see `contract.forms.odd_forms`.
    encodings : dict of str
        Encoding of each table that is not UTF-8.
    """

    folder: Path
    tables: dict[str, pd.DataFrame]
    rejected: pd.DataFrame
    repairs: pd.DataFrame
    counts: pd.DataFrame
    missing: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    unresolved: pd.DataFrame = field(
        default_factory=lambda: unresolved_identities(pd.DataFrame({name: [] for name in TRIED}))
    )
    clocks: pd.DataFrame = field(default_factory=pd.DataFrame)
    forms: pd.DataFrame = field(default_factory=pd.DataFrame)
    encodings: dict[str, str] = field(default_factory=dict)


@dataclass
class Reading:
    """What has been read so far, and the files it is read from; rows are judged against its `tables`."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    rejected: list[pd.DataFrame] = field(default_factory=list)
    repairs: list[pd.DataFrame] = field(default_factory=list)
    counts: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    tried: list[pd.DataFrame] = field(default_factory=list)
    known_objects: tuple[tuple[int, ...], Known] | None = None
    known_cells: CellIdentities | None = None
    known_names: ObjectNames | None = None
    clocks: pd.DataFrame = field(default_factory=pd.DataFrame)
    forms: list[pd.DataFrame] = field(default_factory=list)
    paths: dict[str, Path] = field(default_factory=dict)
    encodings: dict[str, str] = field(default_factory=dict)

    def as_text(self, name: str) -> pd.DataFrame:
        """Return the rows of a table as they stand in its file; empty where there is none."""
        if name not in self.paths:
            return pd.DataFrame()
        frame = read_table_file(self.paths[name]).frame
        return frame.astype("str").apply(lambda column: column.str.strip())

    def known(self) -> Known:
        """Return what rows may point at, worked out once for the inventory read so far."""
        read = tuple(id(self.tables.get(name)) for name in ("sites", "cells", "links"))
        if self.known_objects is None or self.known_objects[0] != read:
            self.known_objects = (read, known_objects(self.tables))
        return self.known_objects[1]

    def identities(self) -> CellIdentities:
        """Return every identity of the cells read, worked out once."""
        if self.known_cells is None:
            self.known_cells = cell_identities(self.tables["cells"])
        return self.known_cells

    def names(self) -> ObjectNames:
        """Return what the objects of the inventory read are called, worked out once."""
        if self.known_names is None:
            nodes = self.known().nodes
            sites, cells = self.tables["sites"], self.tables["cells"]
            self.known_names = object_names(sites, cells, nodes, self.identities())
        return self.known_names


def read_bundle(
    folder: Path, settings: Settings, *, tables: Collection[str] = tuple(TABLES)
) -> Bundle:
    """Return the tables of a bundle, typed, judged and in order.

    Parameters
    ----------
    folder : Path
    settings : Settings
        `zone`, `kpi_delay_min`, `reject_share`, `far_site_km` matter here.
    tables : collection of str
        Tables to read; the others are left empty.

    Returns
    -------
    Bundle

    Raises
    ------
    UnreadableFileError
        If the folder or a table in it cannot be read.
    MissingTableError
        If a required table is missing or has no usable row.
    AmbiguousTableError
        If a table stands in two files.
    MissingColumnsError
        If a table lacks a required column.
    TooManyRejectedError
        If more than `reject_share` of a required table is unusable.
    """
    paths, ignored = table_paths(folder)
    missing = tuple(name for name in TABLES if name not in paths)
    absent = [name for name in missing if TABLES[name].is_required]
    if absent:
        msg = (
            f"`{folder}` lacks the tables {absent}; it has {sorted(paths)}. A bundle needs one "
            f"file per table, named after it and ending in one of {list(SUFFIXES)}."
        )
        raise MissingTableError(msg)
    reading = Reading(paths=paths)
    for name, table in TABLES.items():
        _read_into(reading, table, paths.get(name) if name in tables else None, settings)
    counts = pd.DataFrame.from_dict(
        reading.counts, orient="index", columns=["rows", "used", "rejected", "repaired"]
    )
    return Bundle(
        folder=folder,
        tables=reading.tables,
        rejected=joined_lists(reading.rejected),
        repairs=joined_lists(reading.repairs),
        counts=counts.rename_axis("table"),
        missing=missing,
        ignored=ignored,
        clocks=reading.clocks,
        forms=pd.concat(reading.forms, ignore_index=True),
        encodings=reading.encodings,
        unresolved=unresolved_identities(pd.concat(reading.tried, ignore_index=True)),
    )


def read_table(path: Path, name: str, settings: Settings) -> Checked:
    """Return one table of the contract read from a file of any name.

    Nothing it points at is looked up; of rows with one key the winner stays, where the table is
    one of arrivals with its earlier versions.

    Parameters
    ----------
    path : Path
        CSV, XLSX or Parquet file, or a folder of Parquet files.
    name : str
        Name of the table.
    settings : Settings

    Raises
    ------
    InputError
        If the file cannot be read or lacks a required column.
    """
    table = TABLES[name]
    checked = check_table(read_table_file(path), table, settings.zone, source=str(path))
    return _settled(checked, table, settings)


def _read_into(reading: Reading, table: Table, path: Path | None, settings: Settings) -> None:
    """Read a table and add it to what has been read."""
    if path is None:
        frame = empty_table(table).assign(row=pd.Series([], dtype="int64"))
        empty = pd.DataFrame({name: pd.Series([], dtype="str") for name in LISTED})
        checked = Checked(frame, empty.astype({"row": "int64"}), empty, 0, frame)
    else:
        checked = _checked(path, table, settings)
    if checked.encoding not in ("", "utf-8"):
        reading.encodings[table.name] = checked.encoding
    reading.forms.append(odd_forms(checked.source, table))
    checked = _placed(checked, table, reading, settings)
    if checked.rows:
        checked = _referring(checked, table, reading)
    if table.is_required:
        check_share(checked, table, settings.reject_share)
    if table.name == "kpi":
        checked = _with_cell_codes(checked, reading.tables["cells"])
    checked = _settled(checked, table, settings)
    if table.name == "alarms":
        checked = _with_right_clocks(checked, reading)
    reading.tables[table.name] = checked.frame
    reading.rejected.append(checked.rejected)
    reading.repairs.append(checked.repairs)
    rejected = len(checked.rejected)
    reading.counts[table.name] = (
        checked.rows,
        checked.rows - rejected,
        rejected,
        len(checked.repairs),
    )
    if rejected:
        logger.info("%s: %d of %d rows rejected", table.name, rejected, checked.rows)


def judged_rows(
    raw: RawTable, table: Table, reading: Reading, settings: Settings, *, source: str
) -> Checked:
    """Return rows of a table of arrivals judged as those of a bundle are, against the inventory read.

    Arrivals and versions are left to the caller.

    Raises
    ------
    MissingColumnsError
        If a required column is missing.
    """
    checked = check_table(raw, table, settings.zone, source=source)
    checked = consistent_counters(checked, table) if table.name == "kpi" else checked
    checked = _placed(checked, table, reading, settings)
    return _referring(checked, table, reading) if checked.rows else checked


def _checked(path: Path, table: Table, settings: Settings) -> Checked:
    """Return a table as read and judged row by row."""
    raw = read_table_file(path)
    if table.name not in ("sites", "places"):
        checked = check_table(raw, table, settings.zone, source=path.name)
        return consistent_counters(checked, table) if table.name == "kpi" else checked
    limits = {"far_km": settings.far_site_km, "most": settings.reject_share}
    raw, swaps = unswapped(raw, table, **limits)
    checked = check_table(raw, table, settings.zone, source=path.name)
    return replace(checked, repairs=pd.concat([checked.repairs, swaps], ignore_index=True))


def _referring(checked: Checked, table: Table, reading: Reading) -> Checked:
    """Return a table whose rows point at what is known; cells named in other forms are listed."""
    known = reading.known()
    frame, tried = recognised(
        checked.frame, table.name, known, reading.identities, names=reading.names
    )
    reason = reasons_with_ambiguity(unknown_reference(frame, table.name, known), frame, tried)
    reading.tried.append(tried)
    checked = _rejecting(replace(checked, frame=frame), table, reason)
    repairs = pd.concat([checked.repairs, recognition_repairs(tried)], ignore_index=True)
    return replace(checked, repairs=repairs)


def _placed(checked: Checked, table: Table, reading: Reading, settings: Settings) -> Checked:
    """Return a table without rows, or values, whose coordinates cannot be."""
    far_km = settings.far_site_km
    if table.name == "complaints":
        return placed_complaints(checked, table, reading.tables["sites"], far_km)
    if table.name not in ("sites", "places"):
        return checked
    sites = reading.tables.get("sites", checked.frame)
    centre = None
    if table.name == "places" and len(sites):
        centre = (float(sites["lon"].median()), float(sites["lat"].median()))
    reason = misplaced(checked.frame, far_km=far_km, centre=centre)
    checked = swaps_named(checked)
    if table.name == "sites" and (~pd.isna(reason)).sum() <= settings.reject_share * len(reason):
        checked, reason = placed_sites(checked, table, reason, reading.as_text)
    return _rejecting(checked, table, reason)


def _with_right_clocks(checked: Checked, reading: Reading) -> Checked:
    """Return alarms dated as right clocks would have; clocks that are off are listed."""
    alarms = checked.frame
    if not alarms["received_at"].notna().any():
        return checked
    objects, vendors = alarms["object_id"], alarms["vendor"]
    group = clock_groups(objects, reading.tables["sites"], reading.tables["cells"], vendors)
    corrected, offset, is_ahead = corrected_clocks(alarms, group)
    lists = [
        repaired_rows(alarms[is_ahead.to_numpy()], TABLES["alarms"], "raised_at", AHEAD),
        behind_repairs(alarms, group, offset),
    ]
    repairs = pd.concat([checked.repairs, *lists], ignore_index=True)
    reading.clocks = clock_doubts(alarms, group, offset)
    return replace(checked, frame=corrected, repairs=repairs)


def _rejecting(checked: Checked, table: Table, reason: Any) -> Checked:
    """Return a table without the rows that have a reason, which are listed as rejected."""
    is_rejected = ~pd.isna(reason)
    if not is_rejected.any():
        return checked
    numbers = checked.frame["row"][is_rejected]
    listed = rejected_rows(checked.source.loc[numbers], table, np.asarray(reason)[is_rejected])
    is_gone = checked.repairs["row"].isin(numbers)
    return replace(
        checked,
        frame=checked.frame[~is_rejected].reset_index(drop=True),
        rejected=pd.concat([checked.rejected, listed], ignore_index=True),
        repairs=checked.repairs[~is_gone],
    )


def _settled(checked: Checked, table: Table, settings: Settings) -> Checked:
    """Return a table with arrivals, versions and canonical order; duplicates are listed."""
    frame = checked.frame
    if table.arrives:
        arrived = arrival_instants(frame, table, kpi_delay_min=settings.kpi_delay_min)
        frame = frame.assign(arrived_at=arrived)
    if table.name == "alarms":
        frame = frame.assign(clear_arrived_at=clear_instants(frame))
    if table.name == "verdicts":
        reason = np.full(len(frame), None, dtype=object)
        reason[frame["arrived_at"].isna().to_numpy(bool)] = "closed_at is missing"
        checked = _rejecting(replace(checked, frame=frame), table, reason)
        frame = checked.frame
    frame, duplicates = settled_versions(frame, table)
    if duplicates.empty:
        return replace(checked, frame=frame)
    source = checked.source.loc[duplicates]
    listed = rejected_rows(source, table, np.full(len(source), DUPLICATE, dtype=object))
    rejected = pd.concat([checked.rejected, listed], ignore_index=True)
    return replace(checked, frame=frame, rejected=rejected)


def _with_cell_codes(checked: Checked, cells: pd.DataFrame) -> Checked:
    """Return counters whose `cell_id` is a category, in the order of the text."""
    kind = pd.CategoricalDtype(cells["cell_id"].sort_values().to_numpy())
    return replace(
        checked, frame=checked.frame.assign(cell_id=checked.frame["cell_id"].astype(kind))
    )
