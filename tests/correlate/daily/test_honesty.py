"""A report from a run that goes on is the report of a run that ended at its hour."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from contract.bundles import Bundle, read_bundle
from contract.outputs import write_outputs
from contract.settings import Settings
from correlate.daily.day_report import REPORT, DayReport
from correlate.daily.known_then import local_instant
from correlate.daily.report import day_report
from correlate.daybook import daybook_tables
from correlate.knowledge import Knowledge, gather
from correlate.run import play
from correlate.tabling import output_tables

DALI = Path(__file__).resolve().parents[3] / "examples" / "dali"
DAY = dt.date(2010, 6, 26)


def played(out: Path, bundle: Bundle, knowledge: Knowledge, until: int | None) -> DayReport:
    """Return the report of a run that ended at a moment."""
    state, issued = play(bundle, knowledge, until=until)
    tables = output_tables(state, knowledge, issued, bundle)
    book = daybook_tables(state, knowledge, tables["diagnoses"], bundle)
    write_outputs(out, tables, knowledge.settings.zone, daybook=book)
    return day_report(out, DAY, knowledge.settings)


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[DayReport, DayReport]:
    """Give the report of a run that ended at its hour, and of one that went on."""
    folder = tmp_path_factory.mktemp("runs")
    settings = Settings(zone="Asia/Shanghai", report_hour=8)
    bundle = read_bundle(DALI, settings)
    knowledge = gather(bundle.tables, settings)
    at = int(local_instant(DAY, 8, settings.zone).timestamp())
    return (
        played(folder / "cut", bundle, knowledge, at),
        played(folder / "whole", bundle, knowledge, None),
    )


@pytest.mark.parametrize("name", REPORT)
def test_what_came_later_changes_no_table(name: str, reports: tuple[DayReport, DayReport]) -> None:
    cut, whole = reports
    pd.testing.assert_frame_equal(getattr(cut, name), getattr(whole, name))


def test_there_is_something_to_report(reports: tuple[DayReport, DayReport]) -> None:
    assert len(reports[0].faults)
    assert len(reports[0].notices)
