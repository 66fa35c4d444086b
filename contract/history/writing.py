"""Write into a history: a batch of rows of one region and day is one new file.

Simple so far: a batch is held in memory while it is sorted and packed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import duckdb
import pandas as pd
import pyarrow as pa

from contract.errors import InputError
from contract.history.compaction import compacted, is_worth_compacting
from contract.history.forms import About, Form, form_of, write_about
from contract.history.homes import has_homes, read_homes, with_home
from contract.history.layout import Partition, partitions_of
from contract.history.manifests import (
    Manifest,
    StoredFile,
    read_manifest,
    sweep,
    write_manifest,
)
from contract.history.rows import ROW_GROUP, clock_span_us, day_span_us, encoded, kept_rows
from contract.history.storage import Storage


@dataclass
class Known:
    """What a writer knows of the history he holds the lock of, kept up to date as he writes."""

    about: About
    homes: dict[str, dict[str, pa.Array]] = field(default_factory=dict)


@dataclass(frozen=True)
class Writer:
    """The one who holds the lock of a history.

    Attributes
    ----------
    storage : Storage
    grace : timedelta
        How long replaced files are kept for those who still read them.
    keys : mapping of collection of str
        Keys of tables that the contract does not declare.
    clock : callable
        Returns the time now.
    check : callable
        Makes sure of the lock; called before each change.
    known : Known
    connection : DuckDB connection
        Sorts rows, and spills where memory is short.
    """

    storage: Storage
    grace: timedelta
    keys: Mapping[str, Collection[str]]
    clock: Callable[[], datetime]
    check: Callable[[], None]
    known: Known
    connection: duckdb.DuckDBPyConnection

    def write(
        self, table: str, frame: pd.DataFrame | pa.Table, *, region: str, day: date
    ) -> StoredFile | None:
        """Write rows of one region and day as one file, whole or not at all.

        Of rows with one key the later received one is read, at equal receipt the one written later. What was
        written last, written again, changes nothing.

        Parameters
        ----------
        table : str
        frame : DataFrame or Table
            In the contract's columns where the contract declares the table. Instants with their zone.
        region : str
        day : date
            In the zone of the history.

        Returns
        -------
        StoredFile or None
            None where nothing had to be written.

        Raises
        ------
        InputError
            If the rows do not fit the table, or some are of another day.
        """
        form = self._form(table, frame)
        rows = kept_rows(frame, form, self.connection)
        if not rows.num_rows:
            return None
        span = clock_span_us(rows, form)
        self._check_day(form, day, span)
        made = encoded(iter(rows.to_batches(max_chunksize=ROW_GROUP)), rows.schema)
        where = Partition(table, region, day)
        manifest = read_manifest(self.storage, where)
        if manifest.files and manifest.last_batch == made.digest:
            return None
        sequence = max(manifest.last_sequence + 1, int(self.clock().timestamp() * 1_000_000))
        file = StoredFile(
            name=f"{sequence:016d}-{made.digest}.parquet",
            rows=made.rows,
            size_bytes=len(made.content),
            sequence=sequence,
            columns=made.columns,
            first_us=span[0],
            last_us=span[1],
        )
        self.check()
        self._settle_home(form, region, rows)
        self.storage.put(f"{where.folder}/{file.name}", made.content)
        write_manifest(self.storage, where, manifest.with_file(file, made.digest))
        return file

    def compact(
        self,
        table: str,
        *,
        regions: Collection[str] | None = None,
        days: Collection[date] | None = None,
    ) -> int:
        """Bring the files of each partition into one, each key once, in the order of the key.

        Readers see each row once before, during and after. Files that no reader needs any more are removed.

        Parameters
        ----------
        table : str
        regions, days : collection, optional
            Those wanted; None = all.

        Returns
        -------
        int
            How many files became fewer.
        """
        form = self.known.about.forms.get(table)
        if form is None:
            return 0
        fewer = 0
        for where in partitions_of(self.storage, table, regions=regions, days=days):
            manifest = read_manifest(self.storage, where)
            if is_worth_compacting(manifest):
                self.check()
                fewer += len(manifest.files) - 1
                manifest = compacted(
                    self.storage,
                    form,
                    where,
                    manifest,
                    connection=self.connection,
                    now=self.clock(),
                )
            self._sweep(where, manifest)
        return fewer

    def drop(self, partitions: Collection[Partition]) -> None:
        """Take partitions out of the history; their files go once no reader needs them any more."""
        for where in partitions:
            self.check()
            manifest = read_manifest(self.storage, where).replaced_by((), self.clock())
            write_manifest(self.storage, where, replace(manifest, last_batch=""))
            self._sweep(where, manifest)

    def sweep(self, table: str) -> None:
        """Remove files of a table that no reader needs any more."""
        for where in partitions_of(self.storage, table):
            self._sweep(where, read_manifest(self.storage, where))

    def _sweep(self, where: Partition, manifest: Manifest) -> None:
        """Remove files of a partition that no reader needs any more."""
        sweep(self.storage, where, manifest, now=self.clock(), grace=self.grace)

    def _form(self, table: str, frame: pd.DataFrame | pa.Table) -> Form:
        """Return the form of a table; a new one is noted in the history."""
        columns = list(frame.columns) if isinstance(frame, pd.DataFrame) else frame.column_names
        about = self.known.about
        form = form_of(table, about, self.keys, columns)
        if table not in about.forms:
            self.check()
            self.known.about = replace(about, forms={**about.forms, table: form})
            write_about(self.storage, self.known.about)
        return form

    def _check_day(self, form: Form, day: date, span: tuple[int, int]) -> None:
        """Raise where rows are of another day."""
        zone = self.known.about.zone
        first, end = day_span_us(day, zone)
        if span != (0, 0) and (span[0] < first or span[1] >= end):
            told = [datetime.fromtimestamp(us / 1e6, UTC).isoformat() for us in span]
            msg = (
                f"`day` must be that of every `{form.clock}` in {zone}; rows from {told[0]} to "
                f"{told[1]} are not all of {day.isoformat()}. Write each day apart."
            )
            raise InputError(msg)

    def _settle_home(self, form: Form, region: str, rows: pa.Table) -> None:
        """Note in which region the objects of rows are."""
        if not has_homes(form) or not pa.types.is_string(rows.schema.field(form.key[0]).type):
            return
        homes = self.known.homes
        if form.table not in homes:
            homes[form.table] = read_homes(self.storage, form.table)
        objects = rows[form.key[0]].unique()
        homes[form.table] = with_home(self.storage, form, region, objects, homes[form.table])
