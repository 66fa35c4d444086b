"""What sightings teach of serving cells: nothing without them, little from few, only the past."""

import numpy as np
import pandas as pd
import pytest

from sites.fit_accuracy import calibration, calibration_sentence
from sites.inventory import Network, build_network
from sites.observations import (
    Observations,
    chosen_observations,
    nothing_observed,
    observations,
)
from sites.service_fit import FitSettings, ServiceFit, fitted_service, seen_chance
from sites.sighting_choices import choices_of


def network() -> Network:
    """Return 16 sites 2 km apart with an LTE cell each, and a second LTE layer on every one."""
    number = np.arange(16)
    sites = pd.DataFrame(
        {
            "site_id": [f"S{k}" for k in number],
            "site_name": "s",
            "lon": 100.0 + 0.02 * (number % 4),
            "lat": 0.02 * (number // 4),
        }
    )
    cells = pd.DataFrame(
        {
            "cell_id": [f"S{k}-{f}" for k in number for f in (900, 1800)],
            "site_id": [f"S{k}" for k in number for _ in range(2)],
            "rat": "LTE",
            "freq_mhz": [900.0, 1800.0] * 16,
            "users": 100.0,
        }
    )
    return build_network({"sites": sites, "cells": cells})


def seen_on(of: Network, column: int, size: int) -> Observations:
    """Return fresh sightings beside each site in turn, on its first or second cell."""
    site = np.arange(size) % 16
    at = of.sites[["x_m", "y_m"]].to_numpy(float)[site]
    return observations(
        at[:, 0] + 300.0 + 10.0 * (np.arange(size) % 50),
        at[:, 1],
        radius_m=np.full(size, 100.0),
        cell=2 * site + column,
        age_h=np.full(size, 0.5),
        arrived_at=np.arange(size) * 60,
    )


def test_without_observations_nothing_moves() -> None:
    fit = fitted_service(network(), nothing_observed())
    assert not fit.offset_db.any()
    assert (fit.spread, fit.of_place, fit.observations) == (1.0, FitSettings().of_place, 0)


@pytest.mark.parametrize("column", [0, 1], ids=["low band", "high band"])
def test_the_layer_that_phones_are_seen_on_is_raised(column: int) -> None:
    of = network()
    fit = fitted_service(of, seen_on(of, column, 160))
    offset = fit.offset_db.reshape(16, 2).mean(axis=0)
    assert offset[column] > offset[1 - column] + 0.5
    assert fit.log_loss < fit.log_loss_before


def test_few_sightings_move_less_than_many() -> None:
    of = network()
    few, many = (np.abs(fitted_service(of, seen_on(of, 0, n)).offset_db).mean() for n in (4, 160))
    assert few < many


def test_a_fit_is_the_same_whatever_the_order_of_rows() -> None:
    of = network()
    seen = seen_on(of, 0, 64)
    turned = observations(
        seen.x_m[::-1], seen.y_m[::-1], radius_m=seen.radius_m[::-1], cell=seen.cell[::-1],
        age_h=seen.age_h[::-1], arrived_at=seen.arrived_at[::-1],
    )  # fmt: skip
    assert np.array_equal(fitted_service(of, seen).offset_db, fitted_service(of, turned).offset_db)


def test_chances_of_cells_sum_to_one_at_each_point() -> None:
    of = network()
    choices = choices_of(of, seen_on(of, 0, 8))
    nothing = fitted_service(of, nothing_observed())
    chance, of_seen = seen_chance(choices, nothing)
    assert np.allclose(chance.sum(axis=1), 1.0, atol=1e-5)
    assert ((of_seen > 0) & (of_seen < 1)).all()


def test_a_fit_that_gains_on_later_days_is_kept() -> None:
    of = network()
    found = calibration(of, seen_on(of, 0, 200))
    assert found.is_kept
    assert found.with_fit.log_loss < found.without.log_loss
    assert found.with_fit.cell_top1 >= found.without.cell_top1
    assert "coverage fitted" in calibration_sentence(found)


def test_a_fit_that_later_days_contradict_is_not_kept() -> None:
    of = network()
    first, later = seen_on(of, 0, 120), seen_on(of, 1, 80)
    seen = Observations(
        **{
            name: np.concatenate(
                [values, getattr(later, name) + (10**6 if name == "arrived_at" else 0)]
            )
            for name, values in vars(first).items()
        }
    )
    found = calibration(of, seen)
    assert not found.is_kept
    assert not found.fit.offset_db.any()
    assert "would not foretell better" in calibration_sentence(found)


def test_too_few_to_judge_keep_the_model() -> None:
    of = network()
    found = calibration(of, chosen_observations(seen_on(of, 0, 40), slice(20)))
    assert not found.is_kept
    assert "too few" in calibration_sentence(found)


def test_offsets_cannot_be_changed_by_who_reads_them() -> None:
    of = network()
    fit: ServiceFit = fitted_service(of, seen_on(of, 0, 16))
    with pytest.raises(ValueError, match="read-only"):
        fit.offset_db[0] = 1.0
