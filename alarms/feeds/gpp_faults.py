"""Read 3GPP fault notifications, as VES events of the domain `stndDefined` carry them.

Forms of Releases 15 to 17 are read side by side: the object as `objectInstance` (a name) or `href`
(an address whose path is the name), the probable cause as a number or a name.

Simple so far: notifications of a list rebuilt or potentially faulty ask for the list to be fetched
again; they are passed over.

References
----------
.. [1] 3GPP TS 28.532 V16, 11.2 and annex A.2 (faultMnS); TS 32.111-2, annex A and B.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from alarms.feeds.intake import Intake, noted, refusal
from alarms.feeds.notification_table import (
    ACKNOWLEDGE,
    CHANGE,
    CLEAR,
    RAISE,
    UNACKNOWLEDGE,
    Notification,
)
from alarms.x733 import event_type_of, instant_of, severity_of

NAMESPACE = "3gpp-faultsupervision"
KINDS = {
    "notifynewalarm": RAISE,
    "notifynewsecalarm": RAISE,
    "notifychangedalarm": CHANGE,
    "notifychangedalarmgeneral": CHANGE,
    "notifycorrelatednotificationchanged": CHANGE,
    "notifyclearedalarm": CLEAR,
    "notifyackstatechanged": ACKNOWLEDGE,
}
PASSED = (
    "notifycomments", "notifyalarmlistrebuilt", "notifypotentialfaultyalarmlist",
    "notifyalarmlistrebuiltalarm",
)  # fmt: skip
DATA = "event.stndDefinedFields.data"


@dataclass(frozen=True)
class Sender:
    """What the header of the event around a notification says.

    Attributes
    ----------
    source, system
        Name of the entity with the trouble, and of the one that reports it.
    at
        When the event happened last.
    event_name, vendor, sequence
        As in the header.
    """

    source: str
    system: str
    at: datetime
    event_name: str = ""
    vendor: str = ""
    sequence: float = 0.0


def is_fault(namespace: str, data: Mapping[str, Any]) -> bool:
    """Tell whether a notification of another standard is one of 3GPP's of faults.

    Examples
    --------
    >>> is_fault("3GPP-Provisioning", {}), is_fault("3GPP-FaultSupervision", {})
    (False, True)
    """
    kind = str(data.get("notificationType", "")).casefold()
    return namespace.casefold().startswith(NAMESPACE) or kind in KINDS or kind in PASSED


def read_fault(data: Mapping[str, Any], sender: Sender, *, row: int, zone: str) -> Intake:
    """Return the notification that a 3GPP fault notification tells.

    Parameters
    ----------
    data : mapping
        `stndDefinedFields.data`.
    sender : Sender
    row : int
    zone : str
        IANA zone of an `eventTime` without an offset.

    Returns
    -------
    Intake
        One record; refused where kind or alarm id is missing or a severity is none of X.733.

    Examples
    --------
    >>> from datetime import UTC
    >>> told = {"notificationType": "notifyNewAlarm", "alarmId": "7", "specificProblem": "Mains off"}
    >>> found = read_fault(told, Sender("S1", "ems", datetime(2026, 3, 1, tzinfo=UTC)), row=1, zone="UTC")
    >>> found.notifications[0].kind, found.notifications[0].alarm_id
    ('raise', 'ems/7')
    """
    kind = str(data.get("notificationType", "")).casefold()
    if kind in PASSED:
        reason = f"{data['notificationType']} tells of no single alarm"
        return Intake(records=1, passed=(noted(row, reason),))
    problem = _problem(data, kind)
    if problem:
        return refusal(row, f"SVC2000: {problem}", dict(data))
    at = instant_of(data.get("eventTime"), zone)
    late = f"{DATA}.eventTime is not a time; the time of the header is taken"
    told = _notification(data, KINDS[kind], sender, row=row)
    return Intake(
        records=1,
        notifications=(replace(told, at=at or sender.at),),
        repaired=(noted(row, late, str(data.get("eventTime", ""))),) if at is None else (),
    )


def _problem(data: Mapping[str, Any], kind: str) -> str:
    """Return why a notification cannot be used; empty where it can."""
    if not kind:
        return f"{DATA}.notificationType is missing"
    if kind not in KINDS:
        return f"{DATA}.notificationType is unknown: {data['notificationType']!r}"
    if _text(data, "alarmId") == "":
        return f"{DATA}.alarmId is missing"
    severity = data.get("perceivedSeverity")
    if severity is not None and not severity_of(str(severity)):
        return f"{DATA}.perceivedSeverity must be a severity of X.733; it is {severity!r}"
    if kind == "notifyackstatechanged" and not str(data.get("ackState", "")):
        return f"{DATA}.ackState is missing"
    return ""


def _notification(data: Mapping[str, Any], kind: str, sender: Sender, *, row: int) -> Notification:
    """Return the notification, its time left to be filled in."""
    if kind == ACKNOWLEDGE and "un" in str(data["ackState"]).casefold():
        kind = UNACKNOWLEDGE
    system = _text(data, "systemDN") or sender.system
    problem, cause = _text(data, "specificProblem"), _text(data, "probableCause")
    is_number = problem.isdigit()
    name = problem if problem and not is_number else (cause or sender.event_name)
    is_told = kind in (RAISE, CHANGE)
    return Notification(
        kind=kind,
        at=None,
        source=system,
        alarm_id=f"{system}/{_text(data, 'alarmId')}",
        object_id=_object(data) or sender.source,
        code=problem if is_number else "",
        name=name if is_told or problem else "",
        severity=severity_of(_text(data, "perceivedSeverity")),
        vendor=sender.vendor,
        detail=_detail(data),
        event_type=event_type_of(_text(data, "alarmType")),
        probable_cause=cause,
        sequence=sender.sequence,
        ack_user=_text(data, "ackUserId"),
        root_cause=_root_cause(data),
        correlated_ids=_correlated(data),
        row=row,
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    """Return a text or number of a notification as text; empty where it is neither."""
    value = data.get(name)
    is_plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value).strip() if is_plain else ""


def _object(data: Mapping[str, Any]) -> str:
    """Return the name of the object, from `objectInstance` or the path of `href`."""
    for name in ("objectInstance", "href"):
        text = _text(data, name)
        if text.startswith(("http://", "https://")):
            return ",".join(part for part in text.split("/") if "=" in part)
        if "=" in text or (text and name == "objectInstance"):
            return text.strip("/")
    return ""


def _detail(data: Mapping[str, Any]) -> str:
    """Return what a notification says besides, as text."""
    more = data.get("additionalInformation")
    pairs = [f"{k}={v}" for k, v in more.items()] if isinstance(more, Mapping) else []
    texts = [_text(data, "additionalText"), *pairs]
    return ", ".join(text for text in texts if text)


def _root_cause(data: Mapping[str, Any]) -> bool | None:
    """Return whether the alarm is called a root cause; None where that is not said."""
    value = data.get("rootCauseIndicator")
    return value if isinstance(value, bool) else None


def _correlated(data: Mapping[str, Any]) -> str:
    """Return the ids of the notifications that are told to belong to this one, joined by `|`."""
    listed = data.get("correlatedNotifications")
    found: list[str] = []
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, Mapping):
            ids = one.get("notificationIds")
            found += [str(name) for name in ids] if isinstance(ids, list) else []
    return "|".join(found)
