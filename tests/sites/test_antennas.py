"""Check antenna patterns."""

from typing import Any

import numpy as np
import pytest

from sites import antennas


@pytest.mark.parametrize(("off", "gain"), [(0, 0), (32.5, -3), (65, -12), (180, -20)])
def test_the_36942_pattern_gives_its_values(off: Any, gain: Any) -> None:
    assert antennas.horizontal_gain_db(off) == pytest.approx(gain)


def test_the_38901_pattern_falls_to_30_db() -> None:
    assert antennas.horizontal_gain_db(180.0, floor_db=30.0) == -30.0
    assert antennas.element_gain_dbi(0.0, 0.0) == 8.0
    assert antennas.element_gain_dbi(65.0, 0.0) == pytest.approx(-4.0)
    assert antennas.element_gain_dbi(180.0, 90.0) == -22.0


@pytest.mark.parametrize(
    ("off", "beamwidth"), [(np.nan, 65.0), (90.0, 360.0), (np.nan, np.nan)], ids=str
)
def test_an_omni_antenna_is_alike_everywhere(off: Any, beamwidth: Any) -> None:
    assert antennas.horizontal_gain_db(off, beamwidth_deg=beamwidth) == 0.0


@pytest.mark.parametrize(
    ("first", "second", "between"), [(350, 20, 30), (20, 350, 30), (0, 180, 180), (90, 450, 0)]
)
def test_angles_are_taken_the_short_way_round(first: Any, second: Any, between: Any) -> None:
    assert antennas.angle_between_deg(first, second) == pytest.approx(between)


def test_a_tilted_beam_is_strongest_at_its_tilt() -> None:
    below = np.array([1.0, 6.0, 11.0, 60.0])
    gain = antennas.vertical_gain_db(below, tilt_deg=6.0)
    np.testing.assert_allclose(gain, [-3.0, 0.0, -3.0, -20.0])


def test_both_patterns_together_have_a_floor() -> None:
    assert antennas.combined_gain_db(-3.0, -3.0) == -6.0
    assert antennas.combined_gain_db(-20.0, -20.0) == -25.0


def test_the_beam_centre_is_height_over_the_tangent() -> None:
    assert antennas.beam_centre_m(30.0, 6.0) == pytest.approx(285.43, abs=0.01)
    assert antennas.beam_centre_m(30.0, 0.0) == np.inf
