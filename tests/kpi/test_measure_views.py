"""Measures of what somebody asked for, over a window: what is missing stands as unknown."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from contract.history import open_history
from contract.history.adding import add_bundle
from contract.settings import Settings
from kpi.measure_sources import cells_called, read_counters
from kpi.measure_views import COLUMNS, Asked, asked_instant, measure_view

SETTINGS = Settings()
SITES = """site_id,site_name,lon,lat,county
A,银桥双阳,100.10,25.90,大理市
B,Mill Lane,100.11,25.91,Bin
"""
CELLS = """cell_id,site_id,rat,freq_mhz
A1,A,GSM,945
A2,A,LTE,1815
B1,B,LTE,1840
"""


def bundle_of(folder: Path, *, days: int = 5) -> Path:
    """A bundle of three cells with hourly counters; A1 lacks one hour, B1 drops calls on the last day."""
    start = pd.date_range("2026-03-02", periods=24 * days, freq="h")
    tables = []
    for cell in ("A1", "A2", "B1"):
        table = pd.DataFrame({"cell_id": cell, "start": start.strftime("%Y-%m-%d %H:%M")})
        table = table.assign(minutes=60, setup_attempts=100, setup_successes=100, drops=0)
        if cell == "A1":
            table = table.drop(index=len(table) - 3)
        if cell == "B1":
            table.loc[table.index[-24:], "drops"] = 5
        tables.append(table)
    folder.mkdir(exist_ok=True)
    (folder / "sites.csv").write_text(SITES, encoding="utf-8")
    (folder / "cells.csv").write_text(CELLS, encoding="utf-8")
    pd.concat(tables).to_csv(folder / "kpi.csv", index=False)
    return folder


def seen(folder: Path, name: str, asked: Asked | None = None, **settings: Any) -> pd.DataFrame:
    chosen = SETTINGS.model_copy(update=settings)
    return measure_view(read_counters(str(folder), name, chosen), asked or Asked(), chosen)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle_of(tmp_path_factory.mktemp("bundle"))


def test_every_hour_of_the_window_stands_and_the_one_that_never_came_is_unknown(
    bundle: Path,
) -> None:
    view = seen(bundle, "A1", Asked(names=("drop_rate",)))
    assert list(view.columns) == list(COLUMNS)
    assert len(view) == 24
    assert np.flatnonzero(view["value"].isna()).tolist() == [21]
    row = view.iloc[21]
    assert (row["n"], row["coverage"], row["crossed"], row["is_few"]) == (0.0, 0.0, "", False)
    assert row["usual"] != row["usual"]
    assert str(view["start"].iloc[21]) == "2026-03-06 21:00:00+08:00"
    assert view["usual"].iloc[0] == 0.0


def test_limits_crossed_are_named(bundle: Path) -> None:
    view = seen(bundle, "B1", Asked(names=("drop_rate",)))
    assert set(view["crossed"]) == {"bad"}
    assert view["value"].tolist() == [0.05] * 24


def test_without_a_measure_all_that_are_known_are_shown(bundle: Path) -> None:
    assert set(seen(bundle, "A1")["measure"]) == {"setup_success", "drop_rate", "attempts"}


def test_days_are_those_of_the_zone(bundle: Path) -> None:
    view = seen(bundle, "A2", Asked(by="day", names=("attempts",), since="2026-03-02"))
    assert view["start"].dt.strftime("%m-%d %H:%M").tolist() == [
        f"03-0{day} 00:00" for day in (2, 3, 4, 5, 6)
    ]
    assert view["value"].tolist() == [100.0] * 5
    assert view["n"].tolist() == [24.0] * 5


def test_periods_are_shown_at_their_own_length(tmp_path: Path) -> None:
    folder = bundle_of(tmp_path / "b", days=1)
    rows = pd.read_csv(folder / "kpi.csv").head(8)
    starts = pd.date_range("2026-03-02", periods=8, freq="15min").strftime("%Y-%m-%d %H:%M")
    rows.assign(start=starts, minutes=15).to_csv(folder / "kpi.csv", index=False)
    view = seen(folder, "A1", Asked(by="period", names=("attempts",), since="2026-03-02"))
    assert view["value"].tolist() == [400.0] * 8
    assert set(np.diff(view["start"])) == {timedelta(minutes=15)}


def test_a_window_before_everything_is_unknown(bundle: Path) -> None:
    asked = Asked(since="2026-03-01 00:00", until="2026-03-01 03:00", names=("drop_rate",))
    view = seen(bundle, "A1", asked)
    assert view["value"].isna().tolist() == [True] * 3


@pytest.mark.parametrize(
    ("name", "object_id", "cells"),
    [
        ("A1", "A1", ["A1"]),
        (" a1 ", "A1", ["A1"]),
        ("A", "A", ["A1", "A2"]),
        ("银桥双阳", "A", ["A1", "A2"]),
        ("mill lane", "B", ["B1"]),
        ("lte 1800", "LTE 1800", ["A2", "B1"]),
        ("大理市", "大理市", ["A1", "A2"]),
    ],
)
def test_an_object_is_found_by_what_people_call_it(
    bundle: Path, name: str, object_id: str, cells: list[str]
) -> None:
    found = read_counters(str(bundle), name, SETTINGS)
    assert found.object_id == object_id
    assert sorted(found.cells.index) == cells
    assert sorted(found.rows["cell_id"].astype("str").unique()) == cells


def test_a_name_that_nothing_bears_is_told_with_the_nearest() -> None:
    cells = pd.DataFrame(
        {"cell_id": ["8740-4383"], "site_id": ["S"], "rat": "GSM", "freq_mhz": 945.0}
    )
    sites = pd.DataFrame({"site_id": ["S"], "site_name": [None], "county": [None]}, dtype="str")
    with pytest.raises(InputError, match=r"there is no '8740-438', the nearest are \['8740-4383'"):
        cells_called("8740-438", cells, sites)
    with pytest.raises(InputError, match="nothing is called alike"):
        cells_called("完全不同", cells, sites)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param(Asked(by="week"), "`by` must be one of", id="step"),
        pytest.param(Asked(names=("drop_rat",)), r"no 'drop_rat', the nearest are", id="measure"),
        pytest.param(Asked(since="soon"), "`from` must be an instant", id="since"),
        pytest.param(Asked(until="later"), "`to` must be an instant", id="until"),
        pytest.param(
            Asked(since="2026-03-03", until="2026-03-02"), "must come after", id="backwards"
        ),
        pytest.param(Asked(since="1999-01-01"), "a year at most", id="too long"),
    ],
)
def test_what_cannot_be_asked_is_named(bundle: Path, asked: Asked, said: str) -> None:
    with pytest.raises(InputError, match=said):
        seen(bundle, "A1", asked)


def test_an_object_without_counters_is_named(tmp_path: Path) -> None:
    folder = bundle_of(tmp_path / "b", days=1)
    rows = pd.read_csv(folder / "kpi.csv")
    rows[rows["cell_id"] != "B1"].to_csv(folder / "kpi.csv", index=False)
    with pytest.raises(InputError, match="`object` 'B1' has no counters"):
        read_counters(str(folder), "B1", SETTINGS)


def test_a_history_gives_what_its_bundle_gives(bundle: Path, tmp_path: Path) -> None:
    address = str(tmp_path / "history")
    add_bundle(open_history(address, settings=SETTINGS), bundle, SETTINGS)
    asked = Asked(names=("drop_rate", "attempts"), by="day", since="2026-03-02")
    counters = read_counters(address, "mill lane", SETTINGS, inventory=bundle)
    pd.testing.assert_frame_equal(
        measure_view(counters, asked, SETTINGS), seen(bundle, "mill lane", asked)
    )
    alone = read_counters(address, "B1", SETTINGS)
    assert measure_view(alone, asked, SETTINGS)["value"].notna().all()
    early = read_counters(
        address, "B1", SETTINGS, until=pd.Timestamp("2026-03-03 10:00", tz="Asia/Shanghai")
    )
    assert early.rows["start"].max() < pd.Timestamp("2026-03-04", tz="Asia/Shanghai")
    with pytest.raises(InputError, match="has no counters"):
        read_counters(address, "nobody", SETTINGS)


def test_an_empty_history_has_no_counters(tmp_path: Path, bundle: Path) -> None:
    shutil.copytree(bundle, tmp_path / "b")
    (tmp_path / "b" / "kpi.csv").unlink()
    address = str(tmp_path / "history")
    add_bundle(open_history(address, settings=SETTINGS), tmp_path / "b", SETTINGS)
    with pytest.raises(InputError, match="`object` 'A1' has no counters|must hold a history"):
        read_counters(address, "A1", SETTINGS)


def test_a_users_measures_and_holidays_are_used(bundle: Path, tmp_path: Path) -> None:
    measures = tmp_path / "measures.toml"
    measures.write_text(
        '[limits]\nrows = [{ measure = "drop_rate", rats = ["LTE"], level = "severe", at = 0.04, '
        'over_min = 0, source = "ours", verified = "A" }]\n',
        encoding="utf-8",
    )
    view = seen(bundle, "B1", Asked(names=("drop_rate",)), measures=measures)
    assert set(view["crossed"]) == {"severe"}
    holidays = tmp_path / "holidays.csv"
    holidays.write_text(
        "country,first,last,kind,source,verified\nCN,2026-03-06,2026-03-06,holiday,ours,u\n",
        encoding="utf-8",
    )
    view = seen(bundle, "B1", Asked(names=("drop_rate",)), holidays=holidays)
    assert view["usual"].isna().all()


def test_an_instant_may_be_absent() -> None:
    assert asked_instant(None, "from", "UTC") is None


@pytest.mark.parametrize("is_history", [False, True], ids=["bundle", "history"])
def test_counters_the_equipment_calls_suspect_are_unknown(tmp_path: Path, is_history: bool) -> None:
    source = str(bundle_of(tmp_path / "bundle", days=1))
    table = pd.read_csv(tmp_path / "bundle" / "kpi.csv")
    table["is_suspect"] = table["start"].str.endswith("05:00").map({True: "true", False: "false"})
    table.to_csv(tmp_path / "bundle" / "kpi.csv", index=False)
    if is_history:
        history = open_history(str(tmp_path / "kept"), settings=SETTINGS)
        add_bundle(history, tmp_path / "bundle", SETTINGS)
        source = str(tmp_path / "kept")
    rows = read_counters(source, "A2", SETTINGS).rows.sort_values("start")
    assert rows["minutes"].tolist() == [60.0] * 24
    assert np.flatnonzero(rows["setup_attempts"].isna()).tolist() == [5]
