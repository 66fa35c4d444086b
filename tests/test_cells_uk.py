"""The real British cells come in through our mapping file and serve places sensibly."""

from pathlib import Path

import numpy as np
import pytest

from cli import main
from contract.bundles import Bundle, read_bundle
from contract.settings import Settings
from sites.coverage import serving_probabilities
from sites.inventory import Network, build_network

CELLS = Path(__file__).resolve().parents[2] / "shared" / "data" / "cells-uk"
MAPPING = Path(__file__).resolve().parents[1] / "contract" / "mappings" / "cells-uk.toml"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    if not CELLS.is_dir():
        pytest.skip(f"the British cells are not beside the checkout ({CELLS.name} is missing)")
    out = tmp_path_factory.mktemp("uk") / "bundle"
    files = [str(f) for f in sorted(CELLS.glob("*.csv"))]
    assert main(["convert", str(MAPPING), *files, "--out", str(out)]) == 0
    return read_bundle(out, Settings(zone="Europe/London"))


@pytest.fixture(scope="module")
def network(bundle: Bundle) -> Network:
    return build_network(bundle.tables)


def test_every_cell_of_the_files_is_used_or_rejected(bundle: Bundle) -> None:
    given = sum(len(f.read_text(encoding="utf-8").splitlines()) - 1 for f in CELLS.glob("*.csv"))
    counts = bundle.counts.loc["cells"]
    assert counts["rows"] == counts["used"] + counts["rejected"] == given
    assert counts["used"] > 3000


def test_a_place_before_an_antenna_is_served_from_near_by(network: Network) -> None:
    cells = network.cells[network.cells["azimuth_deg"].notna()].iloc[::7]
    bearing = np.radians(cells["azimuth_deg"].to_numpy(float))
    x = cells["x_m"].to_numpy(float) + 150 * np.sin(bearing)
    y = cells["y_m"].to_numpy(float) + 150 * np.cos(bearing)
    serving = serving_probabilities(network, x, y)
    assert np.median(serving.distance_m[:, 0]) < 500
    served = network.cells["site"].to_numpy()[serving.cell]
    own = cells["site"].to_numpy()[:, None] == served
    share = np.where(serving.cell >= 0, serving.probability, 0.0)
    assert (own[:, :6].any(axis=1)).mean() > 0.6
    total = share.sum(axis=1) + serving.nothing
    assert (total <= 1 + 1e-6).all()
