"""Compare serving cells on the real British layout with a model that the program does not know.

Each operator's cells come in through the shipped mapping. Seeded points are served by
`benchmarks.served_points`; the program and plain tools are asked for the very point, and for one
that is blurred as a complaint's is. ``cellcause`` is asked as of a complaint with coordinates;
``coverage`` is its model of coverage alone, told how far the point is blurred.

Simple so far: outdoors only, and terminals there take the strongest carrier, whatever its band.
"""

import argparse
import contextlib
import csv
import io
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.locating_figures import (
    FIGURES,
    binned,
    calibration_error,
    calibration_text,
    pooled_bins,
)
from benchmarks.locating_peers import nearest_answers, site_masts
from benchmarks.served_points import Masts, downlink_mhz, scattered_points, serving_cells
from cli import main as cellcause
from contract.bundles import read_bundle
from contract.settings import Settings
from correlate.locating import locate
from correlate.score_details import Run, Truth, located
from sites.coverage import Serving, integrated_serving, serving_probabilities
from sites.inventory import Network, build_network
from sites.places import build_gazetteer

ROOT = Path(__file__).resolve().parents[1]
CELLS = ROOT.parent / "shared" / "data" / "cells-uk"
MAPPING = ROOT / "contract" / "mappings" / "cells-uk.toml"
POINTS = 10_000
OURS = ("cellcause", "coverage")
BLUR_M = 150.0
CLOUD = 13
SEED = 4
TOP = 6
NOW = pd.Timestamp("2026-03-01", tz="UTC")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of each operator and of all; return 0, or 2 without the files."""
    parser = argparse.ArgumentParser(description="Compare serving cells on the British layout.")
    parser.add_argument("--cells", type=Path, default=CELLS, help="folder of <MCCMNC>_eutra.csv")
    parser.add_argument("--points", type=int, default=POINTS, help="points of all operators")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args(arguments)
    files = sorted(options.cells.glob("*_eutra.csv"))
    if not files:
        print(f"cells_uk: no *_eutra.csv in {options.cells}", file=sys.stderr)
        return 2
    share = max(1, options.points // len(files))
    parts = [judged_operator(path, share, seed=options.seed + at) for at, path in enumerate(files)]
    judged = pd.concat(parts, keys=[path.stem[:5] for path in files], names=["operator"])
    print(figures(judged, ["method", "asked"]).to_string(float_format="{:.3f}".format))
    ours = judged.loc[judged.index.get_level_values("method").isin(OURS)]
    by_operator = figures(ours, ["method", "asked", "operator"])
    print("\n" + by_operator.to_string(float_format="{:.3f}".format))
    for name, rows in ours.groupby(level=["method", "asked"]):
        print(f"\n{', '.join(name)}: {calibration_text(pooled_bins([binned(rows)]))}")
    return 0


def figures(judged: pd.DataFrame, levels: Sequence[str]) -> pd.DataFrame:
    """Return the figures of points by levels of their index.

    Parameters
    ----------
    judged : DataFrame
        As from :func:`correlate.score_details.located`.
    levels : sequence of str

    Returns
    -------
    DataFrame
        `points`, the figures of `FIGURES`, `calibration_error`.
    """
    groups = judged.groupby(level=list(levels))
    errors = {key: calibration_error(pooled_bins([binned(rows)])) for key, rows in groups}
    means = groups[list(FIGURES)].mean()
    means.insert(0, "points", groups.size())
    return means.assign(calibration_error=[errors[key] for key in means.index])


def judged_operator(path: Path, count: int, *, seed: int) -> pd.DataFrame:
    """Return how the program and the peers fare at points of one operator.

    Parameters
    ----------
    path : Path
        A file of cells.
    count : int
        Points.
    seed : int

    Returns
    -------
    DataFrame indexed by `method`, `asked` (exact, blurred) and `ticket_id`
    """
    tables = read_operator(path)
    network = build_network(tables)
    masts = real_masts(network, path)
    rng = np.random.default_rng(seed)
    points = scattered_points(masts, count, rng)
    truth_cell = serving_cells(masts, points, seed=seed)
    asked = {"exact": points, "blurred": points + rng.normal(0.0, BLUR_M, points.shape)}
    tickets = pd.Series([f"P{number}" for number in range(count)])
    truth = _truth(network, tickets, truth_cell)
    judged = {}
    for name, spots in asked.items():
        lon, lat = network.to_lonlat(spots[:, 0], spots[:, 1])
        ours = {
            "cellcause": _located(network, tables, lon, lat),
            "coverage": _covered(network, spots, is_blurred=name == "blurred"),
        }
        for method, serving in ours.items():
            answers = _table(network, tickets, serving)
            judged[method, name] = located(truth, _run(answers))
        near = site_masts(tables["sites"], tables["cells"])
        for peer, is_sector in (("nearest site", False), ("Voronoi sector", True)):
            answers = nearest_answers(tickets, lon, lat, masts=near, is_sector=is_sector)
            judged[peer, name] = located(truth, _run(answers))
    return pd.concat(judged, names=["method", "asked"])


def read_operator(path: Path) -> dict[str, pd.DataFrame]:
    """Return the tables of one operator's file, brought in by the shipped mapping.

    Parameters
    ----------
    path : Path

    Raises
    ------
    RuntimeError
        If the file is not converted.
    """
    with tempfile.TemporaryDirectory(prefix="cellcause-") as folder:
        out = Path(folder) / "bundle"
        with contextlib.redirect_stdout(io.StringIO()):
            code = cellcause(["convert", str(MAPPING), str(path), "--out", str(out)])
        if code != 0:
            message = f"`{path}` must be converted; it was not. See above."
            raise RuntimeError(message)
        return dict(read_bundle(out, Settings(zone="Europe/London")).tables)


def real_masts(network: Network, path: Path) -> Masts:
    """Return the cells of the network for the model of the truth, MHz by their own EARFCN.

    Parameters
    ----------
    network : Network
    path : Path
        The operator's file, for the EARFCN of each cell.

    Returns
    -------
    Masts
    """
    with path.open(encoding="utf-8", newline="") as file:
        channel = {row["ECellID"]: int(row["EARFCN"]) for row in csv.DictReader(file)}
    cells = network.cells
    # Base stations of two numbers on one mast see the same hills.
    mast = cells.assign(**cells[["x_m", "y_m"]].round(-1)).groupby(["x_m", "y_m"]).ngroup()
    mhz = downlink_mhz([channel[ci] for ci in cells["ci"].astype("str")])
    return Masts(
        x_m=cells["x_m"].to_numpy(float),
        y_m=cells["y_m"].to_numpy(float),
        site=mast.to_numpy(),
        azimuth_deg=cells["azimuth_deg"].to_numpy(float),
        freq_mhz=np.where(np.isfinite(mhz), mhz, cells["freq_mhz"].to_numpy(float)),
    )


def _located(network: Network, tables: dict[str, pd.DataFrame], lon: Any, lat: Any) -> Serving:
    """Return what the program answers to complaints that state these coordinates, no more."""
    gazetteer = build_gazetteer(tables["places"], network)
    orders = pd.DataFrame({"lon": lon, "lat": lat, "crs": "wgs84", "created_at": NOW})
    orders = orders.assign(text="", address=None, county=None, msisdn=None)
    never = pd.DataFrame({"msisdn": pd.Series(dtype=object), "cell": pd.Series(dtype=int)})
    never["seen_at"] = pd.Series(dtype=orders["created_at"].dtype)
    return locate(orders, gazetteer, network, never).serving


def _covered(network: Network, spots: Any, *, is_blurred: bool) -> Serving:
    """Return what coverage says: at the point, or over the cloud that the blur leaves."""
    if not is_blurred:
        return serving_probabilities(network, spots[:, 0], spots[:, 1], top=TOP)
    ring = np.arange(CLOUD)
    away = BLUR_M * np.sqrt(-2.0 * np.log(1.0 - (ring + 0.5) / CLOUD))
    turn = ring * np.pi * (3.0 - np.sqrt(5.0))
    cloud = pd.DataFrame(
        {
            "row": np.repeat(np.arange(len(spots)), CLOUD),
            "x_m": (spots[:, :1] + away * np.sin(turn)).ravel(),
            "y_m": (spots[:, 1:] + away * np.cos(turn)).ravel(),
            "weight": 1.0,
        }
    )
    return integrated_serving(network, cloud, top=TOP)


def _table(network: Network, tickets: pd.Series, serving: Serving) -> pd.DataFrame:
    """Return answers as the contract's table of serving cells."""
    row, place = np.nonzero((serving.cell >= 0) & (serving.probability > 0.0))
    ids = network.cells["cell_id"].to_numpy(object)
    return pd.DataFrame(
        {
            "ticket_id": tickets.to_numpy(object)[row],
            "rank": place + 1,
            "cell_id": ids[serving.cell[row, place]],
            "probability": serving.probability[row, place],
        }
    )


def _truth(network: Network, tickets: pd.Series, serving: Any) -> Truth:
    """Return what the model knows, as the scorer takes it."""
    cells = network.cells
    empty = pd.DataFrame()
    true_cell = cells["cell_id"].to_numpy(object)[serving]
    return Truth(
        tickets=pd.DataFrame({"cell_id": true_cell}, index=pd.Index(tickets, name="ticket_id")),
        faults=empty,
        orders=empty,
        site_of=cells.set_index("cell_id")["site_id"],
        ended_at=pd.Timestamp(0),
    )


def _run(answers: pd.DataFrame) -> Run:
    """Return answers as the scorer takes a run."""
    empty = pd.DataFrame()
    return Run(diagnoses=empty, serving_cells=answers, incidents=empty, interceptions=empty)


if __name__ == "__main__":
    sys.exit(main())
