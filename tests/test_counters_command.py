"""`cellcause counters` learns what is usual from a history and finds hidden faults in a later day, on a cluster too."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from cli import main
from contract.history import open_history
from tests.kpi.small_history import (
    CELLS,
    COUNTIES,
    DAYS,
    FIRST,
    ILL,
    ILL_HOUR,
    day_of,
    write_bundle,
    write_history,
)

LAST = (pd.Timestamp(FIRST) + pd.Timedelta(days=DAYS - 1)).date()
LEARNED = f"{FIRST}..{LAST - pd.Timedelta(days=1)}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a history, the bundle of its cells, and what was learned of all days but the last."""
    folder = tmp_path_factory.mktemp("counters")
    write_bundle(folder / "bundle")
    write_history(folder / "history")
    assert main(learning(folder, folder / "learned", "--jobs", "1")) == 0
    return folder


def learning(place: Path, out: Path, *more: str) -> list[str]:
    """Return the words of `counters learn`."""
    given = ["--cells", str(place / "bundle"), "--out", str(out), "--days", LEARNED]
    return ["counters", "learn", str(place / "history"), *given, *more]


def watching(place: Path, baseline: Path, out: Path, *more: str) -> list[str]:
    """Return the words of `counters watch`."""
    given = ["--baseline", str(baseline), "--day", str(LAST), "--out", str(out)]
    return ["counters", "watch", str(place / "history"), *given, *more]


def copied(place: Path, to: Path) -> Path:
    """Return a copy of what was learned, for a watch to go on in."""
    shutil.copytree(place / "learned", to)
    return to


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what was printed, in one line."""
    return " ".join(capsys.readouterr().out.split())


def test_learning_tells_the_rows_of_each_county(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert main(learning(place, tmp_path / "again", "--jobs", "1")) == 0
    printed = said(capsys)
    rows = CELLS * 24 * (DAYS - 1)
    assert f"│ 东县 │ {CELLS} │ {DAYS - 1} │ {rows:,} │ {rows:,} │ 0 │" in printed
    assert f"{2 * CELLS} cells of 2 regions, {2 * rows:,} rows; written to" in printed


def test_watching_finds_the_fault_of_the_day_and_nothing_else(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    baseline, out = copied(place, tmp_path / "learned"), tmp_path / "episodes.csv"
    assert main(watching(place, baseline, out, "--jobs", "1")) == 0
    assert "1 episodes, 1 of them open; written to" in said(capsys)
    (row,) = pd.read_csv(out).to_dict("records")
    assert (row["region"], row["cell_id"], row["kind"]) == ("西县", ILL, "vswr")
    begun = pd.Timestamp(LAST, tz="Asia/Shanghai") + pd.Timedelta(hours=ILL_HOUR)
    assert pd.Timestamp(row["onset_at"]) == begun
    assert row["z_vswr"] > 3


def test_the_table_of_episodes_is_the_same_as_parquet(place: Path, tmp_path: Path) -> None:
    found = {}
    for suffix in ("csv", "parquet"):
        out = tmp_path / f"episodes.{suffix}"
        baseline = copied(place, tmp_path / suffix)
        assert main(watching(place, baseline, out, "--jobs", "1")) == 0
        found[suffix] = pd.read_csv(out) if suffix == "csv" else pd.read_parquet(out)
    instants = [name for name in found["parquet"] if name.endswith("_at")]
    for name in instants:
        found["csv"][name] = pd.to_datetime(found["csv"][name], utc=True).dt.as_unit("us")
    pd.testing.assert_frame_equal(found["csv"], found["parquet"], check_dtype=False)


def test_what_the_equipment_calls_suspect_opens_no_episode(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = str(shutil.copytree(place / "history", tmp_path / "history"))
    rows = day_of("W", DAYS - 1)
    doubted = rows.assign(is_suspect=(rows["vswr"] > 2).map({True: "true", False: "false"}))
    open_history(history).write("kpi", doubted, region=COUNTIES[1], day=LAST)
    words = watching(place, copied(place, tmp_path / "learned"), tmp_path / "e.csv", "--jobs", "1")
    assert main(with_changed(words, {"history": history})) == 0
    assert "0 episodes, 0 of them open" in said(capsys)


@pytest.fixture
def cluster() -> Iterator[str]:
    """Yield the address of a Dask cluster of two worker processes."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as running:
        yield running.scheduler_address


