"""A proposed mapping is shown so that a person sees what to look at."""

from pathlib import Path

import pytest

import cli
from contract.mapping_files import load_mapping
from contract.proposals import propose_mapping
from dashboards.proposal import print_proposal

EXPORT = "工单编号,受理时间,投诉内容,申告号码,备注\nT1,2026-03-01 09:00,没信号,13800000001,[red]x\n"


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "200")
    path = tmp_path / "export.csv"
    path.write_text(EXPORT, encoding="utf-8")
    return path


def test_each_column_is_shown_with_its_source(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_proposal(propose_mapping(export), None)
    told = capsys.readouterr().out
    for column, source in (("ticket_id", "工单编号"), ("text", "投诉内容"), ("msisdn", "申告号码")):
        assert any(column in line and source in line for line in told.splitlines())
    assert "not used: 备注" in told
    assert "--out MAPPING.toml" in told
    assert "13800000001" not in told


def test_map_writes_a_mapping_that_convert_takes(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping, bundle = export.parent / "mine.toml", export.parent / "bundle"
    assert cli.main(["map", str(export), "--out", str(mapping)]) == 0
    assert load_mapping(mapping).source.zone == "Asia/Shanghai"
    assert cli.main(["convert", str(mapping), str(export), "--out", str(bundle)]) == 0
    assert (bundle / "complaints.csv").is_file()
    assert cli.main(["map", str(export), "--out", str(mapping)]) == 2
    assert "must be a new file" in capsys.readouterr().err


def test_table_can_be_named_and_the_zone_comes_from_the_settings(export: Path) -> None:
    settings = export.parent / "settings.toml"
    settings.write_text('zone = "Europe/London"\n')
    mapping = export.parent / "mine.toml"
    told = ["map", str(export), "--table", "complaints", "--settings", str(settings)]
    assert cli.main([*told, "--out", str(mapping)]) == 0
    assert load_mapping(mapping).source.zone == "Europe/London"
    assert cli.main(["map", str(export), "--table", "nothing"]) == 2
