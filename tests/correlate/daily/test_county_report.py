"""The report of some counties tells nothing of the others, in no form."""

from pathlib import Path

import pandas as pd
import pytest

from contract.errors import InputError
from correlate.daily.county_report import DECLARED, WAYS, report_within
from correlate.daily.day_report import REPORT, DayReport
from correlate.daily.kept_report import keep_report, kept_report
from tests.dashboards.small_report import ROWS, TOWNS, empty_report, small_report

MILL = frozenset({"Mill County"})


def cut() -> DayReport:
    """The report of one county, of a network with two, where a fault reaches beyond."""
    return report_within(small_report(places=TOWNS), MILL)


def told(report: DayReport) -> str:
    """Return all text of a report."""
    return " ".join(getattr(report, name).to_csv(index=False) for name in REPORT)


def test_every_table_says_by_what_its_rows_are_kept() -> None:
    assert DECLARED["rows"].keys() == REPORT.keys()
    assert set(DECLARED["rows"].values()) <= WAYS


def test_rows_of_other_counties_are_gone() -> None:
    report = cut()
    assert "Ford" not in told(report)
    assert "INC-2" not in told(report)
    assert "S3" not in [*report.faults["object_id"], *report.late["object_id"]]
    assert set(report.rates["county"]) == MILL
    assert set(report.rates["scope"]) == {"county"}
    assert set(report.sites["county"]) == MILL
    assert len(report.queues) + len(report.doubts) + len(report.listed) == 0


def test_what_names_other_towns_is_left_out_and_the_rest_stays() -> None:
    report = cut()
    assert report.to_intercept["area"].tolist() == ["Mill"]
    assert report.to_intercept["script_en"].isna().all(), "its words name the area whole"
    alone = small_report(places=TOWNS, to_intercept=[{**ROWS["to_intercept"][0], "area": "Mill"}])
    assert report_within(alone, MILL).to_intercept["script_en"].notna().all()


def test_the_headline_is_counted_anew() -> None:
    rows = cut().headline.set_index("measure")
    assert rows.loc["complaints", ["value", "before"]].tolist() == [12.0, 8.0]
    assert rows.loc["per_10k", "value"] == pytest.approx((12 - 4) / 42000 * 1e4)
    assert rows.loc[["open_faults", "silent_faults", "open_notices"], "value"].tolist() == [1, 0, 1]
    assert rows.loc["late_repairs", "value"] == 0
    assert "expected_today" not in rows.index, "only the whole network tells"


def test_two_counties_are_counted_together() -> None:
    rows = report_within(small_report(), {"Mill County", "Ford County"}).headline
    known = rows.set_index("measure")["value"]
    assert known["complaints"] == 24.0
    assert known["open_faults"] == 2.0


@pytest.mark.parametrize("report", [empty_report(), small_report()], ids=["empty", "small"])
def test_an_unknown_county_has_an_empty_report(report: DayReport) -> None:
    own = report_within(report, {"Nowhere"})
    assert own.counties == ("Nowhere",)
    assert own.rates.empty
    assert own.faults.empty
    assert own.sites.empty


def test_a_report_is_kept_and_read_back(tmp_path: Path) -> None:
    report = small_report()
    keep_report(report, tmp_path)
    again = kept_report(tmp_path)
    for name in REPORT:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(report, name), obj=name)
    assert (again.at, again.day, again.counties) == (report.at, report.day, ())


def test_a_report_of_which_no_tables_were_kept_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="draw it up anew"):
        kept_report(tmp_path)
