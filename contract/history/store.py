"""Open a history, write into it, read from it.

A history is a folder at any address that fsspec knows. One writes at a time, under a lock; any number read, without.
Days are those of one zone, which is kept with the history.

Simple so far: the zone of a history can't be changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from contract.errors import InputError
from contract.history.forms import (
    ABOUT,
    CLOCKS,
    About,
    Form,
    contract_form,
    own_form,
    read_about,
    write_about,
)
from contract.history.layout import Partition, partitions_of
from contract.history.limits import Limits, engine, limits_of
from contract.history.locks import writing_lock
from contract.history.manifests import StoredFile, read_manifests
from contract.history.queries import answered
from contract.history.reading import Wanted, asked, live_of, retried
from contract.history.retention import outlived_days
from contract.history.rows import empty_rows
from contract.history.storage import Storage, storage_at
from contract.history.writing import Known, Writer
from contract.settings import Settings

ROWS_OF_A_BATCH = 122_880
"""Rows that `History.batches` yields at a time."""


def _now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class History:
    """A history at an address.

    Attributes
    ----------
    storage : Storage
    zone : str
        IANA zone of its days.
    limits : Limits
        Memory, cores and spill folder of the engine.
    grace : timedelta
        How long files that were replaced are kept for those who still read them.
    keys : mapping of collection of str
        Keys of tables that the contract does not declare.
    clock : callable
        Returns the time now.
    """

    storage: Storage
    zone: str
    limits: Limits = field(default_factory=Limits)
    grace: timedelta = timedelta(hours=1)
    keys: Mapping[str, Collection[str]] = field(default_factory=dict)
    clock: Callable[[], datetime] = _now

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Hold the lock for several changes; `write` alone holds it for one.

        Raises
        ------
        InputError
            If another writer holds it.
        """
        with writing_lock(self.storage, self.clock) as check:
            about = read_about(self.storage)
            if about is None:
                _check_empty(self.storage)
                about = About(self.zone, {})
                write_about(self.storage, about)
            with engine(self.limits, self.storage) as connection:
                yield Writer(
                    storage=self.storage,
                    grace=self.grace,
                    keys=self.keys,
                    clock=self.clock,
                    check=check,
                    known=Known(about),
                    connection=connection,
                )

    def write(
        self, table: str, frame: pd.DataFrame | pa.Table, *, region: str, day: date
    ) -> StoredFile | None:
        """Write rows of one region and day as one file; see `Writer.write`."""
        with self.writing() as writer:
            return writer.write(table, frame, region=region, day=day)

    def read(
        self,
        table: str,
        *,
        regions: Collection[str] | None = None,
        days: Collection[date] | None = None,
        columns: Iterable[str] | None = None,
        only: Collection[str] | None = None,
    ) -> pa.Table:
        """Return rows of a table, each key once, in the order of region, day and key.

        Parameters
        ----------
        table : str
        regions, days : collection, optional
            Those wanted; None = all.
        columns : iterable of str, optional
            Those wanted; `region` and `day` may be among them. None = those of the table.
        only : collection of str, optional
            Values wanted of the first column of the key, such as cells.

        Raises
        ------
        InputError
            If there is no such table or column, or the rows do not fit into the memory allowed.
        """
        form = self.form(table)
        wanted = Wanted(None if columns is None else tuple(columns), only, is_ordered=True)

        def read() -> pa.Table:
            """Return the rows as they stand now."""
            live = live_of(self.storage, form, regions=regions, days=days)
            if not live.lists:
                return wanted.of(empty_rows(form))
            with engine(self.limits, self.storage) as connection:
                return asked(connection, self.storage, live, wanted).to_arrow_table()

        return retried(read)

    def batches(
        self,
        table: str,
        *,
        regions: Collection[str] | None = None,
        days: Collection[date] | None = None,
        columns: Iterable[str] | None = None,
        only: Collection[str] | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """Yield rows as `read` returns them, but in batches and in no order, so that memory stays bounded.

        Files that are replaced meanwhile stay readable for the grace of the history.

        Raises
        ------
        InputError
            As `read`.
        """
        form = self.form(table)
        wanted = Wanted(None if columns is None else tuple(columns), only, is_ordered=False)
        live = live_of(self.storage, form, regions=regions, days=days)
        if live.lists:
            with engine(self.limits, self.storage) as connection:
                relation = asked(connection, self.storage, live, wanted)
                yield from relation.to_arrow_reader(ROWS_OF_A_BATCH)

    def sql(self, query: str) -> pa.Table:
        """Return the answer to a query in the SQL of DuckDB, each table a view with `region` and `day`.

        Parameters
        ----------
        query : str
            One SELECT, WITH or FROM; anything else is refused, and so are files outside the history.

        Raises
        ------
        InputError
            If the query is none, can't be answered, or does not fit into the memory allowed.
        """
        return retried(lambda: answered(self.storage, self.forms(), self.limits, query))

    def compact(
        self,
        table: str,
        *,
        regions: Collection[str] | None = None,
        days: Collection[date] | None = None,
    ) -> int:
        """Bring the files of each partition into one; see `Writer.compact`."""
        with self.writing() as writer:
            return writer.compact(table, regions=regions, days=days)

    def prune(
        self, keep_days: Mapping[str, int], *, now: datetime | None = None, is_trial: bool = False
    ) -> pd.DataFrame:
        """Take whole days out that are older than they are to be kept; return what was taken.

        A day is old when it lies more than the days to keep before today, whatever else is in the history: a row of
        a wrong clock, dated ahead, makes nothing older and is never old itself.

        Parameters
        ----------
        keep_days : mapping of int
            Days to keep, by table; tables not named are kept for good. See `contract.history.retention`.
        now : datetime, optional
            Default: the time.
        is_trial : bool
            Tell what would be taken, and take nothing.

        Returns
        -------
        DataFrame
            As `partitions`.
        """
        today = (self.clock() if now is None else now).astimezone(ZoneInfo(self.zone)).date()
        taken = outlived_days(self.partitions(), keep_days, today)
        if not is_trial:
            with self.writing() as writer:
                names = taken[["table", "region", "day"]].itertuples(index=False)
                writer.drop([Partition(table, region, day.date()) for table, region, day in names])
                for name in self.forms():
                    writer.sweep(name)
        return taken

    def partitions(self, table: str | None = None) -> pd.DataFrame:
        """Return `table`, `region`, `day`, `files`, `rows` and `bytes` of each partition.

        `rows` counts those written; rows of one key that are not compacted yet count each.

        Parameters
        ----------
        table : str, optional
            None = every table.
        """
        tables = sorted(self.forms()) if table is None else [table]
        listed = [
            (where.table, where.region, pd.Timestamp(where.day), len(one.files))
            + (sum(f.rows for f in one.files), sum(f.size_bytes for f in one.files))
            for name in tables
            for where, one in read_manifests(
                self.storage, partitions_of(self.storage, name)
            ).items()
        ]
        names = ["table", "region", "day", "files", "rows", "bytes"]
        kinds = {"table": "str", "region": "str", "day": "datetime64[us]"}
        return pd.DataFrame(listed, columns=names).astype(kinds | dict.fromkeys(names[3:], "int64"))

    def forms(self) -> dict[str, Form]:
        """Return the form of each table by name; empty where nothing was written."""
        about = read_about(self.storage)
        return {} if about is None else dict(about.forms)

    def form(self, table: str) -> Form:
        """Return the form of a table.

        Raises
        ------
        InputError
            If the history has no such table and could not have it.
        """
        forms = self.forms()
        if table in forms:
            return forms[table]
        if table in CLOCKS:
            return contract_form(table)
        if table in self.keys:
            return own_form(table, tuple(self.keys[table]))
        msg = f"`table` must be one of {sorted(forms)}; {table!r} is not in {self.storage.root!r}."
        raise InputError(msg)


def open_history(
    address: str,
    *,
    settings: Settings | None = None,
    keys: Mapping[str, Collection[str]] | None = None,
    filesystem: Any = None,
    is_new: bool = True,
) -> History:
    """Return the history at an address; a new one is made when it is first written to.

    Parameters
    ----------
    address : str
        Folder, or a URL that fsspec knows, such as `memory://history`.
    settings : Settings, optional
        Those that begin with `history_`, and `zone` for a new one. Default: the defaults.
    keys : mapping of collection of str, optional
        Keys of tables that the contract does not declare, needed where they are first written.
    filesystem : fsspec file system, optional
        Taken instead of the one that the address names.
    is_new : bool, default True
        There may be no history yet.

    Raises
    ------
    InputError
        If the address can't be used or holds something else.

    Examples
    --------
    >>> history = open_history("memory://an-example")
    >>> row = {"cell_id": "A", "start": pd.Timestamp("2026-01-01 00:00Z"), "minutes": 60.0}
    >>> kept = history.write("kpi", pd.DataFrame([row]), region="x", day=date(2026, 1, 1))
    >>> history.read("kpi", columns=["cell_id", "minutes"]).to_pylist()
    [{'cell_id': 'A', 'minutes': 60.0}]
    """
    used = Settings() if settings is None else settings
    storage = storage_at(address, filesystem)
    about = read_about(storage)
    if about is None and not is_new:
        msg = f"`address` must hold a history; {address!r} has no {ABOUT}. Check it, or add a bundle first."
        raise InputError(msg)
    if about is None:
        _check_empty(storage)
    grace = timedelta(minutes=used.history_grace_min)
    zone = used.zone if about is None else about.zone
    return History(storage, zone, limits_of(used), grace, keys or {})


def _check_empty(storage: Storage) -> None:
    """Raise where a new history would lie among other things."""
    foreign = [n for n in storage.names() if not re.fullmatch(r"writer\.(lock|lease)|\..*", n)]
    if foreign:
        msg = (
            f"`address` must be new, empty or a history; {storage.root!r} holds {foreign[:5]}. "
            "Choose another."
        )
        raise InputError(msg)
