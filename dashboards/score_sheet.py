"""Print the figures of a scored run.

Simple so far: text tables only.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from correlate import score_details


def print_scores(scores: dict[str, float], *, as_json: bool) -> None:
    """Print every figure, a line each, or one JSON object."""
    console = Console(soft_wrap=True)
    if as_json:
        console.print_json(json.dumps(scores))
        return
    for name, value in scores.items():
        shown = f"{value:.3f}" if isinstance(value, float) else str(value)
        console.print(f"{name:26} {shown}")


def print_table(title: str, rows: pd.DataFrame) -> None:
    """Print a table of a few dozen rows."""
    table = Table(title=title)
    flat = rows.reset_index() if rows.index.name else rows
    for name in flat.columns:
        table.add_column(str(name))
    for row in flat.itertuples(index=False):
        table.add_row(*(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row))
    Console().print(table)


def print_details(world: Path, out: Path, zone: str) -> None:
    """Print the tables of the error analysis."""
    for title, table in score_details.all_details(world, out, zone).items():
        print_table(title, table)
