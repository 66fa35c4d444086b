"""What was usual at the same time of earlier days."""

import numpy as np
import pandas as pd
import pytest

from kpi.measure_usuals import usual_values

SHANGHAI = "Asia/Shanghai"


def found_of(first: str, days: int, values: list[float], hour: int = 10) -> pd.DataFrame:
    start = pd.date_range(f"{first} {hour}:00", periods=days, freq="D", tz=SHANGHAI)
    return pd.DataFrame({"object_id": "A1", "measure": "vswr", "start": start, "value": values})


def test_usual_is_the_median_of_earlier_days_and_never_of_the_day_itself() -> None:
    found = found_of("2026-03-02", 5, [1.0, 1.2, 1.1, 9.0, 1.3])
    before = found.copy()
    usual = usual_values(found)
    assert usual.tolist()[3:] == [1.1, pytest.approx(1.15)]
    assert usual[:3].isna().all()
    pd.testing.assert_frame_equal(found, before)


def test_hours_measures_and_objects_are_kept_apart_in_any_order() -> None:
    parts = [
        found_of("2026-03-02", 4, [1.0, 2.0, 3.0, 4.0], hour=10),
        found_of("2026-03-02", 4, [10.0, 20.0, 30.0, 40.0], hour=11),
        found_of("2026-03-02", 4, [5.0] * 4).assign(measure="cqi"),
        found_of("2026-03-02", 4, [7.0] * 4).assign(object_id="B1"),
    ]
    found = pd.concat(parts, ignore_index=True).sample(frac=1, random_state=3)
    usual = usual_values(found).sort_index()
    assert usual[[3, 7, 11, 15]].tolist() == [2.0, 20.0, 5.0, 7.0]
    assert list(usual_values(found).index) == list(found.index)


def test_weekends_and_holidays_are_compared_with_their_like() -> None:
    days = pd.date_range("2026-04-20", "2026-05-04", tz=SHANGHAI)
    is_free = (days.day_of_week >= 5) | (days >= "2026-05-01")
    found = found_of("2026-04-20", len(days), np.where(is_free, 2.0, 1.0).tolist())
    usual = usual_values(found).to_numpy()
    known = np.isfinite(usual)
    assert (usual[known & ~is_free] == 1.0).all()
    assert not known[days == "2026-05-01"].any()
    assert usual[days == "2026-05-04"].tolist() == [2.0]


def test_unknown_values_are_no_days() -> None:
    found = found_of("2026-03-02", 5, [1.0, np.nan, 1.2, 1.4, np.nan])
    assert usual_values(found).tolist()[3:] == [pytest.approx(np.nan, nan_ok=True), 1.2]


def test_nothing_found_has_no_usual() -> None:
    assert usual_values(found_of("2026-03-02", 0, [])).tolist() == []
