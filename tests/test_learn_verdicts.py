"""`cellcause learn verdicts` and `learn all` write what closed orders teach, or say in one line why not."""

import json
import shutil
from pathlib import Path

import pytest

from cli import main
from contract.settings import load_settings
from correlate.learning.files import PIECES, read_learned
from correlate.learning.start import load_start
from dashboards.learn_sheet import WRITTEN

DALI = Path(__file__).resolve().parents[1] / "examples" / "dali"


def test_few_orders_teach_nothing_and_all_is_refused_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "learned"
    assert main(["learn", "verdicts", str(DALI), "--out", str(out), "--quiet"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("refused:") == len(PIECES)
    about = json.loads((out / "about.json").read_text(encoding="utf-8"))
    assert {entry["piece"] for entry in about["entries"]} == set(PIECES)
    assert {entry["reason"] for entry in about["entries"]} == {"too few to be tried on"}
    keys = [entry["kind"] for entry in read_learned(out)["counted"]]
    assert about["orders"] == keys.count("order")
    assert len(about["bundle_sha256"]) == 64
    assert not load_start(out, []).pieces


def test_all_is_learned_in_one_go_with_settings_that_use_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, kept = tmp_path / "night", str(tmp_path / "history")
    assert main(["history", "add", str(DALI), "--to", kept]) == 0
    night = ["learn", "all", "--bundle", str(DALI), "--history", kept, "--out", str(out), "--quiet"]
    assert main([*night, "--jobs", "1"]) == 0
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("background", "relations of", "counters", "cells"))
    assert sorted(path.name for path in out.iterdir()) == sorted(WRITTEN)
    settings = load_settings(out / "settings.toml")
    assert (settings.learned, settings.alarm_relations) == (out / "verdicts", out / "relations.csv")


def test_a_folder_of_something_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    for command in (["verdicts", str(DALI)], ["all", "--bundle", str(DALI)]):
        assert main(["learn", *command, "--out", str(tmp_path)]) == 2
        assert "notes.txt" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_bundle_without_closed_orders_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(DALI, bundle)
    (bundle / "verdicts.csv").unlink()
    assert main(["learn", "verdicts", str(bundle), "--out", str(tmp_path / "learned")]) == 2
    assert "`verdicts` must have closed orders" in capsys.readouterr().err
    assert not (tmp_path / "learned").exists()


def test_a_run_refuses_what_was_learned_by_another_version(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '{"format": "cellcause learned", "version": 99, "piece": "about", "entries": []}'
    (tmp_path / "about.json").write_text(text, encoding="utf-8")
    monkeypatch.setenv("CELLCAUSE_LEARNED", str(tmp_path))
    assert main(["run", str(DALI), "--out", str(tmp_path / "out"), "--quiet"]) == 2
    assert "is of version 99; this program reads version 1" in capsys.readouterr().err
