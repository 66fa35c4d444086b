"""Sightings weigh by age, by what the words say of where the customer is, and by habit where history may be used."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from correlate.place_points import LocatingSettings
from correlate.register import HOME_TRUST, WORK_TRUST, habit_trust, sightings_of
from sites.inventory import Network, build_network
from sites.places import Gazetteer, build_gazetteer

NOW = pd.Timestamp("2026-03-20 04:00", tz="UTC")


@pytest.fixture(scope="module")
def network() -> Network:
    """Two sites with a cell each."""
    sites = pd.DataFrame(
        {
            "site_id": ["A", "B"],
            "site_name": ["站甲", "站乙"],
            "lon": [100.10, 100.20],
            "lat": 26.0,
            "county": "东江县",
        }
    )
    cells = pd.DataFrame(
        {"cell_id": ["A-1", "B-1"], "site_id": ["A", "B"], "rat": "LTE", "freq_mhz": 1800.0}
    )
    return build_network({"sites": sites, "cells": cells})


@pytest.fixture(scope="module")
def gazetteer(network: Network) -> Gazetteer:
    return build_gazetteer(pd.DataFrame(), network)


def weighed(
    network: Network, gazetteer: Gazetteer, *hours: float, text: str = "没信号", **settings: Any
) -> dict[int, float]:
    """Trust by site, of a number seen on B so many hours ago each."""
    asked = pd.DataFrame({"msisdn": ["1"], "created_at": [NOW], "text": [text]})
    seen = pd.DataFrame(
        {
            "msisdn": "1",
            "seen_at": [NOW - pd.Timedelta(hours=h) for h in hours],
            "cell": [1] * len(hours),
        }
    )
    before = seen.copy()
    found = sightings_of(asked, seen, gazetteer, network, LocatingSettings(**settings))
    pd.testing.assert_frame_equal(seen, before)
    return dict(zip(found.site.tolist(), found.trust.tolist(), strict=True))


def test_an_older_sighting_is_trusted_less(network: Network, gazetteer: Gazetteer) -> None:
    fresh, old = (weighed(network, gazetteer, age)[1] for age in (1.0, 100.0))
    assert fresh > old > 0


def test_who_says_to_be_elsewhere_is_hardly_where_the_phone_is(
    network: Network, gazetteer: Gazetteer
) -> None:
    here = weighed(network, gazetteer, 1.0)[1]
    away = weighed(network, gazetteer, 1.0, text="在家没信号,我现在不在现场,在外地")[1]
    assert away < 0.6 * here


def test_history_is_not_looked_at_without_a_purpose(network: Network, gazetteer: Gazetteer) -> None:
    assert weighed(network, gazetteer, 24.0 * 8) == {}
    assert weighed(network, gazetteer, 24.0 * 8, uses_history=True)[1] > 0


def test_home_stays_likely_whatever_the_age_where_history_may_be_used(
    network: Network, gazetteer: Gazetteer
) -> None:
    nights = [24.0 * day + 8.0 for day in (20, 21, 22)]
    assert weighed(network, gazetteer, *nights, uses_history=True)[1] >= HOME_TRUST


def local(*times: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(times)).tz_localize("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("times", "trust"),
    [
        pytest.param(("2026-03-02 22:00", "2026-03-03 23:30", "2026-03-05 03:00"), HOME_TRUST,
                     id="three nights"),
        pytest.param(("2026-03-02 23:00", "2026-03-03 02:00", "2026-03-03 06:00"), 0.0,
                     id="one night seen three times"),
        pytest.param(("2026-03-02 10:00", "2026-03-03 11:00", "2026-03-04 15:00"), WORK_TRUST,
                     id="three working days"),
        pytest.param(("2026-03-07 10:00", "2026-03-08 11:00", "2026-03-14 15:00"), 0.0,
                     id="weekends are no work"),
    ],
)  # fmt: skip
def test_habits_need_three_nights_or_working_days(times: tuple[str, ...], trust: float) -> None:
    zeros = np.zeros(3, dtype=int)
    assert habit_trust(zeros, zeros + 4, local(*times)).tolist() == [trust] * 3


def test_a_site_seen_on_few_of_many_nights_is_no_home() -> None:
    times = [f"2026-03-{day:02d} 23:00" for day in range(1, 12)]
    site = np.array([4, 4, 4, *[5] * 8])
    trust = habit_trust(np.zeros(11, dtype=int), site, local(*times))
    assert trust.tolist() == [0.0] * 3 + [HOME_TRUST] * 8
