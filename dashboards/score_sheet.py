"""Print the figures of a scored run.

Simple so far: text tables only.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from correlate.scoring import detail_tables, render_scores, score_run


def print_scores(world: Path, out: Path, zone: str, *, as_json: bool, detail: bool) -> None:
    """Print every figure a line, with the tables of the error analysis if asked, or one JSON object."""
    scores = score_run(world, out, zone)
    if as_json:
        json.dump(scores, sys.stdout, indent=1)
        sys.stdout.write("\n")
        return
    tables = detail_tables(world, out, zone=zone) if detail else None
    sys.stdout.write(render_scores(scores, tables) + "\n")
