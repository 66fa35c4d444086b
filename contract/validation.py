"""Judge the rows of a table against its contract, column by column.

A value is missing where it is empty; in columns that are not names or ids also where it says
`null`, `nan` or the like. A required value that is missing or bad rejects its row; a bad optional
value becomes null and is listed as a repair.

Simple so far: a row is rejected for the first reason found, in the order of the columns.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from contract.errors import MissingColumnsError, UnreadableFileError
from contract.instants import parse_instants
from contract.privacy import masked_column, masked_texts
from contract.rows import RawTable
from contract.spreadsheets import lost_digits
from contract.tables import TABLES, Column, Table

LISTED = ("table", "row", "reason", "content")
NULLS = ("null", "nan", "none", "nil", "na", "n/a", "#n/a", "-", "--", "\\n", "nat")
TRUE = ("1", "1.0", "true", "yes", "y", "t", "是")
FALSE = ("0", "0.0", "false", "no", "n", "f", "否")
CONTENT = 500
NUMBERS, COUNTED = "msisdn", "kpi"
"""The column of customers' numbers, masked where a row is quoted; the table that holds counts alone."""

Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Checked:
    """A typed table and what had to be done to get it.

    Attributes
    ----------
    frame : DataFrame
        The usable rows: every column of the contract, then the extra ones, then `row`.
    rejected, repairs : DataFrame
        Columns `table`, `row`, `reason`, `content`.
    rows : int
        Rows that came.
    source : DataFrame
        The rows as they came; index: number of the row in its file.
    encoding : str
        Of the file, where it is CSV.
    """

    frame: pd.DataFrame
    rejected: pd.DataFrame
    repairs: pd.DataFrame
    rows: int
    source: pd.DataFrame
    encoding: str = ""


def check_table(raw: RawTable, table: Table, zone: str, *, source: str = "") -> Checked:
    """Return the typed rows of a table, those rejected and the values repaired.

    Parameters
    ----------
    raw : RawTable
        Rows as read; the index is the number of the row in its file.
    table : Table
    zone : str
        IANA zone of times without an offset.
    source : str
        Name of the file, for messages.

    Returns
    -------
    Checked

    Raises
    ------
    MissingColumnsError
        If a required column is missing.
    UnreadableFileError
        If a column of the contract stands there twice.
    """
    frame = _with_contract_names(raw.frame, table, source or table.name)
    typed: dict[str, pd.Series] = {}
    reason = np.full(len(frame), None, dtype=object)
    repairs = []
    for column in table.columns:
        if column.name not in frame.columns:
            typed[column.name] = pd.Series(None, index=frame.index, dtype=column.dtype)
            continue
        values, is_bad = typed_column(frame[column.name], column, zone)
        is_bad = is_bad | _is_too_early(values, column, typed)
        if column.is_required:
            _reject(reason, values, is_bad, column)
        elif is_bad.any():
            values = values.mask(is_bad)
            repairs.append((column.name, _bad_reason(column), is_bad))
        typed[column.name] = values
    is_used = pd.isna(reason)
    rejected = pd.concat([_listed(table, raw.unreadable), rejected_rows(frame, table, reason)])
    return Checked(
        frame=_assembled(frame, typed, is_used),
        source=frame,
        rejected=rejected.sort_values("row", ignore_index=True, kind="stable"),
        repairs=_repaired(frame, table, repairs, is_used),
        rows=len(frame) + len(raw.unreadable),
        encoding=raw.encoding,
    )


def rejected_rows(frame: pd.DataFrame, table: Table, reason: Any) -> pd.DataFrame:
    """Return the rows that have a reason, as `table`, `row`, `reason`, `content`.

    Parameters
    ----------
    frame : DataFrame
        Rows, with their number in the file as column `row` or as index.
    table : Table
    reason : array of object
        Why a row is rejected; null for the others.
    """
    is_rejected = ~pd.isna(reason)
    rows = frame[is_rejected]
    numbers = rows["row"] if "row" in rows else pd.Series(rows.index, index=rows.index)
    names = [name for name in table.column_names if name in rows]
    return pd.DataFrame(
        {
            "table": pd.Series(table.name, index=rows.index, dtype="str"),
            "row": numbers.astype("int64"),
            "reason": pd.Series(np.asarray(reason)[is_rejected], index=rows.index, dtype="str"),
            "content": _content(rows, names, is_counted=table.name == COUNTED),
        }
    ).reset_index(drop=True)


