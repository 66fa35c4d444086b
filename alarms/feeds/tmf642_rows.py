"""Turn rows of alarms into TMF642 alarms and back, without loss.

A row keeps `code`, `vendor`, the time of its acknowledgement and, once cleared, the severity it had
in attributes of our own beside those of the standard, as its rules of extension allow (`@type`).

Simple so far: thresholds, places and affected services are passed over; comments are kept as JSON.

References
----------
.. [1] TM Forum TMF642 Alarm Management API 4.0.0; ITU-T X.733, 8.1.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pandas as pd

from alarms.x733 import CLEARED, event_type_of, instant_of, severity_of
from contract.errors import InputError

BASE = "/tmf-api/alarmManagement/v4/alarm"
UNKNOWN = "unknown"
"""What stands in a required attribute of which the row says nothing."""
REQUIRED = (
    "alarmType", "perceivedSeverity", "probableCause", "alarmedObject", "sourceSystemId", "state",
    "alarmRaisedTime",
)  # fmt: skip
"""What the standard demands of an alarm to be created."""
TEXTS = {
    "name": "specificProblem",
    "probable_cause": "probableCause",
    "source": "sourceSystemId",
    "detail": "alarmDetails",
    "object_type": "alarmedObjectType",
    "external_id": "externalAlarmId",
    "reporting_system": "reportingSystemId",
    "planned_outage": "plannedOutageIndicator",
    "repair_actions": "proposedRepairedActions",
    "ack_user": "ackUserId",
    "ack_system": "ackSystemId",
    "clear_user": "clearUserId",
    "clear_system": "clearSystemId",
    "code": "code",
    "vendor": "vendor",
}
INSTANTS = {
    "raised_at": "alarmRaisedTime",
    "changed_at": "alarmChangedTime",
    "cleared_at": "alarmClearedTime",
    "received_at": "alarmReportingTime",
    "ack_at": "ackTime",
}
FLAGS = {
    "root_cause": "isRootCause",
    "service_affecting": "serviceAffecting",
    "escalated": "alarmEscalation",
}
REFERENCES = {"correlated_ids": "correlatedAlarm", "parent_ids": "parentAlarm"}
OURS = ("code", "vendor", "ackTime", "raisedSeverity")
OUR_TYPE = "NetworkAlarm"
ACK_STATES = ("acknowledged", "unacknowledged")
_FILLED = ("probable_cause", "source")


def alarm_resource(row: Mapping[str, Any], *, base: str = BASE) -> dict[str, Any]:
    """Return a row of alarms as a TMF642 alarm.

    Parameters
    ----------
    row : mapping
        `alarm_id`, `object_id`, `raised_at`, `name`; the columns that `alarms.feeds.notifications`
        gives; `parent_ids`, `object_type`, `planned_outage`, `service_affecting`, `comments` and
        the like where they are there. Missing values may be None, NaN or NaT.
    base : str
        Path of the collection, for `href`.

    Returns
    -------
    dict
        Every required attribute is there, `unknown` where the row says nothing.

    Examples
    --------
    >>> row = {"alarm_id": "A1", "object_id": "S1", "name": "Mains off",
    ...        "raised_at": pd.Timestamp("2026-03-01", tz="UTC"), "severity": "major"}
    >>> found = alarm_resource(row)
    >>> found["href"], found["perceivedSeverity"], found["state"], found["alarmRaisedTime"]
    ('/tmf-api/alarmManagement/v4/alarm/A1', 'major', 'raised', '2026-03-01T00:00:00Z')
    """
    said = {name: value for name, value in row.items() if _is_said(value)}
    alarm_id = str(said["alarm_id"])
    resource: dict[str, Any] = {
        "id": alarm_id,
        "href": f"{base}/{quote(alarm_id, safe='')}",
        "state": _state(said),
        "alarmType": _tmf_type(str(said.get("event_type", UNKNOWN))),
        "alarmedObject": {"id": str(said["object_id"])},
        **dict.fromkeys((TEXTS[name] for name in _FILLED), UNKNOWN),
        **{there: str(said[here]) for here, there in TEXTS.items() if here in said},
        **{there: _iso(said[here]) for here, there in INSTANTS.items() if here in said},
        **{there: bool(said[here]) for here, there in FLAGS.items() if here in said},
        **{
            there: [{"id": name, "href": f"{base}/{quote(name, safe='')}"} for name in names]
            for here, there in REFERENCES.items()
            if (names := str(said.get(here, "")).split("|")) != [""]
        },
    }
    if "ack_state" in said:
        resource["ackState"] = said["ack_state"]
    if "comments" in said:
        resource["comment"] = json.loads(said["comments"])
    return _typed(resource | _severities(said))


def resource_row(resource: Mapping[str, Any], *, zone: str = "UTC") -> dict[str, Any]:
    """Return a TMF642 alarm as a row of alarms, with what it says.

    Parameters
    ----------
    resource : mapping
        Parsed JSON.
    zone : str
        IANA zone of times without an offset.

    Returns
    -------
    dict
        Columns of the `alarms` table and of `alarm_resource`; instants as datetime, UTC.

    Raises
    ------
    InputError
        If an attribute is of the wrong type, or no value of the standard.
    """
    row: dict[str, Any] = {}
    for name, (attribute, value) in _identified(resource).items():
        row[name] = _text(value, attribute)
    for name, attribute in TEXTS.items():
        text = _text(resource.get(attribute), attribute)
        row[name] = "" if text == UNKNOWN and name in _FILLED else text
    for name, attribute in INSTANTS.items():
        row[name] = _instant(resource.get(attribute), attribute, zone)
    for name, attribute in FLAGS.items():
        row[name] = _flag(resource.get(attribute), attribute)
    for name, attribute in REFERENCES.items():
        row[name] = _references(resource.get(attribute), attribute)
    row |= _told_severities(resource)
    row["event_type"] = _event_type(_text(resource.get("alarmType"), "alarmType"))
    row["ack_state"] = _ack_state(resource)
    if resource.get("comment"):
        row["comments"] = json.dumps(resource["comment"], ensure_ascii=False, sort_keys=True)
    return {name: value for name, value in row.items() if value is not None and value != ""}


def is_cleared(resource: Mapping[str, Any]) -> bool:
    """Tell whether a TMF642 alarm says that it is cleared."""
    words = (resource.get("perceivedSeverity"), resource.get("state"))
    is_said = any(isinstance(word, str) and severity_of(word) == CLEARED for word in words)
    return is_said or bool(resource.get("alarmClearedTime"))


def missing_for_create(resource: Mapping[str, Any]) -> list[str]:
    """Return the attributes that an alarm to be created lacks.

    Examples
    --------
    >>> missing_for_create({"alarmType": "equipmentAlarm", "state": "raised"})[:2]
    ['perceivedSeverity', 'probableCause']
    """
    return [name for name in REQUIRED if not resource.get(name)]


def _is_said(value: object) -> bool:
    """Tell whether a value of a row is there."""
    if isinstance(value, str):
        return value != ""
    return bool(pd.notna(value))


def _state(said: Mapping[str, Any]) -> str:
    """Return the state of an alarm in the words of the standard."""
    if "cleared_at" in said:
        return CLEARED
    return "updated" if "changed_at" in said else "raised"


def _severities(said: Mapping[str, Any]) -> dict[str, str]:
    """Return the severity, and the one before where an alarm has changed it or is cleared."""
    raised = str(said.get("severity", "indeterminate"))
    now = CLEARED if "cleared_at" in said else str(said.get("latest_severity", raised))
    before = {"raisedSeverity": raised} if now != raised and "severity" in said else {}
    return {"perceivedSeverity": now, **before}


def _typed(resource: dict[str, Any]) -> dict[str, Any]:
    """Return a resource with its type: our own where it has attributes of our own."""
    if any(name in resource for name in OURS):
        return {**resource, "@baseType": "Alarm", "@type": OUR_TYPE}
    return {**resource, "@type": "Alarm"}


def _tmf_type(event_type: str) -> str:
    """Return a type of event in the words of the standard.

    Examples
    --------
    >>> _tmf_type("quality_of_service"), _tmf_type("security_violation"), _tmf_type("odd")
    ('qualityOfServiceAlarm', 'securityViolation', 'odd')
    """
    if event_type_of(event_type) != event_type or not event_type.replace("_", "").isalpha():
        return event_type
    words = event_type.split("_")
    camel = words[0] + "".join(word.capitalize() for word in words[1:])
    known = event_type_of(camel + "Alarm") == event_type
    if not known:
        return event_type
    return camel if words[-1] == "violation" else camel + "Alarm"


def _iso(instant: Any) -> str:
    """Return an instant as the standard writes it."""
    return str(instant.astimezone(UTC).isoformat()).replace("+00:00", "Z")


def _identified(resource: Mapping[str, Any]) -> dict[str, tuple[str, object]]:
    """Return the ids of an alarm and of its object, with the attributes they stand in."""
    alarmed = resource.get("alarmedObject")
    if alarmed is not None and not isinstance(alarmed, Mapping):
        _refuse("alarmedObject", "an object", alarmed)
    return {
        "alarm_id": ("id", resource.get("id")),
        "object_id": ("alarmedObject.id", (alarmed or {}).get("id")),
    }


def _text(value: object, attribute: str) -> str:
    """Return a text of a resource; a number counts as text."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        _refuse(attribute, "a text", value)
    return str(value)


