"""Clocks that are off are found from alarms that came earlier, and put right."""

import pandas as pd
import pytest

from contract.clocks import clock_doubts, clock_offsets, corrected_clocks

BEGIN = pd.Timestamp("2026-03-01", tz="UTC").as_unit("us")


def alarms(
    count: int, behind_min: float, *, delay_s: float = 20.0
) -> tuple[pd.DataFrame, pd.Series]:
    """Return alarms of two groups in turn, the clock of `off` behind."""
    group = pd.Series(["off", "right"] * count)
    true = BEGIN + pd.to_timedelta([7 * k for k in range(2 * count)], unit="min")
    by = pd.to_timedelta((group == "off") * behind_min, unit="min").to_numpy()
    received = pd.Series(true) + pd.Timedelta(seconds=delay_s)
    raised = pd.Series(true - by)
    cleared = raised + pd.Timedelta("2h")
    frame = pd.DataFrame(
        {
            "raised_at": raised,
            "cleared_at": cleared,
            "received_at": received,
            "arrived_at": received,
            "clear_arrived_at": cleared.where(cleared > received, received),
        }
    ).astype("datetime64[us, UTC]")
    return frame.assign(true_at=true), group


@pytest.mark.parametrize("behind_min", [40.0, -37.0], ids=["behind", "ahead"])
def test_alarms_of_a_clock_that_is_off_are_dated_anew(behind_min: float) -> None:
    frame, group = alarms(20, behind_min)
    before = frame.copy()
    found, offset, is_ahead = corrected_clocks(frame, group)
    off = (found["raised_at"] - found["true_at"]).dt.total_seconds().abs()
    assert off[20:].max() <= 60
    assert (found["raised_at"] <= found["received_at"]).all()
    assert is_ahead.sum() == (20 if behind_min < 0 else 0)
    (row,) = clock_doubts(frame, group, offset).to_dict("records")
    assert (row["group"], round(row["minutes"])) == ("off", behind_min)
    pd.testing.assert_frame_equal(frame, before)


def test_only_earlier_alarms_count() -> None:
    frame, group = alarms(20, 40.0)
    whole = clock_offsets(frame, group)
    assert (clock_offsets(frame[:25], group[:25]) == whole[:25]).all()
    assert (whole[:10] == 0).all()


def test_no_clearing_becomes_known_before_its_stated_time() -> None:
    for behind_min in (40.0, -37.0):
        frame, group = alarms(20, behind_min)
        found, _, _ = corrected_clocks(frame, group)
        assert (found["clear_arrived_at"] >= frame["clear_arrived_at"]).all()
        assert (found["cleared_at"] >= found["raised_at"]).all()


@pytest.mark.parametrize("delay_min", [5.0, 45.0], ids=["short", "everybody"])
def test_a_lag_that_is_short_or_everybodys_is_no_clock(delay_min: float) -> None:
    frame, group = alarms(20, 0.0, delay_s=60 * delay_min)
    assert (clock_offsets(frame, group) == 0).all()


def test_a_backlog_is_no_clock() -> None:
    frame, group = alarms(20, 0.0)
    late = frame["received_at"].mask(group == "off", frame["received_at"].max())
    assert (clock_offsets(frame.assign(received_at=late), group) == 0).all()
