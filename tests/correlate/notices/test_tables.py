from typing import Any

import pandas as pd
import pytest

from contract.daybook import DAYBOOK
from correlate.notices.tables import notice_tables
from correlate.reporting import report
from tests.correlate.small_network import (
    HOUR,
    NOON,
    fresh_state,
    make_ticket,
    sure_outage,
    with_towns,
)

KNOWN = with_towns()


def told(*tickets: Any) -> dict[str, pd.DataFrame]:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    report(state, KNOWN, now=NOON + 600)
    state.tickets = {t.ticket_id: t for t in tickets}
    fault.ended_at = NOON + 5 * HOUR
    report(state, KNOWN, now=NOON + 6 * HOUR)
    return notice_tables(state, KNOWN)


def test_tables_are_as_declared_and_empty_without_notices() -> None:
    empty = notice_tables(fresh_state(), KNOWN)
    for name, frame in [*told().items(), *empty.items()]:
        assert list(frame.columns) == list(DAYBOOK[name].column_names)
    assert all(frame.empty for frame in empty.values())


def test_a_notice_is_told_with_its_life() -> None:
    tables = told()
    (row,) = tables["notices"].to_dict("records")
    assert (row["state"], row["reason"], row["towns"], row["site_ids"]) == (
        "ended", "cleared", "Hilltown", "H1",
    )  # fmt: skip
    assert row["interception_ids"] == "N-000001"
    assert row["expected_low"] <= row["expected"] <= row["expected_high"]
    assert tables["notice_changes"]["action"].tolist() == ["drafted", "issued", "ended"]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"symptom": "NOSIG", "fault": 1}, [(True, True)]),
        ({"symptom": "NOSIG", "fault": 0}, [(True, False)]),
        ({"symptom": "SMSTX", "fault": 0}, [(False, False)]),
        ({"symptom": "", "fault": 1}, [(False, True)]),
        ({"symptom": "NOSIG", "cell": "V1-L"}, []),
        ({"symptom": "NOSIG", "created_at": NOON + 300}, []),
        ({"symptom": "NOSIG", "created_at": NOON + 7 * HOUR}, []),
    ],
    ids=["its own", "diagnosed elsewhere", "other words", "no words", "place", "before", "after"],
)
def test_a_complaint_meets_a_notice_by_place_time_and_words(
    fields: dict[str, Any], found: list[tuple[bool, bool]]
) -> None:
    pairs = told(make_ticket(**fields))["notice_complaints"]
    assert list(zip(pairs["is_escaped"], pairs["is_same_fault"], strict=True)) == found
