"""Claims about the calibration of deviations."""

import numpy as np

from kpi.calibrations import calibrated, learn_restlessness, start_calibration
from kpi.deviations import LIMIT
from kpi.measures import MEASURE_INDEX, MEASURES

VSWR = MEASURE_INDEX["vswr"]


def noise(scale: float, *, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(0, scale, (50, len(MEASURES))).astype(np.float32)


def test_a_restless_layer_must_show_more() -> None:
    cells = np.arange(50)
    calibration = start_calibration(np.zeros(50, dtype=np.intp))
    calm = calibrated(calibration, cells, noise(1.0), is_short=False).std()
    for seed in range(100):
        wild = calibrated(calibration, cells, noise(2.5, seed=seed), is_short=False)
    assert 0.8 < calm < 1.1
    assert 0.8 < wild.std() < 1.2


def test_a_fault_does_not_make_its_cell_restless() -> None:
    cells = np.arange(50)
    calibration = start_calibration(np.zeros(50, dtype=np.intp))
    z = np.full((50, len(MEASURES)), 9.0, dtype=np.float32)
    frozen = np.ones(z.shape, dtype=np.bool_)
    frozen[1] = False
    for _ in range(50):
        calibration = learn_restlessness(calibration, cells, z, frozen=frozen, weight=1.0)
    assert calibration.restless[0, VSWR] == 1
    assert calibration.restless[1, VSWR] > 3


def test_deviations_are_bounded_and_the_input_is_kept() -> None:
    z = np.full((50, len(MEASURES)), 30.0, dtype=np.float32)
    z[1:] = noise(1.0)[1:]
    kept = z.copy()
    out = calibrated(start_calibration(np.zeros(50, int)), np.arange(50), z, is_short=True)
    assert np.abs(out).max() == LIMIT
    np.testing.assert_array_equal(z, kept)
