"""A file twice changes nothing, a late one fills its hole, a broken one is quarantined, and order never matters."""

import gzip
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.errors import InputError, UnreadableFileError
from contract.history import open_history
from kpi.files.catalogue import load_catalogue
from kpi.files.faults import BrokenFileError
from kpi.files.intake import Taken, measurement_paths, take_files
from tests.kpi.files.made import (
    attempts,
    cell,
    collected,
    info,
    inventory,
    lncel,
    omes,
    read,
    saved,
)

QUARTERS = ("2026-03-01T08:15:00+08:00", "2026-03-01T08:30:00+08:00", "2026-03-01T09:15:00+08:00")
SLOW = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def take(paths: Sequence[Path], folder: Path, **given: object) -> Taken:
    """Take files of the network made up."""
    return take_files(paths, folder, inventory(), load_catalogue(), zone="Asia/Shanghai", **given)  # type: ignore[arg-type]


def table(folder: Path) -> pd.DataFrame:
    """The table as it stands, in the order of its keys."""
    rows = pd.concat([pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))])
    return rows.sort_values(["cell_id", "start"], ignore_index=True)


def given_files(folder: Path) -> list[Path]:
    """Three periods of two sites, one period twice with other counters, one corrected, one broken."""
    folder.mkdir(exist_ok=True)
    made = [
        saved(folder / f"A{n}.xml", attempts(10 + n, 20 + n, end=end))
        for n, end in enumerate(QUARTERS)
    ]
    made += [saved(folder / "B.xml.gz", gzip.compress(attempts(5, site=5002).encode()))]
    made += [saved(folder / "C.xml", omes([([lncel()], {"M8013C5": "8", "M8011C37": "300"})]))]
    other = folder / "again"
    other.mkdir(exist_ok=True)
    made += [saved(other / "A0.xml", attempts(99))]
    made += [saved(folder / "D.xml", attempts(1)[:-40])]
    for number, path in enumerate(made):
        os.utime(path, ns=(10**18 + number, 10**18 + number))
    return made


def test_files_make_the_table_and_every_record_is_accounted_for(tmp_path: Path) -> None:
    taken = take([*given_files(tmp_path / "in")], tmp_path / "kpi")
    files = taken.files.set_index("name")
    assert (
        taken.files["records"] == taken.files[["used", "left_out", "rejected"]].sum(axis=1)
    ).all()
    assert files["status"].value_counts().to_dict() == {"read": 6, "quarantined": 1}
    assert files.loc["D.xml", "line"] > 0
    found = table(tmp_path / "kpi")
    first = found[found["start"] == "2026-03-01T00:00Z"].set_index("cell_id")
    assert first["setup_attempts"].to_dict() == {"5001-1": 99.0, "5001-2": 20.0, "5002-1": 5.0}
    assert first["prb_utilisation"].dropna().to_dict() == {"5001-1": 0.3}
    assert len(found) == 7


def test_file_twice_changes_nothing_and_is_said(tmp_path: Path) -> None:
    files = given_files(tmp_path / "in")
    take(files, tmp_path / "kpi")
    before = table(tmp_path / "kpi")
    copy = saved(tmp_path / "in" / "other name.xml", files[0].read_bytes())
    taken = take([files[0], copy, copy], tmp_path / "kpi")
    assert taken.files["status"].tolist() == ["known"] * 3
    assert taken.rows == 0
    pd.testing.assert_frame_equal(table(tmp_path / "kpi"), before)


def test_late_file_fills_its_hole(tmp_path: Path) -> None:
    files = given_files(tmp_path / "in")
    take([files[0], files[2]], tmp_path / "kpi")
    assert len(table(tmp_path / "kpi")) == 4
    taken = take([files[1]], tmp_path / "kpi")
    assert (taken.hours, len(table(tmp_path / "kpi"))) == (1, 6)


@settings(SLOW, max_examples=6)
@given(order=st.permutations(range(7)), cuts=st.lists(st.integers(0, 7), max_size=3))
def test_order_and_batches_never_matter(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], cuts: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("shuffled")
    files = given_files(folder / "in")
    take(files, folder / "whole")
    bounds = [0, *sorted(cuts), len(files)]
    shuffled = [files[n] for n in order]
    for first, last in zip(bounds, bounds[1:], strict=False):
        batch = shuffled[first:last]
        if any(path.name != "D.xml" for path in batch):
            take(batch, folder / "parts")
    pd.testing.assert_frame_equal(table(folder / "parts"), table(folder / "whole"))


