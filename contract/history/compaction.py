"""Bring the many small files of a partition into one, each key once and in order.

The new file is written beside the old ones, then the list is replaced: readers see the old files or the new one. Each
row keeps the sequence in which it was written, so rows of other partitions compare with it as before.

Simple so far: a partition becomes one file, however large it is.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from contract.history.forms import Form
from contract.history.layout import Partition
from contract.history.limits import named
from contract.history.manifests import Manifest, StoredFile, write_manifest
from contract.history.reading import settled_query
from contract.history.rows import ROW_GROUP, SEQUENCE, encoded
from contract.history.storage import Storage


def is_worth_compacting(manifest: Manifest) -> bool:
    """Tell whether a partition has more than one file."""
    return len(manifest.files) > 1


def compacted(
    storage: Storage,
    form: Form,
    where: Partition,
    manifest: Manifest,
    *,
    connection: duckdb.DuckDBPyConnection,
    now: datetime,
) -> Manifest:
    """Write the rows of a partition as one file, and return its new list, which is written too.

    Parameters
    ----------
    storage : Storage
    form : Form
    where : Partition
    manifest : Manifest
        Its list as it stands, of one file or more.
    connection : DuckDB connection
        That can read the storage; sorts, and spills where memory is short.
    now : datetime
    """
    query = settled_query(storage, form, where, manifest)
    order = ", ".join(named(name) for name in form.key) or "ALL"
    reader = connection.sql(f"{query} ORDER BY {order}").to_arrow_reader(ROW_GROUP)
    made = encoded(iter(reader), reader.schema)
    sequence = manifest.last_sequence
    file = StoredFile(
        name=f"{sequence:016d}-{made.digest}.parquet",
        rows=made.rows,
        size_bytes=len(made.content),
        sequence=sequence,
        columns=made.columns,
        first_us=min(old.first_us for old in manifest.files),
        last_us=max(old.last_us for old in manifest.files),
        is_compacted=SEQUENCE in reader.schema.names,
    )
    storage.put(f"{where.folder}/{file.name}", made.content)
    changed = manifest.replaced_by((file,), now)
    write_manifest(storage, where, changed)
    return changed
