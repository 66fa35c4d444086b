from typing import Any

import pandas as pd
import pytest

from correlate.daily.notices import notices_between
from tests.correlate.small_daybook import DAY, ZONE, local, small_known, small_run

BEGIN, END = pd.Timestamp(DAY, tz=ZONE) - pd.Timedelta(days=1), pd.Timestamp(DAY, tz=ZONE)


def ticket(number: int, created: str, **changes: Any) -> dict[str, Any]:
    return {"ticket_id": f"T{number}", "created_at": created, "arrived_at": created,
            "diagnosed_at": created, "incident_id": "I1", "incident_at": created, **changes}  # fmt: skip


def judged(**tables: Any) -> pd.DataFrame:
    run = small_run(**{"versions": [{}], "notices": [{}], **tables})
    return notices_between(small_known(run), BEGIN, END).set_index("interception_id")


def test_expected_is_set_against_what_came() -> None:
    covered = {"covered_by": "N1", "covered_at": "03-09 13:00"}
    tickets = [
        ticket(1, "03-09 10:07"),
        ticket(2, "03-09 13:00", **covered),
        ticket(3, "03-09 14:00"),
        ticket(4, "03-09 15:00", incident_id=None),
    ]
    row = judged(tickets=tickets).loc["N1"]
    assert row["expected"] == pytest.approx(2.0)
    assert (row["seen"], row["intercepted"], row["escaped"]) == (2, 1, 1)
    assert (row["per_10k_with"], row["per_10k_without"]) == (10.0, 20.0)
    assert row["lead_min"] == pytest.approx(-3.0)


def test_a_notice_before_the_first_call_leads() -> None:
    row = judged(tickets=[ticket(1, "03-09 11:10")]).loc["N1"]
    assert row["lead_min"] == pytest.approx(60.0)
    assert row["state"] == "new"
    assert row["duration_h"] == pytest.approx(21 + 50 / 60)


def test_a_notice_and_its_revisions_are_one_row() -> None:
    revised = {"valid_until": "03-09 11:00", "end_reason": "revised"}
    second = {"interception_id": "N2", "revises": "N1", "issued_at": "03-09 11:00"}
    found = judged(notices=[revised, second], tickets=[ticket(1, "03-09 11:10")])
    assert found.index.tolist() == ["N2"]
    assert found[["lead_min", "seen", "revisions"]].to_numpy().tolist() == [[60.0, 1, 1]]
    assert not found["is_false"].any()
    assert found["issued_at"].tolist() == [local("03-09 10:10")]


@pytest.mark.parametrize(
    ("reason", "real", "came", "expected"),
    [
        ("withdrawn", 0.9, True, True),
        ("cleared", 0.7, False, True),
        ("cleared", 0.7, True, False),
        ("cleared", 0.9, False, False),
        (None, 0.7, False, False),
    ],
    ids=["withdrawn", "idle and unsure", "unsure, but called", "idle, but sure", "still out"],
)
def test_a_notice_is_false_when_withdrawn_or_for_nothing(
    reason: str | None, real: float, came: bool, expected: bool
) -> None:
    until = "03-09 18:00" if reason else None
    found = judged(
        versions=[{"real": real}],
        notices=[{"valid_until": until, "end_reason": reason}],
        tickets=[ticket(1, "03-09 12:00")] if came else [],
    )
    assert found["is_false"].tolist() == [expected]


@pytest.mark.parametrize(
    ("issued", "until", "states"),
    [
        ("03-08 10:00", None, ["continued"]),
        ("03-08 10:00", "03-08 23:00", []),
        ("03-10 01:00", None, []),
    ],
    ids=["since the day before", "over before", "issued today"],
)
def test_notices_out_on_the_day_before_are_told(
    issued: str, until: str | None, states: list[str]
) -> None:
    found = judged(notices=[{"issued_at": issued, "valid_until": until}])
    assert found["state"].tolist() == states


def test_a_complaint_after_the_end_does_not_count() -> None:
    ended = {"valid_until": "03-09 12:00", "end_reason": "cleared"}
    row = judged(notices=[ended], tickets=[ticket(1, "03-09 12:30")]).loc["N1"]
    assert row["seen"] == 0
    assert row["first_complaint_at"] == local("03-09 12:30")
