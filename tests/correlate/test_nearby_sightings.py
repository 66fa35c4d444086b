"""Complaints learn from where the numbers of earlier complaints near them were seen."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from correlate.locating import locate
from correlate.nearby_sightings import in_order, stacked
from sites.coverage import Serving
from sites.inventory import build_network
from sites.places import build_gazetteer

NOW = pd.Timestamp("2026-03-02 08:00", tz="UTC")


@pytest.fixture(scope="module")
def network() -> Any:
    """Two equal sites 2 km apart, and a third far away."""
    sites = pd.DataFrame(
        {
            "site_id": ["A", "B", "C"],
            "site_name": ["站甲", "站乙", "站丙"],
            "lon": [100.10, 100.12, 100.60],
            "lat": 26.0,
            "county": "东江县",
        }
    )
    cells = pd.DataFrame(
        {
            "cell_id": ["A-1", "B-1", "C-1"],
            "site_id": sites["site_id"],
            "rat": "LTE",
            "freq_mhz": 1800.0,
            "users": 100.0,
        }
    )
    return build_network({"sites": sites, "cells": cells})


@pytest.fixture(scope="module")
def gazetteer(network: Any) -> Any:
    village = {"name": ["白石村"], "lon": 100.11, "lat": 26.0, "kind": "village"}
    return build_gazetteer(pd.DataFrame(village), network)


def orders(*minutes: float) -> Any:
    """Complaints from the village between the two sites, minutes from now."""
    created = [NOW + pd.Timedelta(minutes=m) for m in minutes]
    return pd.DataFrame(
        {
            "text": "没信号", "address": "白石村", "county": "东江县", "lon": np.nan, "lat": np.nan,
            "crs": None, "msisdn": [f"1390000000{i}" for i in range(len(minutes))],
            "created_at": pd.Series(created).astype("datetime64[us, UTC]"),
        }
    )  # fmt: skip


def seen(network: Any, **cells: str) -> Any:
    """The cell on which the last digit of a number was seen."""
    at = pd.Series([NOW - pd.Timedelta(hours=1)] * len(cells)).astype("datetime64[us, UTC]")
    return pd.DataFrame(
        {
            "msisdn": pd.Series([f"1390000000{name[1:]}" for name in cells], dtype="str"),
            "seen_at": at,
            "cell": [int(network.cell_position[cell]) for cell in cells.values()],
        }
    )


def chance_of(located: Any, network: Any, row: int, cell: str) -> float:
    is_cell = located.serving.cell[row] == network.cell_position[cell]
    return float(located.serving.probability[row][is_cell].sum())


def test_an_earlier_caller_from_the_place_tells_where_it_is_served(
    network: Any, gazetteer: Any
) -> None:
    asked, sightings = orders(0, 10, 20), seen(network, n0="B-1", n1="B-1")
    before = asked.copy(deep=True)
    alone = locate(asked[2:], gazetteer, network, sightings)
    located = locate(asked, gazetteer, network, sightings)
    assert chance_of(located, network, 2, "B-1") > chance_of(alone, network, 0, "B-1") + 0.05
    pd.testing.assert_frame_equal(asked, before)


def test_a_later_caller_changes_nothing(network: Any, gazetteer: Any) -> None:
    sightings = seen(network, n1="B-1", n2="B-1")
    located = locate(orders(0, 0, 10), gazetteer, network, sightings)
    alone = locate(orders(0), gazetteer, network, sightings)
    np.testing.assert_array_equal(located.serving.probability[0], alone.serving.probability[0])


def test_older_sightings_count_less(network: Any, gazetteer: Any) -> None:
    sightings = seen(network, n0="B-1")
    fresh = locate(orders(0, 10), gazetteer, network, sightings)
    old = locate(orders(0, 60 * 24 * 20), gazetteer, network, sightings)
    assert chance_of(fresh, network, 1, "B-1") > chance_of(old, network, 1, "B-1")


def test_probabilities_stay_in_order_and_at_most_one(network: Any, gazetteer: Any) -> None:
    sightings = seen(network, n0="B-1", n1="A-1")
    serving = locate(orders(0, 10, 20), gazetteer, network, sightings).serving
    assert (np.diff(serving.probability, axis=1) <= 0).all()
    assert (serving.probability.sum(axis=1) + serving.nothing <= 1 + 1e-9).all()


def test_the_likeliest_cells_come_first_with_their_probabilities() -> None:
    flat = Serving(
        np.array([[4, 2, -1]]), np.array([[0.3, 0.5, 0.0]]), np.array([0.2]), np.full((1, 3), 9.0)
    )
    ordered = in_order(stacked([flat, flat]), 2)
    assert ordered.cell.tolist() == [[2, 4]] * 2
    assert ordered.probability.tolist() == [[0.5, 0.3]] * 2
    assert ordered.nothing.tolist() == [0.2, 0.2]
    assert flat.probability.tolist() == [[0.3, 0.5, 0.0]]
