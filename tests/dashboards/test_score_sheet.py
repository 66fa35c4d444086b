import json
from pathlib import Path

import pytest

from dashboards.score_sheet import print_scores
from tests.correlate.fake_world import tiny_world, write_pair

ZONE = "Asia/Shanghai"


def shown(folder: Path, capsys: pytest.CaptureFixture[str], **how: bool) -> str:
    world, out = write_pair(tiny_world(), folder)
    print_scores(world, out, ZONE, **({"as_json": False, "detail": False} | how))
    return capsys.readouterr().out


def test_json_is_one_object_of_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(shown(tmp_path, capsys, as_json=True))
    assert told
    assert all(value is None or isinstance(value, int | float) for value in told.values())


def test_every_figure_has_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = json.loads(shown(tmp_path / "a", capsys, as_json=True))
    text = shown(tmp_path / "b", capsys)
    assert all(name in text for name in names)


def test_details_come_on_demand_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short, long = shown(tmp_path / "a", capsys), shown(tmp_path / "b", capsys, detail=True)
    assert len(long) > len(short)
    assert set(short.splitlines()) <= set(long.splitlines())
