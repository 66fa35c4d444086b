"""Make the tables of a clean bundle dirty, as real feeds are.

Draw a plan once (`plan_dirt`), then dirty each table by it, counters chunk by chunk (`dirty_table`); the plan's
report is the truth of what was done.
Simple so far: links, neighbours, places, subscribers, changes and verdicts stay clean.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from examples.province.dirt_alarms import dirty_alarms
from examples.province.dirt_complaints import dirty_complaints
from examples.province.dirt_inventory import dirty_cells, dirty_sites
from examples.province.dirt_kpi import dirty_kpi
from examples.province.dirt_numbers import dirty_accounts, dirty_locations
from examples.province.dirt_plan import DirtPlan, plan_dirt

__all__ = ["DirtPlan", "dirty_table", "plan_dirt"]

_DIRTIERS: dict[str, Callable[[pd.DataFrame, DirtPlan, np.random.Generator], pd.DataFrame]] = {
    "accounts": dirty_accounts,
    "alarms": dirty_alarms,
    "cells": dirty_cells,
    "complaints": dirty_complaints,
    "kpi": dirty_kpi,
    "locations": dirty_locations,
    "sites": dirty_sites,
}


def dirty_table(
    name: str, frame: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator
) -> pd.DataFrame:
    """Return a table as it would come from real feeds; tables that stay clean come back as they are.

    Parameters
    ----------
    name : str
        The table; `kpi` may come in chunks.
    frame : DataFrame
        Its clean rows; never changed.
    plan : DirtPlan
        Its ledger notes what is done.
    rng : Generator
        The only source of chance, but for `kpi`, where the plan's salt is.

    Returns
    -------
    DataFrame
        Fewer or more rows than `frame`, with `received_at` where rows come late. Times of tables written as CSV become
        text where forms are mixed.
    """
    return _DIRTIERS[name](frame, plan, rng) if name in _DIRTIERS and len(frame) else frame
