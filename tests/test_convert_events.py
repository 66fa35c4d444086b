"""`convert` brings VES, TMF642 and dispatch texts to a table of alarms, whole or not at all."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from alarms.feeds.event_files import convert_events
from cli import main
from contract.bundles import read_bundle
from contract.settings import Settings
from tests.alarms.feeds.test_dispatch import OWN, TEXT
from tests.alarms.feeds.test_tmf642 import ALARM
from tests.alarms.feeds.test_ves import START, fault, header
from tests.bundles import random_bundle, write_bundle

HOUR = 3_600_000_000


def saved(folder: Path, name: str, content: Any) -> Path:
    """A file of text, or of JSON."""
    path = folder / name
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def table(out: Path, name: str = "alarms") -> Any:
    return pd.read_csv(out / f"{name}.csv", dtype="str")


def life() -> list[dict[str, Any]]:
    """A raising, a measurement, a clearing, a wrong event and a clearing of nothing."""
    normal = {"eventSeverity": "NORMAL"}
    return [
        {"event": fault()},
        {"event": {"commonEventHeader": header(domain="measurement")}},
        {"event": fault(normal, lastEpochMicrosec=START + HOUR)},
        {"event": fault({"eventSeverity": "?"})},
        {"event": fault(normal, sourceName="S9", eventId="f9")},
    ]


def test_events_become_alarms_and_every_event_is_accounted_for(tmp_path: Path) -> None:
    source = saved(tmp_path, "events.json", life())
    made = convert_events("ves", [source], tmp_path / "out", zone="Asia/Shanghai")
    counts = made.counts.iloc[0]
    assert counts["rows"] == counts["left_out"] + counts["used"] + counts["rejected"] == 5
    found = table(tmp_path / "out")
    assert found[["alarm_id", "object_id", "raised_at", "cleared_at"]].to_numpy().tolist() == [
        ["S1/f1", "S1", "2026-03-01T08:00:00+08:00", "2026-03-01T09:00:00+08:00"]
    ]
    rejected = table(tmp_path / "out", "rejected")
    assert rejected["row"].tolist() == ["4", "5"]
    assert rejected["reason"].str.contains("eventSeverity|cleared without").all()
    assert made.passed["reason"].tolist() == ["domain measurement tells of no alarm"]


@pytest.mark.parametrize("together", [True, False], ids=["one file", "file by file"])
def test_lines_and_files_give_what_one_list_gives(tmp_path: Path, *, together: bool) -> None:
    whole = saved(tmp_path, "whole.json", life())
    folder = tmp_path / "in"
    folder.mkdir()
    lines = [json.dumps(body) for body in life()]
    for number, part in enumerate(["\n".join(lines)] if together else lines):
        saved(folder, f"{number}.jsonl", part)
    for name, path in (("a", whole), ("b", folder)):
        convert_events("ves", [path], tmp_path / name, zone="UTC")
    assert (tmp_path / "a/alarms.csv").read_bytes() == (tmp_path / "b/alarms.csv").read_bytes()
    rejected = [table(tmp_path / name, "rejected")["reason"].tolist() for name in "ab"]
    assert sorted(rejected[0]) == sorted(rejected[1])


def test_line_that_is_no_json_is_one_rejected_row(tmp_path: Path) -> None:
    lines = [json.dumps({"event": fault()}), "{broken", json.dumps({"event": fault(eventId="f2")})]
    source = saved(tmp_path, "events.jsonl", "\n".join(lines))
    convert_events("ves", [source], tmp_path / "out", zone="UTC")
    rejected = table(tmp_path / "out", "rejected")
    assert rejected[["row", "reason"]].to_numpy().tolist() == [["2", "the line is not JSON"]]
    assert len(table(tmp_path / "out")) == 2


def test_tmf642_is_converted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = saved(tmp_path, "list.json", [ALARM, ALARM | {"id": "A9", "alarmRaisedTime": "?"}])
    assert main(["convert", "tmf642", str(source), "--out", str(tmp_path / "out")]) == 0
    assert table(tmp_path / "out")["alarm_id"].tolist() == ["A1"]
    assert "alarmRaisedTime" in table(tmp_path / "out", "rejected")["reason"][0]
    assert "rejected" in capsys.readouterr().out


@pytest.mark.parametrize("suffix", ["txt", "csv", "json"])
def test_dispatch_texts_are_converted_from_any_file(tmp_path: Path, suffix: str) -> None:
    over = OWN.replace("18:20:03", "19:20:03") + "【告警状态】: 已恢复"
    texts = [TEXT, over]
    if suffix == "txt":
        source = saved(tmp_path, "d.txt", "\n".join(texts))
    elif suffix == "json":
        source = saved(tmp_path, "d.json", [texts[0], {"id": 7, "content": texts[1]}])
    else:
        source = tmp_path / "d.csv"
        pd.DataFrame({"序号": ["1", "2"], "内容": texts}).to_csv(source, index=False)
    made = convert_events("dispatch", [source], tmp_path / "out", zone="Asia/Shanghai")
    assert made.counts["used"].tolist() == [2]
    found = table(tmp_path / "out").set_index("object_id")["cleared_at"]
    assert found["东坡R_5"] == "2026-03-01T19:20:03+08:00"
    assert found.isna().sum() == 2


def test_alarms_are_added_to_a_bundle_that_reads_them(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    tables = random_bundle(np.random.default_rng(3))
    site = tables["sites"]["site_id"].iloc[0]
    write_bundle(bundle, {name: rows for name, rows in tables.items() if name != "alarms"})
    before = {path.name for path in bundle.iterdir()}
    source = saved(tmp_path, "events.json", {"event": fault(sourceName=str(site))})
    convert_events("ves", [source], bundle, zone="UTC")
    assert {path.name for path in bundle.iterdir()} == before | {
        "alarms.csv", "rejected.csv", "repairs.csv",
    }  # fmt: skip
    assert read_bundle(bundle, Settings()).tables["alarms"]["object_id"].tolist() == [site]


@pytest.mark.parametrize(
    ("form", "name", "content", "reason"),
    [
        ("ves", "a.json", "", "is empty"),
        ("ves", "a.json", "not json", "JSON or JSON lines"),
        ("ves", "a.json", "[NaN]", "JSON or JSON lines"),
        ("ves", "a.json", "[" * 100_000, "JSON or JSON lines"),
        ("tmf642", "a.json", "[]", "holds none"),
        ("dispatch", "a.txt", "早上好", "dispatch texts"),
        ("dispatch", "a.csv", "a,b\n1,2\n", "column of dispatch texts"),
    ],
    ids=["empty", "text", "NaN", "deep", "no alarm", "talk", "other table"],
)
def test_file_of_another_form_is_one_line_and_leaves_nothing(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    form: str,
    name: str,
    content: str,
    reason: str,
) -> None:
    source = saved(tmp_path, name, content)
    assert main(["convert", form, str(source), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_missing_file_and_taken_folder_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["convert", "ves", str(tmp_path / "none.json"), "--out", str(out)]) == 2
    source = saved(tmp_path, "events.json", {"event": fault()})
    assert main(["convert", "ves", str(source), "--out", str(out)]) == 0
    assert main(["convert", "ves", str(source), "--out", str(out)]) == 2
    assert "must not have the tables" in capsys.readouterr().err
