"""The made-up country keeps the contract and repeats itself."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.big_country import Country, make_complaints, make_country, write_country
from contract.bundles import read_bundle
from contract.settings import Settings


@pytest.fixture(scope="module")
def country() -> Country:
    return make_country(1500, 200, seed=1)


def test_sizes_are_as_asked(country: Country) -> None:
    assert (len(country.cells), len(country.places)) == (1500, 200)
    assert country.cells["cell_id"].is_unique
    assert set(country.cells["site_id"]) == set(country.sites["site_id"])


def test_the_same_seed_gives_the_same_country(country: Country) -> None:
    again = make_country(1500, 200, seed=1)
    pd.testing.assert_frame_equal(country.cells, again.cells)
    pd.testing.assert_frame_equal(country.places, again.places)


def test_every_row_is_used(country: Country, tmp_path: Path) -> None:
    write_country(country, tmp_path)
    counts = read_bundle(tmp_path, Settings()).counts
    assert counts.loc[["sites", "cells", "places"], "rejected"].tolist() == [0, 0, 0]


def test_complaints_are_of_every_kind(country: Country) -> None:
    orders, seen, symptoms = make_complaints(country, 500, seed=2)
    assert len(orders) == len(symptoms) == 500
    assert 0.3 < orders["lon"].notna().mean() < 0.5
    assert 0.7 < orders["address"].notna().mean() < 0.9
    created = orders.set_index("msisdn")["created_at"].loc[seen["msisdn"]]
    assert (seen["seen_at"].to_numpy() <= created.to_numpy()).all()
