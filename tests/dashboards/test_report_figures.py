import pandas as pd

from dashboards.report_figures import (
    late_chart,
    needs_log,
    open_by_county,
    ranked_counties,
    rates_chart,
    series_chart,
    series_panels,
)
from tests.dashboards.small_report import ROWS, empty_report, small_report


def test_counties_are_ranked_from_the_bottom_up_without_small_ones() -> None:
    small = [dict(row) | {"county": "Tiny", "is_small": True} for row in ROWS["rates"][:1]]
    report = small_report(rates=[*ROWS["rates"], *small])
    assert ranked_counties(report.rates)["county"].tolist() == ["Ford County", "Mill County"]


def test_live_and_still_charts_name_the_same_counties() -> None:
    chart = rates_chart(small_report(), "en")
    assert chart is not None
    assert "Mill County" in chart.live
    assert "<svg" in chart.still
    assert "http" not in chart.live


def test_hostile_county_stays_inside_its_script() -> None:
    rows = [
        dict(row) | {"county": "</script><script>alert(1)</script>"} for row in ROWS["rates"][:1]
    ]
    chart = rates_chart(small_report(rates=rows), "en")
    assert chart is not None
    assert "</script><script>alert" not in chart.live


def test_series_begins_with_all_together_then_the_highest() -> None:
    panels, counties = series_panels(small_report(), "All")
    assert [name for name, _ in panels] == ["All", "Ford County", "Mill County"]
    assert counties == 2


def test_axis_is_logarithmic_only_for_far_apart_rates_without_zero() -> None:
    rows = pd.DataFrame({"per_10k": [0.1, 8.0], "low": [0.0, 4.0], "per_10k_without": [0.1, 8.0]})
    assert not needs_log(rows)
    assert needs_log(rows.assign(low=[0.02, 4.0]))
    assert not needs_log(rows.assign(low=[0.02, 4.0], per_10k=[2.0, 8.0]))


def test_open_faults_are_added_up_over_classes() -> None:
    late_by = pd.DataFrame(
        {"county": ["West", "West", None, "East"], "open": [2, 1, 1, 0], "late": [1, 0, 0, 0]}
    )
    bars = open_by_county(late_by, "not known")
    assert bars["county"].tolist() == ["not known", "West"]
    assert bars["in_time"].tolist() == [1, 2]


def test_nothing_to_draw_gives_no_chart() -> None:
    report = empty_report()
    assert rates_chart(report, "en") is None
    assert series_chart(report, "en") is None
    assert late_chart(report, "en") is None


def test_too_many_counties_are_cut_and_the_note_says_so() -> None:
    rows = [
        {"scope": "county", "county": f"County {n}", "day": "2026-03-09", "per_10k": n / 10, "low": 0.0, "high": 9.0,
         "per_10k_without": 1.0}
        for n in range(40)
    ]  # fmt: skip
    rows.append(dict(rows[0]) | {"scope": "all", "county": None})
    chart = series_chart(small_report(series=rows), "en")
    assert chart is not None
    assert chart.note == "The 23 highest of 40 counties are drawn."
