"""Claims about `rate`, `repairs` and `coverage`, asked of a small run."""

import json
from pathlib import Path

import pandas as pd
import pytest

from cli import main
from contract.outputs import write_outputs
from contract.tables import OUTPUTS, empty_table
from correlate.daily.moments import month_end
from tests.correlate.small_daybook import ZONE, small_run


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked") / "out"
    thin = {"cause": "weak_coverage", "caller": "P1"}
    run = small_run(
        tickets=[
            {"incident_id": "I1", "incident_at": "03-09 12:30"},
            {"ticket_id": "T2", **thin},
            {"ticket_id": "T3", **thin, "caller": "P2", "created_at": "03-08 12:00"},
        ],
        versions=[{}],
    )
    outputs = {name: run.pop(name) for name in list(run) if name in OUTPUTS}
    outputs = {name: empty_table(table) for name, table in OUTPUTS.items()} | outputs
    write_outputs(folder, outputs, ZONE, daybook=run)
    return folder


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main([*arguments, "--lang", "en"]) == 0
    return capsys.readouterr().out


def test_rate_tells_the_day_the_month_and_what_moved_it(
    out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    printed = told(capsys, "rate", str(out), "--day", "2026-03-10", "--county", "Hill")
    assert "as known at 2026-03-10 08:00" in printed
    assert "today, forecast" in printed
    assert "Base station out of service" in printed
    assert "Vale" not in printed


def test_repairs_tell_who_is_to_act(
    out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    printed = told(capsys, "repairs", str(out), "--day", "2026-03-10")
    assert "overdue" in printed
    assert "radio equipment maintenance" in printed
    assert "No site was out this month." in printed


def test_coverage_as_json_holds_what_customers_are_told(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(told(capsys, "coverage", str(out), "--day", "2026-03-10", "--json"))
    (place,) = found["thin"]
    assert (place["place"], place["callers"], place["agrees"]) == ("Hilltop", 2, None)
    assert place["told_en"].startswith("The signal at Hilltop is weak")
    assert found["at"] == "2026-03-10T08:00:00+08:00"


def test_tables_are_written_as_csv(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told(capsys, "repairs", str(out), "--day", "2026-03-10", "--csv", str(tmp_path / "csv"))
    table = pd.read_csv(tmp_path / "csv" / "repairs.csv")
    assert table["due_at"].tolist() == ["2026-03-09T16:05:00+08:00"]


def test_a_month_is_told_to_its_end_or_that_of_the_run(out: Path) -> None:
    assert month_end(out, "2026-02").isoformat() == "2026-03-01"
    assert month_end(out, "2026-03").isoformat() == "2026-03-15"


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (["--county", "Moon"], "Moon"),
        (["--month", "March"], "YYYY-MM"),
        (["--day", "2027-01-01"], "2027"),
    ],
    ids=["county", "month", "day"],
)
def test_what_cannot_be_answered_is_refused(
    out: Path, capsys: pytest.CaptureFixture[str], asked: list[str], named: str
) -> None:
    assert main(["rate", str(out), *asked]) == 2
    assert named in capsys.readouterr().err