def repaired_rows(frame: pd.DataFrame, table: Table, name: str, reason: str) -> pd.DataFrame:
    """Return rows of which one value is replaced by null, in the form of `repairs`."""
    names = [key for key in table.key or table.required_names if key in frame and key != name]
    numbers = frame["row"] if "row" in frame else pd.Series(frame.index, index=frame.index)
    return pd.DataFrame(
        {
            "table": pd.Series(table.name, index=frame.index, dtype="str"),
            "row": numbers.astype("int64"),
            "reason": pd.Series(reason, index=frame.index, dtype="str"),
            "content": _content(frame, [*names, name], is_counted=table.name == COUNTED),
        }
    ).reset_index(drop=True)


def typed_column(values: pd.Series, column: Column, zone: str) -> tuple[pd.Series, Mask]:
    """Return a column in its type, and where a value was there but could not be used.

    Examples
    --------
    >>> azimuth = Column("azimuth_deg", "number", low=0.0, high=360.0)
    >>> typed, is_bad = typed_column(pd.Series(["90", "400", "", "north"]), azimuth, "UTC")
    >>> typed.tolist(), is_bad.tolist()
    ([90.0, nan, nan, nan], [False, True, False, True])
    """
    convert: dict[str, Callable[[pd.Series, Column], tuple[pd.Series, Mask]]] = {
        "id": _ids,
        "text": _texts,
        "choice": _choices,
        "number": _numbers,
        "count": _numbers,
        "flag": _flags,
        "month": _months,
    }
    if column.kind in convert:
        return convert[column.kind](values, column)
    given = values if _is_typed(values) else _null_marks_removed(_as_text(values))
    instants = parse_instants(given, zone)
    return instants, (instants.isna() & given.notna()).to_numpy(bool)


def _with_contract_names(frame: pd.DataFrame, table: Table, source: str) -> pd.DataFrame:
    """Return the table with the contract's names where only the case differs."""
    known = table.column_names
    present = set(frame.columns)
    renamed = {
        name: name.lower()
        for name in frame.columns
        if name.lower() in known and name.lower() not in present
    }
    frame = frame.rename(columns=renamed)
    twice = [name for name in known if f"{name}.2" in frame.columns]
    if twice or not frame.columns.is_unique:
        msg = f"`{source}` must have each column once; it has {twice or 'some'} twice. Remove one."
        raise UnreadableFileError(msg)
    missing = [name for name in table.required_names if name not in frame.columns]
    if missing:
        raise MissingColumnsError(_missing_message(missing, list(frame.columns), source))
    return frame


def _missing_message(missing: list[str], present: list[str], source: str) -> str:
    """Return what is missing, what is there and what comes close."""
    close = {name: difflib.get_close_matches(name, present, n=1, cutoff=0.6) for name in missing}
    hints = [f"is {found[0]!r} meant as {name!r}?" for name, found in close.items() if found]
    advice = " ".join(hints) if hints else "Rename the columns, or convert with a mapping file."
    return f"`{source}` lacks columns {missing}; it has {present[:40]}. {advice}"


def _is_typed(values: pd.Series) -> bool:
    """Tell whether a column holds numbers or timestamps already."""
    return bool(
        pd.api.types.is_numeric_dtype(values.dtype)
        or pd.api.types.is_datetime64_any_dtype(values.dtype)
    )


def _as_text(values: pd.Series) -> pd.Series:
    """Return a column as stripped text, null where nothing is left."""
    if pd.api.types.is_bool_dtype(values.dtype):
        values = values.astype("Int8")
    if pd.api.types.is_float_dtype(values.dtype):
        is_whole = bool((values.dropna() % 1 == 0).all())
        text = values.astype("Int64").astype("str") if is_whole else values.astype("str")
    else:
        text = values.astype("str")
    text = text.mask(values.isna()).str.strip()
    return text.mask(text == "")


