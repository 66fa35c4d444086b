"""Read ONAP VES events, bodies of versions 4 to 7, as notifications of alarms.

A `fault` of severity NORMAL is a clearing. The id of the alarm is the event's own, within its
source: version 7 keeps it from raising to clearing, as it keeps `startEpochMicrosec`; where a source
counts on instead, the clearing is found by the alarm's identity (`alarms.feeds.notifications`).

Simple so far: threshold crossings and state changes are no alarms here, though some sources mean
them so; they are passed over like measurements, with a reason.

References
----------
.. [1] ONAP VES Event Listener 7.2.1, 3.1 (common event header: eventId), 4.1.1 (faultFields), 4.1.4
   (stndDefined); reasons begin with the ids of its service exceptions.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ValidationError

from alarms.feeds.gpp_faults import Sender, is_fault, read_fault
from alarms.feeds.intake import Intake, Noted, joined, noted, refusal
from alarms.feeds.notification_table import CLEAR, RAISE, Notification
from alarms.feeds.ves_models import (
    FaultFields,
    Header,
    OldestHeader,
    OldFaultFields,
    OldHeader,
    Registration,
    StandardFields,
    block_names,
    domain_blocks,
    problems_of,
)
from alarms.x733 import event_type_of, severity_of

HEADER = "commonEventHeader"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_OF_5 = 2.0
"""Headers of version 4 of the interface are numbered 1, those of version 5 3 (27.2, 28.4.1)."""
_TYPE_KEYS = ("eventtype", "alarmtype", "type")
_CAUSE_KEYS = ("probablecause", "cause")


class _WrongEventError(ValueError):
    """Report why an event is refused."""


def read_ves(body: object, *, zone: str = "UTC", first_row: int = 1) -> Intake:
    """Return what a VES body tells: one event (`event`) or a batch (`eventList`).

    Events of a batch are judged one by one; a batch of several namespaces of `stndDefined` is refused
    whole, as the standard demands.

    Parameters
    ----------
    body : object
        Parsed JSON.
    zone : str
        IANA zone of the times of 3GPP notifications that bear no offset.
    first_row : int
        Number of the first event.

    Returns
    -------
    Intake
        One record per event.

    Examples
    --------
    >>> read_ves({"event": {}}).reasons
    ('SVC0002: event.commonEventHeader is missing',)
    """
    events, problem = _events(body)
    if problem:
        return refusal(first_row, f"SVC0002: {problem}", body)
    problem = _batch_problem(events)
    if problem:
        rows = range(first_row, first_row + len(events))
        return joined(refusal(row, problem, e) for row, e in zip(rows, events, strict=True))
    return joined(_read(e, row=row, zone=zone) for row, e in enumerate(events, start=first_row))


def _events(body: object) -> tuple[list[Any], str]:
    """Return the events of a body, or why there are none."""
    if not isinstance(body, Mapping):
        return [], "the body must be an object with event or eventList"
    if "eventList" in body and "event" not in body:
        listed = body["eventList"]
        if not isinstance(listed, list) or not listed:
            return [], "eventList must be a list of events, at least one"
        return [one["event"] if _is_wrapped(one) else one for one in listed], ""
    if "event" in body and "eventList" not in body:
        return [body["event"]], ""
    return [], "the body must have either event or eventList"


def _is_wrapped(one: object) -> bool:
    """Tell whether an entry of a batch stands in an `event` of its own."""
    return isinstance(one, Mapping) and "event" in one and HEADER not in one


def _batch_problem(events: list[Any]) -> str:
    """Return why a batch is refused whole; empty where it is not.

    Events of several domains, which some collectors refuse, are read each by its own: no fault is lost.
    """
    if len(events) == 1:
        return ""
    headers = [e[HEADER] for e in events if isinstance(e, Mapping) and HEADER in e]
    headers = [header for header in headers if isinstance(header, Mapping)]
    domains = sorted({str(header.get("domain")) for header in headers})
    spaces = sorted({str(header.get("stndDefinedNamespace")) for header in headers})
    if domains == ["stndDefined"] and len(spaces) > 1:
        return (
            f"SVC0001: event.{HEADER}.stndDefinedNamespace must be one in a batch of the domain "
            f"stndDefined; there are {spaces}"
        )
    return ""


def _read(event: object, *, row: int, zone: str) -> Intake:
    """Return what one event tells."""
    try:
        return _told(event, row=row, zone=zone)
    except _WrongEventError as error:
        return refusal(row, str(error), event)


def _told(event: object, *, row: int, zone: str) -> Intake:
    """Return what one event tells; raise where it is not of the form of its version."""
    if not isinstance(event, Mapping):
        raise _WrongEventError("SVC0002: event must be an object")
    raw = event.get(HEADER)
    if not isinstance(raw, Mapping):
        word = "must be an object" if HEADER in event else "is missing"
        msg = f"SVC0002: event.{HEADER} {word}"
        raise _WrongEventError(msg)
    is_7 = "vesEventListenerVersion" in raw or isinstance(raw.get("version"), str)
    header = _header(raw, is_7=is_7)
    _check_blocks(event, header.domain, is_7=is_7)
    if header.domain == "fault":
        model = FaultFields if is_7 else OldFaultFields
        fields: Any = _checked(model, event["faultFields"], "event.faultFields")
        told = _fault(header, fields, row=row)
        return Intake(1, (told,), repaired=_rescaled(raw, header, row=row))
    if header.domain == "stndDefined":
        return _standard(header, event["stndDefinedFields"], row=row, zone=zone)
    if header.domain == "pnfRegistration" and "pnfRegistrationFields" in event:
        _checked(Registration, event["pnfRegistrationFields"], "event.pnfRegistrationFields")
    return Intake(records=1, passed=(noted(row, f"domain {header.domain} tells of no alarm"),))


def _header(raw: Mapping[str, Any], *, is_7: bool) -> Any:
    """Return the header of an event, checked by its version."""
    if is_7:
        return _checked(Header, raw, f"event.{HEADER}")
    version = raw.get("version")
    is_number = isinstance(version, int | float) and not isinstance(version, bool)
    is_old = "functionalRole" in raw or (is_number and float(str(version)) < _FIRST_OF_5)
    return _checked(OldestHeader if is_old else OldHeader, raw, f"event.{HEADER}")


def _checked(model: type[BaseModel], raw: object, path: str) -> Any:
    """Return a part of an event in its form; raise with the fields that do not fit."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        msg = f"SVC0002: {problems_of(error, path)}"
        raise _WrongEventError(msg) from None


