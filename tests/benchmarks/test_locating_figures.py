"""Figures of several worlds are those of their tickets together."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.locating_figures import (
    FIGURES,
    binned,
    by_source,
    calibration_error,
    calibration_text,
    pooled,
    pooled_bins,
)


def figures(tickets: list[int], value: list[float], sources: list[str]) -> pd.DataFrame:
    table = {"tickets": tickets, **dict.fromkeys(FIGURES, value)}
    return pd.DataFrame(table, index=pd.Index(sources, name="source"))


def test_worlds_weigh_by_their_tickets() -> None:
    parts = [figures([1], [1.0], ["register"]), figures([3], [0.0], ["register"])]
    before = parts[0].copy()
    assert pooled(parts).loc["all", "site_top1"] == pytest.approx(0.25)
    pd.testing.assert_frame_equal(parts[0], before)


def test_pooling_pooled_tables_counts_nothing_twice() -> None:
    once = pooled([figures([2, 2], [1.0, 0.5], ["coordinates", "nothing"])])
    assert pooled([once, once])["tickets"].tolist() == [4, 4, 8]


def test_sources_follow_what_is_known_of_the_place() -> None:
    places = ["coordinates", "coordinates", "address", "address", "neither", "neither"]
    index = pd.MultiIndex.from_arrays([places, [True, False] * 3])
    detail = figures([1, 2, 4, 8, 16, 32], [1.0] * 6, places).set_axis(index)
    sources = by_source(detail)["tickets"].to_dict()
    expected = {"coordinates": 3, "register": 20, "address only": 8, "nothing": 32, "all": 63}
    assert sources == expected


@pytest.mark.parametrize(
    ("tickets", "right", "is_in_band", "is_in_order"),
    [
        (100, 0.76, True, True),
        (100, 0.60, False, False),
        (10_000, 0.72, False, True),
        (10, 0.5, True, True),
    ],
    ids=["close", "far off", "many but close", "few"],
)
def test_a_tenth_is_in_order_in_its_band_or_close(
    tickets: int, right: float, is_in_band: bool, is_in_order: bool
) -> None:
    part = pd.DataFrame({"tickets": [tickets], "stated": [0.75], "right": [right]}, index=[7])
    found = pooled_bins([part]).loc[7]
    assert (found["is_in_band"], found["is_in_order"]) == (is_in_band, is_in_order)


def test_the_error_is_the_scorers() -> None:
    judged = pd.DataFrame({"stated": [0.95, 0.95, 0.25, np.nan], "site_top1": [True, False, 0, 0]})
    assert calibration_error(pooled_bins([binned(judged)])) == pytest.approx((0.45 * 2 + 0.25) / 3)


def test_tenths_out_of_order_are_named() -> None:
    part = pd.DataFrame({"tickets": [500], "stated": [0.35], "right": [0.6]}, index=[3])
    assert "out of order: 0.3-0.4" in calibration_text(pooled_bins([part]))
