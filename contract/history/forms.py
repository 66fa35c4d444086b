"""Say which form each table of a history has: its key, the instant that names its day, and who wins.

Counters, alarms and changes have the form of the contract. Any other table, such as a roll-up, is told its key by
who writes it first; that is kept with the history. Tables that hold numbers of customers are refused.

Simple so far: a table keeps the key it was first written with.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from contract.errors import InputError, UnreadableFileError
from contract.history.layout import check_table_name
from contract.history.storage import Storage
from contract.tables import TABLES

ABOUT = "history.json"
FORMAT = 1
CLOCKS: Mapping[str, str] = MappingProxyType(
    {"kpi": "start", "alarms": "raised_at", "changes": "changed_at"}
)
"""Tables of the contract that a history keeps, and the instant that names the day of a row."""
PRIVATE = "msisdn"


@dataclass(frozen=True)
class Form:
    """The form of a table.

    Attributes
    ----------
    table : str
    key : tuple of str
        Of rows with one key one is read; empty = rows alike in every column are one.
    clock : str
        Column of the instant whose day a row is kept under; empty = whoever writes says the day.
    arrival : str
        Column that says which of two rows of one key came later; empty = the one written later.
    is_day_in_key : bool
        Rows of one key always have the same day. Else a key is looked for over all days read.
    """

    table: str
    key: tuple[str, ...] = ()
    clock: str = ""
    arrival: str = ""
    is_day_in_key: bool = True


@dataclass(frozen=True)
class About:
    """What a history says of itself: the zone of its days and the forms of its tables."""

    zone: str
    forms: Mapping[str, Form]


def contract_form(table: str) -> Form:
    """Return the form of a table of the contract.

    Examples
    --------
    >>> contract_form("kpi").key, contract_form("alarms").is_day_in_key
    (('cell_id', 'start'), False)
    """
    declared, clock = TABLES[table], CLOCKS[table]
    is_day_in_key = not declared.key or clock in declared.key
    return Form(table, declared.key, clock, "received_at", is_day_in_key)


def form_of(
    table: str, about: About | None, keys: Mapping[str, Collection[str]], columns: Collection[str]
) -> Form:
    """Return the form of a table about to be written.

    Parameters
    ----------
    table : str
    about : About or None
        What the history says of itself so far.
    keys : mapping of collection of str
        Keys of tables that the contract does not declare.
    columns : collection of str
        Columns of the rows.

    Raises
    ------
    InputError
        If the table may not be kept, its key differs from the one kept, or its rows lack a column of it.
    """
    check_table_name(table)
    if PRIVATE in columns or (table in TABLES and table not in CLOCKS):
        msg = (
            f"`table` must be one of {sorted(CLOCKS)} or a table of your own without numbers of customers; "
            f"it is {table!r}. A history does not keep that."
        )
        raise InputError(msg)
    if table in CLOCKS:
        return contract_form(table)
    kept = None if about is None else about.forms.get(table)
    told = tuple(keys[table]) if table in keys else None
    if kept is not None and told is not None and kept.key != told:
        msg = f"`keys` of {table!r} must be {list(kept.key)}, as first written; they are {list(told)}."
        raise InputError(msg)
    form = kept or own_form(table, told or ())
    lacking = sorted(set(form.key) - set(columns))
    if lacking:
        msg = f"`frame` for {table!r} lacks columns {lacking} of its key; it has {sorted(columns)[:40]}."
        raise InputError(msg)
    return form


def read_about(storage: Storage) -> About | None:
    """Return what a history says of itself; None where there is none.

    Raises
    ------
    UnreadableFileError
        If it is damaged or written by a later version.
    """
    content = storage.read(ABOUT)
    if content is None:
        return None
    try:
        told: dict[str, Any] = json.loads(content)
        if told["format"] != FORMAT:
            msg = f"`address` must hold a history of format {FORMAT}; it is {told['format']}. Use a later version."
            raise UnreadableFileError(msg)
        forms = {
            name: Form(**{**form, "key": tuple(form["key"])})
            for name, form in told["tables"].items()
        }
        return About(told["zone"], forms)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        msg = (
            f"`address` must hold a history; its {ABOUT} is damaged: {error}. Take it from a copy."
        )
        raise UnreadableFileError(msg) from error


def write_about(storage: Storage, about: About) -> None:
    """Write what a history says of itself."""
    tables = {name: asdict(form) for name, form in sorted(about.forms.items())}
    content = {"format": FORMAT, "zone": about.zone, "tables": tables}
    storage.put(ABOUT, json.dumps(content, ensure_ascii=False, indent=1).encode())


def own_form(table: str, key: tuple[str, ...]) -> Form:
    """Return the form of a table that the contract does not declare."""
    return Form(table, key, "start" if "start" in key else "")
