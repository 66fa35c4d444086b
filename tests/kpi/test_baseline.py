"""Claims about what is usual."""

import numpy as np
import pytest

from kpi.baseline import expected_levels, learn, start_baseline
from kpi.layers import layer_codes
from kpi.measures import MEASURE_INDEX, MEASURES

CELLS = 40
VSWR, SETUP, LOAD = (MEASURE_INDEX[name] for name in ("vswr", "setup_success", "attempts"))
MONDAY = 4 * 24  # hours from Thursday, 1 January 1970


def run(
    hours: int, *, spoiled: dict[int, float] | None = None, frozen_from: int = 10**6
) -> tuple[np.ndarray, np.ndarray]:
    """Return what is expected after some hours; cell 5 has the levels `spoiled` by hour."""
    baseline = start_baseline(np.zeros(CELLS, dtype=np.intp))
    cells = np.arange(CELLS)
    for step in range(hours + 1):
        scaled = np.full((CELLS, len(MEASURES)), np.nan, dtype=np.float32)
        scaled[:, VSWR] = 1.1 + 0.01 * cells
        scaled[:, SETUP] = 0.99 - 0.005 * (cells == 7)
        scaled[:, LOAD] = 5 + (step % 24 == 9) + 0.05 * np.sin(step * 7.0 + cells)
        if spoiled and step in spoiled:
            scaled[5, VSWR] = spoiled[step]
        expected, spread = expected_levels(baseline, cells, scaled, hour_key=MONDAY + step)
        frozen = np.zeros(scaled.shape, dtype=np.bool_)
        frozen[5] = step >= frozen_from
        attempts = np.full_like(scaled, 500)
        learn(baseline, cells, scaled, attempts=attempts, hour_key=MONDAY + step, frozen=frozen)
    return expected, spread


@pytest.mark.parametrize("hours", [24, 100, 24 * 9, 24 * 22], ids=lambda h: f"{h} h")
def test_each_cell_has_its_own_level(hours: int) -> None:
    expected, _ = run(hours)
    np.testing.assert_allclose(expected[:, VSWR], 1.1 + 0.01 * np.arange(CELLS), atol=0.02)
    assert expected[7, SETUP] < expected[8, SETUP]


def test_before_anything_is_known_the_layer_stands_in() -> None:
    expected, spread = run(0)
    np.testing.assert_allclose(expected[:, VSWR], 1.29, atol=0.011)
    assert (spread[:, VSWR] > 0.03).all()


def test_the_hour_of_the_day_is_known_after_three_days() -> None:
    expected, _ = run(24 * 3 + 9)
    assert expected[:, LOAD].mean() == pytest.approx(6.0, abs=0.1)


def test_a_short_fault_does_not_move_the_level() -> None:
    expected, _ = run(24 * 9, spoiled=dict.fromkeys(range(120, 140), 3.0))
    assert expected[5, VSWR] == pytest.approx(1.15, abs=0.02)


def test_frozen_values_are_not_learned_however_long() -> None:
    spoiled = dict.fromkeys(range(72, 24 * 12), 3.0)
    expected, _ = run(24 * 12, spoiled=spoiled, frozen_from=72)
    assert expected[5, VSWR] == pytest.approx(1.15, abs=0.02)


def test_a_lasting_change_is_adopted() -> None:
    expected, _ = run(24 * 30, spoiled=dict.fromkeys(range(72, 24 * 31), 2.0))
    assert expected[5, VSWR] == pytest.approx(2.0, abs=0.02)


def test_small_layers_fall_back_to_the_technology() -> None:
    names = [("LTE", "1800")] * 12 + [("LTE", "700")] + [("GSM", "900")]
    codes = layer_codes(names)
    assert len(set(codes[:12].tolist())) == 1
    assert len(set(codes.tolist())) == 3
