"""Bound questions to the counties that somebody may see.

Simple so far: rows without a county are shown to those alone who see all of them.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Table, true


def of_counties(table: Table, counties: Collection[str]) -> ColumnElement[bool]:
    """Return what bounds a question about a table with `county` to counties; none bound nothing."""
    return table.c.county.in_(sorted(counties)) if counties else true()
