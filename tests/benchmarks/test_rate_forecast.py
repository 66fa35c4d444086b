import numpy as np
import pandas as pd
import pytest

from benchmarks.rate_forecast import guesses

DAYS = pd.date_range("2026-03-01", periods=11)
COLUMNS = pd.MultiIndex.from_tuples([("county", "Hill"), ("all", "")], names=["scope", "county"])


def table(values: list[float]) -> pd.DataFrame:
    columns = np.repeat(np.array(values)[:, None], len(COLUMNS), axis=1)
    return pd.DataFrame(columns, index=DAYS[: len(values)], columns=COLUMNS)


def test_peers_say_what_they_are_called() -> None:
    left = table([4.0, 8.0] * 5)
    made = guesses(left, table([0.0] * 11), 10, 7)
    assert made["yesterday"][0][0] == pytest.approx(7 * 8.0)
    assert made["mean_day"][0][0] == pytest.approx(7 * 6.0)


def test_no_model_looks_at_the_days_to_come() -> None:
    left = table([4.0, 8.0] * 5)
    changed = left.copy()
    changed.iloc[6:] = 99.0
    told = table([0.0] * 11)
    for model, (mean, variance) in guesses(left, told, 6, 3).items():
        other = guesses(changed, told, 6, 3)[model]
        assert np.array_equal(mean, other[0])
        assert np.array_equal(variance, other[1])
