"""A bundle is laid out without what is taken away, and the world stays as it is."""

from pathlib import Path

import pytest

from benchmarks.ablations import ABLATIONS, WHOLE, Ablation, figures, lay_out_without, main

TABLES = ("sites", "cells", "alarms", "kpi", "accounts", "locations", "verdicts")
ORDERS = (
    "ticket_id,created_at,text,address,category\nT1,2026-03-05 11:00:00,no data,Oak Lane,Data\n"
)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A bundle beside a folder that no run may see."""
    folder = tmp_path / "world"
    (folder / "truth").mkdir(parents=True)
    (folder / "truth" / "faults.csv").write_text("fault_id\nF1\n", encoding="utf-8")
    for name in TABLES:
        (folder / f"{name}.csv").write_text("a\n1\n", encoding="utf-8")
    (folder / "complaints.csv").write_text(ORDERS, encoding="utf-8")
    return folder


def content(folder: Path) -> dict[str, str]:
    """Return what stands in each file of a folder."""
    return {
        str(p.relative_to(folder)): p.read_text(encoding="utf-8") for p in folder.rglob("*.csv")
    }


@pytest.mark.parametrize("ablation", ABLATIONS, ids=[each.name for each in ABLATIONS])
def test_only_what_is_named_is_missing(world: Path, tmp_path: Path, ablation: Ablation) -> None:
    before = content(world)
    laid = lay_out_without(world, ablation, tmp_path / "laid")
    kept = {f"{name}.csv" for name in TABLES if name not in ablation.tables} | {"complaints.csv"}
    assert {path.name for path in laid.iterdir()} == kept
    orders = (laid / "complaints.csv").read_text(encoding="utf-8")
    assert (orders == ORDERS) == ("text" not in ablation.columns)
    assert content(world) == before


def test_without_texts_place_and_time_stay(world: Path, tmp_path: Path) -> None:
    ablation = next(each for each in ABLATIONS if each.name == "without texts")
    laid = lay_out_without(world, ablation, tmp_path / "laid")
    assert (laid / "complaints.csv").read_text(encoding="utf-8").splitlines() == [
        "ticket_id,created_at,text,address",
        "T1,2026-03-05 11:00:00,-,Oak Lane",
    ]


def test_truth_is_never_laid_out(world: Path, tmp_path: Path) -> None:
    assert not (lay_out_without(world, WHOLE, tmp_path / "laid") / "truth").exists()


def test_figures_stand_in_the_order_asked(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scores(asked: Path, ablation: Ablation) -> dict[str, float]:
        """Return the length of a name as the figure."""
        return {"cause_top1": float(len(ablation.name)) if asked == world else 0.0}

    monkeypatch.setattr("benchmarks.ablations._scores", scores)
    table = figures(world, ABLATIONS, jobs=2)
    assert table.index.tolist() == [each.name for each in ABLATIONS]
    assert table["cause_top1"].tolist() == [len(each.name) for each in ABLATIONS]
    assert table["object_hit"].isna().all()


def test_a_run_that_fails_leaves_its_row_empty(
    world: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cost(command: list[str]) -> None:
        """Fail as a run does that does not end well."""
        message = f"{command[0]} must end well"
        raise RuntimeError(message)

    monkeypatch.setattr("benchmarks.ablations.cost", cost)
    table = figures(world, [WHOLE])
    assert table.loc["whole"].isna().all()
    assert "whole: run must end well" in capsys.readouterr().err


def test_absent_world_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert "no such world" in capsys.readouterr().err
