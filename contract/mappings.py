"""Bring vendor exports to the tables of the contract by mapping files, without code.

A mapping file (TOML) says where the table stands in a source, and for each column of the contract
which source column, value or expression it comes from. docs/mappings.md describes the form.

Simple so far: sources are CSV, XLSX and Parquet; one sheet a file; no joins between files.
"""

import difflib
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from contract.errors import MappingError
from contract.expressions import as_number, as_text, evaluate
from contract.files import read_table_file
from contract.folders import check_replaceable, replace_folder
from contract.outputs import iso_text
from contract.rows import Layout, RawTable
from contract.tables import TABLES, Table
from contract.validation import LISTED, Checked, check_table

SHIPPED = Path(__file__).with_name("mappings")
UNITS = {
    "ft": 0.3048,
    "km": 1000.0,
    "mi": 1609.344,
    "GHz": 1000.0,
    "kHz": 0.001,
    "percent": 0.01,
    "kbit/s": 0.001,
    "kB": 0.001,
    "GB": 1000.0,
    "hour": 60.0,
    "second": 1 / 60,
}
"""Factors to the contract's unit: m, MHz, ratio, Mbit/s, MB, min."""


class SourceForm(BaseModel):
    """Where the table stands in a source file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    skip_rows: int = Field(default=0, ge=0)
    header_marker: str = ""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    zone: str = "Asia/Shanghai"


class Condition(BaseModel):
    """A test of a source column; rows that fail it are left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    column: str
    any_of: tuple[str, ...] = ()
    matches: str = ""
    is_empty: bool | None = None


class ColumnRule(BaseModel):
    """Where the values of a column come from and how they are changed, in this order."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    column: str = ""
    columns: tuple[str, ...] = ()
    expression: str = ""
    value: str | int | float | None = None
    regex: str = ""
    map: dict[str, str | int | float] = Field(default_factory=dict)
    format: str = ""
    unit: str = ""
    prefix: str = ""
    suffix: str = ""
    default: str | int | float | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> "ColumnRule":
        """Check that the values have one origin and a known unit."""
        origins = [self.column, self.columns, self.expression, self.value is not None]
        if sum(bool(origin) for origin in origins) != 1:
            msg = "give exactly one of column, columns, expression, value"
            raise ValueError(msg)
        if self.unit and self.unit not in UNITS and self.unit != "W":
            msg = f"unit must be one of {sorted([*UNITS, 'W'])}"
            raise ValueError(msg)
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """Return the source columns the rule reads by name."""
        return (self.column,) if self.column else self.columns


class TableRule(BaseModel):
    """How the rows of a table come from the rows of a source."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    columns: dict[str, str | ColumnRule | list[str]]
    where: tuple[Condition, ...] = ()
    distinct: tuple[str, ...] = ()

    def rules(self) -> dict[str, ColumnRule]:
        """Return the rule of each column, short forms written out."""
        return {name: _full_rule(rule) for name, rule in self.columns.items()}


