"""Describe to programs what the routes take and answer, for `/openapi.json`.

What is answered is described from the tables of the ledger; what is taken, in the words of the standards, as far as it
is read here. Answers are not judged by these at run time: tests hold them against each other.

Simple so far: what a row of a table may hold is told by `docs/tables.md`, not here.
"""

from __future__ import annotations

from types import GenericAlias
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model
from sqlalchemy import Boolean, Column, Float, Integer, Table

from contract.ledger.schema import (
    ACTS,
    ALARMS,
    CHANGES,
    DIAGNOSES,
    INCIDENTS,
    NOTICES,
    SERVING_CELLS,
    TELLINGS,
    TICKETS,
    VERSIONS,
)
from correlate.live.intake import ARRIVING
from correlate.live.submissions import ROWS_AT_MOST

Description = dict[str, Any]
Responses = dict[int | str, dict[str, Any]]
REASONS = {
    400: "what was sent can't be read, or lacks what is needed",
    401: "who asks is not known",
    403: "the caller may not do this",
    404: "there is no such thing, or the caller may not see it",
    413: "more was sent than is taken at once",
    422: "none of what was sent could be used",
    429: "too much waits to be written: come again after `Retry-After` seconds",
    503: "the server can't do this now; send it again",
}


class Refusal(BaseModel):
    """Why a request was refused."""

    detail: str | list[dict[str, Any]]


class TmfRefusal(BaseModel):
    """Why a request was refused, as TM Forum has it."""

    type_: str = Field(alias="@type")
    code: str
    reason: str
    status: str


class VesException(BaseModel):
    """A service exception of VES."""

    messageId: str
    text: str
    variables: list[str]


class VesError(BaseModel):
    """What is wrong, as VES has it."""

    serviceException: VesException


class VesRefusal(BaseModel):
    """Why events were refused, as VES has it."""

    requestError: VesError


class Rejected(BaseModel):
    """A row, by its number in what was sent, and a reason."""

    row: int
    reason: str


class RowsOutcome(BaseModel):
    """What became of rows that were sent."""

    received: int
    accepted: int
    repeated: int
    rejected: list[Rejected]
    repaired: list[Rejected]


def refusals(*, tmf: bool = False) -> Responses:
    """Return how requests are refused, in the form of TM Forum or in our own."""
    model = TmfRefusal if tmf else Refusal
    return {status: {"model": model, "description": why} for status, why in REASONS.items()}


def answers(model: object, *, status: int = 200, description: str = "") -> Responses:
    """Return the answer of a route as a description."""
    return {status: {"model": model, "description": description or "what was asked for"}}


def many(model: Any) -> Any:
    """Return a list of such as a type."""
    return GenericAlias(list, (model,))


def row_model(name: str, table: Table, **more: Any) -> type[BaseModel]:
    """Return what a row of a table is answered as: instants as text, lists of cells as lists.

    Parameters
    ----------
    **more
        Further fields, each by its type.

    Examples
    --------
    >>> from contract.ledger.schema import ALARMS
    >>> sorted(row_model("Row", ALARMS).model_fields)[:3]
    ['alarm_id', 'cleared_at', 'given_id']
    """
    fields: dict[str, Any] = {
        column.name: (_type_of(column) | None, None)
        for column in table.columns
        if column.name not in ("payload", "seq")
    }
    fields |= {field: (kind, ...) for field, kind in more.items()}
    made: type[BaseModel] = create_model(name, __config__=ConfigDict(extra="allow"), **fields)
    return made


def _type_of(column: Column[Any]) -> Any:
    """Return the type in which a column is answered."""
    if column.name.endswith("_at") or column.name in ("at", "valid_until"):
        return str
    if column.name == "cells" and not isinstance(column.type, Integer):
        return list[str]
    if isinstance(column.type, Boolean):
        return bool
    if isinstance(column.type, Float):
        return float
    return int if isinstance(column.type, Integer) else str


AlarmRow = row_model("AlarmRow", ALARMS)
IncidentRow = row_model("IncidentRow", INCIDENTS)
NoticeRow = row_model("NoticeRow", NOTICES)
NoticeInForce = row_model("NoticeInForce", NOTICES, county=str | None, area=str | None, told=int)
TicketRow = row_model("TicketRow", TICKETS)
ActRow = row_model("ActRow", ACTS)
IncidentStory = row_model(
    "IncidentStory",
    INCIDENTS,
    versions=many(row_model("VersionRow", VERSIONS)),
    changes=many(row_model("ChangeRow", CHANGES)),
    notices=many(NoticeRow),
    acts=many(ActRow),
)
TicketStory = row_model(
    "TicketStory",
    TICKETS,
    causes=many(row_model("CauseRow", DIAGNOSES)),
    serving_cells=many(row_model("ServingCellRow", SERVING_CELLS)),
    acts=many(ActRow),
    callers_told=many(row_model("TellingRow", TELLINGS)),
)


