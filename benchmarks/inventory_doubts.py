"""Print which wrong entries of an inventory are named: python -m benchmarks.inventory_doubts [WORLD ...] [--clean].

Dirty provinces are made (or given as folders) and run; what the run doubts of the inventory is laid beside what was
dirtied. Where no account of dirt is kept, all that is named
counts as named wrongly.

Simple so far: an entry counts as named when its object is, whatever is said to be wrong with its value.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from contract.settings import Settings
from correlate.run import run_to_folder
from examples.province.bundle import write_province
from examples.province.dirt_ledger import read_report
from examples.province.settings import Settings as World

KINDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "coordinates far off": (("moved_site",), "site_misplaced|site_off_name|site_elsewhere"),
    "coordinates swapped or zero": (("swapped_site", "zero_site"), "swapped|zero|without usable"),
    "azimuth turned": (("turned_azimuth",), "azimuth_turned"),
    "azimuth impossible": (("impossible_azimuth",), "azimuth_deg"),
    "height zero": (("zero_height",), "height_m"),
}
"""Kinds of wrong entries: what they are called where they were made, and where they are told."""
MADE = ("zh:6:600:14", "en:6:600:14", "en:11:2000:10")


def named_objects(doubts: pd.DataFrame, repairs: pd.DataFrame) -> pd.DataFrame:
    """Return what a run says of each object of the inventory.

    Parameters
    ----------
    doubts, repairs : DataFrame
        As a run gives them.

    Returns
    -------
    DataFrame
        `object_id`, `told` (kind of doubt, or reason of the repair).
    """
    mine = repairs[repairs["table"].isin(["sites", "cells"])]
    ids = mine["content"].str.extract(r"(?:site_id|cell_id)=([^;,]+)")[0].str.strip()
    listed = pd.DataFrame({"object_id": ids, "told": mine["reason"]}).dropna()
    inventory = doubts[doubts["table"].isin(["sites", "cells"])]
    told = inventory[["object_id", "kind"]].rename(columns={"kind": "told"})
    return pd.concat([told, listed], ignore_index=True).drop_duplicates()


def found_table(dirt: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    """Return for each kind of wrong entry how many were made, named, and named wrongly.

    Parameters
    ----------
    dirt : DataFrame
        `kind`, `object_id`; empty for a clean inventory.
    named : DataFrame
        As returned by `named_objects`.

    Returns
    -------
    DataFrame
        `kind`, `made`, `named_right`, `named_wrong`.
    """
    rows = []
    for kind, (made_as, sign) in KINDS.items():
        made = set(dirt["object_id"][dirt["kind"].isin(made_as)])
        told = set(named["object_id"][named["told"].str.contains(sign, regex=True)])
        known = set(dirt["object_id"])
        rows.append((kind, len(made), len(told & made), len(told - known)))
    return pd.DataFrame(rows, columns=["kind", "made", "named_right", "named_wrong"])


def judged(bundle: Path, language: str) -> pd.DataFrame:
    """Return the table of one bundle, run into a folder that is thrown away."""
    settings = Settings(language="zh" if language == "zh" else "en")
    with tempfile.TemporaryDirectory() as folder:
        result = run_to_folder(bundle, Path(folder) / "out", settings)
    named = named_objects(result.daybook["doubts"], result.tables["repairs"])
    has_account = (bundle / "truth" / "dirt.csv").exists()
    dirt = read_report(bundle) if has_account else pd.DataFrame({"kind": [], "object_id": []})
    return found_table(dirt.astype("str"), named)


def main(arguments: list[str]) -> int:
    """Print a table for each world asked for; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inventory_doubts")
    parser.add_argument(
        "worlds", nargs="*", default=list(MADE), help="folder, or lang:seed:cells:days"
    )
    parser.add_argument(
        "--clean", action="store_true", help="make clean provinces: all named is wrong"
    )
    asked = parser.parse_args(arguments)
    for name in asked.worlds:
        print(f"\n{name}")
        if Path(name).is_dir():
            print(judged(Path(name), "en").to_string(index=False))
            continue
        language, seed, cells, days = name.split(":")
        world = World(
            language=language,
            seed=int(seed),
            cells=int(cells),
            days=int(days),
            is_dirty=not asked.clean,
        )
        with tempfile.TemporaryDirectory() as folder:
            write_province(world, Path(folder) / "world")
            print(judged(Path(folder) / "world", language).to_string(index=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
