"""TMF642 alarms and events are read, and a row written as an alarm is read back the same."""

import json
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.feeds.intake import Intake
from alarms.feeds.notification_table import notification_table
from alarms.feeds.notifications import alarm_rows
from alarms.feeds.tmf642 import read_tmf642
from alarms.feeds.tmf642_rows import (
    FLAGS,
    REQUIRED,
    alarm_resource,
    missing_for_create,
    resource_row,
)
from alarms.x733 import SEVERITIES
from contract.errors import InputError

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "tmf"
SWAGGER = SHARED / "TMF642-Alarm-v4.0.0.swagger.json"

ALARM = {
    "id": "A1",
    "alarmType": "environmentalAlarm",
    "perceivedSeverity": "MAJOR",
    "probableCause": "powerProblem",
    "specificProblem": "Mains off",
    "alarmedObject": {"id": "S1", "href": "/site/S1"},
    "alarmedObjectType": "site",
    "sourceSystemId": "ems1",
    "state": "raised",
    "alarmRaisedTime": "2026-03-01T08:00:00+08:00",
    "alarmReportingTime": "2026-03-01T08:00:20+08:00",
    "isRootCause": True,
    "correlatedAlarm": [{"id": "A2"}, {"id": "A3"}],
    "comment": [{"comment": "seen", "userId": "li"}],
}


def rows(intake: Intake) -> Any:
    return alarm_rows(notification_table(intake.notifications)).alarms


def event(
    kind: str, alarm: dict[str, Any], at: str = "2026-03-01T09:00:00+08:00"
) -> dict[str, Any]:
    return {"eventId": "e", "eventTime": at, "eventType": kind, "event": {"alarm": alarm}}


def test_resource_becomes_a_row_with_what_it_says() -> None:
    before = deepcopy(ALARM)
    row = rows(read_tmf642(ALARM)).iloc[0]
    assert row[["alarm_id", "object_id", "name", "severity"]].tolist() == [
        "A1", "S1", "Mains off", "major",
    ]  # fmt: skip
    assert row["raised_at"] == pd.Timestamp("2026-03-01", tz="UTC")
    assert row["received_at"] == pd.Timestamp("2026-03-01 00:00:20", tz="UTC")
    assert row[["event_type", "probable_cause"]].tolist() == ["environmental", "powerProblem"]
    assert bool(row["root_cause"])
    assert row["correlated_ids"] == "A2|A3"
    assert json.loads(row["comments"]) == ALARM["comment"]
    assert pd.isna(row["cleared_at"])
    assert before == ALARM


def test_acknowledged_and_cleared_alarm_is_one_row() -> None:
    alarm = ALARM | {
        "perceivedSeverity": "cleared",
        "state": "cleared",
        "alarmClearedTime": "2026-03-01T10:00:00+08:00",
        "alarmChangedTime": "2026-03-01T09:00:00+08:00",
        "ackState": "acknowledged",
        "ackUserId": "li",
        "raisedSeverity": "minor",
    }
    found = rows(read_tmf642([alarm, ALARM | {"id": 17}]))
    assert found["alarm_id"].tolist() == ["17", "A1"]
    row = found.iloc[1]
    assert row["cleared_at"] == pd.Timestamp("2026-03-01 02:00", tz="UTC")
    assert row[["severity", "ack_state", "ack_user"]].tolist() == ["minor", "acknowledged", "li"]


def test_events_tell_the_life_of_an_alarm() -> None:
    changed = {"id": "A1", "perceivedSeverity": "critical"}
    body = [
        event(
            "AlarmStateChangeEvent", {"id": "A1", "state": "cleared"}, "2026-03-01T10:00:00+08:00"
        ),
        event("AlarmAttributeValueChangeEvent", changed),
        event("AlarmCreateEvent", ALARM),
    ]
    row = rows(read_tmf642(body)).iloc[0]
    assert row["cleared_at"] == pd.Timestamp("2026-03-01 02:00", tz="UTC")
    assert row[["severity", "latest_severity"]].tolist() == ["major", "critical"]


