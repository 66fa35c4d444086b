"""Claims about the cells of a bundle, ready to be learned by region."""

from pathlib import Path

import pytest

from contract.errors import InputError
from contract.settings import Settings
from kpi.region_cells import COLUMNS, region_cells

SITES = """site_id,site_name,lon,lat,county,vendor
A,a,100.2,25.6,大理,Huawei
B,b,100.3,26.4,,Nokia
C,c,100.4,25.7,大理,
"""
CELLS = """cell_id,site_id,rat,freq_mhz,indoor
C1,C,LTE,1815,
A2,A,GSM,945,1
A1,A,LTE,1815,0
B1,B,NR,3500,0
"""


def bundle(folder: Path, *, sites: str | None = SITES, cells: str | None = CELLS) -> Path:
    """Write a bundle of an inventory alone."""
    for name, text in (("sites", sites), ("cells", cells)):
        if text is not None:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_cells_stand_in_order_with_county_site_and_who_delivers_them(tmp_path: Path) -> None:
    found = region_cells(bundle(tmp_path), Settings())
    assert tuple(found) == COLUMNS
    assert found["cell_id"].tolist() == ["A1", "A2", "B1", "C1"]
    assert found["region"].tolist() == ["大理", "大理", "tile 26 100", "大理"]
    assert found["site"].tolist() == ["A", "A", "B", "C"]
    assert found["is_indoor"].tolist() == [False, True, False, False]
    assert found["rat"].astype("str").tolist() == ["LTE", "GSM", "NR", "LTE"]


def test_makers_and_counties_are_feeds_of_their_own(tmp_path: Path) -> None:
    feeds = region_cells(bundle(tmp_path), Settings()).set_index("cell_id")["feed"]
    assert feeds["A1"] == feeds["A2"]
    assert feeds.nunique() == 3
    assert feeds.notna().all()


def test_a_cell_that_stands_twice_is_one(tmp_path: Path) -> None:
    found = region_cells(bundle(tmp_path, cells=CELLS + "A1,A,LTE,1815,0\n"), Settings())
    assert found["cell_id"].is_unique
    assert len(found) == 4


@pytest.mark.parametrize("lacking", ["cells", "sites"])
def test_a_bundle_without_an_inventory_is_told(tmp_path: Path, lacking: str) -> None:
    folder = bundle(tmp_path, **{lacking: None})
    with pytest.raises(InputError, match=f"table {lacking}"):
        region_cells(folder, Settings())