class Mapping(BaseModel):
    """A mapping file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    meaning: str = ""
    source_note: str = Field(default="", alias="origin")
    verified: bool = False
    source: SourceForm = SourceForm()
    tables: dict[str, TableRule]


def load_mapping(path: Path | str) -> Mapping:
    """Return the mapping of a TOML file, or a shipped one by its name.

    Parameters
    ----------
    path : Path or str
        Address of a file, or the name of a shipped mapping such as `cells-uk`.

    Raises
    ------
    MappingError
        If the file cannot be read, or a table, column or field in it is unknown.
    """
    shipped = SHIPPED / f"{path}.toml"
    file = shipped if shipped.is_file() else Path(path)
    try:
        mapping = Mapping.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        known = sorted(shipped.stem for shipped in SHIPPED.glob("*.toml"))
        msg = f"`mapping` must be a TOML file or one of {known}; {str(path)!r}: {error}."
        raise MappingError(msg) from None
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        msg = f"`mapping` {str(path)!r} does not fit docs/mappings.md: {problems}."
        raise MappingError(msg) from None
    for name, rule in mapping.tables.items():
        _check_names(name, rule)
    return mapping


def convert(mapping: Mapping, files: Sequence[Path], out: Path) -> pd.DataFrame:
    """Write the tables that source files make, as CSV, whole or not at all.

    Beside the tables stand `rejected.csv` and `repairs.csv`, with the file each row came from.

    Parameters
    ----------
    mapping : Mapping
    files : sequence of Path
    out : Path
        New or empty folder, or an earlier result of a mapping with the same tables.

    Returns
    -------
    DataFrame
        One row per table and file: `table`, `file`, `rows`, `left_out` (by `where`), `merged` (by
        `distinct`), `used`, `rejected`, `repaired`; rows = left_out + merged + used + rejected.

    Raises
    ------
    InputError
        If a source cannot be read, lacks what the mapping needs, or `out` is not ours.
    """
    names = {f"{name}.csv" for name in [*mapping.tables, "rejected", "repairs"]}
    check_replaceable(out, ours=names)
    if not files:
        msg = "`files` must name at least one source file; there is none."
        raise MappingError(msg)
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in mapping.tables}
    lists: dict[str, list[pd.DataFrame]] = {"rejected": [], "repairs": []}
    counts = []
    for file in files:
        raw = _source_rows(mapping, Path(file))
        for name, rule in mapping.tables.items():
            checked, count = _converted(raw, TABLES[name], rule, mapping.source.zone, Path(file))
            tables[name].append(checked.frame)
            lists["rejected"].append(checked.rejected.assign(file=Path(file).name))
            lists["repairs"].append(checked.repairs.assign(file=Path(file).name))
            counts.append({"table": name, "file": Path(file).name, **count})

    def write(folder: Path) -> None:
        """Write the tables and lists into the folder."""
        for name, parts in tables.items():
            frame = _written(pd.concat(parts, ignore_index=True), TABLES[name], mapping)
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        for name, parts in lists.items():
            frame = pd.concat(parts, ignore_index=True)[["file", *LISTED]]
            frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")

    replace_folder(out, write, ours=names)
    return pd.DataFrame(counts)


def _full_rule(rule: str | ColumnRule | list[str]) -> ColumnRule:
    """Return a rule, its short forms (a column, a list of columns) written out."""
    if isinstance(rule, str):
        return ColumnRule(column=rule)
    return ColumnRule(columns=tuple(rule)) if isinstance(rule, list) else rule


def _check_names(name: str, rule: TableRule) -> None:
    """Raise when a table or column is none of the contract, or a required one has no rule."""
    if name not in TABLES:
        msg = f"`tables.{name}` is no table of the contract{_closest(name, list(TABLES))}."
        raise MappingError(msg)
    known = TABLES[name].column_names
    for column in [*rule.columns, *rule.distinct]:
        if column not in known:
            msg = f"`{name}.{column}` is no column of the contract{_closest(column, list(known))}."
            raise MappingError(msg)
    missing = [column for column in TABLES[name].required_names if column not in rule.columns]
    if missing:
        msg = f"`tables.{name}.columns` must have rules for {missing}; it has {list(rule.columns)}."
        raise MappingError(msg)


def _closest(name: str, known: list[str]) -> str:
    """Return a hint at the closest known name."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    return f"; the closest is `{close[0]}`"


def _source_rows(mapping: Mapping, file: Path) -> RawTable:
    """Return the rows of a source as text, with the name of the file as a column."""
    form = mapping.source
    raw = read_table_file(
        file,
        Layout(
            skip_rows=form.skip_rows,
            header_marker=form.header_marker,
            encoding=form.encoding,
            delimiter=form.delimiter,
            sheet=form.sheet,
        ),
    )
    named = pd.Series(file.stem, index=raw.frame.index, dtype="str")
    return RawTable(raw.frame.assign(file_name=named), raw.unreadable)