def _instant(value: object, attribute: str, zone: str) -> datetime | None:
    """Return an instant of a resource."""
    if value is None or value == "":
        return None
    found = instant_of(value, zone)
    if found is None:
        _refuse(attribute, "a date-time", value)
    return found


def _flag(value: object, attribute: str) -> bool | None:
    """Return a flag of a resource."""
    if value is not None and not isinstance(value, bool):
        _refuse(attribute, "true or false", value)
    return value if isinstance(value, bool) else None


def _references(value: object, attribute: str) -> str:
    """Return the ids of a list of references, joined by `|`."""
    if value is None:
        return ""
    if not isinstance(value, list):
        _refuse(attribute, "a list", value)
    entries = list(value) if isinstance(value, list) else []
    ids = [one.get("id") if isinstance(one, Mapping) else one for one in entries]
    return "|".join(_text(one, f"{attribute}.id") for one in ids if one is not None)


def _told_severities(resource: Mapping[str, Any]) -> dict[str, str]:
    """Return the severity an alarm was raised with, and the latest where it is another."""
    words = {
        name: _text(resource.get(name), name) for name in ("perceivedSeverity", "raisedSeverity")
    }
    for name, word in words.items():
        if word and not severity_of(word):
            _refuse(name, "a severity of X.733", word)
    now, before = (severity_of(word) for word in words.values())
    now = "" if now == CLEARED else now
    return {"severity": before or now, "latest_severity": now if before and now != before else ""}


def _event_type(word: str) -> str:
    """Return the type of event that a word of the standard stands for."""
    return "" if word == UNKNOWN else event_type_of(word)


def _ack_state(resource: Mapping[str, Any]) -> str:
    """Return the state of acknowledgement; empty where it is not told."""
    word = _text(resource.get("ackState"), "ackState").strip().casefold()
    if word and word not in ACK_STATES:
        _refuse("ackState", f"one of {', '.join(ACK_STATES)}", word)
    return word


def _refuse(attribute: str, needed: str, value: object) -> None:
    """Raise because an attribute is not what it must be."""
    shown = repr(value)[:60]
    msg = f"`alarm.{attribute}` must be {needed}; it is {shown}."
    raise InputError(msg)
