"""Claims about quantiles down columns."""

import numpy as np

from kpi.quantiles import column_quantiles, group_medians


def test_unknown_values_do_not_count() -> None:
    values = np.array([[1, np.nan], [2, np.nan], [np.nan, np.nan], [9, np.nan]], dtype=np.float32)
    kept = values.copy()
    (middle,), counts = column_quantiles(values, (0.5,))
    assert middle[0] == 2
    assert np.isnan(middle[1])
    assert counts.tolist() == [3, 0]
    np.testing.assert_array_equal(values, kept)


def test_no_rows_give_unknown() -> None:
    (middle,), counts = column_quantiles(np.zeros((0, 3), dtype=np.float32), (0.5,))
    assert np.isnan(middle).all()
    assert counts.tolist() == [0, 0, 0]


def test_medians_are_of_each_group() -> None:
    values = np.array([[1], [3], [5], [100]], dtype=np.float32)
    medians, counts = group_medians(values, np.array([0, 0, 0, 2]), 3)
    assert medians[0, 0] == 3
    assert np.isnan(medians[1, 0])
    assert counts[:, 0].tolist() == [3, 0, 1]