def _converted(
    raw: RawTable, table: Table, rule: TableRule, zone: str, file: Path
) -> tuple[Checked, dict[str, int]]:
    """Return the checked rows that a source gives a table, and their counts."""
    is_meant = np.ones(len(raw.frame), bool)
    for condition in rule.where:
        is_meant &= _holds(condition, raw.frame, file)
    frame = raw.frame[is_meant]
    values = {
        name: _ruled(frame, column, file, is_required=table.column(name).is_required)
        for name, column in rule.rules().items()
    }
    mapped = pd.DataFrame({name: found for name, found in values.items() if found is not None})
    mapped.index = frame.index
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
    repairs = checked.repairs[checked.repairs["row"].isin(kept["row"])]
    return Checked(kept, checked.rejected, repairs, checked.rows, checked.source), count


def _holds(condition: Condition, frame: pd.DataFrame, file: Path) -> Any:
    """Return where a condition holds."""
    if condition.column not in frame:
        msg = f"`where` needs the column {condition.column!r}; `{file}` has {list(frame)[:40]}."
        raise MappingError(msg)
    text = as_text(frame[condition.column]).str.strip()
    holds = np.ones(len(frame), bool)
    if condition.any_of:
        holds &= text.isin(condition.any_of).to_numpy(bool)
    if condition.matches:
        holds &= text.str.contains(condition.matches, regex=True).fillna(False).to_numpy(bool)
    if condition.is_empty is not None:
        holds &= text.isna().to_numpy(bool) == condition.is_empty
    return holds


def _ruled(
    frame: pd.DataFrame, rule: ColumnRule, file: Path, *, is_required: bool
) -> pd.Series | None:
    """Return the values a rule gives; None where an optional column has no source here."""
    present = [name for name in rule.sources if name in frame]
    if rule.sources and not present:
        if not is_required and rule.default is None:
            return None
        has = list(frame)[:40]
        msg = f"`{file}` must have one of the columns {list(rule.sources)}; it has {has}."
        raise MappingError(msg)
    if rule.expression:
        values = evaluate(rule.expression, frame)
    elif present:
        values = as_text(frame[present[0]])
        for name in present[1:]:
            values = values.fillna(as_text(frame[name]))
    else:
        values = pd.Series(rule.value, index=frame.index)
    return _changed(values, rule)


def _changed(values: pd.Series, rule: ColumnRule) -> pd.Series:
    """Return values after the changes a rule names, in the order of its fields."""
    if rule.regex:
        values = as_text(values).str.extract(rule.regex)[0]
    if rule.map:
        text = as_text(values).str.strip()
        values = text.map({key: str(value) for key, value in rule.map.items()}).fillna(text)
    if rule.format:
        parsed = pd.to_datetime(as_text(values), format=rule.format, errors="coerce")
        values = parsed.dt.strftime("%Y-%m-%dT%H:%M:%S").fillna(as_text(values))
    if rule.unit == "W":
        watts = as_number(values)
        values = 10 * np.log10(watts.where(watts > 0)) + 30
    elif rule.unit:
        values = as_number(values) * UNITS[rule.unit]
    if rule.prefix or rule.suffix:
        values = rule.prefix + as_text(values) + rule.suffix
    if rule.default is not None:
        values = as_text(values).fillna(str(rule.default))
    return values if pd.api.types.is_numeric_dtype(values.dtype) else values.astype("str")


def _written(frame: pd.DataFrame, table: Table, mapping: Mapping) -> pd.DataFrame:
    """Return a table as it is written: columns the mapping fills, instants with offset."""
    filled = [name for name in table.column_names if name in mapping.tables[table.name].columns]
    written = {}
    for name in filled:
        kind = table.column(name).kind
        values = frame[name]
        if kind in ("instant", "date"):
            values = iso_text(values.dt.tz_convert(mapping.source.zone))
        written[name] = values.astype("Int8") if kind == "flag" else values
    return pd.DataFrame(written)
