from typing import Any

import pandas as pd
import pytest

from correlate.daily.data import doubts_between, gaps_between, listed_rows
from tests.correlate.small_daybook import AT, DAY, ZONE, local, rows_of, small_run

BEGIN = pd.Timestamp(DAY, tz=ZONE) - pd.Timedelta(days=1)
GAP = {"table": "kpi", "scope": "county", "county": "Hill", "cells": 5, "share": 1.0,
       "since": "03-09 20:00", "until": "03-09 22:00", "known_at": "03-10 00:00"}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "hours"),
    [
        ({}, [2.0]),
        ({"until": "03-10 09:00"}, [12.0]),
        ({"until": None}, [12.0]),
        ({"known_at": "03-10 08:05"}, []),
        ({"since": "03-08 20:00", "until": "03-08 22:00"}, []),
        ({"since": "03-08 20:00", "until": "03-09 01:00"}, [5.0]),
    ],
    ids=["over", "over later", "open", "not known yet", "of the day before", "into the day"],
)
def test_gaps_known_by_then_are_told(changes: dict[str, object], hours: list[float]) -> None:
    gaps = rows_of("gaps", GAP, [changes])
    assert gaps_between(gaps, BEGIN, AT)["hours"].tolist() == hours


def test_a_table_that_never_came_is_told_every_day() -> None:
    never = {"since": None, "until": None, "known_at": None}
    found = gaps_between(rows_of("gaps", GAP, [never]), BEGIN, AT)
    assert found["hours"].isna().tolist() == [True]


def test_doubts_of_the_day_are_told() -> None:
    default = {"kind": "clock", "table": "alarms", "rows": 5, "note": "ahead"}
    rows: list[dict[str, Any]] = [
        {"since": "03-09 20:00"},
        {"since": "03-10 09:00"},
        {"since": None},
    ]
    rows.append({"since": "03-01 00:00", "until": "03-02 00:00"})
    found = doubts_between(rows_of("doubts", default, rows), BEGIN, AT)
    assert found["since"].tolist() == [local("03-09 20:00"), pd.NaT]


def test_rejected_and_repaired_rows_are_counted_by_reason() -> None:
    rejected = rows_of("rejected", {"table": "kpi", "row": 1, "content": ""},
                       [{"reason": "duplicate"}, {"reason": "duplicate"}, {"reason": "bad"}])  # fmt: skip
    found = listed_rows(small_run(rejected=rejected))
    assert found.to_numpy().tolist() == [
        ["rejected", "kpi", "duplicate", 2],
        ["rejected", "kpi", "bad", 1],
    ]
