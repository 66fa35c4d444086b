"""A report says what was known at its hour, and nothing that came later."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from contract.daybook import DAYBOOK
from contract.errors import InputError
from contract.outputs import write_outputs
from contract.settings import Settings
from contract.tables import OUTPUTS, empty_table
from correlate.daily.day_report import REPORT, DayReport
from correlate.daily.report import day_report, parsed_day
from tests.correlate.small_daybook import DAY, ZONE, small_run

TOLD: dict[str, Any] = {
    "tickets": [
        {"incident_id": "I1", "incident_at": "03-09 12:30", "covered_by": "N1",
         "covered_at": "03-09 12:30", "lead_min": 110.0},
        {"ticket_id": "T2", "cause": "weak_coverage", "created_at": "03-09 15:00",
         "arrived_at": "03-09 15:00", "diagnosed_at": "03-09 15:30"},
        {"ticket_id": "T3", "created_at": "03-08 15:00", "arrived_at": "03-08 15:00",
         "diagnosed_at": "03-08 15:30", "county": "Vale", "caller": "P2"},
    ],
    "versions": [{}, {"incident_id": "I2", "first_sign": "counters", "due_at": "03-11 00:00"}],
    "notices": [{}],
}  # fmt: skip
LATER: dict[str, Any] = {
    "tickets": [
        {"ticket_id": "T9", "created_at": "03-10 07:59", "arrived_at": "03-10 08:10",
         "diagnosed_at": "03-10 08:40"},
    ],
    "versions": [
        {"at": "03-10 08:05", "ended_at": "03-10 08:05", "cause": "power_failure"},
        {"incident_id": "I9", "at": "03-10 09:00", "detected_at": "03-10 09:00"},
    ],
    "notices": [{"interception_id": "N9", "incident_id": "I9", "issued_at": "03-10 09:05"}],
    "merges": [{"incident_id": "I2", "into": "I1", "at": "03-10 10:00"}],
}  # fmt: skip


def written(folder: Path, run: Mapping[str, pd.DataFrame]) -> Path:
    """Write a run as `run` would and return its folder."""
    tables = {n: run.get(n, empty_table(t)) for n, t in OUTPUTS.items()}
    daybook = {name: run[name] for name in DAYBOOK}
    write_outputs(folder, tables, ZONE, daybook=daybook)
    return folder


@pytest.fixture
def report(tmp_path: Path) -> DayReport:
    return day_report(written(tmp_path / "out", small_run(**TOLD)), DAY, Settings())


def test_every_table_has_its_declared_columns(report: DayReport) -> None:
    for name, table in REPORT.items():
        assert list(getattr(report, name).columns) == list(table.column_names), name


def test_the_report_says_what_it_is_of(report: DayReport) -> None:
    assert (report.day, report.bundle, report.zone) == (DAY, "small", ZONE)
    assert str(report.at) == "2026-03-10 08:00:00+08:00"
    assert (report.first_day, report.last_day) == (dt.date(2026, 3, 1), dt.date(2026, 3, 14))
    assert report.is_whole_day


def test_the_headline_tells_the_day_and_its_change(report: DayReport) -> None:
    head = report.headline.set_index("measure")
    assert list(head.index) == list(REPORT["headline"].columns[0].choices)
    assert head.loc["complaints", ["value", "before", "change"]].tolist() == [2.0, 1.0, 1.0]
    assert head.at["per_10k", "value"] == pytest.approx(1 / 2.05)
    assert head.at["per_10k_without", "value"] == pytest.approx(2 / 2.05)
    assert head.loc["open_faults", ["value", "before"]].tolist() == [2.0, 0.0]
    assert head["value"].loc[["silent_faults", "open_notices", "late_repairs"]].tolist() == [
        1,
        1,
        1,
    ]
    expected = report.to_intercept["expected"].sum()
    assert head.at["expected_today", "value"] == pytest.approx(expected)
    assert head.at["expected_today", "low"] < expected < head.at["expected_today", "high"]


def test_all_parts_tell_the_same_faults(report: DayReport) -> None:
    assert set(report.faults["incident_id"]) == {"I1", "I2"}
    assert report.late["incident_id"].tolist() == ["I1"]
    assert report.notices["intercepted"].tolist() == [1]
    assert report.thin["place"].tolist() == ["Hilltop"]
    assert report.repeaters["complaints"].tolist() == [2]
    assert report.fault_sites["site_id"].tolist() == ["S1", "S1"]


def test_instants_bear_the_zone(report: DayReport) -> None:
    assert str(report.faults["since"].dtype) == f"datetime64[us, {ZONE}]"


def test_rows_issued_later_do_not_change_the_report(tmp_path: Path, report: DayReport) -> None:
    more = {name: [*TOLD.get(name, []), *rows] for name, rows in LATER.items()}
    later = day_report(written(tmp_path / "more", small_run(**more)), DAY, Settings())
    for name in REPORT:
        pd.testing.assert_frame_equal(getattr(later, name), getattr(report, name))


def test_the_hour_of_the_report_is_a_setting(tmp_path: Path) -> None:
    more = {name: [*TOLD.get(name, []), *rows] for name, rows in LATER.items()}
    out = written(tmp_path / "out", small_run(**more))
    evening = day_report(out, DAY, Settings(report_hour=18.5))
    assert str(evening.at) == "2026-03-10 18:30:00+08:00"
    assert set(evening.faults["incident_id"]) == {"I1", "I9"}


@pytest.mark.parametrize("day", [dt.date(2026, 2, 28), dt.date(2026, 3, 16)], ids=["early", "late"])
def test_a_day_outside_the_run_is_refused_with_its_span(tmp_path: Path, day: dt.date) -> None:
    out = written(tmp_path / "out", small_run())
    with pytest.raises(InputError, match=r"`day`.*2026-03-01 to 2026-03-14, or the one after"):
        day_report(out, day, Settings())


@pytest.mark.parametrize("day", [dt.date(2026, 3, 1), dt.date(2026, 3, 15)], ids=["first", "last"])
def test_the_ends_of_the_run_have_a_report(tmp_path: Path, day: dt.date) -> None:
    found = day_report(written(tmp_path / "out", small_run()), day, Settings())
    assert found.is_whole_day == (day.day == 15)
    assert found.faults.empty


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", ""])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"`day` must be a day as YYYY-MM-DD"):
        parsed_day(text)


def test_a_run_in_which_nothing_arrived_has_no_report(tmp_path: Path) -> None:
    run = small_run()
    run["about"] = run["about"].assign(first_arrival=pd.NaT)
    with pytest.raises(InputError, match="something arrived"):
        day_report(written(tmp_path / "out", run), DAY, Settings())
