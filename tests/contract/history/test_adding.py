"""A bundle is added by region and day, shows what it holds and misses, and days of it make a bundle again."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from contract.bundles import read_bundle
from contract.errors import InputError
from contract.history import History, open_history
from contract.history.adding import add_bundle
from contract.history.coverage import coverage
from contract.history.exports import export_days, parsed_days
from contract.history.layout import region_name, region_of
from contract.history.regions import regions_of, regions_of_objects
from contract.settings import Settings

SITES = """site_id,site_name,lon,lat,county
S1,a,100.2,25.6,大理
S2,b,100.3,25.7,
"""
CELLS = """cell_id,site_id,cell_name,rat,freq_mhz
C1,S1,a,LTE,1800
C2,S2,b,LTE,1800
"""
LINKS = "node,parent,kind\nS1,ring 4,ring\n"
KPI = """cell_id,start,minutes,drops,own
C1,2026-01-01 23:00,60,3,x
C1,2026-01-02 00:00,60,4,x
C2,2026-01-04 00:00,60,5,x
C9,2026-01-04 00:00,60,5,x
"""
ALARMS = """alarm_id,object_id,raised_at,name
1,C1/TRX-2,2026-01-01 01:00,n
2,ring 4,2026-01-01 01:00,n
3,S2,2026-01-01 01:00,n
"""
COMPLAINTS = "ticket_id,created_at,text\n1,2026-01-01 10:00,x\n"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    texts = {
        "sites": SITES,
        "cells": CELLS,
        "links": LINKS,
        "kpi": KPI,
        "alarms": ALARMS,
        "complaints": COMPLAINTS,
    }
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def history(tmp_path: Path) -> History:
    return open_history(str(tmp_path / "kept"))


def test_rows_go_to_the_county_and_day_of_their_site(bundle: Path, history: History) -> None:
    added = add_bundle(history, bundle, Settings())
    there = history.partitions().assign(day=lambda rows: rows["day"].dt.day)
    assert set(there[["table", "region", "day"]].itertuples(index=False, name=None)) == {
        ("kpi", "大理", 1), ("kpi", "大理", 2), ("kpi", "tile 25 100", 4),
        ("alarms", "大理", 1), ("alarms", "network", 1), ("alarms", "tile 25 100", 1),
    }  # fmt: skip
    assert added.counts.loc["kpi"].to_dict() == {
        "rows": 4, "used": 3, "rejected": 1, "repaired": 0, "partitions": 3, "files": 3
    }  # fmt: skip
    assert added.rejected["table"].tolist() == ["kpi"]


def test_a_bundle_added_twice_changes_nothing(bundle: Path, history: History) -> None:
    add_bundle(history, bundle, Settings())
    before = history.partitions()
    again = add_bundle(history, bundle, Settings())
    assert again.counts["files"].tolist() == [0, 0, 0]
    pd.testing.assert_frame_equal(history.partitions(), before)


def test_a_county_that_was_corrected_doubles_nothing(bundle: Path, history: History) -> None:
    add_bundle(history, bundle, Settings())
    (bundle / "sites.csv").write_text(SITES.replace("大理", "祥云"), encoding="utf-8")
    add_bundle(history, bundle, Settings())
    assert history.read("kpi").num_rows == 3
    assert history.read("alarms").num_rows == 3


def test_days_come_out_as_a_table_of_a_bundle(bundle: Path, history: History) -> None:
    add_bundle(history, bundle, Settings())
    before = read_bundle(bundle, Settings()).tables["kpi"]
    (bundle / "kpi.csv").unlink()
    out = bundle / "kpi"
    assert export_days(history, out, date(2026, 1, 1), date(2026, 1, 31)) == 3
    assert export_days(history, out, date(2026, 1, 1), date(2026, 1, 2)) == 2
    assert export_days(history, out, date(2025, 1, 1), date(2027, 1, 2)) == 3
    names = ["cell_id", "start", "minutes", "drops", "own", "arrived_at"]
    after = read_bundle(bundle, Settings()).tables["kpi"]
    pd.testing.assert_frame_equal(after[names], before[names])


@pytest.mark.parametrize(
    ("name", "days", "told"),
    [
        ("nothing", "2026-01-01", "`out` must be named after a table"),
        ("kpi", "2027-01-01..2027-01-02", "it has 2026-01-01 to 2026-01-04"),
        ("kpi", "2026-01-02..2026-01-01", "must not end before they begin"),
        ("kpi", "soon", "must be YYYY-MM-DD"),
        ("kpi", "2026-01-01..", "must be YYYY-MM-DD"),
    ],
)
def test_days_that_can_not_come_out_are_told(
    bundle: Path, history: History, name: str, days: str, told: str
) -> None:
    add_bundle(history, bundle, Settings())
    with pytest.raises(InputError, match=told):
        export_days(history, bundle / "out" / name, *parsed_days(days))
    assert not (bundle / "out").exists()


def test_holes_are_told_and_days_of_wrong_clocks_counted_apart() -> None:
    days = ["2026-01-01", "2026-01-04", "2099-01-01"]
    there = pd.DataFrame(
        {
            "table": "kpi",
            "region": "r",
            "day": pd.to_datetime(days),
            "files": 1,
            "rows": 2,
            "bytes": 3,
        }
    )
    (line,) = coverage(there, date(2026, 1, 5)).to_dict("records")
    assert line["holes"] == (date(2026, 1, 2), date(2026, 1, 3))
    assert (line["first"], line["last"], line["days"], line["ahead"]) == (
        "2026-01-01",
        "2026-01-04",
        2,
        1,
    )
    assert coverage(there.iloc[:0], date(2026, 1, 5)).empty


@pytest.mark.parametrize("region", ["大理", "a/b", "..", "100%", "x=y z", "tile -1 100", "."])
def test_a_region_reads_back_from_its_path(region: str) -> None:
    name = region_name(region)
    assert region_of(name) == region
    assert not set(name) & set("/\\*?[ =")


@pytest.mark.parametrize("region", ["", "大" * 30])
def test_a_region_no_path_can_hold_is_refused(region: str) -> None:
    with pytest.raises(InputError, match="`region` must be text of"):
        region_name(region)


def test_a_region_is_the_county_or_a_tile() -> None:
    sites = pd.DataFrame(
        {
            "site_id": ["a", "b", "c"],
            "county": [" K ", " ", None],
            "lon": [1.5, -0.5, None],
            "lat": [1.5, 10.0, 1.0],
        }
    )
    before = sites.copy()
    assert regions_of(sites).tolist() == ["K", "tile 10 -1", "network"]
    pd.testing.assert_frame_equal(sites, before)


def test_objects_keep_their_index() -> None:
    sites = pd.DataFrame({"site_id": ["S"], "county": ["K"], "lon": [1.0], "lat": [1.0]})
    cells = pd.DataFrame({"cell_id": ["C", "D"], "site_id": ["S", "gone"]})
    objects = pd.Series(["C", "C/TRX-1", "D", None, "S"], index=list("vwxyz"), dtype="str")
    found = regions_of_objects(objects, sites, cells)
    assert found.to_dict() == {"v": "K", "w": "K", "x": "network", "y": "network", "z": "K"}


def test_a_second_writer_adds_nothing(bundle: Path, history: History) -> None:
    with replace(history).writing(), pytest.raises(InputError, match="one writer at a time"):
        add_bundle(history, bundle, Settings())
    assert history.partitions().empty