def test_a_cluster_of_two_workers_writes_the_same_files(
    place: Path, cluster: str, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    assert main(learning(place, there, "--scheduler", cluster)) == 0
    assert contents(there) == contents(place / "learned")
    here = copied(place, tmp_path / "here")
    outs = [tmp_path / "here.csv", tmp_path / "there.csv"]
    assert main(watching(place, here, outs[0], "--jobs", "1")) == 0
    assert main(watching(place, there, outs[1], "--scheduler", cluster)) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert contents(there) == contents(here)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_cells_of_another_county_are_counted_as_unknown(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    text = (bundle / "cells.csv").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("W5")]
    (bundle / "cells.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    words = learning(place, tmp_path / "out", "--jobs", "1")
    words[words.index("--cells") + 1] = str(bundle)
    assert main(words) == 0
    assert f"{24 * (DAYS - 1)} of cells that the inventory lacks there" in said(capsys)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        pytest.param({"history": "nowhere"}, "`address` must hold a history", id="history"),
        pytest.param({"--cells": "nowhere"}, "nowhere", id="bundle"),
        pytest.param({"--days": "soon"}, "`days` must be YYYY-MM-DD..YYYY-MM-DD", id="days"),
        pytest.param(
            {"--days": "2020-01-01..2020-01-02"}, "`history` must hold counters", id="other days"
        ),
        pytest.param({"--out": "."}, "`out` must be new, empty or a folder of watches", id="out"),
        pytest.param(
            {"--scheduler": "here"}, "`scheduler` must be the address of a Dask", id="scheduler"
        ),
    ],
)
def test_what_can_not_be_learned_is_one_line(
    place: Path,
    tmp_path: Path,
    changed: dict[str, str],
    line: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.txt").write_text("dear")
    refused(with_changed(learning(place, tmp_path / "out"), changed), line, capsys)
    assert (tmp_path / "letter.txt").read_text() == "dear"


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        pytest.param({"history": "nowhere"}, "`address` must hold a history", id="history"),
        pytest.param({"--baseline": "nowhere"}, "that `counters learn` wrote", id="baseline"),
        pytest.param({"--day": "soon"}, "`days` must be YYYY-MM-DD", id="day"),
        pytest.param({"--out": "episodes.txt"}, "`out` must be a .csv or .parquet", id="form"),
        pytest.param({"--out": "no/episodes.csv"}, "in a folder that is there", id="folder"),
    ],
)
def test_what_can_not_be_watched_is_one_line_and_leaves_the_baseline(
    place: Path,
    tmp_path: Path,
    changed: dict[str, str],
    line: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    words = watching(place, place / "learned", tmp_path / "e.csv", "--jobs", "1")
    before = contents(place / "learned")
    refused(with_changed(words, changed), line, capsys)
    assert contents(place / "learned") == before
    assert list(tmp_path.iterdir()) == []


def test_another_version_of_what_was_learned_is_one_line(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline = copied(place, tmp_path / "learned")
    (baseline / "about.json").write_text('{"regions": [], "terms": {"moon": 1}}')
    refused(watching(place, baseline, tmp_path / "e.csv"), "that `counters learn` wrote", capsys)


def with_changed(words: list[str], changed: dict[str, str]) -> list[str]:
    """Return the words of a command with options, or the history, changed."""
    words = list(words)
    for name, value in changed.items():
        if name == "history":
            words[2] = value
        elif name in words:
            words[words.index(name) + 1] = value
        else:
            words += [name, value]
    return words


def refused(words: list[str], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Check that a command says one line and exits with 2."""
    capsys.readouterr()
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("cellcause: ")
    assert line in told.err
    assert told.err.count("\n") == 1