@pytest.mark.parametrize("word", ["Event", "Notification"])
def test_deleted_alarm_is_over(word: str) -> None:
    body = [event(f"AlarmCreate{word}", ALARM), event(f"AlarmDelete{word}", {"id": "A1"})]
    assert rows(read_tmf642(body))["cleared_at"].notna().all()


@pytest.mark.parametrize(
    ("name", "task", "column"),
    [
        ("ackAlarms", {"ackedAlarm": [{"id": "A1"}], "ackUserId": "li"}, "ack_at"),
        ("clearAlarms", {"clearedAlarm": [{"id": "A1"}]}, "cleared_at"),
    ],
)
def test_task_tells_of_every_alarm_it_names(name: str, task: dict[str, Any], column: str) -> None:
    body = [
        ALARM,
        {
            "eventType": f"{name}CreateEvent",
            "eventTime": "2026-03-01T01:00:00Z",
            "event": {name: task},
        },
    ]
    found = rows(read_tmf642(body))
    assert found[column].tolist() == [pd.Timestamp("2026-03-01 01:00", tz="UTC")]


def test_other_tasks_are_passed_over() -> None:
    body = {"eventType": "CommentAlarmsCreateEvent", "event": {"commentAlarms": {}}}
    assert "changes no alarm" in read_tmf642(body).passed[0].reason


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"alarmRaisedTime": None}, "alarm.alarmRaisedTime is missing"),
        ({"alarmRaisedTime": "soon"}, "`alarm.alarmRaisedTime` must be a date-time"),
        ({"alarmedObject": {}}, "alarm.alarmedObject.id is missing"),
        ({"alarmedObject": "S1"}, "`alarm.alarmedObject` must be an object"),
        ({"specificProblem": None, "probableCause": None}, "alarm.specificProblem"),
        ({"perceivedSeverity": "red"}, "`alarm.perceivedSeverity` must be a severity of X.733"),
        ({"isRootCause": "yes"}, "`alarm.isRootCause` must be true or false"),
        ({"ackState": "maybe"}, "`alarm.ackState` must be one of"),
        ({"correlatedAlarm": "A2"}, "`alarm.correlatedAlarm` must be a list"),
        ({"sourceSystemId": {}}, "`alarm.sourceSystemId` must be a text"),
    ],
)
def test_wrong_attribute_is_named(wrong: dict[str, Any], reason: str) -> None:
    intake = read_tmf642([ALARM, ALARM | wrong], first_row=4)
    assert reason in intake.refused[0].reason
    assert intake.refused[0].row == 5
    assert len(intake.notifications) == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (3, "must be an object"),
        ({"eventType": "AlarmCreateEvent"}, "event must be an object"),
        ({"eventType": "AlarmCreateEvent", "event": {}}, "event.alarm is missing"),
        (event("OddEvent", ALARM), "eventType is unknown"),
        (event("AlarmStateChangeEvent", {"state": "cleared"}), "event.alarm.id is missing"),
        (event("AlarmStateChangeEvent", {"id": "1"}, at="?"), "eventTime is missing"),
        ({"event": {"clearAlarms": {}}}, "clearedAlarm is missing"),
        (
            {"event": {"clearAlarms": {"clearedAlarm": [{"id": "1"}]}}},
            "alarmClearedTime is missing",
        ),
    ],
    ids=["number", "no event", "no alarm", "odd", "no id", "no time", "no alarms", "no instant"],
)
def test_body_of_another_form_is_refused(body: object, reason: str) -> None:
    assert reason in read_tmf642(body).reasons[0]


def test_cleared_alarm_without_a_time_stays_in_force_and_is_told() -> None:
    intake = read_tmf642(ALARM | {"state": "cleared"})
    assert "alarmClearedTime is missing" in intake.repaired[0].reason
    assert rows(intake)["cleared_at"].isna().all()


