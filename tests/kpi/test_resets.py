"""Claims about short resets and the outages they look like."""

import numpy as np
import pytest

from kpi.resets import Resets, company_of, first_dips, lasting_share, learn_resets, start_resets

CELL = np.array([0])


def told(resets: Resets, *availabilities: float, seconds: int = 3600) -> Resets:
    for available in availabilities:
        values = np.array([available], dtype=np.float32)
        company = first_dips(resets, CELL, values).astype(np.intp)
        learn_resets(resets, CELL, values, company, seconds=seconds)
    return resets


def share(resets: Resets, available: float, company: int = 1, seconds: int = 3600) -> float:
    values = np.array([available], dtype=np.float32)
    return float(lasting_share(resets, values, np.array([company]), seconds=seconds)[0])


def test_a_dip_is_believed_before_any_was_seen() -> None:
    assert share(start_resets(1), 0.8) == pytest.approx(0.75)


def test_resets_make_the_next_dip_doubtful() -> None:
    resets = told(start_resets(1), *[1.0, 0.8] * 4, 1.0)
    assert share(resets, 0.8) == pytest.approx(1.5 / 6)


def test_outages_keep_the_next_dip_believed() -> None:
    resets = told(start_resets(1), *[1.0, 0.8, 0.0] * 4)
    assert share(resets, 0.8) > 0.9


def test_depths_lengths_and_company_are_learned_apart() -> None:
    resets = told(start_resets(1), *[1.0, 0.8] * 4, 1.0)
    assert share(resets, 0.2) == pytest.approx(0.75)
    assert share(resets, 0.8, seconds=900) == pytest.approx(0.75)
    assert share(resets, 0.8, company=3) == pytest.approx(0.75)


def test_a_second_low_period_is_no_first_dip() -> None:
    resets = told(start_resets(1), 1.0, 0.8)
    assert not first_dips(resets, CELL, np.array([0.5])).any()


def test_a_period_without_availability_teaches_nothing() -> None:
    resets = told(start_resets(1), 1.0, 0.8)
    before = resets.lasting.copy(), resets.over.copy()
    told(resets, np.nan)
    assert np.array_equal(resets.lasting, before[0])
    assert np.array_equal(resets.over, before[1])


def test_cells_of_a_site_that_dip_together_count_once() -> None:
    cells, sites = np.arange(4), np.array([7, 7, 7, 9])
    resets = start_resets(4)
    for available in ([1, 1, 1, 1], [0.8, 0.8, 0.8, 1], [1, 1, 1, 1]):
        values = np.array(available, dtype=np.float32)
        company = company_of(first_dips(resets, cells, values), sites)
        learn_resets(resets, cells, values, company, seconds=3600)
    assert share(resets, 0.8, company=3) == pytest.approx(1.5 / 3)
    assert share(resets, 0.8) == pytest.approx(0.75)
