"""Bring vendor exports to the tables of the contract by mapping files, without code.

A CSV source is read, judged and written piece by piece, so that its size does not matter.

Simple so far: sources are CSV, XLSX and Parquet; one sheet a file; no joins between files.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from contract.additions import LISTS, add_tables, check_addable
from contract.errors import MappingError
from contract.files import open_table_file
from contract.mapping_files import ColumnRule, Mapping, TableRule, as_names
from contract.mapping_values import (
    Lists,
    condition_holds,
    is_lacking,
    lacking,
    ruled_values,
    with_names,
)
from contract.outputs import iso_text
from contract.rows import Layout, RawTable
from contract.spreadsheets import unwrapped
from contract.tables import TABLES, Table
from contract.validation import LISTED, Checked, check_table

COUNTS = ("rows", "left_out", "merged", "used", "rejected", "repaired")
QUOTED = 10_000
"""Rows of a list whose content is given back; what is written has it all."""


@dataclass(frozen=True)
class Conversion:
    """What a conversion came to.

    Attributes
    ----------
    counts : DataFrame
        One row per table and file: `table`, `file`, `rows`, `left_out` (by `where`), `merged` (by
        `distinct`), `used`, `rejected`, `repaired`; rows = left_out + merged + used + rejected.
    rejected, repairs : DataFrame
        As written: `file`, `table`, `row`, `reason`, `content`; of very many the content of the
        first alone.
    """

    counts: pd.DataFrame
    rejected: pd.DataFrame
    repairs: pd.DataFrame


@dataclass(frozen=True)
class _Source:
    """A source file: its columns, and a function that reads its rows in pieces."""

    file: Path
    names: list[str]
    pieces: Callable[[], Iterator[RawTable]]


@dataclass
class _Making:
    """A table being made from a source: what was counted, and the keys of `distinct` met so far."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    keys: pd.DataFrame = field(default_factory=pd.DataFrame)


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
    sources = [_opened(mapping, Path(file)) for file in files]
    made = {
        name: [s for s in sources if _is_made(rule, s)] for name, rule in mapping.tables.items()
    }
    made = {name: found for name, found in made.items() if found}
    if not made:
        signs = {name: list(rule.only_with) for name, rule in mapping.tables.items()}
        msg = f"`files` must have one of the columns of a table: {signs}. Choose another mapping."
        raise MappingError(msg)
    counts: list[dict[str, object]] = []
    listed: dict[str, list[pd.DataFrame]] = {name: [] for name in LISTS}

    def write(folder: Path) -> None:
        """Write the tables and lists into the folder."""
        for source in sources:
            counts.extend(_write_source(mapping, source, made, folder=folder, listed=listed))
        for name in LISTS:
            _write_list(folder, name, tables=list(made), earlier=out / f"{name}.csv")

    add_tables(out, write, tables=list(made), lists=[f"{name}.csv" for name in LISTS])
    lists = {name: _list_of(parts, list(made)) for name, parts in listed.items()}
    return Conversion(pd.DataFrame(counts), **lists)


def _opened(mapping: Mapping, file: Path) -> _Source:
    """Return a source, opened."""
    form = mapping.source
    layout = Layout(
        skip_rows=form.skip_rows,
        header_marker=as_names(form.header_marker),
        header_rows=form.header_rows,
        encoding=form.encoding,
        delimiter=form.delimiter,
        sheet=form.sheet,
    )
    return _Source(file, *open_table_file(file, layout))


def _is_made(rule: TableRule, source: _Source) -> bool:
    """Tell whether a source makes a table."""
    frame = with_names(_without_rows(source), rule)
    return not rule.only_with or any(sign in frame for sign in rule.only_with)


def _without_rows(source: _Source) -> pd.DataFrame:
    """Return the columns of a source, without rows."""
    return pd.DataFrame({name: pd.Series([], dtype="str") for name in [*source.names, "file_name"]})


def _extra_names(rule: TableRule, sources: Sequence[_Source]) -> list[str]:
    """Return the columns beside the contract that some of the sources of a table fill."""
    filled = set()
    for source in sources:
        frame = with_names(_without_rows(source), rule)
        rules = rule.extra_rules().items()
        filled |= {name for name, column in rules if not is_lacking(frame, column)}
    return [name for name in rule.extra if name in filled]


def _write_source(
    mapping: Mapping,
    source: _Source,
    made: dict[str, list[_Source]],
    *,
    folder: Path,
    listed: dict[str, list[pd.DataFrame]],
) -> list[dict[str, object]]:
    """Write the rows that a source gives each table, and the lists of each; return the counts."""
    making = {name: _Making() for name, sources in made.items() if source in sources}
    extra = {name: _extra_names(mapping.tables[name], made[name]) for name in making}
    for piece in source.pieces():
        raw = _source_rows(mapping, piece, source.file)
        for name, state in making.items():
            rule = mapping.tables[name]
            named = RawTable(with_names(raw.frame, rule), raw.unreadable)
            checked = _converted(named, mapping, name, file=source.file, state=state)
            _append(_written(checked.frame, mapping, name, extra[name]), folder / f"{name}.csv")
            for kind, rows in (("rejected", checked.rejected), ("repairs", checked.repairs)):
                _append(rows[["file", *LISTED]], folder / _part_name(kind, name))
                listed[kind].append(_short(rows, listed[kind]))
    return [
        {"table": name, "file": source.file.name, **state.counts} for name, state in making.items()
    ]


