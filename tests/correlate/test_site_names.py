"""Places are named as a table grouped by pandas names them."""

from dataclasses import replace

import numpy as np
import pandas as pd

from correlate.site_names import SiteNames, weightiest
from tests.correlate.small_network import small_knowledge

RNG = np.random.default_rng(7)


def test_names_come_in_the_order_of_their_weights_as_pandas_sums_them() -> None:
    for _ in range(50):
        names = RNG.choice(["b", "a", "d", "c"], 12)
        weights = RNG.integers(1, 4, 12) / 10 + 1e-9
        sums = pd.Series(weights).groupby(pd.Series(names)).sum()
        expected = sums.sort_values(ascending=False, kind="stable").index.tolist()
        assert weightiest(names.tolist(), weights.tolist()) == expected


def test_a_place_without_a_name_counts_for_none() -> None:
    assert weightiest([None, "a"], [9.0, 1.0]) == ["a"]
    assert weightiest([None], [1.0]) == []


def test_the_commonest_towns_come_first_and_of_equals_that_met_first() -> None:
    names = SiteNames(("s", "t", "u", "v"), (None,) * 4, ("B", "A", None, "A"), (None,) * 4, {})
    assert names.commonest_towns([0, 1, 2, 3]) == ["A", "B"]
    assert names.commonest_towns([0, 2, 1]) == ["B", "A"]


def test_a_site_without_a_town_stands_for_its_county() -> None:
    network = small_knowledge().network
    sites = network.sites.assign(town=pd.Series(pd.NA, index=network.sites.index, dtype="str"))
    named = SiteNames.of(replace(network, sites=sites))
    assert named.towns == named.counties
