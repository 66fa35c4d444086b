from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from correlate.instants import offset_s, seconds

SMALLEST = np.iinfo(np.int64).min


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Lima"])
@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_an_instant_is_the_same_in_every_zone_and_resolution(zone: str, unit: str) -> None:
    instants = pd.Series([pd.Timestamp("2026-03-10 04:00", tz="UTC")])
    assert seconds(instants.dt.tz_convert(zone).dt.as_unit(unit)).tolist() == [1773115200]


def test_fractions_are_dropped_downwards_before_1970_too() -> None:
    instants = pd.Series(pd.to_datetime(["1970-01-01T00:00:01.9Z", "1969-12-31T23:59:59.5Z"]))
    assert seconds(instants).tolist() == [1, -1]


def test_missing_instants_come_before_all_others() -> None:
    instants = pd.Series([pd.NaT, pd.Timestamp("1900-01-01", tz="UTC")])
    missing, known = seconds(instants).tolist()
    assert missing == SMALLEST < known


def test_no_instants_give_no_seconds() -> None:
    assert seconds(pd.Series([], dtype="datetime64[us, UTC]")).tolist() == []


@pytest.mark.parametrize(
    ("zone", "moment", "hours"),
    [
        ("Asia/Shanghai", "2026-07-01", 8),
        ("Europe/London", "2026-01-01", 0),
        ("Europe/London", "2026-07-01", 1),
        ("America/St_Johns", "2026-01-01", -3.5),
    ],
)
def test_a_zone_is_as_far_ahead_as_on_that_day(zone: str, moment: str, hours: float) -> None:
    now = int(pd.Timestamp(moment, tz="UTC").timestamp())
    assert offset_s(ZoneInfo(zone), now) == hours * 3600
