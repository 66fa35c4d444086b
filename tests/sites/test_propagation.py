"""Check path loss against published and hand-computed values."""

from typing import Any

import numpy as np
import pytest

from sites import propagation

HATA = [
    ("urban", 900, 1, 126.403),
    ("suburban", 900, 1, 116.461),
    ("open", 900, 1, 97.897),
    ("urban", 900, 3, 143.210),
]


@pytest.mark.parametrize(("area", "mhz", "km", "expected"), HATA)
def test_hata_gives_the_reference_values(area: Any, mhz: Any, km: Any, expected: Any) -> None:
    assert propagation.hata_db(mhz, km, base_m=30, area=area) == pytest.approx(expected, abs=6e-4)


@pytest.mark.parametrize(
    ("metropolitan", "km", "expected"),
    [(False, 1, 136.197), (True, 1, 139.197), (False, 3, 153.003)],
)
def test_cost231_gives_the_reference_values(metropolitan: Any, km: Any, expected: Any) -> None:
    loss = propagation.cost231_hata_db(1800, km, base_m=30, is_metropolitan=metropolitan)
    assert loss == pytest.approx(expected, abs=6e-4)


def test_a_large_city_differs_from_a_small_one_by_its_mobile_correction() -> None:
    small = propagation.hata_db(900, 1, base_m=30)
    large = propagation.hata_db(np.array([150.0, 900.0]), 1, base_m=30, area="urban_large")
    assert large[1] - small == pytest.approx(0.0158 + 0.0009, abs=0.02)
    assert np.isfinite(large).all()


def test_the_breakpoint_is_the_reference_value() -> None:
    assert propagation.breakpoint_m(3.5, base_m=25) == pytest.approx(560.39, abs=0.005)


@pytest.mark.parametrize(
    ("model", "ghz", "metres", "los", "nlos"),
    [
        pytest.param(propagation.uma_db, 3.5, 100, 83.138, 103.038, id="uma 100 m"),
        pytest.param(propagation.uma_db, 2.6, 500, 97.116, 127.334, id="uma 500 m"),
        pytest.param(propagation.umi_db, 3.5, 100, 85.314, 104.644, id="umi 100 m"),
        pytest.param(propagation.rma_db, 0.9, 2000, 105.770, 130.251, id="rma 2 km"),
    ],
)
def test_3gpp_models_give_the_reference_values(
    model: Any, ghz: Any, metres: Any, los: Any, nlos: Any
) -> None:
    assert model(ghz, metres) == pytest.approx(los, abs=6e-4)
    assert model(ghz, metres, is_los=False) == pytest.approx(nlos, abs=6e-4)


@pytest.mark.parametrize(
    "model", [propagation.uma_db, propagation.umi_db, propagation.rma_db], ids=["uma", "umi", "rma"]
)
def test_loss_grows_with_distance_and_is_never_less_without_sight(model: Any) -> None:
    metres = np.geomspace(10, 5000, 200)
    los, nlos = model(2.0, metres), model(2.0, metres, is_los=False)
    # At the breakpoint of the macro and micro models the two branches meet within 0.1 dB.
    assert (np.diff(los) > -0.1).all()
    assert (nlos >= los).all()


@pytest.mark.parametrize(
    ("scenario", "metres", "expected"),
    [("uma", 100, 0.3477), ("umi", 100, 0.2310), ("rma", 1000, 0.3716), ("uma", 18, 1.0)],
)
def test_line_of_sight_chance_is_the_reference_value(
    scenario: Any, metres: Any, expected: Any
) -> None:
    chance = propagation.los_probability(metres, scenario=scenario)
    assert chance == pytest.approx(expected, abs=6e-5)


def test_a_high_floor_sees_farther() -> None:
    low = propagation.los_probability(200.0, scenario="uma")
    assert propagation.los_probability(200.0, scenario="uma", mobile_m=22.0) > low


def test_building_loss_follows_the_stated_mix() -> None:
    expected = 5 - 10 * np.log10(0.3 * 10**-0.24 + 0.7 * 10**-1.3)
    assert propagation.building_loss_db(2.0) == pytest.approx(expected)
    assert propagation.building_loss_db(2.0, depth_m=10.0) == pytest.approx(expected + 5.0)
    coated = 5 - 10 * np.log10(0.7 * 10**-2.36 + 0.3 * 10**-1.3)
    assert propagation.building_loss_db(2.0, is_high_loss=True) == pytest.approx(coated)


@pytest.mark.parametrize(("mhz", "expected"), [(900, 120.9), (2000, 128.1)])
def test_36942_gives_its_two_closed_forms(mhz: Any, expected: Any) -> None:
    assert propagation.macro_36942_db(mhz, 1.0) == pytest.approx(expected, abs=0.1)
    slope = propagation.macro_36942_db(mhz, 10.0) - propagation.macro_36942_db(mhz, 1.0)
    assert slope == pytest.approx(37.6)