def _append(frame: pd.DataFrame, path: Path) -> None:
    """Write rows behind those that a file has."""
    is_new = not path.exists()
    frame.to_csv(path, index=False, lineterminator="\n", mode="a", header=is_new)


def _part_name(kind: str, table: str) -> str:
    """Return the name of the file of a list while it is made."""
    return f".{kind}.{table}.part"


def _write_list(folder: Path, kind: str, *, tables: list[str], earlier: Path) -> None:
    """Write a list: what an earlier conversion wrote, then the rows of each table."""
    with (folder / f"{kind}.csv").open("wb") as whole:
        parts = [folder / _part_name(kind, table) for table in tables]
        kept = [earlier] if earlier.is_file() else []
        for position, part in enumerate([*kept, *parts]):
            with part.open("rb") as lines:
                if position:
                    lines.readline()
                shutil.copyfileobj(lines, whole)
    for part in parts:
        part.unlink()


def _short(rows: pd.DataFrame, before: list[pd.DataFrame]) -> pd.DataFrame:
    """Return rows of a list, without content once many have been listed."""
    is_much = sum(len(part) for part in before) + len(rows) > QUOTED
    return rows.assign(content="") if is_much else rows


def _list_of(parts: list[pd.DataFrame], tables: list[str]) -> pd.DataFrame:
    """Return rows rejected or repaired in all files as one list, table by table."""
    listed = pd.concat(parts, ignore_index=True)[["file", *LISTED]]
    place = listed["table"].map({name: position for position, name in enumerate(tables)})
    order = place.sort_values(kind="stable").index
    return listed.loc[order].reset_index(drop=True)


def _source_rows(mapping: Mapping, raw: RawTable, file: Path) -> RawTable:
    """Return rows of a source without wrappings, with the name of the file as a column."""
    nulls = mapping.source.nulls
    cleaned = {name: _cleaned(raw.frame[name], nulls) for name in raw.frame}
    named = pd.Series(file.stem, index=raw.frame.index, dtype="str")
    frame = pd.DataFrame({**cleaned, "file_name": named}, index=raw.frame.index)
    return RawTable(frame, raw.unreadable)


def _cleaned(values: pd.Series, nulls: tuple[str, ...]) -> pd.Series:
    """Return a column of a source without the wrappings of spreadsheets and its marks of nothing."""
    if not pd.api.types.is_string_dtype(values.dtype):
        return values
    codes, distinct = pd.factorize(values)
    text = unwrapped(pd.Series(distinct, dtype="str"))
    text = text.mask(text.isin(nulls)) if nulls else text
    return pd.Series(text.array.take(codes, allow_fill=True), index=values.index)


def _converted(
    raw: RawTable, mapping: Mapping, name: str, *, file: Path, state: _Making
) -> Checked:
    """Return the checked rows that a piece of a source gives a table; they are counted in `state`."""
    table, rule = TABLES[name], mapping.tables[name]
    is_meant = np.ones(len(raw.frame), bool)
    for condition in rule.where:
        if not any(column in raw.frame for column in as_names(condition.column)):
            _refuse(f"`where` of `{name}`", as_names(condition.column), raw.frame, file)
        is_meant &= condition_holds(raw.frame, condition)
    frame = raw.frame[is_meant]
    values = {
        column: _column_values(frame, part, mapping.lists, table=table, name=column, file=file)
        for column, part in rule.rules().items()
    }
    values |= {
        column: ruled_values(frame, part, mapping.lists)
        for column, part in rule.extra_rules().items()
    }
    given = {column: found for column, found in values.items() if found is not None}
    mapped = pd.DataFrame(given, index=frame.index)
    zone = mapping.source.zone
    checked = check_table(RawTable(mapped, raw.unreadable), table, zone, source=file.name)
    kept = _first_of_each(checked.frame, rule, state)
    repairs = checked.repairs[checked.repairs["row"].isin(kept["row"])].assign(file=file.name)
    rejected = checked.rejected.assign(file=file.name)
    found = {
        "rows": len(raw.frame) + len(raw.unreadable),
        "left_out": int((~is_meant).sum()),
        "merged": len(checked.frame) - len(kept),
        "used": len(kept),
        "rejected": len(rejected),
        "repaired": len(checked.repairs),
    }
    state.counts = {count: state.counts[count] + found[count] for count in COUNTS}
    return Checked(kept, rejected, repairs, checked.rows, checked.source)


def _first_of_each(frame: pd.DataFrame, rule: TableRule, state: _Making) -> pd.DataFrame:
    """Return the rows that `distinct` has not met in this source yet, and note their keys."""
    if not rule.distinct:
        return frame
    keys = pd.concat([state.keys, frame[list(rule.distinct)]], ignore_index=True)
    is_new = ~keys.duplicated().to_numpy(bool)
    state.keys = keys[is_new]
    return frame[is_new[len(is_new) - len(frame) :]].reset_index(drop=True)


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


def _written(frame: pd.DataFrame, mapping: Mapping, name: str, extra: list[str]) -> pd.DataFrame:
    """Return rows as they are written: columns the mapping fills, instants with offset."""
    table, rule = TABLES[name], mapping.tables[name]
    filled = [column for column in table.column_names if column in rule.columns]
    written = {}
    for column in filled:
        kind = table.column(column).kind
        values = frame[column]
        if kind in ("instant", "date"):
            values = iso_text(values.dt.tz_convert(mapping.source.zone))
        written[column] = values.astype("Int8") if kind == "flag" else values
    beside = {column: frame.get(column) for column in extra}
    return pd.DataFrame({**written, **beside}, index=frame.index)
