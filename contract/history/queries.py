"""Answer a query in SQL, and let it do nothing but read this history.

Simple so far: a table is opened when its name stands anywhere in the query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb
import pyarrow as pa

from contract.errors import InputError
from contract.history.forms import Form
from contract.history.limits import Limits, engine, named
from contract.history.reading import live_of, live_query
from contract.history.rows import empty_rows
from contract.history.storage import Storage

_BEGINS = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*\(*\s*(?:select|with|from)\b", re.I | re.S)


def answered(storage: Storage, forms: Mapping[str, Form], limits: Limits, query: str) -> pa.Table:
    """Return the answer to a query, each table of the history a view.

    Parameters
    ----------
    storage : Storage
    forms : mapping of Form
        Tables of the history by name.
    limits : Limits
    query : str

    Raises
    ------
    InputError
        If the query is not one that reads, or can't be answered.
    """
    check_query(query)
    with engine(limits, storage, is_shut=True) as connection:
        for table, form in forms.items():
            if re.search(rf"\b{table}\b", query, re.I):
                _show(connection, storage, form)
        try:
            return connection.sql(query).to_arrow_table()
        except (duckdb.OutOfMemoryException, duckdb.IOException):
            raise
        except duckdb.Error as error:
            raise InputError(_refusal(error, forms)) from error


def check_query(query: str) -> None:
    """Raise where a query is not one that reads.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_query("WITH a AS (SELECT 1) SELECT * FROM a")
    """
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        raise InputError(_refusal(error, {})) from error
    kinds = [statement.type.name for statement in statements]
    if kinds != ["SELECT"] or not _BEGINS.match(query):
        told = "nothing" if not kinds else ", ".join(kinds)
        msg = f"`query` must be one SELECT, WITH or FROM: a history is only read; it is {told}. Rewrite it."
        raise InputError(msg)


def _show(connection: duckdb.DuckDBPyConnection, storage: Storage, form: Form) -> None:
    """Make a table a view."""
    live = live_of(storage, form)
    if live.lists:
        connection.execute(f"CREATE VIEW {named(form.table)} AS {live_query(storage, live)}")
    else:
        connection.from_arrow(empty_rows(form)).create(form.table)


def _refusal(error: duckdb.Error, forms: Mapping[str, Form]) -> str:
    """Return the line for a query that can't be answered."""
    reason = str(error).split("\n\n")[0].replace("\n", " ").strip()
    tables = f" Tables: {', '.join(sorted(forms))}." if forms else ""
    return f"`query` can't be answered: {reason}.{tables} Correct it."
