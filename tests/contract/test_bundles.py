"""A bundle is read, judged and put in order as the contract says."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from contract.arrivals import BEGINNING
from contract.bundles import read_bundle, read_table
from contract.errors import (
    AmbiguousTableError,
    InputError,
    MissingColumnsError,
    MissingTableError,
    TooManyRejectedError,
    UnreadableFileError,
)
from contract.placements import MENDED
from contract.references import ZERO
from contract.settings import Settings
from contract.tables import TABLES

SHARED = Path(__file__).resolve().parents[3] / "shared"
SETTINGS = Settings(zone="UTC")
SITES = "site_id,site_name,lon,lat\n" + "".join(
    f"S{i},site {i},100.{i},25.{i}\n" for i in range(1, 7)
)
CELLS = "cell_id,site_id,rat,freq_mhz,azimuth_deg,height_m\n" + "".join(
    f"C{i},S{i},LTE,1800,90,30\n" for i in range(1, 7)
)


def bundle(folder: Path, **tables: str) -> Path:
    for name, text in {"sites": SITES, "cells": CELLS, **tables}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def reasons(frame: pd.DataFrame) -> list[tuple[str, int, str]]:
    return list(frame[["table", "row", "reason"]].astype(object).itertuples(index=False, name=None))


def test_every_table_is_there_with_every_column(tmp_path: Path) -> None:
    found = read_bundle(bundle(tmp_path), SETTINGS)
    assert list(found.tables) == list(TABLES)
    for name, table in TABLES.items():
        assert set(table.column_names) | {"row"} <= set(found.tables[name].columns)
        for column in table.columns:
            if (name, column.name) != ("kpi", "cell_id"):
                assert str(found.tables[name][column.name].dtype) == column.dtype
    assert found.tables["kpi"]["cell_id"].dtype.name == "category"
    assert found.missing == tuple(name for name in TABLES if name not in ("sites", "cells"))


def test_other_names_are_listed_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir(mode=0o000)
    (tmp_path / "notes.csv").write_text("x", encoding="utf-8")
    (tmp_path / "alarms.txt").write_text("x", encoding="utf-8")
    assert read_bundle(bundle(tmp_path), SETTINGS).ignored == ("alarms.txt", "notes.csv", "truth")


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="must be the folder of a bundle"):
        read_bundle(tmp_path / "none", SETTINGS)


def test_missing_table_is_named(tmp_path: Path) -> None:
    (bundle(tmp_path) / "cells.csv").unlink()
    with pytest.raises(MissingTableError, match=r"lacks the tables \['cells'\]"):
        read_bundle(tmp_path, SETTINGS)


def test_missing_column_is_named_with_the_closest(tmp_path: Path) -> None:
    sites = SITES.replace("site_name", "sitename")
    with pytest.raises(MissingColumnsError, match=r"lacks columns \['site_name'\].*'sitename'"):
        read_bundle(bundle(tmp_path, sites=sites), SETTINGS)


def test_table_in_two_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sites.xlsx").write_bytes(b"")
    with pytest.raises(AmbiguousTableError, match="must stand once"):
        read_bundle(bundle(tmp_path), SETTINGS)


def test_header_without_rows_is_refused_where_the_table_is_required(tmp_path: Path) -> None:
    with pytest.raises(MissingTableError, match="must have a usable row"):
        read_bundle(bundle(tmp_path, sites="site_id,site_name,lon,lat\n"), SETTINGS)


def test_swapped_file_of_sites_is_recognised(tmp_path: Path) -> None:
    sites = SITES.replace("lon,lat", "lat,lon")
    with pytest.raises(
        TooManyRejectedError, match=r"6 of 6 are, most often: lon and lat look swap"
    ):
        read_bundle(bundle(tmp_path, sites=sites), SETTINGS)


@pytest.mark.parametrize(
    ("lon_lat", "reason"),
    [
        ("0,0", "lon and lat are zero"),
        ("100.1,", "lat is missing"),
        ("10,50", "lies over 1000 km from the median site"),
        ("east,25", "lon is not a number from -180 to 180"),
    ],
)
def test_misplaced_site_is_rejected_with_its_cells(
    tmp_path: Path, lon_lat: str, reason: str
) -> None:
    sites = SITES.replace("100.1,25.1", lon_lat)
    found = read_bundle(bundle(tmp_path, sites=sites), SETTINGS)
    assert reasons(found.rejected) == [("sites", 2, reason), ("cells", 2, "site_id is unknown")]
    assert found.counts.loc["sites", ["rows", "used", "rejected"]].tolist() == [6, 5, 1]


def test_bad_optional_value_is_null_and_listed(tmp_path: Path) -> None:
    cells = CELLS.replace("C1,S1,LTE,1800,90,30", "C1,S1,lte,1800,400,0")
    found = read_bundle(bundle(tmp_path, cells=cells), SETTINGS)
    cell = found.tables["cells"].set_index("cell_id").loc["C1"]
    assert np.isnan(cell["azimuth_deg"])
    assert np.isnan(cell["height_m"])
    assert cell["rat"] == "LTE"
    assert found.repairs["reason"].tolist() == [
        "azimuth_deg is not a number from 0 to 360",
        "height_m is not a number above 0, at most 1000",
    ]
    assert found.repairs["content"].tolist() == [
        "cell_id=C1; azimuth_deg=400",
        "cell_id=C1; height_m=0",
    ]
    assert len(found.rejected) == 0


def test_unknown_rat_rejects_the_row(tmp_path: Path) -> None:
    found = read_bundle(bundle(tmp_path, cells=CELLS.replace("C1,S1,LTE", "C1,S1,6G")), SETTINGS)
    assert reasons(found.rejected) == [("cells", 2, "rat is not one of GSM, UMTS, LTE, NR")]


def test_rows_that_point_nowhere_are_rejected(tmp_path: Path) -> None:
    alarms = "alarm_id,object_id,raised_at,name\n" + "".join(
        f"A{i},{target},2026-01-01 00:0{i}:00,down\n"
        for i, target in enumerate(["S1", "C1", "C1/TRX-3", "H1", "R1", "C9/TRX-3", "X"])
    )
    folder = bundle(
        tmp_path,
        links="node,parent,kind\nS1,H1,hub\nH1,R1,ring\n",
        alarms=alarms,
        neighbours="cell_id,neighbour_id\nC1,C2\nC1,C9\n",
        kpi="cell_id,start,minutes,drops\nC1,2026-01-01,60,1\nC9,2026-01-01,60,1\n",
    )
    assert reasons(read_bundle(folder, SETTINGS).rejected) == [
        ("neighbours", 3, "neighbour_id is unknown"),
        ("alarms", 7, "object_id is unknown"),
        ("alarms", 8, "object_id is unknown"),
        ("kpi", 3, "cell_id is unknown"),
    ]


def test_rows_arrive_when_the_contract_says(tmp_path: Path) -> None:
    day = "2026-01-01 "
    folder = bundle(
        tmp_path,
        alarms="alarm_id,object_id,raised_at,name,cleared_at,received_at\n"
        f"A1,S1,{day}01:00:00,down,{day}02:00:00,\n"
        f"A2,S1,{day}01:00:00,down,{day}02:00:00,{day}03:00:00\n",
        kpi=f"cell_id,start,minutes\nC1,{day}00:00:00,15\n",
        changes="object_id,changed_at,parameter,announced_at\n"
        f"C1,{day}05:00:00,power,{day}04:00:00\nC2,{day}05:00:00,power,\n",
        accounts=f"msisdn,since,state\n1,,active\n2,{day}06:00:00,active\n",
        verdicts="ticket_id,cause,closed_at\n"
        f"T1,trx_fault,{day}07:00:00\nT2,trx_fault,\nT3,gremlins,{day}07:00:00\n",
    )
    found = read_bundle(folder, SETTINGS)
    hours = {
        name: found.tables[name]["arrived_at"].dt.strftime("%H:%M").tolist()
        for name in ("alarms", "kpi", "changes", "verdicts")
    }
    assert hours == {
        "alarms": ["01:00", "03:00"],
        "kpi": ["00:35"],
        "changes": ["04:00", "05:00"],
        "verdicts": ["07:00"],
    }
    cleared = found.tables["alarms"]["clear_arrived_at"].dt.strftime("%H:%M").tolist()
    assert cleared == ["02:00", "03:00"]
    assert found.tables["accounts"]["arrived_at"].iloc[0] == BEGINNING
    assert reasons(found.rejected) == [
        ("verdicts", 3, "closed_at is missing"),
        ("verdicts", 4, "cause is not one of a cause of the contract"),
    ]


def test_later_arrival_wins_and_the_earlier_stays_until_then(tmp_path: Path) -> None:
    complaints = (
        "ticket_id,created_at,text,received_at\n"
        "T1,2026-01-01 01:00:00,early,2026-01-01 01:05:00\n"
        "T1,2026-01-01 01:00:00,late,2026-01-01 02:00:00\n"
        "T1,2026-01-01 01:00:00,earlier,2026-01-01 01:05:00\n"
    )
    found = read_bundle(bundle(tmp_path, complaints=complaints), SETTINGS)
    table = found.tables["complaints"]
    assert table["text"].tolist() == ["early", "late"]
    assert table["superseded_at"].dt.strftime("%H:%M").tolist() == ["02:00", np.nan]
    assert found.rejected["reason"].tolist() == ["duplicate", "duplicate"]
    assert found.counts.loc["complaints"].tolist() == [3, 1, 2, 0]


def test_greater_content_wins_column_by_column(tmp_path: Path) -> None:
    cells = CELLS + "C1,S1,LTE,900,120,40\nC1,S1,LTE,2100,,\n"
    found = read_bundle(bundle(tmp_path, cells=cells), SETTINGS)
    assert found.tables["cells"].set_index("cell_id").loc["C1", "freq_mhz"] == 2100
    assert found.rejected["row"].tolist() == [2, 8]


def test_clearing_before_raising_is_a_bad_value(tmp_path: Path) -> None:
    alarms = (
        "alarm_id,object_id,raised_at,name,cleared_at\n"
        "A1,S1,2026-01-01 01:00:00,down,2026-01-01 00:00:00\n"
    )
    found = read_bundle(bundle(tmp_path, alarms=alarms), SETTINGS)
    assert found.tables["alarms"]["cleared_at"].isna().all()
    assert found.tables["alarms"]["clear_arrived_at"].isna().all()
    assert len(found.repairs) == 1


def test_swapped_site_is_put_right_and_keeps_its_cells(tmp_path: Path) -> None:
    found = read_bundle(bundle(tmp_path, sites=SITES.replace("100.1,25.1", "25.1,100.1")), SETTINGS)
    site = found.tables["sites"].set_index("site_id").loc["S1"]
    assert (site["lon"], site["lat"], len(found.tables["cells"])) == (100.1, 25.1, 6)
    assert found.rejected.empty
    assert reasons(found.repairs) == [("sites", 2, MENDED)] * 2


def test_site_at_zero_is_placed_among_its_neighbours(tmp_path: Path) -> None:
    neighbours = "cell_id,neighbour_id\nC1,C2\nC3,C1\nC1,C4\n"
    sites = SITES.replace("100.1,25.1", "0,0")
    found = read_bundle(bundle(tmp_path, sites=sites, neighbours=neighbours), SETTINGS)
    site = found.tables["sites"].set_index("site_id").loc["S1"]
    assert (site["lon"], site["lat"]) == pytest.approx((100.3, 25.3))
    assert found.rejected.empty
    assert (
        found.repairs["reason"].tolist()
        == ["lon and lat are zero; placed at the middle of its neighbours"] * 2
    )


def test_site_at_zero_is_placed_in_its_county_where_no_neighbour_is_known(tmp_path: Path) -> None:
    rows = [f"S{i},site {i},100.{i},25.{i},K\n" for i in range(2, 7)]
    sites = "".join(["site_id,site_name,lon,lat,county\nS1,site 1,0,0,K\n", *rows])
    found = read_bundle(bundle(tmp_path, sites=sites), SETTINGS)
    site = found.tables["sites"].set_index("site_id").loc["S1"]
    assert (site["lon"], site["lat"]) == pytest.approx((100.4, 25.4))


def test_complaint_off_the_map_keeps_what_was_given(tmp_path: Path) -> None:
    complaints = (
        "ticket_id,created_at,text,lon,lat\nT1,2026-01-01 01:00:00,a,25.1,100.1\n"
        "T2,2026-01-01 01:00:00,b,0,0\nT3,2026-01-01 01:00:00,c,10,50\n"
    )
    found = read_bundle(bundle(tmp_path, complaints=complaints), SETTINGS)
    table = found.tables["complaints"]
    assert table["lon"].fillna(0).tolist() == [100.1, 0, 0]
    assert table["lat"].fillna(0).tolist() == [25.1, 0, 0]
    assert table["lat_given"].tolist() == [100.1, 0.0, 50.0]
    assert found.repairs["reason"].value_counts().to_dict() == {
        MENDED: 2, ZERO: 2, "lies over 1000 km from the median site": 2,
    }  # fmt: skip


def test_ids_stay_text_and_extra_columns_are_kept(tmp_path: Path) -> None:
    complaints = (
        "ticket_id,created_at,text,msisdn,mood\n"
        "2010062801365464,2010/6/28 13:45,没信号,0159,angry\n"
        "2.01006E+15,2010/6/28 13:45,没信号,0159,\n"
    )
    found = read_bundle(bundle(tmp_path, complaints=complaints), SETTINGS)
    row = found.tables["complaints"].iloc[0]
    assert (row["ticket_id"], row["msisdn"], row["mood"]) == ("2010062801365464", "0159", "angry")
    assert reasons(found.rejected) == [("complaints", 3, "ticket_id lost digits in a spreadsheet")]


def test_losses_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        read_bundle(bundle(tmp_path, cells=CELLS.replace("LTE", "6G", 1)), SETTINGS)
    assert "cells: 1 of 6 rows rejected" in caplog.text


def test_single_table_is_read_from_any_name(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text("alarm_id,object_id,raised_at,name\nA1,X,2026-01-01,down\n", encoding="utf-8")
    checked = read_table(path, "alarms", SETTINGS)
    assert checked.frame["object_id"].tolist() == ["X"]
    assert "arrived_at" in checked.frame


@examples(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(8)))
def test_order_of_rows_changes_nothing_but_their_numbers(tmp_path: Path, order: list[int]) -> None:
    rows = [f"T{i % 4},2026-01-01 0{i % 3}:00:00,words {i % 5},10{i % 2}.5,25.5" for i in range(8)]
    frames = []
    for lines in (rows, [rows[i] for i in order]):
        text = "ticket_id,created_at,text,lon,lat\n" + "\n".join(lines) + "\n"
        path = tmp_path / "complaints.csv"
        path.write_text(text, encoding="utf-8")
        frames.append(read_table(path, "complaints", SETTINGS).frame.drop(columns="row"))
    pd.testing.assert_frame_equal(frames[0], frames[1])


@pytest.mark.worlds
@pytest.mark.parametrize("name", ["plain-zh", "hills-en", "coast-zh", "coast-en"])
def test_practice_world_is_read_without_loss(name: str) -> None:
    folder = SHARED / "worlds" / name
    if not folder.is_dir():
        pytest.skip("the practice worlds are not beside the checkout")
    found = read_bundle(folder, Settings())
    assert found.ignored == ("truth",)
    assert (found.counts["rows"] == found.counts["used"] + found.counts["rejected"]).all()
    assert set(found.rejected["reason"]) <= {"duplicate"}
    for name, table in found.tables.items():
        assert (
            table["superseded_at"].isna().sum() if "superseded_at" in table else len(table)
        ) == (found.counts.loc[name, "used"])


def test_every_refusal_is_an_input_error() -> None:
    errors = (MissingTableError, MissingColumnsError, TooManyRejectedError, UnreadableFileError)
    assert all(issubclass(error, InputError) for error in errors)
