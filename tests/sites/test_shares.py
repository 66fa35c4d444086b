"""The fit of preferences follows the users, in small networks and in large ones."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sites import shares
from sites.choice import cell_chances
from sites.inventory import Network, build_network
from sites.radio import build_radio
from sites.surroundings import surroundings

TEMPERATURE_DB = 7.0


@pytest.fixture
def network() -> Network:
    rng = np.random.default_rng(4)
    count = 12
    sites = pd.DataFrame(
        {
            "site_id": [f"S{n}" for n in range(count)],
            "site_name": "Hill",
            "lon": 100.0 + 0.03 * rng.random(count),
            "lat": 25.0 + 0.03 * rng.random(count),
        }
    )
    cells = pd.DataFrame(
        {
            "cell_id": [f"S{n // 3}-{n % 3}" for n in range(3 * count)],
            "site_id": [f"S{n // 3}" for n in range(3 * count)],
            "rat": "LTE",
            "freq_mhz": 1800.0,
            "azimuth_deg": [120.0 * (n % 3) for n in range(3 * count)],
            "users": rng.integers(20, 400, 3 * count).astype(float),
        }
    )
    return build_network({"sites": sites, "cells": cells})


def test_people_are_shared_out_as_the_choice_between_cells_says(network: Network) -> None:
    radio = build_radio(network)
    share = np.full(len(network.cells), 1.0 / len(network.cells))
    people = shares._people(radio, share, TEMPERATURE_DB)
    raised = np.random.default_rng(1).normal(0.0, 0.5, len(share))
    carried = shares._carried(people, raised)
    x_m, y_m = shares._around(radio)
    around = surroundings(radio, x_m, y_m)
    bias = (radio.preference_db + TEMPERATURE_DB * raised).astype(np.float32)
    chance = cell_chances(around, around.level_dbm + bias[around.cell], temperature=TEMPERATURE_DB)
    expected = np.bincount(around.cell, chance, minlength=len(share)) / len(x_m)
    np.testing.assert_allclose(carried, expected, rtol=1e-4, atol=1e-7)
    assert carried.sum() == pytest.approx(1.0, abs=1e-5)


def test_a_large_network_is_fitted_nearly_as_a_small_one(
    network: Network, monkeypatch: Any
) -> None:
    radio = build_radio(network)
    full = shares.fitted_preference_db(radio, temperature_db=TEMPERATURE_DB)
    monkeypatch.setattr(shares, "FULL_SITES", len(network.sites) - 1)
    monkeypatch.setattr(shares, "POINTS_PER_SITE", shares.POINTS_PER_SITE + 2)
    large = shares.fitted_preference_db(radio, temperature_db=TEMPERATURE_DB)
    assert np.abs(large - full).mean() < 2.0
    assert np.corrcoef(large, full)[0, 1] > 0.9


def test_the_fit_does_not_depend_on_chunks(network: Network, monkeypatch: Any) -> None:
    radio = build_radio(network)
    whole = shares.fitted_preference_db(radio, temperature_db=TEMPERATURE_DB)
    monkeypatch.setattr(shares, "CHUNK_POINTS", 7)
    parts = shares.fitted_preference_db(radio, temperature_db=TEMPERATURE_DB)
    np.testing.assert_allclose(whole, parts, atol=1e-4)
