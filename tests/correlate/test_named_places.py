"""The named places around some sites."""

import numpy as np
import pandas as pd
import pytest

from correlate.named_places import NamedPlaces

ENTRIES = pd.DataFrame(
    {
        "kind": ["village", "road", "town", "poi", "village"],
        "name": ["Far", "Road", "Near", "Edge", "Near"],
        "x_m": [9000.0, 0.0, 100.0, 2500.0, 50.0],
        "y_m": [0.0, 0.0, 0.0, 0.0, 0.0],
    }
)


@pytest.mark.parametrize(
    ("spots", "within_m", "most", "names"),
    [
        pytest.param([[0.0, 0.0]], 2500.0, 5, ("Near", "Edge"), id="nearest first, each name once"),
        pytest.param([[0.0, 0.0]], 2499.0, 5, ("Near",), id="none beyond"),
        pytest.param([[0.0, 0.0], [9000.0, 1.0]], 2500.0, 2, ("Far", "Near"), id="of any point"),
        pytest.param([[-9000.0, 0.0]], 2500.0, 5, (), id="nothing there"),
        pytest.param([], 2500.0, 5, (), id="no points"),
    ],
)
def test_places_near_are_those_of_named_kinds_within_the_distance(
    spots: list[list[float]], within_m: float, most: int, names: tuple[str, ...]
) -> None:
    places = NamedPlaces.of(ENTRIES)
    found = places.near(np.array(spots).reshape(-1, 2), within_m=within_m, most=most)
    assert found == names


def test_a_gazetteer_without_places_names_nothing() -> None:
    assert NamedPlaces.of(ENTRIES.iloc[1:2]).near(np.zeros((1, 2)), within_m=9e9, most=5) == ()
