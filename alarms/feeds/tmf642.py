"""Read TM Forum alarms (TMF642 version 4) as notifications: resources, lists of them, and events.

A resource tells the whole state of an alarm: that it was raised, perhaps changed, acknowledged and
cleared. An event tells what happened: AlarmCreateEvent, AlarmAttributeValueChangeEvent,
AlarmStateChangeEvent, AlarmDeleteEvent (an alarm taken off the list is over), and the events of
AckAlarms, UnAckAlarms and ClearAlarms, which name the alarms they are about.

Simple so far: events that group or comment alarms are passed over, and so are patterns in place of
a list of alarms.

References
----------
.. [1] TM Forum TMF642 Alarm Management API 4.0.0; ITU-T X.733, 8.1.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alarms.feeds.intake import Intake, joined, noted, refusal
from alarms.feeds.notification_table import (
    ACKNOWLEDGE,
    CHANGE,
    CLEAR,
    RAISE,
    UNACKNOWLEDGE,
    Notification,
)
from alarms.feeds.tmf642_rows import is_cleared, resource_row
from alarms.x733 import instant_of
from contract.errors import InputError

CREATED = ("alarmcreate", "alarmcreation")
CHANGED = ("alarmattributevaluechange", "alarmstatechange")
DELETED = ("alarmdelete", "alarmremove")
"""Events on one alarm, without their last word: `Event` in version 4, `Notification` before."""
TASKS = {
    "ackAlarms": (ACKNOWLEDGE, "ackedAlarm", "ackTime", "ackUserId"),
    "unAckAlarms": (UNACKNOWLEDGE, "unAckedAlarm", "ackTime", "ackUserId"),
    "clearAlarms": (CLEAR, "clearedAlarm", "alarmClearedTime", "clearUserId"),
}
"""Tasks on several alarms: what they do, where they name the alarms, when and who."""
PASSED = ("commentAlarms", "groupAlarms", "unGroupAlarms")
_EXTRAS = (
    "parent_ids", "planned_outage", "object_type", "external_id", "reporting_system",
    "service_affecting", "escalated", "repair_actions", "comments",
)  # fmt: skip


def read_tmf642(body: object, *, zone: str = "UTC", first_row: int = 1) -> Intake:
    """Return what a body of TMF642 tells: an alarm, a list of alarms, an event or a list of events.

    Parameters
    ----------
    body : object
        Parsed JSON.
    zone : str
        IANA zone of times without an offset.
    first_row : int
        Number of the first record.

    Returns
    -------
    Intake
        One record per alarm or event. Refused is an alarm without `alarmRaisedTime`, without
        `alarmedObject.id`, without `specificProblem` or `probableCause`, or with a value that is
        none of the standard; of an event that changes an alarm the `id` is enough.

    Examples
    --------
    >>> read_tmf642({"id": "1", "alarmRaisedTime": "soon"}).reasons
    ("`alarm.alarmRaisedTime` must be a date-time; it is 'soon'.",)
    """
    records = body if isinstance(body, list) else [body]
    return joined(_read(one, row=row, zone=zone) for row, one in enumerate(records, first_row))


def _read(record: object, *, row: int, zone: str) -> Intake:
    """Return what one alarm or event tells."""
    if not isinstance(record, Mapping):
        return refusal(row, "the record must be an object, an alarm or an event", record)
    try:
        if "event" in record or "eventType" in record:
            return _of_event(record, row=row, zone=zone)
        told = _of_resource(resource_row(record, zone=zone), record, row=row)
    except InputError as error:
        return refusal(row, str(error), dict(record))
    return _checked(told, record, row=row)


def _checked(told: tuple[Notification, ...], record: Mapping[str, Any], *, row: int) -> Intake:
    """Return notifications of a whole resource, or its refusal where it lacks what a row needs."""
    first = told[0]
    needed = {
        "alarmRaisedTime": first.at,
        "alarmedObject.id": first.object_id,
        "specificProblem (or probableCause)": first.name or first.code,
    }
    missing = [name for name, value in needed.items() if not value]
    if missing:
        return refusal(row, f"alarm.{missing[0]} is missing", dict(record))
    is_open = is_cleared(record) and told[-1].kind != CLEAR
    reason = "alarm.alarmClearedTime is missing in a cleared alarm; it is taken to be in force"
    repaired = (noted(row, reason, dict(record)),) if is_open else ()
    return Intake(records=1, notifications=told, repaired=repaired)


def _of_resource(
    alarm: Mapping[str, Any],
    record: Mapping[str, Any],
    *,
    row: int,
    kind: str = RAISE,
    at: datetime | None = None,
) -> tuple[Notification, ...]:
    """Return what a resource tells: its raising or change, acknowledgement and clearing."""
    changed = alarm.get("changed_at") or at
    raised = alarm.get("raised_at")
    begin = raised if kind == RAISE else changed
    told = [_notification(alarm, kind, begin, row=row, changed=changed)]
    cleared = alarm.get("cleared_at") or (changed if is_cleared(record) else None)
    if kind == RAISE and raised and changed and changed > raised and not is_cleared(record):
        told.append(_notification(alarm, CHANGE, changed, row=row, changed=changed))
    acked = alarm.get("ack_at") or changed or alarm.get("received_at") or raised
    if alarm.get("ack_state") == "acknowledged":
        told.append(_notification(alarm, ACKNOWLEDGE, acked, row=row, changed=changed))
    elif alarm.get("ack_state") and kind == CHANGE:
        told.append(_notification(alarm, UNACKNOWLEDGE, acked, row=row, changed=changed))
    if cleared is not None:
        told.append(_notification(alarm, CLEAR, cleared, row=row, changed=changed))
    return tuple(told)


def _notification(
    alarm: Mapping[str, Any], kind: str, at: datetime | None, *, row: int, changed: datetime | None
) -> Notification:
    """Return one notification of an alarm; of several of one instant the earliest told comes first."""
    extra = tuple((name, str(alarm[name])) for name in _EXTRAS if name in alarm)
    latest = alarm.get("latest_severity", "") if kind == CHANGE else ""
    return Notification(
        kind=kind,
        at=at,
        source=alarm.get("source", ""),
        alarm_id=alarm.get("alarm_id", ""),
        object_id=alarm.get("object_id", ""),
        code=alarm.get("code", ""),
        name=alarm.get("name", "") or alarm.get("probable_cause", ""),
        severity=latest or alarm.get("severity", ""),
        vendor=alarm.get("vendor", ""),
        detail=alarm.get("detail", ""),
        event_type=alarm.get("event_type", ""),
        probable_cause=alarm.get("probable_cause", ""),
        raised_at=alarm.get("raised_at"),
        received_at=alarm.get("received_at"),
        sequence=changed.timestamp() if changed else None,
        ack_user=alarm.get("ack_user", ""),
        root_cause=alarm.get("root_cause"),
        correlated_ids=alarm.get("correlated_ids", ""),
        row=row,
        extra=extra,
    )


def _of_event(record: Mapping[str, Any], *, row: int, zone: str) -> Intake:
    """Return what an event tells."""
    payload = record.get("event")
    if not isinstance(payload, Mapping):
        return refusal(row, "event must be an object", dict(record))
    at = instant_of(record.get("eventTime") or record.get("timeOcurred"), zone)
    for name in TASKS:
        if isinstance(payload.get(name), Mapping):
            return _of_task(payload[name], name, row=row, at=at, zone=zone)
    if any(name in payload for name in PASSED):
        return Intake(
            records=1, passed=(noted(row, f"{record.get('eventType')} changes no alarm"),)
        )
    alarm = payload.get("alarm")
    if not isinstance(alarm, Mapping):
        return refusal(row, "event.alarm is missing", dict(record))
    return _of_alarm_event(record, alarm, row=row, at=at, zone=zone)


def _of_alarm_event(
    record: Mapping[str, Any],
    alarm: Mapping[str, Any],
    *,
    row: int,
    at: datetime | None,
    zone: str,
) -> Intake:
    """Return what an event about one alarm tells."""
    word = str(record.get("eventType", "")).casefold()
    kind = word.removesuffix("event").removesuffix("notification")
    if kind not in (*CREATED, *CHANGED, *DELETED):
        return refusal(row, f"eventType is unknown: {record.get('eventType')!r}", dict(record))
    state = resource_row(alarm, zone=zone)
    if kind in CREATED:
        # The event is sent when the alarm is reported, which the alarm may leave unsaid.
        reported = {} if at is None else {"received_at": at}
        return _checked(_of_resource(reported | state, alarm, row=row), alarm, row=row)
    if "alarm_id" not in state:
        return refusal(row, "event.alarm.id is missing", dict(record))
    if at is None and "changed_at" not in state:
        return refusal(row, "eventTime is missing or no date-time", dict(record))
    told = _of_resource(state, alarm, row=row, kind=CHANGE, at=at)
    if kind in DELETED and told[-1].kind != CLEAR:
        over = at or state.get("changed_at")
        told += (_notification(state, CLEAR, over, row=row, changed=over),)
    return Intake(records=1, notifications=told)


def _of_task(
    task: Mapping[str, Any], name: str, *, row: int, at: datetime | None, zone: str
) -> Intake:
    """Return what a task on several alarms tells of each of them."""
    kind, listed, when, who = TASKS[name]
    alarms = task.get(listed)
    if not isinstance(alarms, list) or not alarms:
        return refusal(row, f"event.{name}.{listed} is missing", dict(task))
    instant = instant_of(task.get(when), zone) or at
    ids = [str(one["id"]) for one in alarms if isinstance(one, Mapping) and "id" in one]
    if instant is None or not ids:
        what = f"{listed}.id" if instant else when
        return refusal(row, f"event.{name}.{what} is missing", dict(task))
    user = task.get(who)
    system = task.get("sourceSystemId")
    told = tuple(
        Notification(
            kind=kind,
            at=instant,
            source=system if isinstance(system, str) else "",
            alarm_id=alarm_id,
            ack_user=user if isinstance(user, str) and kind != CLEAR else "",
            row=row,
        )
        for alarm_id in ids
    )
    return Intake(records=1, notifications=told)
