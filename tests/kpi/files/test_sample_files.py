"""Every public sample of measurement files is read: Ericsson, Nokia, and those of test benches."""

from pathlib import Path

import pandas as pd
import pytest

from kpi.files.catalogue import load_catalogue
from kpi.files.intake import Taken, take_files
from kpi.files.objects import inventory_of

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data" / "pm-xml"
CELLS = [
    *((f"Gbg-{n}", "RNC-Gbg-1", "GSM") for n in (997, 998, 999)),
    ("GNB-1-1", "GNB-1", "NR"),
    *((f"seliitdus00487-{n}", "seliitdus00487", "NR") for n in (1, 2, 31, 32)),
]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Taken, pd.DataFrame]:
    """What the samples come to, and the table."""
    if not SAMPLES.is_dir():
        pytest.skip("the samples of measurement files lie beside the checkout; they are not there")
    cells = pd.DataFrame(CELLS, columns=["cell_id", "site_id", "rat"])
    sites = pd.DataFrame({"site_id": cells["site_id"].unique()})
    inventory = inventory_of(sites.assign(site_name=sites["site_id"]), cells)
    folder = tmp_path_factory.mktemp("samples") / "kpi"
    found = take_files([SAMPLES], folder, inventory, load_catalogue(), zone="Asia/Shanghai")
    return found, pd.concat([pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))])


def test_every_sample_is_read(taken: tuple[Taken, pd.DataFrame]) -> None:
    files = taken[0].files
    assert len(files) == len(list(SAMPLES.rglob("*.xml")))
    assert set(files["status"]) == {"read"}
    assert (files["records"] == files[["used", "left_out", "rejected"]].sum(axis=1)).all()
    assert (files["records"] > 0).all()


def test_cells_of_the_inventory_have_rows(taken: tuple[Taken, pd.DataFrame]) -> None:
    rows = taken[1].set_index("cell_id")
    assert set(rows.index) == {cell for cell, _, _ in CELLS}
    assert rows.loc["Gbg-997", ["setup_attempts", "sd_attempts", "minutes"]].tolist() == [
        234,
        567,
        15,
    ]
    assert rows.loc["Gbg-999", "is_suspect"]
    assert rows.loc["seliitdus00487-31", "availability"] == 1.0
    assert rows.loc["GNB-1-1", "minutes"].tolist() == [1.0, 1.0]


def test_counters_nothing_takes_are_listed(taken: tuple[Taken, pd.DataFrame]) -> None:
    listed = taken[0].not_mapped.set_index("counter")
    assert listed.loc["MM.AttGprsAttach", "records"] == 1
    assert len(listed) > 1000
