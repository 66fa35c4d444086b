"""What is collapsed keeps its statistics."""

from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from alarms.book import AlarmBook
from alarms.lifecycle import update_book
from alarms.repetitions import episode_table

START = pd.Timestamp("2026-03-02 10:00", tz="UTC")


def at(minutes: float) -> pd.Timestamp:
    return (START + pd.Timedelta(minutes=minutes)).as_unit("us")


def hourly() -> AlarmBook:
    """Raise an alarm at the hour, four times, for half an hour each; the last is in force."""
    raised = pd.DataFrame(
        {
            "alarm_id": [f"A{n}" for n in range(4)],
            "object_id": "C1",
            "name": "CHANNEL FAILURE RATE ABOVE DEFINED THRESHOLD",
            "code": "7745",
            "severity": ["minor", "critical", "minor", "major"],
            "raised_at": pd.DatetimeIndex([at(60 * n) for n in range(4)]),
        }
    )
    cleared = pd.DataFrame(
        {
            "alarm_id": ["A0", "A1", "A2"],
            "cleared_at": pd.DatetimeIndex([at(60 * n + 30) for n in range(3)]),
        }
    )
    return update_book(AlarmBook(), raised, cleared, at(181))


def test_a_repeated_alarm_is_one_row_with_its_statistics() -> None:
    row = episode_table(hourly(), at(210), by="identity").iloc[0]
    assert (row["count"], row["first_at"], row["last_at"]) == (4, at(0), at(180))
    assert (row["severity"], row["worst_severity"]) == ("major", "critical")
    assert row["cycles_per_hour"] == pytest.approx(1.0)
    assert row["raised_h"] == pytest.approx(2.0)
    assert row["share_raised"] == pytest.approx(2.0 / 3.5)
    assert row["longest_silence_h"] == pytest.approx(0.5)
    assert pd.isna(row["ended_at"])
    assert row["hours"][10:14] == (1, 1, 1, 1)


def test_episodes_are_told_apart_and_hours_are_of_the_zone() -> None:
    table = episode_table(hourly(), at(210), zone=ZoneInfo("Asia/Shanghai"))
    assert table["count"].tolist() == [1, 1, 1, 1]
    assert table["worst_severity"].tolist() == ["minor", "critical", "minor", "major"]
    assert table["hours"].iloc[0][18] == 1
    assert table["cycles_per_hour"].isna().all()


def test_few_repetitions_and_an_empty_book_give_an_empty_table_of_the_same_form() -> None:
    full = episode_table(hourly(), at(210), by="identity")
    for book, fewest in ((hourly(), 5), (AlarmBook(), 1)):
        table = episode_table(book, at(210), by="identity", fewest=fewest)
        assert table.empty
        assert list(table.columns) == list(full.columns)


def test_an_unknown_grouping_is_refused() -> None:
    with pytest.raises(ValueError, match="`by` must be 'episode' or 'identity'"):
        episode_table(AlarmBook(), at(0), by="site")
