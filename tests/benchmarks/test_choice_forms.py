"""Check the forms of the choice that the benchmark compares."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import choice_forms
from sites.coverage import SIGMA_DB
from sites.inventory import build_network
from sites.surroundings import Surroundings

MEAN_DB = np.array([-80.0, -84.0, -92.0, -100.0], dtype=np.float32)


def four_sites() -> Surroundings:
    each = np.arange(4)
    away = np.full((1, 4), 100.0, dtype=np.float32)
    return Surroundings(each[None, :], away, each, each, each, MEAN_DB)


def test_the_integral_is_the_share_of_draws_each_site_wins() -> None:
    rng = np.random.default_rng(5)
    drawn = MEAN_DB + rng.normal(0.0, SIGMA_DB * np.sqrt(0.5), (400_000, 4))
    won = np.bincount(drawn.argmax(axis=1), minlength=4) / len(drawn)
    np.testing.assert_allclose(choice_forms.integral(four_sites(), MEAN_DB)[0], won, atol=0.004)


@pytest.mark.parametrize("name", list(choice_forms.FORMS))
def test_every_form_sums_to_one_and_keeps_the_order(name: str) -> None:
    chance = choice_forms.FORMS[name](four_sites(), MEAN_DB)[0]
    assert chance.sum() == pytest.approx(1.0, abs=1e-5)
    assert (np.diff(chance) < 0).all()


def test_only_numbers_seen_within_a_day_before_count() -> None:
    sites = pd.DataFrame({"site_id": ["A"], "site_name": ["A"], "lon": [100.0], "lat": [25.0]})
    cells = {"cell_id": ["A-1"], "site_id": ["A"], "rat": ["LTE"], "freq_mhz": [1800.0]}
    network = build_network({"sites": sites, "cells": pd.DataFrame(cells)})
    created = pd.Timestamp("2026-05-02T12:00Z")
    complaints = pd.DataFrame(
        {
            "ticket_id": ["t1", "t2", "t3"],
            "created_at": created,
            "msisdn": ["n1", "n2", "n3"],
            "lon": [100.0, 100.01, 140.0],
            "lat": 25.0,
            "crs": "wgs84",
        }
    )
    hours = pd.to_timedelta([1, 30, 1], unit="h")
    locations = pd.DataFrame(
        {"msisdn": ["n1", "n2", "n3"], "seen_at": created - hours, "cell_id": "A-1"}
    )
    x_m, y_m, site = choice_forms.seen_places(network, complaints, locations)
    assert site.tolist() == [0]
    assert np.hypot(x_m - network.sites.loc[0, "x_m"], y_m - network.sites.loc[0, "y_m"])[0] < 1


def test_a_world_that_is_not_there_is_named(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path_factory.mktemp("none") / "nowhere"
    assert choice_forms.main([str(missing)]) == 2
    assert "nowhere" in capsys.readouterr().err