class Headline(BaseModel):
    """The figures along the top; `per_10k_today` is null where the users are not known."""

    open_incidents: int
    users_hit: float
    notices: int
    complaints_today: int
    intercepted_today: int
    told_today: int
    per_10k_today: float | None


def body(schema: Description, *, example: object) -> Description:
    """Return the description of a JSON body, for `openapi_extra`.

    Examples
    --------
    >>> body({"type": "object"}, example={})["requestBody"]["required"]
    True
    """
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def either(*schemas: Description) -> Description:
    """Return what is one of several."""
    return {"anyOf": list(schemas)}


def listed(schema: Description) -> Description:
    """Return a list of such."""
    return {"type": "array", "items": schema, "maxItems": ROWS_AT_MOST}


def _texts(*names: str) -> Description:
    """Return properties that are text."""
    return {name: {"type": "string"} for name in names}


TABLE = {"enum": list(ARRIVING)}
ROW: Description = {"type": "object", "additionalProperties": True}
ROWS = either(
    listed(ROW), {"type": "object", "required": ["rows"], "properties": {"rows": listed(ROW)}}, ROW
)
REFERENCE: Description = {"type": "object", "required": ["id"], "properties": _texts("id", "href")}
INSTANT: Description = {"type": "string", "format": "date-time"}
CHARACTERISTIC: Description = {
    "type": "object",
    "required": ["name", "value"],
    "properties": {"name": {"type": "string"}, "value": {}},
}
ALARM: Description = {
    "type": "object",
    "properties": {
        **_texts("id", "alarmType", "probableCause", "specificProblem", "sourceSystemId"),
        **_texts("externalAlarmId", "alarmDetails"),
        "perceivedSeverity": {
            "enum": ["critical", "major", "minor", "warning", "indeterminate", "cleared"]
        },
        "state": {"enum": ["raised", "updated", "cleared"]},
        "alarmedObject": REFERENCE,
        "alarmRaisedTime": INSTANT,
        "alarmClearedTime": INSTANT,
        "ackState": {"enum": ["acknowledged", "unacknowledged"]},
    },
}
"""An alarm of TMF642 4.0.0, what of it is read."""
NEW_ALARM: Description = ALARM | {
    "required": [
        *("alarmType", "perceivedSeverity", "probableCause", "alarmedObject"),
        *("sourceSystemId", "state", "alarmRaisedTime"),
    ]
}
ALARM_EVENT: Description = {
    "type": "object",
    "required": ["event"],
    "properties": {
        **_texts("eventId", "eventType"),
        "eventTime": INSTANT,
        "event": {"type": "object", "required": ["alarm"], "properties": {"alarm": ALARM}},
    },
}
VES_HEADER: Description = {
    "type": "object",
    "required": [
        *("domain", "eventId", "eventName", "lastEpochMicrosec", "priority"),
        *("reportingEntityName", "sequence", "sourceName", "startEpochMicrosec", "version"),
    ],
    "properties": {
        **_texts("domain", "eventId", "eventName", "reportingEntityName", "sourceName", "version"),
        **_texts("vesEventListenerVersion"),
        "priority": {"enum": ["High", "Medium", "Normal", "Low"]},
        "sequence": {"type": "integer"},
        "startEpochMicrosec": {"type": "number"},
        "lastEpochMicrosec": {"type": "number"},
    },
}
VES_FAULT: Description = {
    "type": "object",
    "properties": {
        **_texts("faultFieldsVersion", "alarmCondition", "eventSourceType", "specificProblem"),
        "eventSeverity": {"enum": ["CRITICAL", "MAJOR", "MINOR", "WARNING", "NORMAL"]},
        "vfStatus": {"type": "string"},
    },
}
VES_EVENT: Description = {
    "type": "object",
    "required": ["commonEventHeader"],
    "properties": {"commonEventHeader": VES_HEADER, "faultFields": VES_FAULT},
}
"""An event of VES 7, what of it is read."""
ONE_EVENT: Description = {
    "type": "object",
    "required": ["event"],
    "properties": {"event": VES_EVENT},
}
EVENTS: Description = {
    "type": "object",
    "required": ["eventList"],
    "properties": {"eventList": listed(VES_EVENT)},
}
TICKET: Description = {
    "type": "object",
    "required": ["description", "severity", "ticketType"],
    "properties": {
        **_texts("id", "description", "severity", "ticketType"),
        "creationDate": INSTANT,
        "externalIdentifier": {"type": "array", "items": REFERENCE},
        "troubleTicketCharacteristic": {"type": "array", "items": CHARACTERISTIC},
    },
}
"""A trouble ticket of TMF621 5.0.1 to be created, what of it is read."""
