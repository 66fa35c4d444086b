"""`cellcause history` keeps a bundle, shows it, thins it, answers for it, and gives days back."""

import json
from pathlib import Path

import pandas as pd
import pytest

from cli import main
from contract.history import open_history
from tests.contract.history.counter_rows import DAY, hours

SITES = "site_id,site_name,lon,lat,county\nS1,a,100.2,25.6,大理\n"
CELLS = "cell_id,site_id,cell_name,rat,freq_mhz\nC1,S1,a,LTE,1800\n"
KPI = "cell_id,start,minutes,drops\nC1,2020-01-01 00:00,60,3\nC1,2020-01-03 00:00,60,4\nC1,x,60,4\n"
COMPLAINTS = "ticket_id,created_at,text\n1,2020-01-01 10:00,x\n"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    texts = {"sites": SITES, "cells": CELLS, "kpi": KPI, "complaints": COMPLAINTS}
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def address(
    bundle: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    monkeypatch.setenv("COLUMNS", "120")
    address = str(tmp_path / "kept")
    assert main(["history", "add", str(bundle), "--to", address]) == 0
    assert "rejected kpi: start is not a time (1)" in capsys.readouterr().out
    return address


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """What a command prints, on stderr where it fails."""
    assert main(["history", *arguments]) == code
    printed = capsys.readouterr()
    return " ".join((printed.err if code else printed.out).split())


def test_what_is_kept_is_shown_with_its_holes(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = told(capsys, "show", address)
    assert "│ kpi │ 大理 │ 2020-01-01 │ 2020-01-03 │ 2 │ 2 │ 2 │ 0.0 │ 2020-01-02 │" in shown
    assert "2 rows, 2 files, 0.0 MiB; days of Asia/Shanghai" in shown


def test_days_ahead_are_told(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    ahead = pd.Timestamp("2099-01-01") - pd.Timestamp(DAY)
    rows = hours("A", 1.0, count=1).assign(start=lambda frame: frame["start"] + ahead)
    open_history(address).write("kpi", rows, region="r", day=pd.Timestamp("2099-01-01").date())
    assert "kpi of r: 1 days lie ahead of today, from a wrong clock" in told(
        capsys, "show", address
    )


def test_files_become_fewer(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    for value in (1.0, 2.0):
        open_history(address).write("kpi", hours("A", value), region="r", day=DAY)
    assert "kpi: 1 files fewer" in told(capsys, "compact", address)


def test_a_dry_run_takes_nothing_and_a_real_one_what_it_said(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = told(capsys, "prune", address, "--keep", "kpi=30", "--dry-run")
    assert (
        "kpi: kept 30 days; would go: 2 regions and days from 2020-01-01 to 2020-01-03, 2 rows"
        in said
    )
    assert len(open_history(address).partitions()) == 2
    assert "gone: 2 regions and days" in told(capsys, "prune", address, "--keep", "kpi=30")
    assert open_history(address).partitions().empty
    assert "kept 30 days" in told(capsys, "prune", address, "--keep", "kpi=30")


def test_a_file_of_settings_says_how_long_a_table_is_kept(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "keep.toml").write_text('[kpi]\nkeep_days = 9999\nsource = "we"\nverified = "u"\n')
    (tmp_path / "mine.toml").write_text('history_retention = "keep.toml"\n')
    said = told(capsys, "prune", address, "--settings", str(tmp_path / "mine.toml"))
    assert "kpi: kept 9999 days" in said
    assert len(open_history(address).partitions()) == 2


def test_a_query_is_answered_or_written(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    query = "SELECT cell_id, start, drops FROM kpi ORDER BY start"
    assert "│ C1 │ 2020-01-01T00:00:00+08:00 │ 3 │" in told(capsys, "query", address, query)
    out = tmp_path / "found.csv"
    assert "2 rows written" in told(capsys, "query", address, query, "--out", str(out))
    assert out.read_text().splitlines()[1] == "C1,2020-01-01T00:00:00+08:00,3.0"
    parquet = out.with_suffix(".parquet")
    told(capsys, "query", address, query, "--out", str(parquet))
    assert pd.read_parquet(parquet)["drops"].tolist() == [3.0, 4.0]


def test_a_long_answer_is_cut_and_says_so(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = told(capsys, "query", address, "SELECT i, NULL AS n, '[b]x' AS t FROM range(100) r(i)")
    assert "100 rows, the first 40 shown" in shown
    assert "[b]x" in shown


def test_days_come_back_into_a_bundle(
    address: str, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bundle / "kpi.csv").unlink()
    out = str(bundle / "kpi")
    assert "1 rows of kpi" in told(
        capsys, "export", address, "--days", "2020-01-02..2020-01-09", "--out", out
    )
    assert main(["check", str(bundle)]) == 0


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["show", "nowhere"], "`address` must hold a history"),
        (["query", "", "DROP TABLE kpi"], "`query` must be one SELECT"),
        (["query", "", "SELECT * FROM nothing"], "`query` can't be answered"),
        (["query", "", "SELECT 1", "--out", "x.txt"], "`out` must be a .csv or .parquet file"),
        (["prune", "", "--keep", "kpi"], "`keep` must be TABLE=DAYS"),
        (["export", "", "--days", "soon", "--out", "kpi"], "`days` must be YYYY-MM-DD..YYYY-MM-DD"),
    ],
)
def test_what_can_not_be_done_is_one_line(
    address: str, arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = told(capsys, *[argument or address for argument in arguments], code=2)
    assert said.startswith(f"cellcause: {line}")


def test_a_second_writer_is_one_line(
    address: str, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_history(address).writing():
        said = told(capsys, "add", str(bundle), "--to", address, code=2)
        assert "must have one writer at a time" in said
        assert "2 rows" in told(capsys, "show", address)


def test_a_history_says_what_it_is(address: str) -> None:
    about = json.loads((Path(address) / "history.json").read_text(encoding="utf-8"))
    assert about["zone"] == "Asia/Shanghai"
    assert about["tables"]["kpi"]["key"] == ["cell_id", "start"]