def _check_blocks(event: Mapping[str, Any], domain: str, *, is_7: bool) -> None:
    """Raise where an event has an unknown block, or lacks what its own must have."""
    strange = sorted(set(event) - block_names() - {HEADER})
    if is_7 and strange:
        msg = f"SVC0002: event.{strange[0]} is not a field of this version"
        raise _WrongEventError(msg)
    block, required = domain_blocks()[domain]
    if block not in event:
        if domain in ("fault", "stndDefined"):
            msg = f"SVC0002: event.{block} is missing"
            raise _WrongEventError(msg)
        return
    if not isinstance(event[block], Mapping):
        msg = f"SVC0002: event.{block} must be an object"
        raise _WrongEventError(msg)
    missing = [name for name in required if name not in event[block]]
    if is_7 and missing:
        msg = f"SVC0002: event.{block}.{missing[0]} is missing"
        raise _WrongEventError(msg)


def _fault(header: Any, fields: Any, *, row: int) -> Notification:
    """Return the notification that a fault event tells."""
    is_clear = severity_of(fields.eventSeverity) == "cleared"
    more = fields.alarmAdditionalInformation
    pairs = more if isinstance(more, dict) else {pair.name: pair.value for pair in more}
    condition, problem = fields.alarmCondition.strip(), fields.specificProblem.strip()
    is_number = condition.isdigit()
    texts = [problem, *(f"{name}={value}" for name, value in pairs.items())]
    return Notification(
        kind=CLEAR if is_clear else RAISE,
        at=_instant(header.lastEpochMicrosec),
        source=header.sourceName,
        alarm_id=f"{header.sourceName}/{header.eventId}",
        object_id=header.sourceName,
        part=fields.alarmInterfaceA,
        code=condition if is_number else "",
        name=problem or condition if is_number else condition,
        severity="" if is_clear else severity_of(fields.eventSeverity),
        vendor=getattr(header, "nfVendorName", ""),
        detail=", ".join(text for text in texts if text),
        event_type=event_type_of(_among(pairs, _TYPE_KEYS)),
        probable_cause=_among(pairs, _CAUSE_KEYS),
        raised_at=_instant(header.startEpochMicrosec),
        sequence=float(header.sequence),
        row=row,
    )


def _standard(header: Any, raw: object, *, row: int, zone: str) -> Intake:
    """Return what an event of another standard tells."""
    if not header.stndDefinedNamespace.strip():
        msg = f"SVC2006: event.{HEADER}.stndDefinedNamespace is missing or empty"
        raise _WrongEventError(msg)
    fields = _checked(StandardFields, raw, "event.stndDefinedFields")
    if not is_fault(header.stndDefinedNamespace, fields.data):
        reason = f"namespace {header.stndDefinedNamespace} tells of no alarm"
        return Intake(records=1, passed=(noted(row, reason),))
    sender = Sender(
        source=header.sourceName,
        system=header.reportingEntityName,
        at=_instant(header.lastEpochMicrosec),
        event_name=header.eventName,
        vendor=header.nfVendorName,
        sequence=float(header.sequence),
    )
    return read_fault(fields.data, sender, row=row, zone=zone)


def _rescaled(raw: Mapping[str, Any], header: Any, *, row: int) -> tuple[Noted, ...]:
    """Return that times of an event are in another unit, where they are."""
    names = ("startEpochMicrosec", "lastEpochMicrosec")
    wrong = [name for name in names if raw[name] != getattr(header, name)]
    if not wrong:
        return ()
    reason = f"event.{HEADER}.{wrong[0]} is not in microseconds; read by its size"
    return (noted(row, reason, str(raw[wrong[0]])),)


def _instant(microseconds: float) -> datetime:
    """Return the instant of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=int(microseconds))


def _among(pairs: Mapping[str, str], names: tuple[str, ...]) -> str:
    """Return the value of the first of some names, whatever their case."""
    plain = {name.casefold(): value for name, value in pairs.items()}
    return next((plain[name] for name in names if name in plain), "")
