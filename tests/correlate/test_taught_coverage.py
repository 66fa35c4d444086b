"""Coverage is taught at day breaks, by earlier complaints only, and only if it surely gains."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from correlate.place_points import components
from correlate.register import Sightings
from correlate.taught_coverage import DAY_S, LEAST_OBSERVATIONS, lessons, observed_places
from sites.inventory import Network, build_network
from sites.observations import Observations, observations


@pytest.fixture(scope="module")
def network() -> Network:
    """16 sites 2 km apart with two LTE layers each; the inventory says that both are used alike."""
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


def seen_daily(network: Network, days: int, *, a_day: int = LEAST_OBSERVATIONS) -> Observations:
    """Sightings of `days` days beside each site in turn, always on its second cell."""
    number = np.arange(days * a_day)
    at = network.sites[["x_m", "y_m"]].to_numpy(float)[number % 16]
    return observations(
        at[:, 0] + 300.0 + 10.0 * (number % 50),
        at[:, 1] + 350.0 * (number // 16 % 40),
        radius_m=np.full(len(number), 100.0),
        cell=2 * (number % 16) + 1,
        age_h=np.full(len(number), 0.5),
        arrived_at=number // a_day * DAY_S + number % a_day,
    )


def test_nothing_is_taught_before_enough_was_seen(network: Network) -> None:
    taught = lessons(network, seen_daily(network, 1, a_day=LEAST_OBSERVATIONS - 1))
    assert taught.fits == ()
    assert taught.number_at([0.0, 1e6]).tolist() == [-1, -1]
    assert taught.offset_db(-1) is None


def test_what_is_always_seen_is_preferred_from_the_next_day_on(network: Network) -> None:
    taught = lessons(network, seen_daily(network, 1))
    assert taught.since_s.tolist() == [DAY_S]
    assert taught.number_at([23.9, 24.0]).tolist() == [-1, 0]
    offset = taught.offset_db(0)
    assert offset is not None
    assert (offset[1::2] > offset[::2]).all()


def test_later_days_change_no_earlier_lesson(network: Network) -> None:
    short, long = (lessons(network, seen_daily(network, days)) for days in (1, 3))
    assert long.since_s[0] == short.since_s[0]
    np.testing.assert_array_equal(long.fits[0].fit.offset_db, short.fits[0].fit.offset_db)


def test_a_fit_that_does_not_surely_gain_is_not_used(network: Network) -> None:
    seen = seen_daily(network, 1)
    mixed = Observations(**{**vars(seen), "cell": 2 * (np.arange(len(seen)) % 16)
                            + np.random.default_rng(0).integers(0, 2, len(seen))})  # fmt: skip
    taught = lessons(network, mixed)
    assert len(taught.fits) == 1
    assert taught.number_at([48.0]).tolist() == [-1]


def places(**columns: Any) -> Any:
    """Three complaints: coordinates, an address as wide as a county, only the register."""
    return components(
        [0, 1, 2],
        np.array([1.0, 2.0, 3.0]),
        np.zeros(3),
        radius_m=np.array([200.0, 9000.0, 500.0]),
        weight=np.array([0.9, 0.9, 0.9]),
        kind=np.array(["coordinates", "town", "register"], dtype=object),
        basis=np.array(["coordinates", "address", "register"], dtype=object),
        **columns,
    )


def test_only_places_told_narrowly_by_coordinates_or_words_teach() -> None:
    seen = Sightings(
        row=np.array([0, 1, 2]), site=np.array([4, 5, 6]), cell=np.array([8, 9, 10]),
        trust=np.full(3, 0.5), age_h=np.array([1.0, 1.0, 1.0]),
    )  # fmt: skip
    told = observed_places(places(), seen, np.array([5.0, 6.0, 7.0]))
    assert told.cell.tolist() == [8]
    assert told.x_m.tolist() == [1.0]
    assert told.arrived_at.tolist() == [5 * 3600]


def test_an_old_sighting_teaches_nothing() -> None:
    seen = Sightings(
        row=np.array([0]), site=np.array([4]), cell=np.array([8]),
        trust=np.array([0.1]), age_h=np.array([24.0 * 20]),
    )  # fmt: skip
    assert len(observed_places(places(), seen, np.array([500.0, 6.0, 7.0]))) == 0
