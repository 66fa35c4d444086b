"""Read mapping files: where each column of the contract comes from in an export.

docs/mappings.md describes the form, which is TOML; what does not fit it is named in one line.

Simple so far: a mapping describes one form of source and knows nothing of other files.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from contract.errors import MappingError
from contract.tables import TABLES, Column
from contract.word_lists import WordList, load_word_list

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

Names = str | tuple[str, ...]


class SourceForm(BaseModel):
    """Where the table stands in a source file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    skip_rows: int = Field(default=0, ge=0)
    header_marker: Names = ""
    header_rows: int = Field(default=1, ge=1, le=5)
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    zone: str = "Asia/Shanghai"
    nulls: tuple[str, ...] = ()


class Condition(BaseModel):
    """A test of a source column; rows that fail it are left out."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    column: Names
    any_of: tuple[str, ...] = ()
    matches: str = ""
    is_empty: bool | None = None


class ColumnRule(BaseModel):
    """Where the values of a column come from and how they are changed, in this order."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    column: str = ""
    columns: tuple[str, ...] = ()
    join: tuple[Names, ...] = ()
    sum: tuple[Names, ...] = ()
    expression: str = ""
    value: str | int | float | None = None
    regex: Names = ""
    separator: str = ""
    map: dict[str, str | int | float] = Field(default_factory=dict)
    words: str = ""
    format: Names = ""
    unit: str = ""
    prefix: str = ""
    suffix: str = ""
    otherwise: "ColumnRule | None" = None
    default: str | int | float | None = None

    @field_validator("otherwise", mode="before")
    @classmethod
    def _written_out(cls, given: Any) -> Any:
        """Write the short forms of a rule out."""
        return full_rule(given) if isinstance(given, str | list) else given

    @field_validator("regex")
    @classmethod
    def _patterns_have_groups(cls, given: Names) -> Names:
        """Check that each pattern can be read and has a group."""
        for pattern in as_names(given):
            try:
                groups = re.compile(pattern).groups
            except re.error as error:
                msg = f"regex {pattern!r} cannot be read: {error}"
                raise ValueError(msg) from None
            if not groups:
                msg = f"regex {pattern!r} must have a group: put what is wanted in parentheses"
                raise ValueError(msg)
        return given

    @model_validator(mode="after")
    def _one_origin(self) -> "ColumnRule":
        """Check that the values have one origin and a known unit."""
        origins = [self.column, self.columns, self.join, self.sum, self.expression]
        if [bool(origin) for origin in origins].count(True) + (self.value is not None) != 1:
            msg = "give exactly one of column, columns, join, sum, expression, value"
            raise ValueError(msg)
        if self.unit and self.unit not in UNITS and self.unit != "W":
            msg = f"unit must be one of {sorted([*UNITS, 'W'])}"
            raise ValueError(msg)
        return self

    @property
    def sources(self) -> tuple[tuple[str, ...], ...]:
        """Return the source columns the rule reads by name, each with its alternatives."""
        if self.column or self.columns:
            return (self.columns or (self.column,),)
        return tuple(as_names(part) for part in (*self.join, *self.sum))

    def chain(self) -> "Iterator[ColumnRule]":
        """Return the rule and those that stand in for it, in order."""
        rule: ColumnRule | None = self
        while rule is not None:
            yield rule
            rule = rule.otherwise


class TableRule(BaseModel):
    """How the rows of a table come from the rows of a source."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    columns: dict[str, str | ColumnRule | list[str]]
    extra: dict[str, str | ColumnRule | list[str]] = Field(default_factory=dict)
    where: tuple[Condition, ...] = ()
    only_with: tuple[str, ...] = ()
    distinct: tuple[str, ...] = ()

    def rules(self) -> dict[str, ColumnRule]:
        """Return the rule of each column of the contract, short forms written out."""
        return {name: full_rule(rule) for name, rule in self.columns.items()}

    def extra_rules(self) -> dict[str, ColumnRule]:
        """Return the rule of each column beside the contract, short forms written out."""
        return {name: full_rule(rule) for name, rule in self.extra.items()}


class Mapping(BaseModel):
    """A mapping file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    meaning: str = ""
    source_note: str = Field(default="", alias="origin")
    verified: bool = False
    source: SourceForm = SourceForm()
    tables: dict[str, TableRule]
    _lists: dict[str, WordList] = {}

    @property
    def lists(self) -> dict[str, WordList]:
        """Return the lists of words that the rules name, by name."""
        return self._lists