def test_snapshots_of_an_alarm_are_one_row_in_any_order() -> None:
    later = ALARM | {
        "perceivedSeverity": "critical",
        "alarmChangedTime": "2026-03-01T09:00:00+08:00",
    }
    for body in ([ALARM, later], [later, ALARM]):
        row = rows(read_tmf642(body)).iloc[0]
        assert row[["severity", "latest_severity"]].tolist() == ["major", "critical"]


def test_what_a_new_alarm_lacks_is_named() -> None:
    assert missing_for_create(ALARM) == []
    assert missing_for_create({"id": "A1"}) == list(REQUIRED)


def test_written_resource_has_only_attributes_of_the_standard_and_our_own() -> None:
    if not SWAGGER.is_file():
        pytest.skip("the shared description of TMF642 is not here")
    alarm = json.loads(SWAGGER.read_text(encoding="utf-8"))["definitions"]["Alarm"]["properties"]
    row = {"alarm_id": "A1", "object_id": "S1", "raised_at": datetime(2026, 3, 1, tzinfo=UTC)}
    written = alarm_resource(row | {"name": "x", "code": "25622", "vendor": "Huawei"})
    assert set(written) - set(alarm) == {"code", "vendor"}
    assert set(REQUIRED) <= set(written)
    assert written["@type"] == "NetworkAlarm"


def test_row_that_cannot_be_read_back_is_refused() -> None:
    with pytest.raises(InputError, match="`alarm.alarmClearedTime` must be a date-time"):
        resource_row(ALARM | {"alarmClearedTime": 7})


INSTANTS = st.datetimes(datetime(2001, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.text(min_size=1, max_size=20).filter(
    lambda text: text.strip() == text and text != "unknown" and "|" not in text
)
ROWS = st.fixed_dictionaries(
    {"alarm_id": TEXTS, "object_id": TEXTS, "name": TEXTS, "raised_at": INSTANTS},
    optional={
        **dict.fromkeys(
            ("code", "vendor", "detail", "probable_cause", "source", "ack_user"), TEXTS
        ),
        **dict.fromkeys(("cleared_at", "changed_at", "received_at", "ack_at"), INSTANTS),
        **dict.fromkeys(FLAGS, st.booleans()),
        **dict.fromkeys(
            ("correlated_ids", "parent_ids"), st.lists(TEXTS, min_size=1).map("|".join)
        ),
        "severity": st.sampled_from(SEVERITIES),
        "latest_severity": st.sampled_from(SEVERITIES),
        "event_type": st.sampled_from(("equipment", "quality_of_service", "security_violation")),
        "ack_state": st.sampled_from(("acknowledged", "unacknowledged")),
    },
)


@settings(max_examples=150, deadline=None)
@given(row=ROWS)
def test_row_written_as_an_alarm_is_read_back_the_same(row: dict[str, Any]) -> None:
    is_latest_kept = "severity" in row and "cleared_at" not in row
    if not is_latest_kept or row.get("latest_severity") == row["severity"]:
        row = {name: value for name, value in row.items() if name != "latest_severity"}
    read = resource_row(json.loads(json.dumps(alarm_resource(row))))
    silent = {} if "cleared_at" in row else {"severity": "indeterminate"}
    assert read == silent | row


def test_folded_row_is_written_and_folded_again_the_same() -> None:
    changed = {"perceivedSeverity": "critical", "alarmChangedTime": "2026-03-01T09:00:00+08:00"}
    first = rows(read_tmf642([ALARM, ALARM | changed | {"ackState": "acknowledged"}]))
    written = [alarm_resource(row) for row in first.to_dict("records")]
    again = rows(read_tmf642(json.loads(json.dumps(written))))
    assert again.columns.tolist() == first.columns.tolist()
    for name in set(first) - {"notifications", "row"}:
        assert again[name].astype("str").tolist() == first[name].astype("str").tolist(), name
