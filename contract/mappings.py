"""Bring vendor exports to the tables of the contract by mapping files, without code.

Simple so far: sources are CSV, XLSX and Parquet; one sheet a file; no joins between files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from contract.additions import LISTS, add_tables, check_addable
from contract.errors import MappingError
from contract.files import read_table_file
from contract.mapping_files import ColumnRule, Mapping, TableRule, as_names
from contract.mapping_values import Lists, condition_holds, lacking, ruled_values, with_names
from contract.outputs import iso_text
from contract.rows import Layout, RawTable
from contract.spreadsheets import unwrapped
from contract.tables import TABLES, Table
from contract.validation import LISTED, Checked, check_table


@dataclass(frozen=True)
class Conversion:
    """What a conversion came to.

    Attributes
    ----------
    counts : DataFrame
        One row per table and file: `table`, `file`, `rows`, `left_out` (by `where`), `merged` (by
        `distinct`), `used`, `rejected`, `repaired`; rows = left_out + merged + used + rejected.
    rejected, repairs : DataFrame
        As written: `file`, `table`, `row`, `reason`, `content`.
    """

    counts: pd.DataFrame
    rejected: pd.DataFrame
    repairs: pd.DataFrame


def convert(mapping: Mapping, files: Sequence[Path], out: Path) -> pd.DataFrame:
    """Write the tables that source files make, and return the counts of `convert_files`."""
    return convert_files(mapping, files, out).counts


def convert_files(mapping: Mapping, files: Sequence[Path], out: Path) -> Conversion:
    """Write the tables that source files make, as CSV, whole or not at all.

    Beside the tables stand `rejected.csv` and `repairs.csv`, with the file each row came from;
    lists of an earlier conversion into the same folder are gone on with.

    Parameters
    ----------
    mapping : Mapping
    files : sequence of Path
    out : Path
        New or empty folder, or a bundle that has none of the tables of the mapping.

    Returns
    -------
    Conversion

    Raises
    ------
    InputError
        If a source cannot be read or lacks what the mapping needs, or `out` cannot be added to.
    """
    check_addable(out, [name for name, rule in mapping.tables.items() if not rule.only_with])
    if not files:
        msg = "`files` must name at least one source file; there is none."
        raise MappingError(msg)
    made: dict[str, list[Checked]] = {}
    counts = []
    for file in files:
        raw = _source_rows(mapping, Path(file))
        for name, rule in mapping.tables.items():
            named = RawTable(with_names(raw.frame, rule), raw.unreadable)
            if rule.only_with and not any(sign in named.frame for sign in rule.only_with):
                continue
            checked, count = _converted(named, TABLES[name], rule, mapping=mapping, file=Path(file))
            made.setdefault(name, []).append(checked)
            counts.append({"table": name, "file": Path(file).name, **count})
    if not made:
        signs = {name: list(rule.only_with) for name, rule in mapping.tables.items()}
        msg = f"`files` must have one of the columns of a table: {signs}. Choose another mapping."
        raise MappingError(msg)
    lists = {
        "rejected": _list_of([c.rejected for each in made.values() for c in each]),
        "repairs": _list_of([c.repairs for each in made.values() for c in each]),
    }
    _write(out, made, lists, mapping)
    return Conversion(pd.DataFrame(counts), **lists)


def _list_of(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return rows rejected or repaired in all tables and files as one list."""
    return pd.concat(parts, ignore_index=True)[["file", *LISTED]]


def _write(
    out: Path,
    made: dict[str, list[Checked]],
    lists: dict[str, pd.DataFrame],
    mapping: Mapping,
) -> None:
    """Write the tables made, and the lists, into a folder."""

    def write(folder: Path) -> None:
        """Write the tables and lists into the folder."""
        for name, checked in made.items():
            whole = pd.concat([each.frame for each in checked], ignore_index=True)
            frame = _written(whole, TABLES[name], mapping)
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        for name in LISTS:
            text = lists[name].to_csv(index=False, lineterminator="\n")
            earlier = out / f"{name}.csv"
            if earlier.is_file():
                text = earlier.read_text(encoding="utf-8") + text.partition("\n")[2]
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")

    add_tables(out, write, tables=list(made), lists=[f"{name}.csv" for name in LISTS])


