"""Know in which regions each object was kept, so that one that moved is not read twice.

A cell whose county was corrected stands in two regions of one day. Readers settle the rows of such cells over all
regions; those of all others need not be compared.

Simple so far: an object that once moved counts as moved for good.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from contract.history.forms import Form
from contract.history.storage import Storage

FILE = "homes.parquet"


def read_homes(storage: Storage, table: str) -> dict[str, pa.Array]:
    """Return the objects kept in each region of a table; empty where nothing is."""
    content = storage.read(f"{table}/{FILE}")
    if content is None:
        return {}
    homes = pq.read_table(io.BytesIO(content)).combine_chunks()
    regions, objects = homes["region"].combine_chunks(), homes["object"].combine_chunks()
    return {
        region: objects.filter(pc.equal(regions, region)) for region in regions.unique().to_pylist()
    }


def moved_objects(storage: Storage, table: str) -> tuple[str, ...]:
    """Return the objects of a table that are kept in more than one region, in order."""
    kept = list(read_homes(storage, table).values())
    if len(kept) < 2:
        return ()
    counted = pc.value_counts(pa.concat_arrays(kept))
    several = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
    return tuple(sorted(several.to_pylist()))


def with_home(
    storage: Storage, form: Form, region: str, objects: pa.Array, homes: Mapping[str, pa.Array]
) -> dict[str, pa.Array]:
    """Return homes with objects at home in a region; what is new is written.

    Parameters
    ----------
    storage : Storage
    form : Form
    region : str
    objects : Array of str
        Each once.
    homes : mapping of Array
        As known so far.
    """
    known = homes.get(region, pa.array([], pa.string()))
    new = objects.filter(pc.invert(pc.is_in(objects, value_set=known)))
    if not len(new):
        return dict(homes)
    grown = {**homes, region: pa.concat_arrays([known, new])}
    names = [pa.array([name] * len(kept), pa.string()) for name, kept in grown.items()]
    written = pa.table(
        {"object": pa.concat_arrays(list(grown.values())), "region": pa.concat_arrays(names)}
    )
    sink = pa.BufferOutputStream()
    pq.write_table(written, sink, compression="zstd")
    storage.put(f"{form.table}/{FILE}", sink.getvalue().to_pybytes())
    return grown


def has_homes(form: Form) -> bool:
    """Tell whether homes are kept for a table: where a key is looked for within its day alone."""
    return bool(form.key) and form.is_day_in_key
