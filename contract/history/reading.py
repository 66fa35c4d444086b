"""Read a history: each key once, from the files that the manifests list.

Files of a partition whose spans of time don't overlap share no key and are read as they are; those that overlap are
settled row by row, and so are objects that moved from one region to another.

Simple so far: of a key that does not tell its day, such as an alarm's number, the winner is looked for among the days
that are read; a query in SQL opens the list of every partition of the tables it names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import duckdb
import pyarrow as pa

from contract.errors import InputError
from contract.history.forms import Form
from contract.history.homes import has_homes, moved_objects
from contract.history.layout import Partition, partitions_of
from contract.history.limits import named, quoted
from contract.history.manifests import Manifest, StoredFile, read_manifests
from contract.history.rows import SEQUENCE
from contract.history.storage import Storage

TRIES = 4
"""How often a reader starts again when files it listed are gone: he was away longer than the grace."""
_OPTIONS = "hive_partitioning = true, hive_types = {'region': VARCHAR, 'day': DATE}"
_RANK = "_rank_sequence"
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Live:
    """What of a table is to be read.

    Attributes
    ----------
    form : Form
    lists : mapping of Manifest
        By partition, none of them empty.
    moved : tuple of str
        Objects that stand in more than one region.
    """

    form: Form
    lists: Mapping[Partition, Manifest]
    moved: tuple[str, ...] = ()


def live_of(
    storage: Storage,
    form: Form,
    *,
    regions: Collection[str] | None = None,
    days: Collection[date] | None = None,
) -> Live:
    """Return what of a table is to be read, as it stands now.

    Parameters
    ----------
    storage : Storage
    form : Form
    regions, days : collection, optional
        Those wanted; None = all.
    """
    there = partitions_of(storage, form.table, regions=regions, days=days)
    lists = read_manifests(storage, there)
    several = len({partition.region for partition in lists}) > 1
    moved = moved_objects(storage, form.table) if several and has_homes(form) else ()
    return Live(form, lists, moved)


def live_query(storage: Storage, live: Live) -> str:
    """Return the query for the rows of what is live, each key once, with `region` and `day`.

    Parameters
    ----------
    storage : Storage
    live : Live
        With at least one file.
    """
    if not live.form.is_day_in_key:
        files = [(where, file) for where, one in live.lists.items() for file in one.files]
        if len(files) == 1:
            return _plain(storage, files)
        return _winners(storage, files, live.form, live.form.key)
    apart, together = _by_overlap(live)
    if not live.moved:
        parts = [_plain(storage, apart)] if apart else []
        within = ("region", "day", *live.form.key) if live.form.key else ()
        parts += [_winners(storage, together, live.form, within)] if together else []
        return " UNION ALL BY NAME ".join(parts)
    return _with_moved(storage, live, apart, together)


def settled_query(storage: Storage, form: Form, where: Partition, manifest: Manifest) -> str:
    """Return the query for the rows of one partition, each key once, as a file holds them, with their sequence.

    Rows alike in every column are one where there is no key; those have no sequence.
    """
    files = [(where, file) for file in manifest.files]
    if not form.key:
        return f"SELECT DISTINCT * EXCLUDE (region, day) FROM ({_plain(storage, files)})"
    source = _scan(storage, files, is_ranked=True)
    rank = _ranking(form, form.key)
    return (
        f"SELECT * EXCLUDE (region, day, {_RANK}), {_RANK} AS {SEQUENCE} FROM ({source}) "
        f"QUALIFY {rank} = 1"
    )


def retried(read: Callable[[], _Result]) -> _Result:
    """Return what a function reads; it is called again when files were taken away meanwhile."""
    for left in range(TRIES - 1, -1, -1):
        try:
            return read()
        except (duckdb.IOException, FileNotFoundError) as error:
            if not left:
                reason = str(error).splitlines()[0]
                msg = f"`address` must stay as it is while it is read; files are missing: {reason}. Read again."
                raise InputError(msg) from error
    raise AssertionError


@dataclass(frozen=True)
class Wanted:
    """What is asked of a table.

    Attributes
    ----------
    columns : tuple of str or None
        None = those of the table.
    only : collection of str or None
        Values of the first column of the key; None = all.
    is_ordered : bool
        In the order of region, day and key.
    """

    columns: tuple[str, ...] | None = None
    only: Collection[str] | None = None
    is_ordered: bool = True

    def of(self, rows: pa.Table) -> pa.Table:
        """Return the columns wanted of no rows."""
        if self.columns is None:
            return rows
        return rows.select([name for name in self.columns if name in rows.column_names])


def asked(
    connection: duckdb.DuckDBPyConnection, storage: Storage, live: Live, wanted: Wanted
) -> duckdb.DuckDBPyRelation:
    """Return the rows that are asked for, not read yet.

    Parameters
    ----------
    connection : DuckDB connection
        That can read the storage.
    storage : Storage
    live : Live
        With at least one file.
    wanted : Wanted

    Raises
    ------
    InputError
        If a column is unknown.
    """
    source = live_query(storage, live)
    there = [row[0] for row in connection.sql(f"DESCRIBE {source}").fetchall()]
    listed = ", ".join(named(name) for name in _columns(wanted.columns, there))
    query = f"SELECT {listed} FROM ({source})"
    if wanted.only is not None and live.form.key:
        values = ", ".join(quoted(value) for value in sorted(wanted.only)) or "NULL"
        query += f" WHERE {named(live.form.key[0])} IN ({values})"
    if wanted.is_ordered:
        order = ", ".join(named(name) for name in ("region", "day", *live.form.key))
        query += f" ORDER BY {order}"
    return connection.sql(query)


def _columns(columns: tuple[str, ...] | None, there: list[str]) -> list[str]:
    """Return the columns wanted, all of them known."""
    if columns is None:
        return [name for name in there if name not in ("region", "day")]
    wanted = list(columns)
    unknown = [name for name in wanted if name not in there]
    if unknown or not wanted:
        msg = f"`columns` must be some of {there}; {unknown or 'none'} are asked for. Correct them."
        raise InputError(msg)
    return wanted


_Placed = list[tuple[Partition, StoredFile]]


def _by_overlap(live: Live) -> tuple[_Placed, _Placed]:
    """Return the files that share no instant with another of their partition, and the others."""
    apart: _Placed = []
    together: _Placed = []
    timed = bool(live.form.clock) and live.form.clock in live.form.key
    for partition, manifest in live.lists.items():
        files = sorted(manifest.files, key=lambda file: (file.first_us, file.last_us))
        run: list[StoredFile] = []
        end = 0
        for file in files:
            if run and (not timed or file.first_us <= end):
                run.append(file)
            else:
                (apart if len(run) == 1 else together).extend((partition, one) for one in run)
                run = [file]
            end = file.last_us if len(run) == 1 else max(end, file.last_us)
        (apart if len(run) == 1 else together).extend((partition, one) for one in run)
    return apart, together


def _scan(storage: Storage, files: _Placed, *, is_ranked: bool) -> str:
    """Return the query for the rows of files as they are, with the sequence of each when ranked."""
    paths = [quoted(storage.address(f"{where.folder}/{file.name}")) for where, file in files]
    options = _OPTIONS
    if len({file.columns for _, file in files}) > 1:
        options += ", union_by_name = true"
    options += ", filename = true" if is_ranked else ""
    source = f"read_parquet([{', '.join(paths)}], {options})"
    has_own = any(file.is_compacted for _, file in files)
    if not is_ranked:
        return f"SELECT * {f'EXCLUDE ({SEQUENCE})' if has_own else ''} FROM {source}"
    of_file = r"CAST(regexp_extract(filename, '(\d+)-[0-9a-f]+\.parquet$', 1) AS BIGINT)"
    sequence = f"coalesce({SEQUENCE}, {of_file})" if has_own else of_file
    left_out = f"filename{', ' + SEQUENCE if has_own else ''}"
    return f"SELECT * EXCLUDE ({left_out}), {sequence} AS {_RANK} FROM {source}"


def _plain(storage: Storage, files: _Placed) -> str:
    """Return the query for the rows of files that share no key."""
    return _scan(storage, files, is_ranked=False)


def _winners(storage: Storage, files: _Placed, form: Form, within: Collection[str]) -> str:
    """Return the query for the rows of files, each key once."""
    if not within:
        return f"SELECT DISTINCT * FROM ({_plain(storage, files)})"
    return winners(_scan(storage, files, is_ranked=True), form, within)


def winners(source: str, form: Form, within: Collection[str]) -> str:
    """Return the query for the rows that win among those of one key: later received, else later written.

    Parameters
    ----------
    source : str
        Query for rows with `region`, `day` and the sequence of each.
    form : Form
    within : collection of str
        Columns that rivals share.
    """
    return f"SELECT * EXCLUDE ({_RANK}) FROM ({source}) QUALIFY {_ranking(form, within)} = 1"


def _ranking(form: Form, within: Collection[str]) -> str:
    """Return the expression that numbers rivals, the winner first."""
    arrival = f"{named(form.arrival)} DESC NULLS LAST, " if form.arrival else ""
    by = ", ".join(named(name) for name in within)
    return f"row_number() OVER (PARTITION BY {by} ORDER BY {arrival}{_RANK} DESC, region, day)"


def _with_moved(storage: Storage, live: Live, apart: _Placed, together: _Placed) -> str:
    """Return the query where objects that moved are settled over all regions."""
    first = named(live.form.key[0])
    moved = f"(SELECT unnest([{', '.join(quoted(name) for name in live.moved)}]))"
    everything = _scan(storage, [*apart, *together], is_ranked=True)
    strangers = f"SELECT * FROM ({everything}) WHERE {first} IN {moved}"
    parts = [winners(strangers, live.form, ("day", *live.form.key))]
    stayed = f"WHERE {first} NOT IN {moved}"
    if apart:
        parts.append(f"SELECT * FROM ({_plain(storage, apart)}) {stayed}")
    if together:
        within = ("region", "day", *live.form.key)
        parts.append(f"SELECT * FROM ({_winners(storage, together, live.form, within)}) {stayed}")
    return " UNION ALL BY NAME ".join(parts)
