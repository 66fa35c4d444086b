"""Spoil what is known of numbers: sightings at cells nobody knows, identities that a spreadsheet turned into decimals.

Simple so far: sightings suffer by row, accounts as a whole table.
"""

import numpy as np
import pandas as pd

from examples.province.dirt_forms import with_blanks, with_other_case, with_points
from examples.province.dirt_ledger import chosen, interleaved
from examples.province.dirt_plan import DirtPlan


def dirty_locations(
    locations: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the sightings, some twice, some at cells of another operator's inventory, some misspelt.

    Parameters
    ----------
    locations : DataFrame
        Needs `msisdn`, `seen_at`, `cell_id`; `source` is used where it is. Never changed.
    plan : DirtPlan
    rng : Generator

    Returns
    -------
    DataFrame
    """
    rules, everything = plan.rules["duplicates"], np.ones(len(locations), dtype=bool)
    rows = locations.reset_index(drop=True)
    unknown = chosen(everything, plan.rules["forms"]["unknown_cells"], rng)
    foreign = pd.Series(rng.integers(10_000, 99_999, len(rows))).astype("str")
    cell_id = rows["cell_id"].astype("str").mask(unknown, "X" + foreign + "-9")
    rows = rows.assign(cell_id=cell_id)
    exact = chosen(everything, rules["exact"]["locations"], rng)
    same_key = chosen(everything & ~exact, rules["same_key"]["locations"], rng)
    poorer = rows[same_key].assign(**{name: None for name in ("source",) if name in rows})
    plan.ledger.enter("unknown_cell", "locations", unknown.sum())
    plan.ledger.enter("exact_duplicate", "locations", exact.sum())
    plan.ledger.enter("key_duplicate", "locations", same_key.sum(), note="without source")
    whole = interleaved([rows, rows[exact], poorer.astype(rows.dtypes.to_dict())])
    whole = with_other_case("locations", whole, "cell_id", plan, rng)
    return with_blanks("locations", whole, "cell_id", plan, rng)


def dirty_accounts(
    accounts: pd.DataFrame, plan: DirtPlan, _rng: np.random.Generator
) -> pd.DataFrame:
    """Return the accounts with their numbers as a spreadsheet writes them: `139****0000.0`, in full."""
    return with_points("accounts", accounts, "msisdn", plan)
