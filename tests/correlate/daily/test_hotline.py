from pathlib import Path

import pandas as pd
import pytest

from contract.errors import InputError
from correlate.daily.hotline import load_queue_rules, queue_alerts, read_queues
from tests.correlate.small_daybook import AT, ZONE

BEGIN = AT - pd.Timedelta(hours=32)


def queues(tmp_path: Path, *rows: str, head: str = "queue,time,waiting") -> pd.DataFrame:
    path = tmp_path / "queue.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return read_queues(path, ZONE)


def test_more_than_five_for_five_minutes_asks_for_agents(tmp_path: Path) -> None:
    readings = queues(
        tmp_path,
        "10086,2026-03-09 10:00,6", "10086,2026-03-09 10:03,7", "10086,2026-03-09 10:06,8",
        "10086,2026-03-09 10:09,2", "10086,2026-03-09 11:00,7", "10086,2026-03-09 11:03,3",
    )  # fmt: skip
    (row,) = queue_alerts(readings, BEGIN, AT, ZONE).to_dict("records")
    assert (row["queue"], row["action"], row["worst"]) == ("10086", "add_agents", 8)
    assert (row["since"].strftime("%H:%M"), row["until"].strftime("%H:%M")) == ("10:05", "10:09")


def test_more_than_ten_calls_the_back_office_at_once(tmp_path: Path) -> None:
    readings = queues(tmp_path, "a,2026-03-10 07:59,12")
    (row,) = queue_alerts(readings, BEGIN, AT, ZONE).to_dict("records")
    assert row["action"] == "back_office"
    assert pd.isna(row["until"])


def test_readings_of_later_count_nowhere(tmp_path: Path) -> None:
    readings = queues(tmp_path, "a,2026-03-10 08:01,12", "a,2026-03-07 08:01,12")
    assert queue_alerts(readings, BEGIN, AT, ZONE).empty


def test_a_reading_holds_for_a_quarter_of_an_hour_at_most(tmp_path: Path) -> None:
    readings = queues(tmp_path, "a,2026-03-09 10:00,7", "a,2026-03-09 12:00,1")
    (row,) = queue_alerts(readings, BEGIN, AT, ZONE).to_dict("records")
    assert row["until"].strftime("%H:%M") == "10:15"


def test_rows_without_a_count_are_left_out(tmp_path: Path) -> None:
    assert len(queues(tmp_path, "a,2026-03-09 10:00,x", "a,,3", "a,2026-03-09 10:05,3")) == 1


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="waiting"):
        queues(tmp_path, "a,2026-03-09 10:00", head="queue,time")


def test_the_rules_stand_by_how_many_wait() -> None:
    assert [rule.action for rule in load_queue_rules()] == ["add_agents", "back_office"]
