"""Claims about intervals of shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi.intervals import wilson_interval


def test_wilson_is_unknown_without_attempts_and_wide_for_few() -> None:
    low, high = wilson_interval(np.array([0, 1, 100]), np.array([0, 1, 100]))
    assert np.isnan(low[0])
    assert low[1] < 0.3 < 0.95 < low[2]
    assert (high[1:] <= 1).all()


@pytest.mark.parametrize(
    ("successes", "attempts", "low", "high"),
    [
        pytest.param(81, 263, 0.2553, 0.3662, id="81 of 263"),
        pytest.param(15, 148, 0.0624, 0.1605, id="15 of 148"),
        pytest.param(0, 20, 0.0, 0.1611, id="none of 20"),
    ],
)
def test_wilson_is_what_newcombe_published(
    successes: int, attempts: int, low: float, high: float
) -> None:
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
    found = wilson_interval(np.array([successes]), np.array([attempts]), sigmas=1.959964)
    assert [round(float(end[0]), 4) for end in found] == [low, high]


@given(st.integers(1, 10**6), st.floats(0, 1))
def test_the_share_lies_in_its_interval(attempts: int, share: float) -> None:
    successes = np.array([round(share * attempts)])
    low, high = wilson_interval(successes, np.array([attempts]))
    assert low[0] - 1e-12 <= successes[0] / attempts <= high[0] + 1e-12