def _by_distinct(values: pd.Series, convert: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Return converted values, each distinct one converted once."""
    codes, distinct = pd.factorize(values)
    converted = convert(pd.Series(distinct)).array
    return pd.Series(converted.take(codes, allow_fill=True), index=values.index, name=values.name)


def _null_marks_removed(text: pd.Series) -> pd.Series:
    """Return text, null where it only says so."""
    return text.mask(text.str.lower().isin(NULLS))


def _ids(values: pd.Series, column: Column) -> tuple[pd.Series, Mask]:
    """Return identifiers as text; bad where a spreadsheet has cut their digits."""
    del column
    text = _by_distinct(
        values, lambda distinct: _as_text(distinct).str.replace(r"^(\d+)\.0$", r"\1", regex=True)
    )
    is_cut = _by_distinct(text, lambda distinct: pd.Series(lost_digits(distinct), dtype="boolean"))
    return text, is_cut.fillna(False).to_numpy(bool)


def _texts(values: pd.Series, column: Column) -> tuple[pd.Series, Mask]:
    """Return free text."""
    del column
    return _as_text(values), np.zeros(len(values), bool)


def _choices(values: pd.Series, column: Column) -> tuple[pd.Series, Mask]:
    """Return choices as the contract spells them; bad where there is no such choice."""
    spelling = {_plain(choice): choice for choice in column.choices}
    given = _by_distinct(values, lambda distinct: _null_marks_removed(_as_text(distinct)))
    chosen = _by_distinct(given, lambda distinct: _chosen(distinct, spelling))
    return chosen, (chosen.isna() & given.notna()).to_numpy(bool)


def _chosen(text: pd.Series, spelling: dict[str, str]) -> pd.Series:
    """Return the choices that texts spell."""
    plain = text.astype("str").str.lower().str.replace(r"[\s_-]", "", regex=True)
    return plain.map(spelling).astype("str")


def _plain(text: str) -> str:
    """Return text in lower case without blanks, hyphens and underscores."""
    return "".join(sign for sign in text.lower() if sign not in " _-")


def _flags(values: pd.Series, column: Column) -> tuple[pd.Series, Mask]:
    """Return flags; bad where it is neither yes nor no."""
    del column
    text = _null_marks_removed(_as_text(values)).str.lower()
    flags = text.map(dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)).astype("boolean")
    return flags, (flags.isna() & text.notna()).to_numpy(bool)


def _numbers(values: pd.Series, column: Column) -> tuple[pd.Series, Mask]:
    """Return numbers; bad where it is none or out of range."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        given = values.notna().to_numpy(bool)
        number = values.astype(column.dtype)
    else:
        text = _null_marks_removed(_as_text(values))
        given = text.notna().to_numpy(bool)
        number = pd.to_numeric(text, errors="coerce").astype("float64")
    plain = number.to_numpy(column.dtype, na_value=np.nan)
    is_good = np.isfinite(plain)
    if column.low is not None:
        is_good &= plain > column.low if column.is_low_excluded else plain >= column.low
    if column.high is not None:
        is_good &= plain <= column.high
    is_bad = given & ~is_good
    plain = np.where(is_good, plain, np.nan).astype(column.dtype) if is_bad.any() else plain
    return pd.Series(plain, index=values.index, name=values.name), is_bad


def _months(values: pd.Series, column: Column) -> tuple[pd.Series, Mask]:
    """Return months as YYYY-MM; bad where it is none."""
    del column
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.dt.strftime("%Y-%m").astype("str"), np.zeros(len(values), bool)
    text = _null_marks_removed(_as_text(values))
    parts = text.str.extract(r"^(\d{4})[-/.年]?(0?[1-9]|1[0-2])(?:月|[-/.]?\d{2}(?:\s.*)?)?$")
    month = parts[0] + "-" + parts[1].str.zfill(2)
    return month, (month.isna() & text.notna()).to_numpy(bool)


def _is_too_early(values: pd.Series, column: Column, typed: dict[str, pd.Series]) -> Mask:
    """Return where an instant lies before the one it must not precede."""
    if not column.not_before:
        return np.zeros(len(values), bool)
    return np.asarray((values < typed[column.not_before]).to_numpy(bool))


def _reject(reason: Any, values: pd.Series, is_bad: Mask, column: Column) -> None:
    """Note why rows without a usable value in a required column are rejected."""
    is_first = pd.isna(reason)
    reason[is_first & is_bad] = _bad_reason(column)
    reason[is_first & ~is_bad & values.isna().to_numpy(bool)] = f"{column.name} is missing"


def _bad_reason(column: Column) -> str:
    """Return what a value of a column should have been."""
    if column.kind == "id":
        return f"{column.name} lost digits in a spreadsheet"
    if column.choices:
        listed = column.limits if len(column.choices) < 10 else "a cause of the contract"
        return f"{column.name} is not one of {listed}"
    if column.kind in ("number", "count"):
        return f"{column.name} is not a number{' ' * bool(column.limits)}{column.limits}"
    if column.not_before:
        return f"{column.name} is no time, or before {column.not_before}"
    forms = {"flag": "neither yes nor no", "month": "not a month"}
    return f"{column.name} is {forms.get(column.kind, 'not a time')}"


def _content(rows: pd.DataFrame, names: list[str], *, is_counted: bool) -> pd.Series:
    """Return what stands in rows, as `name=value` joined by `; `, empty values left out.

    Numbers of customers are masked; rows of counters have none, and a count is not to be taken for one.
    """
    content = pd.Series("", index=rows.index, dtype="str")
    for name in names if len(rows) else ():
        text = rows[name].astype("str")
        text = masked_column(text) if name == NUMBERS else text
        part = (f"{name}=" + text).where(text.notna() & (text != ""), "").fillna("")
        glue = pd.Series("; ", index=rows.index, dtype="str").where(
            (content != "") & (part != ""), ""
        )
        content = content + glue + part
    return (content if is_counted else masked_texts(content)).str.slice(0, CONTENT)


def _listed(table: Table, unreadable: pd.DataFrame) -> pd.DataFrame:
    """Return rows that could not be taken apart in the form of `rejected`."""
    return unreadable.assign(table=pd.Series(table.name, index=unreadable.index, dtype="str"))[
        list(LISTED)
    ]


def _repaired(
    frame: pd.DataFrame, table: Table, repairs: list[tuple[str, str, Mask]], is_used: Mask
) -> pd.DataFrame:
    """Return the repairs of rows that are used."""
    lists = [
        repaired_rows(frame[is_bad & is_used], table, name, reason)
        for name, reason, is_bad in repairs
        if (is_bad & is_used).any()
    ]
    lists.append(repaired_rows(frame.iloc[:0], table, table.column_names[0], ""))
    listed = pd.concat(lists, ignore_index=True)
    return listed.sort_values("row", ignore_index=True, kind="stable")


def _assembled(frame: pd.DataFrame, typed: dict[str, pd.Series], is_used: Mask) -> pd.DataFrame:
    """Return the usable rows: contract columns, extra columns, row number."""
    extra = {name: frame[name] for name in frame.columns if name not in typed and name != "row"}
    whole = pd.DataFrame({**typed, **extra}, copy=False)
    whole["row"] = frame.index.to_numpy("int64")
    used = whole if is_used.all() else whole[is_used]
    return used.reset_index(drop=True)


def joined_lists(lists: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the lists of all tables as one."""
    listed = pd.concat(lists, ignore_index=True)[list(LISTED)].astype({"row": "int64"})
    place = listed["table"].map({name: position for position, name in enumerate(TABLES)})
    order = listed.assign(place=place).sort_values(["place", "row"], kind="stable").index
    return listed.loc[order].reset_index(drop=True)
