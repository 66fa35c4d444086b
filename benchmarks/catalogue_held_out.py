"""Measure how well alarms are read whose rows the catalogue has lost.

`python -m benchmarks.catalogue_held_out` takes the rows away a tenth at a time, with all rows that
tell of the same alarm in another language or of another vendor, and reads the names by what is
left; then it reads names that the catalogue never had.

Simple so far: the words were written by people who had seen the catalogue, so its own tenths say
less than the names it never had.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from alarms.catalogue import CATALOGUE_FILE, Catalogue, load_catalogue, read_meanings
from alarms.entries import UNKNOWN, code_key, name_key
from alarms.root_rules import load_root_rules

FOLDS = 10
SEED = 20
NAMES_FILE = Path(__file__).resolve().parents[1] / "tests" / "alarms" / "names_held_out.csv"
_FIGURES = ("same_meaning", "same_service", "unknown")


def main() -> int:
    """Print both tables and return 0 where four names in five are read right, else 1."""
    catalogue = load_catalogue()
    folds = fold_figures(catalogue)
    never = never_listed(catalogue, pd.read_csv(NAMES_FILE, dtype=str, keep_default_na=False))
    console = Console()
    console.print(_rendered("a tenth of the catalogue held out", folds))
    console.print(_rendered("names the catalogue never had", never))
    total = folds.loc["all"]
    return 0 if min(total["same_meaning"], total["same_service"]) >= 0.8 else 1


def fold_figures(catalogue: Catalogue, *, seed: int = SEED) -> pd.DataFrame:
    """Return how the names of each tenth of the catalogue are read by the rest.

    Parameters
    ----------
    catalogue : Catalogue
    seed : int
        Of the division into tenths.

    Returns
    -------
    DataFrame, index `part`: "1" to "10" and "all"
        `names`, and the shares `same_meaning`, `same_service` (same effect on service and same
        family, which includes the same meaning) and `unknown`.
    """
    alarm = alarm_numbers(pd.read_csv(CATALOGUE_FILE, dtype=str, keep_default_na=False))
    order = np.random.default_rng(seed).permutation(alarm.max() + 1)
    fold = order[alarm] % FOLDS
    judged = []
    for number in range(FOLDS):
        rest = tuple(e for e, f in zip(catalogue.entries, fold, strict=True) if f != number)
        lost = [
            (e.vendor, e.name, e.meaning)
            for e, f in zip(catalogue.entries, fold, strict=True)
            if f == number and e.name
        ]
        names = pd.DataFrame(lost, columns=["vendor", "name", "meaning"])
        read = judged_names(replace(catalogue, entries=rest), names)
        judged.append(read.assign(part=str(number + 1)))
    return _shares(pd.concat(judged, ignore_index=True))


def never_listed(catalogue: Catalogue, names: pd.DataFrame) -> pd.DataFrame:
    """Return how names are read that no row of the catalogue has.

    Parameters
    ----------
    catalogue : Catalogue
    names : DataFrame, one row per name
        `vendor`, `name`, `meaning`, `also` (other meanings as good, by blanks) and `part`.

    Returns
    -------
    DataFrame, index `part` and "all"
        As `fold_figures`.
    """
    return _shares(judged_names(catalogue, names).assign(part=names["part"]))


def judged_names(catalogue: Catalogue, names: pd.DataFrame) -> pd.DataFrame:
    """Return names as they are read, and whether that is right.

    Parameters
    ----------
    catalogue : Catalogue
    names : DataFrame
        `vendor`, `name`, `meaning`, and `also` where present.

    Returns
    -------
    DataFrame, index of `names`
        `names` with `read` (meaning), `basis`, `rule_id` and the flags of `fold_figures`.
    """
    told = read_meanings(catalogue, names[["vendor", "name"]])
    families = load_root_rules().families
    also = names["also"] if "also" in names.columns else pd.Series("", index=names.index)
    right, service = [], []
    for got, wanted, others in zip(told["meaning"], names["meaning"], also, strict=True):
        right.append(got == wanted or got in others.split())
        effects = {catalogue.meanings[key].service_effect for key in (got, wanted)}
        is_kin = len({families.get(key, key) for key in (got, wanted)}) == 1
        service.append(right[-1] or (is_kin and len(effects) == 1))
    flags = {"same_meaning": right, "same_service": service, "unknown": told["meaning"] == UNKNOWN}
    shown = {"read": told["meaning"], "basis": told["basis"], "rule_id": told["rule_id"]}
    return names.assign(**shown, **flags)


def alarm_numbers(rows: pd.DataFrame) -> Any:
    """Return the number of the alarm that each row of the catalogue tells of.

    Parameters
    ----------
    rows : DataFrame
        The catalogue as filed. Rows with one name, or with one code of one vendor, are one alarm;
        so are a name without code and its rendering (source `translation`) in the row beside it.

    Returns
    -------
    array of int, one per row

    Examples
    --------
    >>> rows = pd.DataFrame({"vendor": ["zte"] * 3, "code": ["1", "2", "1"],
    ...     "name": ["a", "b", "c"], "meaning": ["fan"] * 3, "source": ["x"] * 3})
    >>> alarm_numbers(rows).tolist()
    [0, 1, 0]
    """
    graph = nx.Graph()
    graph.add_nodes_from(range(len(rows)))
    for number, row in enumerate(rows.itertuples(index=False)):
        if row.name:
            graph.add_edge(number, ("name", name_key(row.name)))
        if row.code:
            graph.add_edge(number, (row.vendor, code_key(row.code)))
    for earlier, later in zip(range(len(rows)), range(1, len(rows)), strict=False):
        pair = rows.iloc[[earlier, later]]
        is_rendered = (pair["source"] == "translation").sum() == 1
        if is_rendered and (pair["code"] == "").all() and pair["meaning"].nunique() == 1:
            graph.add_edge(earlier, later)
    alarm = np.zeros(len(rows), dtype=np.int64)
    for number, members in enumerate(nx.connected_components(graph)):
        alarm[[m for m in members if isinstance(m, int)]] = number
    return alarm


def _shares(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the number of names and the shares of each part, and of all."""
    parts = [*((str(p), g) for p, g in judged.groupby("part", sort=False)), ("all", judged)]
    rows = {p: {"names": len(g), **{f: g[f].mean() for f in _FIGURES}} for p, g in parts}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("part")


def _rendered(title: str, figures: pd.DataFrame) -> Table:
    """Return figures as a table for the terminal."""
    table = Table(title=title)
    for name in ("part", "names", *_FIGURES):
        table.add_column(name, justify="left" if name == "part" else "right")
    for row in figures.reset_index().itertuples(index=False):
        shares = (f"{getattr(row, name):.1%}" for name in _FIGURES)
        table.add_row(row.part, f"{row.names:.0f}", *shares)
    return table


if __name__ == "__main__":
    sys.exit(main())
