"""`convert pm` takes measurement files into a bundle, tells what it did, and refuses what it can't use in one line."""

from pathlib import Path

import pandas as pd
import pytest

from cli import main
from contract.bundles import read_bundle
from contract.settings import Settings
from tests.kpi.files.made import attempts, saved


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A bundle with an inventory."""
    folder = tmp_path / "network"
    folder.mkdir()
    sites = "site_id,site_name,lon,lat,county\n5001,Hill,100.1,25.1,A\n5002,Lake,100.2,25.2,B\n"
    cells = "cell_id,site_id,rat,freq_mhz\n5001-1,5001,LTE,1800\n5001-2,5001,LTE,1800\n5002-1,5002,LTE,1800\n"
    saved(folder / "sites.csv", sites)
    saved(folder / "cells.csv", cells)
    return folder


def files(tmp_path: Path) -> list[str]:
    """A good file, a broken one and one with a cell that is not ours."""
    made = {
        "a.xml": attempts(10, 20),
        "b.xml": attempts(1)[:-40],
        "c.xml": attempts(3).replace("5001", "9999"),
    }
    return [str(saved(tmp_path / name, text)) for name, text in made.items()]


def test_bundle_gets_a_table_that_it_can_be_read_with(
    tmp_path: Path, network: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", "pm", *files(tmp_path), "--out", str(network)]) == 0
    printed = capsys.readouterr().out
    assert "3 files: 2 read, 0 known, 1 quarantined" in printed
    assert "quarantined: b.xml: line " in printed
    assert "3 records: 2 used (0 suspect), 0 left out, 1 rejected" in printed
    assert "1 counters not mapped, the commonest: Some.Other" in printed
    bundle = read_bundle(network, Settings())
    assert bundle.tables["kpi"]["setup_attempts"].tolist() == [10.0, 20.0]
    assert not bundle.ignored
    assert main(["convert", "pm", *files(tmp_path), "--out", str(network)]) == 0
    assert "2 known" in capsys.readouterr().out


def test_table_may_stand_in_a_bundle_of_its_own(tmp_path: Path, network: Path) -> None:
    command = [
        "convert",
        "pm",
        *files(tmp_path),
        "--cells",
        str(network),
        "--out",
        str(tmp_path / "out"),
    ]
    assert main(command) == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["kpi"]
    assert len(pd.read_parquet(next((tmp_path / "out" / "kpi").glob("*.parquet")))) == 2


def test_rules_of_ones_own_and_a_history_are_taken(tmp_path: Path, network: Path) -> None:
    own = saved(
        tmp_path / "own.toml",
        '[[counter]]\ncolumn = "drops"\nadd = ["Some.Other"]\nsource = "ours"\nverified = false\n',
    )
    more = ["--counters", str(own), "--history", str(tmp_path / "history")]
    assert main(["convert", "pm", files(tmp_path)[0], "--out", str(network), *more]) == 0
    assert read_bundle(network, Settings()).tables["kpi"]["drops"].tolist() == [7.0, 7.0]
    assert any((tmp_path / "history").rglob("*.parquet"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.xml", "--out", "{network}"], "neither"),
        (["{folder}/b.xml", "--out", "{folder}/new", "--cells", "{network}"], "b.xml: line"),
        (
            ["{folder}/a.xml", "--out", "{folder}/new", "--cells", "{folder}/none"],
            "folder of a bundle",
        ),
        (["{folder}/a.xml", "--out", "{folder}/new"], "folder of a bundle"),
        (["{folder}/a.xml", "--out", "{network}", "--counters", "{folder}/none.toml"], "TOML"),
        (
            ["{folder}/a.xml", "--out", "{folder}/own", "--cells", "{network}"],
            "must not have the tables",
        ),
    ],
    ids=["no file", "all broken", "no inventory", "no cells", "no rules", "kpi not ours"],
)
def test_what_cannot_be_used_is_one_line_and_leaves_nothing(
    tmp_path: Path,
    network: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    files(tmp_path)
    (tmp_path / "own").mkdir()
    saved(tmp_path / "own" / "kpi.csv", "cell_id,start,minutes\n")
    given = [text.format(folder=tmp_path, network=network) for text in arguments]
    assert main(["convert", "pm", *given]) == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1
    assert said in told
    assert not (tmp_path / "new").exists()
    assert not (network / "kpi").exists()


def test_options_of_measurements_are_for_them_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["convert", "ves", "x.json", "--cells", "b", "--out", str(tmp_path / "out")]) == 2
    assert "`--cells` is for measurement files" in capsys.readouterr().err
