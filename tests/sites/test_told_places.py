"""Places that no table names are learned from the complaints before."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sites.inventory import build_network
from sites.told_places import Evidence, evidence_of, told_places


def evidence(spots: Any, size: int) -> Evidence:
    """Complaints 0, 1, ... with coordinates at spots, arriving one an hour."""
    rows = pd.DataFrame(spots, columns=["row", "x_m", "y_m"]).assign(error_m=250.0, trust=0.8)
    return Evidence(rows, np.arange(float(size)))


def test_a_place_is_where_earlier_complaints_agree() -> None:
    spots = [(0, 100.0, 0.0), (1, -100.0, 0.0), (2, 9000.0, 0.0), (3, 0.0, 60.0)]
    told = told_places([(n, "rose court", True) for n in range(5)], evidence(spots, 5))
    last = told[told["row"] == 4].iloc[0]
    assert np.hypot(last["x_m"], last["y_m"]) < 100
    assert last["weight"] > 0.5
    assert last["radius_m"] < 400


def test_only_earlier_complaints_tell() -> None:
    spots = [(1, 500.0, 0.0)]
    words = [(0, "rose court", True), (1, "rose court", True), (2, "rose court", True)]
    assert told_places(words, evidence(spots, 3))["row"].tolist() == [2]
    together = Evidence(evidence(spots, 3).rows, np.zeros(3))
    assert told_places(words, together).empty


def test_words_said_everywhere_are_no_place() -> None:
    spots = [(n, 5000.0 * n, 3000.0 * (n % 3)) for n in range(30)]
    told = told_places([(n, "same thing", False) for n in range(31)], evidence(spots, 31))
    assert (told["weight"] < 0.35).all()
    assert 30 not in set(told["row"])


def test_later_rows_change_nothing_before() -> None:
    spots = [(n, 50.0 * n, 0.0) for n in range(6)]
    words = [(n, "rose court", True) for n in range(6)]
    full = told_places(words, evidence(spots, 6))
    cut = told_places(words[:4], evidence(spots[:4], 4))
    pd.testing.assert_frame_equal(full[full["row"] < 4], cut)


def test_no_words_and_no_evidence_give_nothing() -> None:
    assert told_places([], evidence([], 0)).empty
    assert told_places([(0, "rose court", True)], evidence([], 1)).empty


def test_coordinates_and_sightings_are_evidence() -> None:
    site = pd.DataFrame(
        {"site_id": ["A", "B"], "site_name": ["Oak", "Elm"], "lon": [1.0, 1.1], "lat": 52.0}
    )
    cell = pd.DataFrame({"cell_id": ["A-1"], "site_id": ["A"], "rat": ["LTE"], "freq_mhz": [800.0]})
    network = build_network({"sites": site, "cells": cell})
    asked = pd.DataFrame(
        {"lon": [1.0, np.nan, 0.0], "lat": [52.0, np.nan, 0.0], "crs": ["wgs84", None, None]}
    )
    before = asked.copy()
    seen = pd.DataFrame({"row": [1], "site": [0], "trust": [0.5], "spacing_m": [1000.0]})
    found = evidence_of(asked, network, arrived=[1.0, 2.0, 3.0], sightings=seen).rows
    assert found["row"].tolist() == [0, 1]
    assert found["trust"].tolist() == pytest.approx([0.8, 0.5])
    assert np.hypot(*(found["x_m"].diff()[1], found["y_m"].diff()[1])) < 1.0
    pd.testing.assert_frame_equal(asked, before)
