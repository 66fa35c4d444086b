"""Read the inventory of a server, and lay it out, once for each version of code, settings and inventory.

Judging half a million cells and laying their network out takes the better part of a minute of a start. What came of it
is kept in the folder of the history; it is made anew when anything it was made of changed, or when it can't be read.

Simple so far: one kept copy of each; a small inventory is read anew each time.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from contract.bundles import read_bundle
from contract.settings import Settings
from contract.tables import TABLES
from correlate.knowledge import Knowledge, gather
from correlate.live.fingerprints import fingerprint
from correlate.live.object_files import SpoiltError, read_object, told_of, write_object
from sites.coverage import preference_of

logger = logging.getLogger(__name__)
INVENTORY = tuple(name for name, table in TABLES.items() if not table.arrives)
FOLDER, SUFFIX = "laid_out", ".kept"
KEPT_FROM_S = 1.0
"""What took less long to make is not kept."""

Tables = dict[str, pd.DataFrame]


def inventory_tables(settings: Settings) -> Tables:
    """Return the tables of the inventory, judged.

    Raises
    ------
    InputError
        If the inventory can't be used.
    """

    def made() -> Tables:
        """Read and judge them."""
        return read_bundle(Path(str(settings.inventory)), settings, tables=INVENTORY).tables

    tables: Tables = _kept(settings, "tables", made)
    return tables


def known_network(settings: Settings) -> Knowledge:
    """Return what the steps know before anything arrives: the inventory laid out, and the catalogues.

    Raises
    ------
    InputError
        If the inventory or a catalogue of the user can't be used.
    """

    def made() -> Knowledge:
        """Lay it out, with the coverage that the first complaint would ask for."""
        knowledge = gather(inventory_tables(settings), settings)
        preference_of(knowledge.network)
        return knowledge

    knowledge: Knowledge = _kept(settings, "knowledge", made)
    return replace(knowledge, settings=settings)


def _kept(settings: Settings, name: str, make: Callable[[], Any]) -> Any:
    """Return what was kept under a name, if it was made of what there is now; else make it and keep it."""
    path = Path(str(settings.history)) / FOLDER / f"{name}{SUFFIX}"
    mark = fingerprint(settings, Path(str(settings.inventory)))
    found = _read(path, mark)
    if found is not None:
        return found
    began = time.monotonic()
    made = make()
    if time.monotonic() - began >= KEPT_FROM_S:
        try:
            write_object(path, {"fingerprint": mark}, made)
        except OSError as error:
            logger.warning("the inventory can't be kept laid out: %s", error.strerror)
    return made


def _read(path: Path, mark: str) -> Any:
    """Return what a file keeps, None where that is not of this mark, not ours or not whole."""
    try:
        if path.stat().st_uid != os.geteuid():
            logger.warning("%s is not ours", path.name)
            return None
        told = told_of(path)
        return read_object(path) if told and told.get("fingerprint") == mark else None
    except FileNotFoundError:
        return None
    except SpoiltError as error:
        logger.warning("the inventory is laid out anew: %s", error)
        return None
