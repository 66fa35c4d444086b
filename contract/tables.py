"""Declare every table of the contract once, as data that all others read.

`TABLES` are the input tables, `OUTPUTS` those a run writes; both come from `tables.toml`.

Simple so far: the declaration is fixed; a user cannot add tables of their own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from contract.causes import CAUSES

DECLARATION = Path(__file__).with_name("tables.toml")
KINDS = ("id", "text", "choice", "number", "count", "flag", "instant", "date", "month")
DTYPES = {
    "number": "float64",
    "count": "float64",
    "flag": "boolean",
    "instant": "datetime64[us, UTC]",
    "date": "datetime64[us, UTC]",
}


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name, kind, unit, meaning
        `kind` is one of `KINDS`.
    is_required
        A file must have it and a row must have a value. Otherwise null is allowed.
    choices
        Values of a `choice`.
    low, high
        Range of a number; the low end is excluded when `is_low_excluded`.
    not_before
        Column of instants that this one must not precede.
    is_single
        Held in single precision.
    """

    name: str
    kind: str
    unit: str = ""
    is_required: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    meaning: str = ""
    is_low_excluded: bool = False
    not_before: str = ""
    is_single: bool = False

    @property
    def dtype(self) -> str:
        """Return the dtype the column has in a typed table."""
        return "float32" if self.is_single else DTYPES.get(self.kind, "str")

    @property
    def limits(self) -> str:
        """Return what values are allowed, in words; empty when any.

        Examples
        --------
        >>> Column("height_m", "number", low=0.0, high=1000.0, is_low_excluded=True).limits
        'above 0, at most 1000'
        >>> Column("lat", "number", low=-90.0, high=90.0).limits
        'from -90 to 90'
        """
        if self.choices:
            return ", ".join(self.choices)
        if self.not_before:
            return f"not before `{self.not_before}`"
        if self.is_low_excluded:
            return f"above {self.low:g}" + ("" if self.high is None else f", at most {self.high:g}")
        if self.low is None:
            return ""
        return (
            f"at least {self.low:g}" if self.high is None else f"from {self.low:g} to {self.high:g}"
        )


@dataclass(frozen=True)
class Table:
    """A table: its name, what one row is, its key and its columns.

    A table with `arrives` (when a row becomes known, in words) is a table of arrivals.
    """

    name: str
    meaning: str
    is_required: bool
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    arrives: str = ""

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the names of the columns, in the order of the contract."""
        return tuple(column.name for column in self.columns)

    @property
    def required_names(self) -> tuple[str, ...]:
        """Return the names of the columns a file must have."""
        return tuple(column.name for column in self.columns if column.is_required)

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises
        ------
        KeyError
            If there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def empty_table(table: Table) -> pd.DataFrame:
    """Return a typed table without rows.

    Examples
    --------
    >>> empty_table(TABLES["neighbours"]).dtypes.astype(str).to_dict()
    {'cell_id': 'str', 'neighbour_id': 'str'}
    """
    return pd.DataFrame(
        {column.name: pd.Series([], dtype=column.dtype) for column in table.columns}
    )


def _declared_column(record: Mapping[str, Any]) -> Column:
    """Return the column a record of the declaration describes."""
    is_cause = record["kind"] == "cause"
    kind = "choice" if is_cause else record["kind"]
    if kind not in KINDS:
        msg = f"`kind` of column {record['name']!r} must be one of {KINDS}; it is {kind!r}."
        raise ValueError(msg)
    return Column(
        name=record["name"],
        kind=kind,
        unit=record.get("unit", ""),
        is_required=record.get("required", False),
        choices=tuple(CAUSES) if is_cause else tuple(record.get("choices", ())),
        low=record.get("above", record.get("low")),
        high=record.get("high"),
        meaning=record["meaning"],
        is_low_excluded="above" in record,
        not_before=record.get("not_before", ""),
        is_single=record.get("single", False),
    )


def declared_tables(records: Mapping[str, Any]) -> Mapping[str, Table]:
    """Return the tables that a section of a declaration describes, by name."""
    tables = {
        name: Table(
            name=name,
            meaning=record["meaning"],
            is_required=record.get("required", False),
            key=tuple(record.get("key", ())),
            columns=tuple(_declared_column(column) for column in record["columns"]),
            arrives=record.get("arrives", ""),
        )
        for name, record in records.items()
    }
    return MappingProxyType(tables)


_DECLARED = tomllib.loads(DECLARATION.read_text(encoding="utf-8"))
TABLES: Mapping[str, Table] = declared_tables(_DECLARED["input"])
OUTPUTS: Mapping[str, Table] = declared_tables(_DECLARED["output"])