def load_mapping(path: Path | str) -> Mapping:
    """Return the mapping of a TOML file, or a shipped one by its name.

    Parameters
    ----------
    path : Path or str
        Address of a file, or the name of a shipped mapping such as `cells-uk`.

    Raises
    ------
    MappingError
        If the file cannot be read, or a table, column, field or list of words in it is unknown.
    """
    shipped = SHIPPED / f"{path}.toml"
    file = shipped if shipped.is_file() else Path(path)
    try:
        mapping = Mapping.model_validate(tomllib.loads(file.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"`mapping` must be a TOML file or one of {shipped_names()}; {str(path)!r}: {error}."
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
    mapping.lists.update(_word_lists(mapping, file.parent))
    return mapping


def shipped_names() -> list[str]:
    """Return the names of the shipped mappings."""
    return sorted(shipped.stem for shipped in SHIPPED.glob("*.toml"))


def full_rule(rule: str | ColumnRule | list[str]) -> ColumnRule:
    """Return a rule, its short forms (a column, a list of columns) written out."""
    if isinstance(rule, str):
        return ColumnRule(column=rule)
    return ColumnRule(columns=tuple(rule)) if isinstance(rule, list) else rule


def as_names(given: Names) -> tuple[str, ...]:
    """Return one name or several as several.

    Examples
    --------
    >>> as_names("lon"), as_names(("lon", "x")), as_names("")
    (('lon',), ('lon', 'x'), ())
    """
    if isinstance(given, tuple):
        return given
    return (given,) if given else ()


def _check_names(name: str, rule: TableRule) -> None:
    """Raise when a table or column is none of the contract, or a required one has no rule."""
    if name not in TABLES:
        msg = f"`tables.{name}` is no table of the contract{_closest(name, list(TABLES))}."
        raise MappingError(msg)
    known = TABLES[name].column_names
    for column in [*rule.columns, *rule.distinct]:
        if column not in known:
            msg = (
                f"`{name}.{column}` is no column of the contract{_closest(column, list(known))}; "
                f"what is wanted beside the contract stands in `tables.{name}.extra`."
            )
            raise MappingError(msg)
    for column in rule.extra:
        if column.lower() in (*known, "row", ""):
            msg = f"`{name}.extra.{column}` must be no column of the contract. Rename it."
            raise MappingError(msg)
    missing = [column for column in TABLES[name].required_names if column not in rule.columns]
    if missing:
        msg = f"`tables.{name}.columns` must have rules for {missing}; it has {list(rule.columns)}."
        raise MappingError(msg)


def _closest(name: str, known: list[str]) -> str:
    """Return a hint at the closest known name."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    return f"; the closest is `{close[0]}`"


def _word_lists(mapping: Mapping, folder: Path) -> dict[str, WordList]:
    """Return the lists that a mapping names: shipped ones, or beside its file."""
    lists: dict[str, WordList] = {}
    for table, rule in mapping.tables.items():
        for name, column_rule in rule.rules().items():
            for part in column_rule.chain():
                if part.words:
                    lists[part.words] = lists.get(part.words) or _word_list(part.words, folder)
                    _check_values(lists[part.words], TABLES[table].column(name))
        for column_rule in rule.extra_rules().values():
            for part in column_rule.chain():
                if part.words:
                    lists[part.words] = lists.get(part.words) or _word_list(part.words, folder)
    return lists


def _word_list(name: str, folder: Path) -> WordList:
    """Return a shipped list, or one beside the mapping file."""
    shipped = SHIPPED / f"{name}.csv"
    return load_word_list(shipped if shipped.is_file() else folder / f"{name}.csv")


def _check_values(words: WordList, column: Column) -> None:
    """Raise when a list gives a column values that it cannot have."""
    strange = sorted(words.values - set(column.choices)) if column.choices else []
    if strange:
        msg = f"`words` {words.name!r} must give values of `{column.name}`; it gives {strange[:5]}."
        raise MappingError(msg)
