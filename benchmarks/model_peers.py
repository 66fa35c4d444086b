"""Compare the model with plain ways of the trade on whole worlds: a spreadsheet, DBSCAN, gradient boosting.

Every way answers the same tickets, each at the moment at which a run diagnoses it, and is judged by the scorer
(`correlate.scoring`), which alone opens a world's truth.

Simple so far: figures of one world weigh the same in the mean, whatever its size.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.peer_boosting import foretold, ranked_causes
from benchmarks.peer_clusters import REACHES, clusters, places_of
from benchmarks.peer_evidence import asked_tickets, evidence_table, objects_of
from benchmarks.peer_outputs import NETWORK, first_answers, incidents_of, write_answers
from benchmarks.peer_spreadsheet import SURE, spreadsheet_answers
from benchmarks.run_worlds import WORLDS, cost
from contract.bundles import read_bundle
from contract.causes import CAUSES
from contract.settings import Settings
from contract.tables import OUTPUTS, empty_table
from correlate.scoring import ZONE, score_run

DEFAULT = ("plain-zh", "hills-en", "coast-zh", "coast-en")
OURS = "cellcause"
FIGURES = (
    "cause_top1",
    "cause_top3",
    "cause_macro_f1",
    "calibration_error",
    "object_hit",
    "incident_ari",
    "faults_found",
    "faults_named",
    "incident_precision",
)
GROUPING = ("incident_ari", "faults_found", "faults_named", "incident_precision")
CAUSE = tuple(name for name in FIGURES if name not in GROUPING)
SILENT_ON: Mapping[str, tuple[str, ...]] = {
    "boosting": GROUPING,
    **{reach.name: CAUSE for reach in REACHES},
}
"""Figures of what a peer does not answer itself: these are left empty."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table for each world and their mean; return 0, or 2 if a world is not there."""
    parser = argparse.ArgumentParser(description="Compare the model with plain ways of the trade.")
    parser.add_argument("worlds", nargs="*", type=Path, help="worlds with truth (default: four)")
    parser.add_argument("--outs", type=Path, help="a folder with runs, each named as its world")
    options = parser.parse_args(arguments)
    worlds = options.worlds or [WORLDS / name for name in DEFAULT]
    absent = [str(world) for world in worlds if not world.is_dir()]
    if absent:
        print(f"model_peers: no such world: {', '.join(absent)}", file=sys.stderr)
        return 2
    found = []
    for world in worlds:
        found.append(compared(world, options.outs))
        print(f"{_text(found[-1].rename_axis(world.name))}\n", flush=True)
    if len(found) > 1:
        print(_text(mean_of(found)))
    return 0


def compared(world: Path, outs: Path | None = None) -> pd.DataFrame:
    """Return the figures of the model and its peers on a world, a row each, null where one has none.

    Parameters
    ----------
    world : Path
        A bundle with its truth.
    outs : Path, optional
        Where `outs / world.name` may hold a run; without one the world is run.
    """
    with tempfile.TemporaryDirectory(prefix="cellcause-") as folder:
        out = outs / world.name if outs else Path(folder) / "run"
        if not out.is_dir():
            cost(["run", str(world), "--out", str(out), "--quiet"])
        tables = read_bundle(world, Settings(zone=ZONE)).tables
        told = peer_outputs(tables, out, Path(folder))
        rows = {name: score_run(world, answers) for name, answers in {OURS: out, **told}.items()}
    table = pd.DataFrame.from_dict(rows, orient="index").reindex(columns=list(FIGURES))
    for name, figures in SILENT_ON.items():
        table.loc[name, list(figures)] = float("nan")
    return table


def peer_outputs(tables: Mapping[str, Any], out: Path, folder: Path) -> dict[str, Path]:
    """Write what each peer answers, and return the folders by the names of the peers.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        As `contract.bundles.read_bundle` gives them.
    out : Path
        What a run over the same bundle wrote, with its daybook.
    folder : Path
        Where the answers go.
    """
    asked = asked_tickets(tables, out)
    cells = tables["cells"].groupby("site_id")["cell_id"].agg("|".join)
    sheet = spreadsheet_answers(tables, asked["at"])
    found = {"spreadsheet": _write_grouped(folder / "spreadsheet", sheet, cells)}
    places = places_of(tables)
    for reach in REACHES:
        name = sheet["ticket_id"].map(clusters(places, reach))
        grouped = sheet.assign(incident_id=name)
        path = folder / reach.name.replace(" ", "-")
        found[reach.name] = _write_grouped(path, grouped, cells, least=reach.least)
    evidence = evidence_table(tables, out, ZONE)
    chances = foretold(evidence, asked["at"], tables["verdicts"], codes=tuple(CAUSES), zone=ZONE)
    answers = ranked_causes(chances).merge(objects_of(asked), on="ticket_id")
    answers = answers.assign(fault_started_at=pd.NaT)
    found["boosting"] = write_answers(
        folder / "boosting", answers, empty_table(OUTPUTS["incidents"]), ZONE
    )
    return found


def mean_of(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the mean of several tables of figures, row by row.

    >>> mean_of([pd.DataFrame({"a": [1.0]}), pd.DataFrame({"a": [2.0]})])["a"].tolist()
    [1.5]
    """
    together = pd.concat(tables)
    return together.groupby(level=0, sort=False).mean().rename_axis("mean")


def _write_grouped(out: Path, told: pd.DataFrame, cells: pd.Series, *, least: int = 1) -> Path:
    """Write first answers with their incidents; only causes of the network make one."""
    answers = first_answers(told, told["cause"], SURE)
    concerned = answers["site_id"].map(cells)
    of_network = answers["cause"].isin(NETWORK)
    incidents = incidents_of(answers[of_network], concerned[of_network], least=least)
    return write_answers(out, answers, incidents, ZONE)


def _text(table: pd.DataFrame) -> str:
    """Return a table as text."""
    return str(table.to_string(float_format="{:.3f}".format, na_rep="-"))


if __name__ == "__main__":
    sys.exit(main())
