"""Print what dirt costs and whether it shows: python -m benchmarks.dirty_twin [LANG:SEED ...] [--cells N] [--days N].

A practice operator and its dirty twin are made, run and scored; each kind of dirt is looked for in the twin's
`rejected`, `repairs`, gaps and doubts.

Simple so far: a kind counts as seen when something of its sort is told of its table, not row by row.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from contract.settings import Settings
from correlate.run import run_to_folder
from correlate.scoring import score_run
from examples.province.bundle import write_province
from examples.province.dirt_ledger import read_report
from examples.province.settings import Settings as World

FIGURES = ("cause_top1", "cause_top3", "object_hit", "cell_top1", "site_top1", "incident_precision")
SIGNS: Mapping[str, tuple[str, str]] = {
    "alarm_silence": ("doubts", "late|gap"),
    "clock_skew": ("doubts", "clock"),
    "coordinates_swapped": ("repairs", "swapped"),
    "coordinates_zero": ("repairs", "zero"),
    "crs_mislabelled": ("doubts", "map_system"),
    "crs_unlabelled": ("doubts", "map_system"),
    "exact_duplicate": ("rejected", "duplicate"),
    "extra_column": ("doubts", "not of the contract"),
    "float_ids": ("doubts", "decimal"),
    "full_width": ("doubts", "wide digits"),
    "impossible_azimuth": ("repairs", "azimuth_deg"),
    "key_duplicate": ("rejected", "duplicate"),
    "kpi_gap": ("doubts", "gap"),
    "late": ("doubts", "late"),
    "late_file": ("doubts", "late"),
    "misspelt_name": ("doubts", "misspelt"),
    "mixed_times": ("doubts", "form of time"),
    "moved_site": ("repairs", "lon and lat contradict"),
    "other_case": ("repairs", "identity read as"),
    "reset_excess": ("repairs", "exceeds"),
    "reset_negative": ("repairs", "from 0 to"),
    "reset_wrapped": ("repairs", "from 0 to"),
    "short_county": ("doubts", "county_unknown"),
    "split_alarm": ("rejected", "duplicate"),
    "stray_blanks": ("doubts", "blanks"),
    "swapped_site": ("repairs", "swapped"),
    "traditional": ("doubts", "misspelt"),
    "turned_azimuth": ("doubts", "azimuth_turned"),
    "unknown_alarm": ("doubts", "alarm_unknown"),
    "unknown_cell": ("rejected", "unknown"),
    "zero_height": ("repairs", "height_m"),
    "zero_site": ("repairs", "zero"),
}
"""Where each kind of dirt is told, and by what words."""


@dataclass(frozen=True)
class Twin:
    """What a run of an operator and one of its dirty twin came to.

    Attributes
    ----------
    clean, dirty : mapping of str to float
        Scores.
    kinds : DataFrame
        Kinds of dirt: `kind`, `table`, `rows`, `told_in`, `told`.
    """

    clean: Mapping[str, float]
    dirty: Mapping[str, float]
    kinds: pd.DataFrame


def compare(folder: Path, *, world: World) -> Twin:
    """Return what dirt costs and what of it is told, from worlds written into a folder.

    Parameters
    ----------
    folder : Path
        An empty folder.
    world : Settings of examples.province
        Its `is_dirty` is not looked at.
    """
    scores = []
    for name, is_dirty in (("clean", False), ("dirty", True)):
        bundle = folder / name
        write_province(replace(world, is_dirty=is_dirty), bundle)
        language: Literal["zh", "en"] = "zh" if world.language == "zh" else "en"
        result = run_to_folder(bundle, folder / f"{name}-out", Settings(language=language))
        scores.append(score_run(bundle, folder / f"{name}-out"))
    told = {name: result.tables[name] for name in ("rejected", "repairs")} | {
        "gaps": result.daybook["gaps"],
        "doubts": result.daybook["doubts"],
    }
    return Twin(scores[0], scores[1], told_kinds(read_report(folder / "dirty"), told))


def told_kinds(report: pd.DataFrame, told: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return for each kind of dirt of a table where it is told and by how many rows.

    Parameters
    ----------
    report : DataFrame
        As `examples.province.dirt_ledger.read_report` gives it.
    told : mapping of DataFrame
        `rejected`, `repairs`, `gaps` and `doubts` of a run.

    Returns
    -------
    DataFrame
        `kind`, `table`, `rows`, `told_in`, `told` (rows told of; 0 = unseen).
    """
    words = {name: told[name]["reason"] for name in ("rejected", "repairs")}
    doubts, gaps = told["doubts"], told["gaps"].dropna(subset=["since"])
    words["doubts"] = pd.concat(
        [doubts["kind"] + " " + doubts["note"], pd.Series("gap", index=gaps.index)]
    ).reset_index(drop=True)
    tables = {name: told[name]["table"] for name in ("rejected", "repairs")}
    tables["doubts"] = pd.concat([doubts["table"], gaps["table"]]).reset_index(drop=True)
    kinds = report.groupby(["kind", "table"], as_index=False)["rows"].sum()
    places = [SIGNS.get(kind, ("doubts", "$^"))[0] for kind in kinds["kind"]]
    counts = []
    for kind, table, place in zip(kinds["kind"], kinds["table"], places, strict=True):
        sign = SIGNS.get(kind, ("", "$^"))[1]
        is_told = words[place].str.contains(sign) & (tables[place] == table)
        counts.append(int(is_told.sum()))
    return kinds.assign(told_in=places, told=counts)


def main(arguments: list[str]) -> int:
    """Print scores and kinds of dirt for each operator asked for; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dirty_twin")
    parser.add_argument("worlds", nargs="*", default=["zh:1", "en:2"], help="language:seed")
    parser.add_argument("--cells", type=int, default=600)
    parser.add_argument("--days", type=int, default=14)
    asked = parser.parse_args(arguments)
    for name in asked.worlds:
        language, seed = name.split(":")
        sizes = {"cells": asked.cells, "days": asked.days, "seed": int(seed)}
        with tempfile.TemporaryDirectory() as folder:
            twin = compare(Path(folder), world=World(language=language, **sizes))
        print(f"\n{name}, {asked.cells} cells, {asked.days} days")
        for figure in FIGURES:
            print(f"{figure:20} {twin.clean[figure]:.3f} {twin.dirty[figure]:.3f}")
        print(twin.kinds.to_string(index=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
