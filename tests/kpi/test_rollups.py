"""Hours and days of counters: sums, means, shares of time, and what is not known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.errors import InputError
from kpi.measure_files import COUNTERS_OF_CELLS, load_measures
from kpi.rollups import grouped_cells, rolled_up

BOOK = load_measures()
MEANS = {
    "traffic_erl", "active_users", "prb_utilisation", "ul_interference_dbm", "cqi",
    "throughput_mbps", "vswr", "ber", "availability",
}  # fmt: skip


def cells_of(*ids: str, rat: str = "GSM") -> pd.DataFrame:
    index = pd.Index(list(ids), name="cell_id")
    return pd.DataFrame({"object_id": list(ids), "rat": rat}, index=index)


def rows_of(
    start: Sequence[str], minutes: Sequence[int] | int = 15, *, cell: Any = "A1", **counters: Any
) -> pd.DataFrame:
    at = pd.to_datetime(list(start)).tz_localize("UTC").as_unit("us")
    return pd.DataFrame({"cell_id": cell, "start": at, "minutes": minutes, **counters})


def figure(found: pd.DataFrame, measure: str, column: str = "value", row: int = 0) -> Any:
    return found.loc[found["measure"] == measure, column].iloc[row]


def test_a_ratio_is_one_of_sums_and_not_a_mean_of_ratios() -> None:
    rows = rows_of(
        ["2026-03-02 00:00", "2026-03-02 00:15"], setup_attempts=[100, 1], setup_successes=[100, 0]
    )
    before = rows.copy()
    found = rolled_up(rows, cells_of("A1"), names=["setup_success"])
    assert figure(found, "setup_success") == pytest.approx(100 / 101)
    assert figure(found, "setup_success", "n") == 101
    low, high = figure(found, "setup_success", "low"), figure(found, "setup_success", "high")
    assert 0.94 < low < 100 / 101 < high < 1
    assert figure(found, "setup_success", "coverage") == 0.5
    pd.testing.assert_frame_equal(rows, before)


def test_a_zero_denominator_is_null_and_few() -> None:
    rows = rows_of(["2026-03-02 00:00"], 60, setup_attempts=[0], setup_successes=[0])
    found = rolled_up(rows, cells_of("A1"), names=["setup_success"])
    assert np.isnan(figure(found, "setup_success"))
    assert np.isnan(figure(found, "setup_success", "low"))
    assert figure(found, "setup_success", "n") == 0
    assert figure(found, "setup_success", "is_few")
    assert figure(found, "setup_success", "coverage") == 1.0


@pytest.mark.parametrize(("attempts", "is_few"), [(29, True), (30, False)])
def test_fewer_attempts_than_the_measure_needs_are_flagged(attempts: int, is_few: bool) -> None:
    rows = rows_of(["2026-03-02"], 60, setup_attempts=[attempts], setup_successes=[20])
    found = rolled_up(rows, cells_of("A1"), names=["setup_success"])
    assert figure(found, "setup_success", "is_few") == is_few


def test_a_part_that_is_not_known_takes_its_period_out_of_the_ratio() -> None:
    rows = rows_of(
        ["2026-03-02 00:00", "2026-03-02 00:15"],
        setup_attempts=[40, 60],
        setup_successes=[30, np.nan],
    )
    found = rolled_up(rows, cells_of("A1"), names=["setup_success", "attempts"])
    assert figure(found, "setup_success") == 0.75
    assert figure(found, "setup_success", "n") == 40
    assert figure(found, "setup_success", "coverage") == 0.25
    assert figure(found, "attempts") == 200.0
    assert figure(found, "attempts", "coverage") == 0.5


def test_a_level_is_weighted_by_the_minutes_reported() -> None:
    rows = rows_of(["2026-03-02 00:00", "2026-03-02 00:45"], [45, 15], vswr=[1.0, 2.0])
    assert figure(rolled_up(rows, cells_of("A1"), names=["vswr"]), "vswr") == 1.25


def test_powers_are_averaged_and_not_decibels() -> None:
    rows = rows_of(
        ["2026-03-02 00:00", "2026-03-02 00:30"], 30, ul_interference_dbm=[-120.0, -90.0]
    )
    found = rolled_up(rows, cells_of("A1"), names=["ul_interference_dbm"])
    assert figure(found, "ul_interference_dbm") == pytest.approx(-93.0, abs=0.02)


def test_a_measure_is_unknown_where_the_technology_has_none() -> None:
    rows = rows_of(["2026-03-02"], 60, prb_utilisation=[0.4], sd_attempts=[9], sd_congestion=[1])
    names = ["prb_utilisation", "sd_congestion"]
    gsm = rolled_up(rows, cells_of("A1"), names=names)
    lte = rolled_up(rows, cells_of("A1", rat="LTE"), names=names)
    assert np.isnan(figure(gsm, "prb_utilisation"))
    assert figure(gsm, "prb_utilisation", "coverage") == 0.0
    assert figure(gsm, "sd_congestion") == pytest.approx(1 / 9)
    assert figure(lte, "prb_utilisation") == pytest.approx(0.4)
    assert np.isnan(figure(lte, "sd_congestion"))


def test_a_counter_nobody_reports_is_unknown() -> None:
    found = rolled_up(rows_of(["2026-03-02"], 60, drops=[1]), cells_of("A1"))
    assert found["value"].isna().all()
    assert found["measure"].nunique() == len(BOOK.measures) - 1


def test_mean_holding_time_is_seconds_of_traffic_by_call() -> None:
    rows = rows_of(
        ["2026-03-02 00:00", "2026-03-02 00:30"],
        30,
        traffic_erl=[2.0, 4.0],
        setup_successes=[100, 20],
    )
    found = rolled_up(rows, cells_of("A1"), names=["mean_holding_s"])
    assert figure(found, "mean_holding_s") == pytest.approx((2.0 + 4.0) * 0.5 * 3600 / 120)


def test_a_product_needs_both_its_ratios_and_has_the_attempts_of_the_lesser() -> None:
    counters = {"setup_attempts": [100], "setup_successes": [90], "data_attempts": [50]}
    rows = rows_of(["2026-03-02"], 60, **counters, data_successes=[40])
    found = rolled_up(rows, cells_of("A1", rat="LTE"), names=["accessibility"])
    assert found["measure"].tolist() == ["accessibility"]
    assert figure(found, "accessibility") == pytest.approx(0.72)
    assert figure(found, "accessibility", "n") == 50
    low, high = figure(found, "accessibility", "low"), figure(found, "accessibility", "high")
    assert low < 0.72 < high
    half = rolled_up(rows.drop(columns="data_successes"), cells_of("A1", rat="LTE"))
    assert np.isnan(figure(half, "accessibility"))


def test_a_site_counts_what_its_cells_had_while_they_reported() -> None:
    cells = pd.DataFrame({"object_id": "S", "rat": "GSM"}, index=["A1", "A2", "A3"])
    rows = rows_of(
        ["2026-03-02 00:00", "2026-03-02 00:00"],
        [60, 15],
        cell=["A1", "A2"],
        setup_attempts=[100, 50],
        setup_successes=[100, 0],
        vswr=[1.0, 2.0],
    )
    found = rolled_up(rows, cells, names=["attempts", "setup_success", "vswr"])
    assert figure(found, "attempts") == 300.0
    assert figure(found, "setup_success") == pytest.approx(100 / 150)
    assert figure(found, "vswr") == pytest.approx((60 * 1 + 15 * 2) / 75)
    assert figure(found, "attempts", "coverage") == pytest.approx(75 / 180)


def test_a_period_across_an_hour_is_shared_out_by_its_minutes() -> None:
    rows = rows_of(["2026-03-02 00:50"], 30, setup_attempts=[30], traffic_erl=[2.0])
    found = rolled_up(rows, cells_of("A1"), names=["attempts", "traffic_erl"])
    attempts = found[found["measure"] == "attempts"]
    assert attempts["value"].tolist() == [60.0, 60.0]
    assert attempts["coverage"].round(3).tolist() == [0.167, 0.333]
    assert found.loc[found["measure"] == "traffic_erl", "value"].tolist() == [2.0, 2.0]


@pytest.mark.parametrize(
    ("starts", "minutes", "attempts"),
    [
        pytest.param(
            ["00:00", "00:15", "00:30", "00:45", "00:00"], [15, 15, 15, 15, 60], 4, id="finer"
        ),
        pytest.param(["00:00", "00:15", "00:45", "00:00"], [15, 15, 15, 60], 100, id="coarser"),
        pytest.param(["00:00", "00:00"], [60, 60], 1, id="first of two alike"),
    ],
)
def test_of_rows_that_overlap_those_count_that_know_the_whole(
    starts: list[str], minutes: list[int], attempts: int
) -> None:
    counts = [1 if m == 15 or i == 0 else 100 for i, m in enumerate(minutes)]
    rows = rows_of([f"2026-03-02 {s}" for s in starts], minutes, setup_attempts=counts)
    found = rolled_up(rows, cells_of("A1"), names=["attempts"])
    assert found["value"].tolist() == [attempts]
    assert found["coverage"].tolist() == [1.0]


def test_a_day_is_a_day_of_the_zone() -> None:
    hours = pd.date_range("2026-03-01 16:00", periods=48, freq="h").astype(str)
    rows = rows_of(list(hours), 60, setup_attempts=[1] * 24 + [2] * 24)
    found = rolled_up(rows, cells_of("A1"), span="day", names=["attempts"])
    assert found["start"].astype(str).tolist() == [
        "2026-03-02 00:00:00+08:00",
        "2026-03-03 00:00:00+08:00",
    ]
    assert found["value"].tolist() == [1.0, 2.0]
    assert found["coverage"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_on_which_clocks_change_has_its_own_length(day: str, hours: int) -> None:
    first = pd.Timestamp(day, tz="Europe/London").tz_convert("UTC").tz_localize(None)
    starts = pd.date_range(first, periods=hours, freq="h").astype(str)
    rows = rows_of(list(starts), 60, setup_attempts=1)
    found = rolled_up(rows, cells_of("A1"), span="day", zone="Europe/London", names=["attempts"])
    assert found["coverage"].tolist() == [1.0]
    assert found["value"].tolist() == [1.0]


def test_spans_may_be_minutes() -> None:
    rows = rows_of(["2026-03-02 00:00", "2026-03-02 00:05"], 5, setup_attempts=[1, 2])
    found = rolled_up(rows, cells_of("A1"), span=15, names=["attempts"])
    assert found["value"].tolist() == [18.0]
    assert found["coverage"].round(3).tolist() == [0.667]


def test_rows_without_cell_or_length_are_left_out() -> None:
    starts = ["2026-03-02 00:00"] * 3
    rows = rows_of(starts, [60, 0, 60], cell=["A1", "A1", "ghost"], setup_attempts=[5, 5, 5])
    found = rolled_up(rows, cells_of("A1"), names=["attempts"])
    assert found["value"].tolist() == [5.0]


def test_no_rows_give_no_rows_of_the_same_form() -> None:
    rows = rows_of(["2026-03-02"], 60, setup_attempts=[5])
    found = rolled_up(rows, cells_of("A1"))
    empty = rolled_up(rows.iloc[:0], cells_of("A1"))
    assert not len(empty)
    assert list(empty.columns) == list(found.columns)


def test_cells_may_be_categories() -> None:
    rows = rows_of(["2026-03-02"] * 2, 60, cell=["A1", "ghost"], setup_attempts=[5, 7])
    coded = rows.assign(cell_id=rows["cell_id"].astype("category"))
    plain, found = (rolled_up(table, cells_of("A1")) for table in (rows, coded))
    pd.testing.assert_frame_equal(plain, found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"names": ["karma"]}, "`names` must be measures", id="measure"),
        pytest.param({"names": ["present"]}, "`names` must be measures", id="present"),
        pytest.param({"span": "week"}, "`span` must be", id="span"),
        pytest.param({"span": 0}, "`span` must be", id="no minutes"),
    ],
)
def test_what_is_not_known_is_named(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        rolled_up(rows_of(["2026-03-02"], 60, drops=[1]), cells_of("A1"), **change)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match=r"`rows` lacks columns \['minutes'\]"):
        rolled_up(rows_of(["2026-03-02"], 60).drop(columns="minutes"), cells_of("A1"))


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        ("cell", ["A1", "A2", "B1"]),
        ("site", ["A", "A", "B"]),
        ("layer", ["GSM 900", "LTE 1800", "LTE 1800"]),
        ("county", ["Bin", "Bin"]),
    ],
)
def test_cells_are_counted_under_what_is_asked(by: str, labels: list[str]) -> None:
    cells = pd.DataFrame(
        {
            "cell_id": ["A1", "A2", "B1"],
            "site_id": ["A", "A", "B"],
            "rat": ["GSM", "LTE", "LTE"],
            "freq_mhz": [935.2, 1815.0, 1840.0],
        }
    )
    sites = pd.DataFrame({"site_id": ["A", "B"], "county": ["Bin", None]})
    assert grouped_cells(cells, sites, by=by)["object_id"].tolist() == labels


def test_a_grouping_not_known_is_named() -> None:
    with pytest.raises(InputError, match="`by` must be one of"):
        grouped_cells(pd.DataFrame(), pd.DataFrame(), by="town")


def truth(seed: int, periods: int) -> pd.DataFrame:
    """Five minutes of every counter of two cells."""
    rng = np.random.default_rng(seed)
    start = pd.date_range("2026-03-02", periods=periods, freq="5min", tz="UTC").as_unit("us")
    tables = []
    for cell in ("A1", "A2"):
        table = pd.DataFrame({"cell_id": cell, "start": start, "minutes": 5})
        for name in COUNTERS_OF_CELLS:
            table[name] = rng.integers(0, 50, periods).astype(float)
        for name in ("prb_utilisation", "availability", "ber"):
            table[name] = rng.random(periods)
        table["ul_interference_dbm"] = -120 + 30 * rng.random(periods)
        for part, whole in (("setup_successes", "setup_attempts"), ("drops", "setup_successes")):
            table[part] = np.floor(table[whole] * rng.random(periods))
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def coarser(rows: pd.DataFrame, minutes: int) -> pd.DataFrame:
    """The same truth as a vendor would report it in longer periods."""
    milliwatts = rows.assign(ul_interference_dbm=10 ** (rows["ul_interference_dbm"] / 10))
    start = rows["start"].dt.floor(f"{minutes}min")
    how = {name: "mean" if name in MEANS else "sum" for name in COUNTERS_OF_CELLS}
    joined = milliwatts.groupby(["cell_id", start]).agg(how).reset_index().assign(minutes=minutes)
    return joined.assign(ul_interference_dbm=10 * np.log10(joined["ul_interference_dbm"]))


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    minutes=st.sampled_from([10, 15, 30, 60]),
    by=st.sampled_from(["cell", "site"]),
    rat=st.sampled_from(["GSM", "LTE"]),
)
def test_five_and_sixty_minutes_of_one_truth_give_the_same(
    seed: int, minutes: int, by: str, rat: str
) -> None:
    rows = truth(seed, 36)
    cells = cells_of("A1", "A2", rat=rat)
    if by == "site":
        cells = cells.assign(object_id="A")
    fine = rolled_up(rows, cells)
    coarse = rolled_up(coarser(rows, minutes), cells)
    for column in ("value", "low", "high", "coverage"):
        np.testing.assert_allclose(fine[column], coarse[column], rtol=1e-9)
    is_ratio = fine["low"].notna()
    np.testing.assert_allclose(fine["n"][is_ratio], coarse["n"][is_ratio])


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_rows_never_matters(seed: int) -> None:
    rows = truth(seed, 24)
    cells = cells_of("A1", "A2")
    mixed = pd.concat([coarser(rows, 60), rows.iloc[::3]], ignore_index=True)
    shuffled = mixed.sample(frac=1, random_state=seed % 2**32)
    pd.testing.assert_frame_equal(rolled_up(mixed, cells), rolled_up(shuffled, cells))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_a_day_is_what_its_hours_are(seed: int) -> None:
    rows = truth(seed, 48)
    cells = cells_of("A1", "A2")
    hours = rolled_up(rows, cells, zone="UTC", names=["attempts", "ul_interference_dbm"])
    day = rolled_up(rows, cells, span="day", zone="UTC", names=["attempts", "ul_interference_dbm"])
    of_hours = hours.assign(power=10 ** (hours["value"] / 10))
    means = of_hours.groupby(["object_id", "measure"], observed=True)[["value", "power"]].mean()
    for row in day.itertuples():
        seen = means.loc[(row.object_id, row.measure)]
        expected = 10 * np.log10(seen["power"]) if row.measure != "attempts" else seen["value"]
        assert row.value == pytest.approx(expected)
        assert row.coverage == pytest.approx(48 / 288)
