"""Peers answer as their names say, from the tables alone."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.locating_peers import (
    named_points,
    nearest_answers,
    peer_answers,
    register_answers,
    site_masts,
    stated_or_named,
)

SITES = pd.DataFrame(
    {
        "site_id": ["A", "B", "C"],
        "lon": [100.0, 100.1, 100.2],
        "lat": [25.0, 25.0, 25.0],
        "county": ["East", "East", "West"],
        "status": ["live", None, "live"],
    }
)
CELLS = pd.DataFrame(
    {
        "cell_id": ["A-1", "A-2", "B-1", "C-1"],
        "site_id": ["A", "A", "B", "C"],
        "azimuth_deg": [90.0, 270.0, np.nan, 0.0],
    }
)
PLACES = pd.DataFrame(
    {
        "name": ["Oakover", "Oakover", "Long Oakover Town"],
        "kind": ["village", "village", "town"],
        "county": ["East", "West", "East"],
        "lon": [100.01, 100.19, 100.1],
        "lat": [25.0, 25.0, 25.0],
    }
)


def instants(*hours: int) -> pd.Series:
    return pd.Series(pd.to_datetime(list(hours), unit="h", utc=True))


@pytest.fixture
def orders() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ticket_id": ["T1", "T2", "T3"],
            "msisdn": ["1", "2", None],
            "text": ["no bars", "none in oakover", "dead"],
            "address": ["Oakover", None, None],
            "county": ["West", "East", "West"],
            "lon": [np.nan, 100.09, np.nan],
            "lat": [np.nan, 25.0, np.nan],
            "crs": ["wgs84", "wgs84", None],
            "arrived_at": instants(10, 11, 12),
        }
    )


@pytest.mark.parametrize(("lon", "cell"), [(100.01, "A-1"), (99.99, "A-2")], ids=["east", "west"])
def test_the_sector_that_points_at_the_place_is_taken(lon: float, cell: str) -> None:
    masts = site_masts(SITES, CELLS)
    point = np.array([lon]), np.array([25.0])
    answers = nearest_answers(pd.Series(["T"]), *point, masts=masts, is_sector=True)
    assert answers["cell_id"].tolist() == [cell, "B-1", "C-1"]
    assert answers["rank"].tolist() == [1, 2, 3]


def test_a_point_that_is_not_known_gets_no_answer() -> None:
    masts = site_masts(SITES, CELLS)
    point = np.array([np.nan, 100.2]), np.array([25.0, 25.0])
    answers = nearest_answers(pd.Series(["T1", "T2"]), *point, masts=masts)
    assert set(answers["ticket_id"]) == {"T2"}
    assert answers["cell_id"].iloc[0] == "C-1"


def test_a_site_off_air_is_left_out() -> None:
    masts = site_masts(SITES.assign(status=["planned", "live", "live"]), CELLS)
    assert set(masts["site_id"]) == {"B", "C"}


def test_stated_goes_before_named_before_county(orders: pd.DataFrame) -> None:
    before = orders.copy()
    lon, _ = stated_or_named(orders, PLACES, SITES)
    assert lon.round(2).tolist() == [100.19, 100.09, 100.2]
    pd.testing.assert_frame_equal(orders, before)


def test_a_village_goes_before_the_town_it_lies_in() -> None:
    order = pd.DataFrame({"address": ["Long Oakover Town, Oakover"], "county": ["East"]})
    assert named_points(order, PLACES)["lon"].tolist() == [100.01]


def test_the_register_never_looks_ahead(orders: pd.DataFrame) -> None:
    seen = pd.DataFrame(
        {
            "msisdn": ["1", "1", "1"],
            "seen_at": instants(5, 7, 9),
            "arrived_at": instants(5, 7, 11),
            "cell_id": ["A-1", "A-2", "B-1"],
        }
    )
    answers = register_answers(orders, seen)
    assert answers[["ticket_id", "cell_id"]].to_numpy().tolist() == [["T1", "A-2"]]


def test_every_peer_answers_in_the_contracts_form(orders: pd.DataFrame) -> None:
    seen = pd.DataFrame({"msisdn": ["1"], "seen_at": instants(1), "cell_id": ["A-1"]})
    tables = {
        "sites": SITES,
        "cells": CELLS,
        "places": PLACES,
        "complaints": orders,
        "locations": seen.assign(arrived_at=instants(1)),
    }
    for answers in peer_answers(tables).values():
        assert {"ticket_id", "rank", "cell_id", "probability"} <= set(answers.columns)
        assert (answers.groupby("ticket_id")["probability"].sum() <= 1.0).all()
        assert not answers.duplicated(["ticket_id", "rank"]).any()
