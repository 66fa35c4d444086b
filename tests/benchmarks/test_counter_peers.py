"""The peers of the counters do what they are said to do."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.counter_peers import main, recall_by_chance
from benchmarks.peer_detectors import (
    Flags,
    anomaly_bits,
    by_clusters,
    by_thresholds,
    by_z_scores,
    z_scores,
)
from benchmarks.peer_episodes import episodes_of
from benchmarks.peer_hours import Hours, lay_out
from benchmarks.peer_watch import watched
from correlate.score_details import Truth
from correlate.score_episodes import episode_figures

BEGIN = pd.Timestamp("2026-03-02", tz="UTC")


def tables(
    start: list[str], minutes: list[int], **counters: list[float]
) -> dict[str, pd.DataFrame]:
    """Return a bundle of one site with one cell and its counters."""
    begin = pd.to_datetime(pd.Series(start), utc=True).astype("datetime64[us, UTC]")
    kpi = pd.DataFrame({"cell_id": "A1", "start": begin, "minutes": minutes, **counters})
    arrived = begin + pd.to_timedelta(kpi["minutes"] + 20, unit="min")
    return {
        "sites": pd.DataFrame({"site_id": ["A"], "lon": [100.0], "lat": [25.0]}),
        "cells": pd.DataFrame(
            {"cell_id": ["A1"], "site_id": ["A"], "rat": "LTE", "freq_mhz": 1800.0, "indoor": 0}
        ),
        "kpi": kpi.assign(arrived_at=arrived),
    }


def made(cells: int = 1, count: int = 72, **values: np.ndarray) -> Hours:
    """Return hours of cells A1, B1, ... on sites in a row, a kilometre apart; ratios with 100 attempts."""
    names = [chr(65 + number) for number in range(cells)]
    shape = (cells, count)
    return Hours(
        np.array([f"{name}1" for name in names], object),
        np.array(names, object),
        np.stack([1000.0 * np.arange(cells), np.zeros(cells)], axis=1),
        BEGIN,
        8,
        {name: np.broadcast_to(value, shape) for name, value in values.items()},
        {name: np.full(shape, 100.0) for name in values},
        np.broadcast_to(np.arange(count) + 1 + 1 / 3, shape),
    )


def steady(level: float, count: int = 72, **at: float) -> np.ndarray:
    """Return a level for each hour, other values from some hours on (`h50=1.0`)."""
    values = np.full((1, count), level)
    for hour, value in at.items():
        values[:, int(hour[1:]) :] = value
    return values


def test_short_periods_are_summed_before_the_ratio() -> None:
    start = ["2026-03-02 00:00", "2026-03-02 00:15", "2026-03-02 01:00"]
    given = tables(
        start, [15, 15, 60], setup_attempts=[10.0, 90.0, 0.0], setup_successes=[0.0, 90.0, 0.0]
    )
    before = given["kpi"].copy()
    hours = lay_out(given)
    assert hours.values["setup_success"][0, 0] == pytest.approx(0.9)
    assert np.isnan(hours.values["setup_success"][0, 1])
    assert hours.known_h[0].tolist() == pytest.approx([5 / 6, 2 + 1 / 3])
    pd.testing.assert_frame_equal(given["kpi"], before)


def test_thresholds_open_at_the_second_hour_in_a_row() -> None:
    values = steady(1.1)
    values[:, [10, 20, 21, 22]] = 2.5
    flags = by_thresholds(made(vswr=values), is_bad=True)["vswr"]
    assert np.flatnonzero(flags.opening[0]).tolist() == [21, 22]


def test_a_ratio_of_few_attempts_is_not_judged() -> None:
    hours = made(setup_success=steady(0.5))
    hours.attempts["setup_success"][:] = 20.0
    assert not by_thresholds(hours, is_bad=True)["setup_success"].flagged.any()


def test_a_z_score_needs_eight_earlier_hours() -> None:
    hours = made(count=120, ul_interference_dbm=steady(-115, 120, h20=-90, h24=-115, h100=-90))
    flags = by_z_scores(z_scores(hours), 3.5)["ul_interference_dbm"]
    assert np.flatnonzero(flags.flagged[0]).min() == 100
    assert flags.opening[0, 101]


def test_the_same_hour_on_three_days_opens() -> None:
    values = steady(-115, 240)
    values[:, [130, 154, 178]] = -90
    flags = by_z_scores(z_scores(made(count=240, ul_interference_dbm=values)), 3.5)[
        "ul_interference_dbm"
    ]
    assert np.flatnonzero(flags.opening[0]).tolist() == [178]


def test_clusters_flag_a_jump_and_never_a_constant() -> None:
    rng = np.random.default_rng(1)
    noisy = steady(0, 200) + rng.normal(0, 1, (1, 200))
    noisy[:, 150:] += 30
    bits = anomaly_bits(made(count=200, traffic_erl=noisy, vswr=steady(1.1, 200)))
    assert bits["traffic_erl"][0, 150:153].any()
    assert not bits["vswr"].any()
    assert bits["traffic_erl"][0, 60:140].mean() < 0.1
    assert by_clusters(bits, 0.01, 1)["traffic_erl"].opening.any()
    assert not by_clusters(bits, 0.9, 1)["traffic_erl"].opening.any()


def test_runs_of_neighbours_in_one_hour_are_one_episode() -> None:
    hours = made(3)
    flagged = np.zeros((3, 72), dtype=bool)
    flagged[0, 10:14] = flagged[1, 10:14] = flagged[2, 40:] = True
    opening = flagged & np.roll(flagged, 1, axis=1)
    told = episodes_of(hours, {"vswr": Flags(flagged, opening)})
    assert told["cells"].tolist() == ["A1|B1", "C1"]
    assert told["cause"].unique().tolist() == ["antenna_fault"]
    assert told["onset_at"].tolist() == [BEGIN + pd.Timedelta("10h"), BEGIN + pd.Timedelta("40h")]
    assert told["opened_at"][0] == BEGIN + pd.Timedelta("12h20min")
    assert told["closed_at"].isna().tolist() == [False, True]


def test_nothing_flagged_is_no_episode() -> None:
    nothing = np.zeros((2, 72), dtype=bool)
    assert episodes_of(made(2), {"vswr": Flags(nothing, nothing)}).empty


def test_the_surest_measure_of_a_site_names_the_episode() -> None:
    flagged = np.zeros((1, 72), dtype=bool)
    flagged[:, 10:20] = True
    both = {"drop_rate": Flags(flagged, flagged), "ul_interference_dbm": Flags(flagged, flagged)}
    assert episodes_of(made(), both)["kind"].tolist() == ["ul_interference_dbm"]


def test_the_watch_is_played_in_order_of_arrival() -> None:
    start = pd.date_range("2026-03-02", periods=96, freq="h")
    noise = [-115.0] * 80 + [-85.0] * 16
    given = tables([str(at) for at in start], [60] * 96, ul_interference_dbm=noise)
    told = watched(given, lay_out(given))
    assert told["cause"].tolist() == ["external_interference"]
    assert told["opened_at"][0] >= BEGIN + pd.Timedelta("81h20min")


def test_recall_by_chance_is_of_the_episodes_told_elsewhere() -> None:
    at = pd.Series([BEGIN], dtype="datetime64[us, UTC]")
    fault = {
        "fault_id": "F1",
        "cause": "antenna_fault",
        "object_id": "A1",
        "cells": "A1",
        "visible": False,
    }
    faults = pd.DataFrame([fault]).assign(start=at, end=at + pd.Timedelta("9h"))
    site_of = pd.Series(["A", "B"], index=["A1", "B1"])
    orders = pd.DataFrame({"created_at": at})
    world = Truth(pd.DataFrame(), faults, orders, site_of, faults["end"].max())
    flagged = np.zeros((2, 72), dtype=bool)
    flagged[0, 2:5] = True
    told = episodes_of(made(2), {"vswr": Flags(flagged, flagged)})
    assert episode_figures(world, told)["episodes_recall"] == 1
    assert recall_by_chance(world, told) == 0


def test_a_bundle_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none")]) == 2
    assert "none" in capsys.readouterr().err
