"""Which limits of the rule books a value crosses."""

import pandas as pd
import pytest

from kpi.measure_files import load_measures
from kpi.measure_limits import crossed_levels

BOOK = load_measures()


def crossed(
    measure: str, value: float | None, *, rats: tuple[str, ...] = ("LTE",), minutes: float = 60,
    interval: tuple[float | None, float | None] = (None, None), is_few: bool = False,
) -> str:  # fmt: skip
    index = [f"A{i}" for i in range(len(rats))]
    cells = pd.DataFrame({"object_id": "A", "rat": list(rats)}, index=index)
    row = {"object_id": ["A"], "measure": measure, "value": [value], "is_few": is_few}
    found = pd.DataFrame({**row, "low": [interval[0]], "high": [interval[1]]})
    before = found.copy()
    (level,) = crossed_levels(found.astype({"value": float}), cells, BOOK, minutes=minutes)
    pd.testing.assert_frame_equal(found, before)
    return str(level)


@pytest.mark.parametrize(
    ("measure", "value", "level"),
    [
        ("setup_success", 0.99, ""),
        ("setup_success", 0.97, "watch"),
        ("setup_success", 0.94, "bad"),
        ("ul_interference_dbm", -111.0, ""),
        ("ul_interference_dbm", -110.0, ""),
        ("ul_interference_dbm", -109.0, "watch"),
        ("ul_interference_dbm", -104.0, "bad"),
        ("ul_interference_dbm", -94.0, "severe"),
        ("vswr", 3.5, "severe"),
        ("cqi", 1.0, ""),
        ("vswr", None, ""),
    ],
)
def test_a_value_beyond_a_limit_is_named_by_the_worst_it_crosses(
    measure: str, value: float | None, level: str
) -> None:
    assert crossed(measure, value) == level


def test_a_limit_over_longer_times_is_left_out() -> None:
    assert crossed("availability", 0.9, minutes=60) == ""
    assert crossed("availability", 0.9, minutes=1440) == "bad"


def test_limits_are_those_of_the_technology() -> None:
    assert crossed("drop_rate", 0.015, rats=("GSM",)) == ""
    assert crossed("drop_rate", 0.015, rats=("LTE",)) == "watch"


@pytest.mark.parametrize(
    ("measure", "value", "rats", "level"),
    [
        pytest.param("drop_rate", 0.5, ("GSM", "LTE"), "", id="two limits"),
        pytest.param("ho_success", 0.5, ("GSM", "LTE"), "bad", id="one limit for both"),
        pytest.param("prb_utilisation", 0.9, ("GSM", "LTE"), "bad", id="not defined for one"),
        pytest.param("vswr", 1.7, ("",), "watch", id="unknown, one limit"),
        pytest.param("drop_rate", 0.5, ("",), "", id="unknown, two limits"),
    ],
)
def test_an_object_of_several_technologies_needs_a_limit_for_all(
    measure: str, value: float, rats: tuple[str, ...], level: str
) -> None:
    assert crossed(measure, value, rats=rats) == level


def test_few_attempts_cross_only_with_their_whole_interval() -> None:
    assert crossed("drop_rate", 0.2, interval=(0.005, 0.4), is_few=True) == ""
    assert crossed("drop_rate", 0.2, interval=(0.04, 0.4), is_few=True) == "bad"
    assert crossed("ho_success", 0.9, interval=(0.7, 0.98), is_few=True) == ""
    assert crossed("ho_success", 0.8, interval=(0.7, 0.94), is_few=True) == "bad"