def _source_rows(mapping: Mapping, file: Path) -> RawTable:
    """Return the rows of a source as text, with the name of the file as a column."""
    form = mapping.source
    raw = read_table_file(
        file,
        Layout(
            skip_rows=form.skip_rows,
            header_marker=as_names(form.header_marker),
            header_rows=form.header_rows,
            encoding=form.encoding,
            delimiter=form.delimiter,
            sheet=form.sheet,
        ),
    )
    cleaned = {name: _cleaned(raw.frame[name], form.nulls) for name in raw.frame}
    named = pd.Series(file.stem, index=raw.frame.index, dtype="str")
    frame = pd.DataFrame({**cleaned, "file_name": named}, index=raw.frame.index)
    return RawTable(frame, raw.unreadable)


def _cleaned(values: pd.Series, nulls: tuple[str, ...]) -> pd.Series:
    """Return a column of a source without the wrappings of spreadsheets and its marks of nothing."""
    if not pd.api.types.is_string_dtype(values.dtype):
        return values
    text = unwrapped(values)
    return text.mask(text.isin(nulls)) if nulls else text


def _converted(
    raw: RawTable, table: Table, rule: TableRule, *, mapping: Mapping, file: Path
) -> tuple[Checked, dict[str, int]]:
    """Return the checked rows that a source gives a table, and their counts."""
    is_meant = np.ones(len(raw.frame), bool)
    for condition in rule.where:
        if not any(name in raw.frame for name in as_names(condition.column)):
            _refuse(f"`where` of `{table.name}`", as_names(condition.column), raw.frame, file)
        is_meant &= condition_holds(raw.frame, condition)
    frame = raw.frame[is_meant]
    values = {
        name: _column_values(frame, column, mapping.lists, table=table, name=name, file=file)
        for name, column in rule.rules().items()
    }
    values |= {
        name: ruled_values(frame, column, mapping.lists)
        for name, column in rule.extra_rules().items()
    }
    given = {name: found for name, found in values.items() if found is not None}
    mapped = pd.DataFrame(given, index=frame.index)
    zone = mapping.source.zone
    checked = check_table(RawTable(mapped, raw.unreadable), table, zone, source=file.name)
    kept = checked.frame
    if rule.distinct:
        kept = kept.drop_duplicates(list(rule.distinct), ignore_index=True)
    count = {
        "rows": len(raw.frame) + len(raw.unreadable),
        "left_out": int((~is_meant).sum()),
        "merged": len(checked.frame) - len(kept),
        "used": len(kept),
        "rejected": len(checked.rejected),
        "repaired": len(checked.repairs),
    }
    repairs = checked.repairs[checked.repairs["row"].isin(kept["row"])].assign(file=file.name)
    rejected = checked.rejected.assign(file=file.name)
    return Checked(kept, rejected, repairs, checked.rows, checked.source), count


def _column_values(
    frame: pd.DataFrame, rule: ColumnRule, lists: Lists, *, table: Table, name: str, file: Path
) -> pd.Series | None:
    """Return the values of a column of the contract; raise when a required one has no source."""
    values = ruled_values(frame, rule, lists)
    if values is None and table.column(name).is_required:
        _refuse(f"`{table.name}.{name}`", lacking(frame, rule), frame, file)
    return values


def _refuse(needed_by: str, names: tuple[str, ...], frame: pd.DataFrame, file: Path) -> None:
    """Raise because a source lacks columns that are needed."""
    has = [name for name in frame if name != "file_name"][:40]
    msg = (
        f"`{file}` must have one of the columns {list(names)} for {needed_by}; it has {has}. "
        "Choose another mapping, or let `cellcause map` propose one."
    )
    raise MappingError(msg)


def _written(frame: pd.DataFrame, table: Table, mapping: Mapping) -> pd.DataFrame:
    """Return a table as it is written: columns the mapping fills, instants with offset."""
    rule = mapping.tables[table.name]
    filled = [name for name in table.column_names if name in rule.columns]
    written = {}
    for name in filled:
        kind = table.column(name).kind
        values = frame[name]
        if kind in ("instant", "date"):
            values = iso_text(values.dt.tz_convert(mapping.source.zone))
        written[name] = values.astype("Int8") if kind == "flag" else values
    extra = {name: frame[name] for name in rule.extra if name in frame}
    return pd.DataFrame({**written, **extra})