def test_broken_file_is_taken_when_it_comes_whole(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xml", attempts(1)[:-40])
    good = saved(tmp_path / "b.xml", attempts(5, site=5002))
    take([path, good], tmp_path / "kpi")
    saved(path, attempts(1))
    assert take([path], tmp_path / "kpi").files["status"].tolist() == ["read"]
    assert table(tmp_path / "kpi")["cell_id"].tolist() == ["5001-1", "5002-1"]


def test_new_rules_read_a_known_file_anew(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xml", attempts(10))
    take([path], tmp_path / "kpi")
    own = saved(
        tmp_path / "own.toml",
        '[[counter]]\ncolumn = "drops"\nadd = ["Some.Other"]\nsource = "ours"\nverified = false\n',
    )
    taken = take_files([path], tmp_path / "kpi", inventory(), load_catalogue(own), zone="UTC")
    assert taken.files["status"].tolist() == ["read"]
    assert table(tmp_path / "kpi")["drops"].tolist() == [7.0]


def test_stop_before_the_ledger_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path / "a.xml", attempts(10))
    with monkeypatch.context() as patch:
        patch.setattr("kpi.files.ledger.Ledger.record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take([path], tmp_path / "kpi")
    assert take([path], tmp_path / "kpi").files["status"].tolist() == ["read"]
    assert table(tmp_path / "kpi")["setup_attempts"].tolist() == [10.0]


def test_two_intakes_at_once_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.xml", attempts(10))
    take([path], tmp_path / "kpi")
    other = sqlite3.connect(tmp_path / "kpi" / "ledger.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(InputError, match="no other intake"):
        take([path], tmp_path / "kpi")
    other.close()


def test_lists_stand_beside_the_table(tmp_path: Path) -> None:
    take(given_files(tmp_path / "in"), tmp_path / "kpi")
    files = pd.read_csv(tmp_path / "kpi" / "files.csv")
    assert sorted(files["name"]) == [
        "A0.xml",
        "A0.xml",
        "A1.xml",
        "A2.xml",
        "B.xml.gz",
        "C.xml",
        "D.xml",
    ]
    assert pd.read_csv(tmp_path / "kpi" / "not_mapped.csv")["counter"].unique().tolist() == [
        "Some.Other"
    ]


@pytest.mark.parametrize("broken", [False, True], ids=["no file", "broken alone"])
def test_nothing_to_read_is_one_clear_line(tmp_path: Path, *, broken: bool) -> None:
    path = tmp_path / "a.xml"
    if broken:
        saved(path, "<x/>")
    with pytest.raises(UnreadableFileError, match="root is x" if broken else "neither"):
        take([path], tmp_path / "kpi")


def test_folder_gives_its_measurement_files_alone(tmp_path: Path) -> None:
    for name in ("b.xml", "a.xml.gz", "readme.txt", ".hidden.xml"):
        saved(tmp_path / name, "")
    assert [path.name for path in measurement_paths([tmp_path])] == ["a.xml.gz", "b.xml"]


def test_history_gets_the_same_rows(tmp_path: Path) -> None:
    history = open_history(str(tmp_path / "history"))
    take(given_files(tmp_path / "in"), tmp_path / "kpi", history=history)
    kept = history.read("kpi", columns=["cell_id", "start", "setup_attempts"]).to_pandas()
    wanted = table(tmp_path / "kpi")
    assert sorted(kept["setup_attempts"].fillna(-1)) == sorted(wanted["setup_attempts"].fillna(-1))


@SLOW
@given(place=st.integers(0, 2000), packed=st.booleans())
def test_file_cut_anywhere_is_quarantined_or_whole(
    tmp_path_factory: pytest.TempPathFactory, place: int, *, packed: bool
) -> None:
    whole = collected(info({cell(1): ("10", "9", "7"), cell(2): ("20", "19", "7")})).encode()
    whole = gzip.compress(whole, mtime=0) if packed else whole
    cut = whole[: place % (len(whole) + 1)]
    path = tmp_path_factory.mktemp("cut") / "a.xml"
    try:
        found = read(path, cut)
    except BrokenFileError:
        return
    else:
        assert found.rows["setup_attempts"].tolist() == [10.0, 20.0]


@SLOW
@given(place=st.integers(0, 1400), junk=st.binary(min_size=1, max_size=6))
def test_file_spoilt_anywhere_never_breaks_the_program(
    tmp_path_factory: pytest.TempPathFactory, place: int, junk: bytes
) -> None:
    whole = collected(info({cell(1): ("10", "9", "7")})).encode()
    spoilt = whole[: place % len(whole)] + junk + whole[place % len(whole) + len(junk) :]
    try:
        found = read(tmp_path_factory.mktemp("spoilt") / "a.xml", spoilt)
    except BrokenFileError:
        return
    else:
        entry = found.entry
        assert entry.records == entry.used + entry.left_out + entry.rejected
