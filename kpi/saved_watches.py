"""Save a watch in the folder of its ring and take it up again.

Simple so far: what a watch holds beside arrays and numbers (the period being waited for, gaps told) is not saved, so
save after a day, not within a period; a watch saved by another version with other measures or kinds is refused.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from contract.errors import InputError
from kpi.rings import FolderSlabs
from kpi.run_moves import ARRAYS
from kpi.watches import Watch

FILE = "watch.npz"
PLAIN = "plain"
SPARSE_SHARE = 0.1  # of values that are not zero: below it only these are written


def save_watch(watch: Watch, folder: Path) -> None:
    """Write a watch into a folder; a reader finds the earlier one or this one, never a part.

    Parameters
    ----------
    watch : Watch
        Its ring lies in a folder.
    folder : Path

    Raises
    ------
    InputError
        If the ring lies in memory.
    """
    ring = watch.baseline.ring
    if not isinstance(ring.slabs, FolderSlabs):
        message = "`watch` must keep its ring in a folder to be saved; it is in memory. Start it with one."
        raise InputError(message)
    ring.flush()
    arrays: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    for name, _, _, value in _parts(watch, ""):
        if isinstance(value, np.ndarray):
            arrays |= _packed(name, value)
        else:
            plain[name] = value
    arrays[PLAIN] = np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8)
    partial = folder / f".{os.getpid()}.npz"
    try:
        np.savez(partial, **arrays)
        partial.replace(folder / FILE)
    finally:
        partial.unlink(missing_ok=True)


def load_watch(fresh: Watch, folder: Path) -> Watch:
    """Return a watch just started as it was when it was saved.

    Parameters
    ----------
    fresh : Watch
        Over the same cells, its ring in the same folder as then.
    folder : Path

    Returns
    -------
    Watch
        The same object.

    Raises
    ------
    InputError
        If there is no saved watch, or it is of other cells, measures or kinds.
    """
    path = folder / FILE
    if not path.is_file():
        message = f"`baseline` must hold a saved watch; {path} is missing. Learn it first."
        raise InputError(message)
    with np.load(path, allow_pickle=False) as saved:
        plain = json.loads(bytes(saved[PLAIN]))
        for name, holder, field, value in list(_parts(fresh, "")):
            is_array = isinstance(value, np.ndarray)
            found = _unpacked(name, saved) if is_array else plain.get(name)
            if found is None or (is_array and found.shape != value.shape and name not in FLEXIBLE):
                message = f"`baseline` must fit this version and these cells; {path} differs in {name}. Learn it anew."
                raise InputError(message)
            setattr(holder, field, found)
    return fresh


FLEXIBLE = (
    "baseline.ring.filling",
    *(f"evidence.moves.{name}" for name in ("pair", *ARRAYS)),
)
"""Arrays of which the shape changes as a watch goes on."""


def _parts(record: Any, prefix: str) -> Iterator[tuple[str, Any, str, Any]]:
    """Yield dotted name, holder, field and value of every array and number of a record that changes."""
    for field in fields(record):
        value = getattr(record, field.name)
        name = f"{prefix}{field.name}"
        if isinstance(value, np.ndarray | int | float | str):
            yield name, record, field.name, value
        elif is_dataclass(value) and not _is_frozen(value):
            yield from _parts(value, f"{name}.")


def _is_frozen(record: Any) -> bool:
    """Tell whether a record can't change."""
    return bool(record.__dataclass_params__.frozen)


def _packed(name: str, values: Any) -> dict[str, Any]:
    """Return an array as it is, or what of it is not zero."""
    at = np.flatnonzero(values)
    if len(at) > SPARSE_SHARE * values.size:
        return {name: values}
    shape = np.array(values.shape, dtype=np.int64)
    return {
        f"{name}/at": at,
        f"{name}/values": values.reshape(-1)[at],
        f"{name}/shape": shape,
    }


def _unpacked(name: str, saved: Any) -> Any:
    """Return an array as it was, None where it was not saved."""
    if name in saved:
        return saved[name]
    if f"{name}/at" not in saved:
        return None
    values = saved[f"{name}/values"]
    whole = np.zeros(saved[f"{name}/shape"], dtype=values.dtype)
    whole.reshape(-1)[saved[f"{name}/at"]] = values
    return whole
