"""VES events of versions 4 to 7 are read; those that break the standard are refused by field."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from alarms.feeds.notification_table import notification_table
from alarms.feeds.notifications import alarm_rows
from alarms.feeds.ves import read_ves

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "ves"
START = 1_772_323_200_000_000
"""2026-03-01 00:00 UTC in microseconds."""
HOUR = 3_600_000_000
REFUSED = {
    "ves4_invalid": "event.commonEventHeader.sourceName is missing",
    "ves7_batch_stdnDefined_withDifferentStndDefinedNamespace": "stndDefinedNamespace must be one",
    "ves7_invalid_30_1_1_event": "vesEventListenerVersion must be",
    "ves7_invalid_ip_v4_with_ipv6_format": "oamV4IpAddress must be an IPv4 address",
    "ves7_invalid_ipv4": "oamV4IpAddress must be an IPv4 address",
}
"""Bodies to be refused, and what the reason names; of the other `invalid` ones an IPv6 address."""


def header(**given: Any) -> dict[str, Any]:
    return {
        "version": "4.1",
        "vesEventListenerVersion": "7.2.1",
        "domain": "fault",
        "eventName": "Fault_gNB_MainsOff",
        "eventId": "f1",
        "sequence": 1,
        "priority": "High",
        "reportingEntityName": "ems1",
        "sourceName": "S1",
        "nfVendorName": "Nokia",
        "startEpochMicrosec": START,
        "lastEpochMicrosec": START,
        **given,
    }


def fault(fields: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    """A fault event of version 7."""
    return {
        "commonEventHeader": header(**given),
        "faultFields": {
            "faultFieldsVersion": "4.0",
            "alarmCondition": "MainsOff",
            "eventSourceType": "other",
            "specificProblem": "mains are off",
            "eventSeverity": "MAJOR",
            "vfStatus": "Active",
            **(fields or {}),
        },
    }


def old_fault(**given: Any) -> dict[str, Any]:
    """A fault event of version 5."""
    event = fault(**given)
    for name in ("vesEventListenerVersion", "nfVendorName"):
        del event["commonEventHeader"][name]
    event["commonEventHeader"]["version"] = 3.0
    event["faultFields"] |= {
        "faultFieldsVersion": 2.0,
        "alarmAdditionalInformation": [{"name": "probableCause", "value": "powerProblem"}],
    }
    return event


def standard(data: dict[str, Any], namespace: str = "3GPP-FaultSupervision") -> dict[str, Any]:
    return {
        "commonEventHeader": header(domain="stndDefined", stndDefinedNamespace=namespace),
        "stndDefinedFields": {
            "stndDefinedFieldsVersion": "1.0",
            "data": {
                "notificationType": "notifyNewAlarm",
                "notificationId": 3,
                "alarmId": "17",
                "eventTime": "2026-03-01T08:00:00+08:00",
                "systemDN": "ManagementSystem=1",
                "objectInstance": "SubNetwork=A,ManagedElement=S1",
                "alarmType": "EQUIPMENT_ALARM",
                "probableCause": "powerProblem",
                "specificProblem": "Mains off",
                "perceivedSeverity": "MAJOR",
                **data,
            },
        },
    }


def shared_bodies() -> list[Path]:
    return sorted(path for path in SHARED.glob("*.json") if "CommonEventFormat" not in path.name)


def test_shared_bodies_are_accepted_or_refused_as_they_should_be() -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared VES bodies are not here")
    for path in shared_bodies():
        intake = read_ves(json.loads(path.read_text(encoding="utf-8")))
        is_wrong = path.stem in REFUSED or "invalid" in path.stem
        assert bool(intake.refused) == is_wrong, path.stem
        assert not (is_wrong and intake.notifications), path.stem
        field = REFUSED.get(path.stem, "oamV6IpAddress must be an IPv6 address")
        assert all(field in reason for reason in intake.reasons), path.stem


def test_a_batch_of_two_domains_is_read_event_by_event() -> None:
    other = {"commonEventHeader": header(domain="heartbeat")}
    intake = read_ves({"eventList": [fault({}), other]})
    assert not intake.refused
    assert (len(intake.notifications), len(intake.passed)) == (1, 1)


def test_fault_becomes_a_raising_with_all_it_says() -> None:
    more = {
        "alarmInterfaceA": "port 1",
        "alarmAdditionalInformation": {"eventType": "equipmentAlarm"},
    }
    intake = read_ves({"event": fault(more)})
    told = intake.notifications[0]
    assert (told.kind, told.object_id, told.part, told.name) == (
        "raise",
        "S1",
        "port 1",
        "MainsOff",
    )
    assert (told.severity, told.vendor, told.event_type) == ("major", "Nokia", "equipment")
    assert told.detail == "mains are off, eventType=equipmentAlarm"
    assert told.at.isoformat() == "2026-03-01T00:00:00+00:00"


def test_number_as_condition_is_the_code() -> None:
    told = read_ves({"event": fault({"alarmCondition": "25622"})}).notifications[0]
    assert (told.code, told.name) == ("25622", "mains are off")


def test_version_5_is_read() -> None:
    told = read_ves({"event": old_fault()}).notifications[0]
    assert (told.kind, told.probable_cause) == ("raise", "powerProblem")


def test_unknown_field_is_let_pass_before_version_7_only() -> None:
    old, new = old_fault(), fault()
    for event in (old, new):
        event["commonEventHeader"]["test"] = "Dummy"
    assert not read_ves({"event": old}).refused
    assert "commonEventHeader.test is not a field" in read_ves({"event": new}).reasons[0]


@pytest.mark.parametrize(
    "later",
    [{"eventId": "f1", "startEpochMicrosec": START}, {"eventId": "f2"}],
    ids=["id kept", "id counted on"],
)
def test_severity_normal_clears_the_alarm(later: dict[str, Any]) -> None:
    clear = fault({"eventSeverity": "NORMAL"}, **{
        "startEpochMicrosec": START + HOUR, **later, "lastEpochMicrosec": START + HOUR,
    })  # fmt: skip
    intake = read_ves({"eventList": [clear, fault()]})
    rows = alarm_rows(notification_table(intake.notifications)).alarms
    assert rows["cleared_at"].dt.strftime("%H:%M").tolist() == ["01:00"]
    assert rows["alarm_id"].tolist() == ["S1/f1"]


@pytest.mark.parametrize(
    ("where", "name", "value", "reason"),
    [
        ("commonEventHeader", "sourceName", None, "commonEventHeader.sourceName is missing"),
        ("commonEventHeader", "sourceName", " ", "sourceName must not be empty"),
        ("commonEventHeader", "priority", "Urgent", "priority must be 'High', 'Medium'"),
        ("commonEventHeader", "sequence", "1", "sequence must be an integer; it is '1'"),
        ("commonEventHeader", "startEpochMicrosec", True, "startEpochMicrosec must be a number"),
        ("commonEventHeader", "startEpochMicrosec", 17, "must be microseconds since 1970"),
        ("commonEventHeader", "domain", "faults", "commonEventHeader.domain must be"),
        ("faultFields", "eventSeverity", "major", "faultFields.eventSeverity must be 'CRITICAL'"),
        ("faultFields", "vfStatus", None, "faultFields.vfStatus is missing"),
        ("faultFields", "faultFieldsVersion", 4.0, "faultFields.faultFieldsVersion must be '4.0'"),
        ("faultFields", "extra", 1, "faultFields.extra is not a field of this version"),
        ("faultFields", "alarmAdditionalInformation", {"a": 1}, "alarmAdditionalInformation.a must"),
    ],
)  # fmt: skip
def test_wrong_field_is_named(where: str, name: str, value: Any, reason: str) -> None:
    event = fault()
    event[where] |= {name: value}
    if value is None:
        del event[where][name]
    before = deepcopy(event)
    intake = read_ves({"event": event})
    assert reason in intake.reasons[0]
    assert intake.reasons[0].startswith("SVC0002: event.")
    assert event == before


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "the body must be an object"),
        ({"events": []}, "either event or eventList"),
        ({"eventList": []}, "at least one"),
        ({"event": 3}, "event must be an object"),
        ({"event": {"commonEventHeader": []}}, "commonEventHeader must be an object"),
        ({"event": {"commonEventHeader": header()}}, "event.faultFields is missing"),
        ({"event": fault() | {"odd": {}}}, "event.odd is not a field"),
    ],
    ids=["list", "neither", "empty batch", "no event", "header", "no block", "odd block"],
)
def test_body_of_another_form_is_refused(body: object, reason: str) -> None:
    assert reason in read_ves(body).reasons[0]


def test_one_bad_event_does_not_spoil_its_batch() -> None:
    bad = fault({"eventSeverity": "?"})
    intake = read_ves({"eventList": [fault(), bad, {"event": fault(eventId="f3")}]}, first_row=5)
    assert [told.row for told in intake.notifications] == [5, 7]
    assert [noted.row for noted in intake.refused] == [6]
    assert intake.records == 3


def test_milliseconds_are_known_by_their_size_and_told() -> None:
    event = fault(startEpochMicrosec=START / 1000, lastEpochMicrosec=START // 1000)
    intake = read_ves({"event": event})
    assert intake.notifications[0].at.isoformat() == "2026-03-01T00:00:00+00:00"
    assert "not in microseconds" in intake.repaired[0].reason


@pytest.mark.parametrize("domain", ["heartbeat", "measurement", "syslog", "stateChange"])
def test_other_domains_are_passed_over_with_a_reason(domain: str) -> None:
    intake = read_ves({"event": {"commonEventHeader": header(domain=domain)}})
    assert intake.passed[0].reason == f"domain {domain} tells of no alarm"
    assert not intake.notifications
    assert not intake.refused


def test_block_of_another_domain_must_have_what_it_needs() -> None:
    event = {"commonEventHeader": header(domain="heartbeat"), "heartbeatFields": {}}
    assert (
        "heartbeatFields.heartbeatFieldsVersion is missing" in read_ves({"event": event}).reasons[0]
    )


def test_alarm_of_3gpp_lives_from_new_to_cleared() -> None:
    day = "2026-03-01T0"
    cleared = {"eventTime": f"{day}2:00:00Z", "perceivedSeverity": "CLEARED"}
    acked = {"eventTime": f"{day}1:30:00Z", "ackState": "ACKNOWLEDGED", "ackUserId": "li"}
    changed = {"eventTime": f"{day}1:00:00Z", "perceivedSeverity": "CRITICAL"}
    correlated = [{"sourceObjectInstance": "x", "notificationIds": [1, 2]}]
    events = [
        standard({"notificationType": "notifyClearedAlarm", **cleared}),
        standard({"notificationType": "notifyAckStateChanged", **acked}),
        standard({"notificationType": "notifyChangedAlarm", **changed}),
        standard({"rootCauseIndicator": True, "correlatedNotifications": correlated}),
    ]
    rows = alarm_rows(notification_table(read_ves({"eventList": events}).notifications)).alarms
    assert len(rows) == 1
    row = rows.iloc[0]
    assert row["alarm_id"] == "ManagementSystem=1/17"
    assert row["object_id"] == "SubNetwork=A,ManagedElement=S1"
    assert (row["raised_at"].hour, row["cleared_at"].hour) == (0, 2)
    assert (row["severity"], row["latest_severity"]) == ("major", "critical")
    assert (row["ack_state"], row["ack_user"]) == ("acknowledged", "li")
    assert (row["name"], row["probable_cause"], row["event_type"]) == (
        "Mains off",
        "powerProblem",
        "equipment",
    )
    assert bool(row["root_cause"])
    assert row["correlated_ids"] == "1|2"


def test_object_of_3gpp_is_read_from_an_address() -> None:
    address = "https://host/3GPPManagement/ProvMnS/v1600/SubNetwork=A/ManagedElement=S1"
    told = read_ves({"event": standard({"objectInstance": None, "href": address})}).notifications[0]
    assert told.object_id == "SubNetwork=A,ManagedElement=S1"


def test_time_that_is_none_is_the_header_s_and_told() -> None:
    intake = read_ves({"event": standard({"eventTime": "xyz"})})
    assert intake.notifications[0].at.isoformat() == "2026-03-01T00:00:00+00:00"
    assert "eventTime is not a time" in intake.repaired[0].reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"alarmId": None}, "data.alarmId is missing"),
        ({"notificationType": "notifyNothing"}, "data.notificationType is unknown"),
        ({"notificationType": ""}, "data.notificationType is missing"),
        ({"perceivedSeverity": "RED"}, "data.perceivedSeverity must be a severity"),
    ],
)
def test_wrong_field_of_3gpp_is_named(data: dict[str, Any], reason: str) -> None:
    assert reason in read_ves({"event": standard(data)}).reasons[0]


def test_namespace_is_demanded_and_others_are_passed_over() -> None:
    assert "stndDefinedNamespace is missing" in read_ves({"event": standard({}, "")}).reasons[0]
    other = standard({"notificationType": "notifyMOICreation"}, "3GPP-Provisioning")
    assert "3GPP-Provisioning tells of no alarm" in read_ves({"event": other}).passed[0].reason
    rebuilt = standard({"notificationType": "notifyAlarmListRebuilt"})
    assert "tells of no single alarm" in read_ves({"event": rebuilt}).passed[0].reason
