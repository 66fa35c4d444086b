"""Take in, tell and change alarms by TMF642 version 4, under its own base path and that of its shared description.

An alarm without an id is given one made of what it says, so that sending it again does no harm.

Simple so far: nobody is told of changes by a hub; an alarm is acknowledged by changing it, not by a task.

References
----------
.. [1] TM Forum TMF642 Alarm Management API 4.0.0.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import select

from alarms.feeds.tmf642 import read_tmf642
from alarms.feeds.tmf642_rows import alarm_resource
from contract.ledger.accounts import Caller
from contract.ledger.schema import ALARMS
from correlate.live import views
from correlate.live.submissions import Outcome, of_notifications
from dashboards.server.access import allowed, server_of
from dashboards.server.descriptions import (
    ALARM,
    ALARM_EVENT,
    NEW_ALARM,
    answers,
    body,
    either,
    listed,
    refusals,
)
from dashboards.server.sending import json_body, sent

router = APIRouter(tags=["TMF642"], responses=refusals(tmf=True))
Sender = Annotated[Caller, Depends(allowed("send"))]
Viewer = Annotated[Caller, Depends(allowed("alarms"))]
BASES = ("/tmf-api/alarmManagement/v4", "/tmf-api/alarm/v4")
MAIN = BASES[0]
Alarm = dict[str, Any]
ONE: dict[str, Any] = {
    "responses": answers(Alarm | list[Alarm], status=201, description="the alarm as it is kept"),
    "openapi_extra": body(either(NEW_ALARM, listed(NEW_ALARM)), example={"state": "raised"}),
}
EVENT: dict[str, Any] = {
    "openapi_extra": body(ALARM_EVENT, example={"event": {"alarm": {"id": "A1"}}})
}
CHANGE: dict[str, Any] = {
    "responses": answers(Alarm, description="the alarm as it is after the change"),
    "openapi_extra": body(ALARM, example={"state": "cleared"}),
}


@router.post(f"{BASES[0]}/alarm", status_code=201, summary="Send an alarm", **ONE)
@router.post(f"{BASES[1]}/alarm", status_code=201, summary="Send an alarm", **ONE)
async def take_alarm(request: Request, caller: Sender) -> JSONResponse:
    """Answer the alarm as it is kept; a list of alarms is taken too."""
    body = await json_body(request)
    listed = [with_id(one) for one in (body if isinstance(body, list) else [body])]
    outcome = await _take(request, listed, caller)
    if outcome.rejected and not (outcome.accepted or outcome.repeated):
        raise HTTPException(400, outcome.rejected[0][1])
    answer = [one for one in listed if isinstance(one, Mapping)]
    return JSONResponse(answer if isinstance(body, list) else answer[0], 201)


@router.post(
    f"{BASES[0]}/listener/{{event}}", status_code=201, summary="Send an event on alarms", **EVENT
)
@router.post(
    f"{BASES[1]}/listener/{{event}}", status_code=201, summary="Send an event on alarms", **EVENT
)
async def take_event(request: Request, caller: Sender, event: str) -> Response:
    """Answer 201 once the event is on disk."""
    body = await json_body(request)
    if isinstance(body, dict) and "eventType" not in body:
        body = body | {"eventType": event}
    outcome = await _take(request, body, caller)
    if outcome.rejected and not (outcome.accepted or outcome.repeated):
        raise HTTPException(400, outcome.rejected[0][1])
    return Response(status_code=201)


@router.patch(
    f"{BASES[0]}/alarm/{{alarm_id}}", summary="Change, acknowledge or clear an alarm", **CHANGE
)
@router.patch(
    f"{BASES[1]}/alarm/{{alarm_id}}", summary="Change, acknowledge or clear an alarm", **CHANGE
)
async def change_alarm(request: Request, caller: Sender, alarm_id: str) -> JSONResponse:
    """Answer the alarm as it is after the change."""
    body = await json_body(request)
    if not isinstance(body, dict):
        raise HTTPException(400, "the body must be an object")
    if _known(request, alarm_id) is None:
        raise HTTPException(404, "there is no such alarm")
    now = dt.datetime.now(dt.UTC).isoformat()
    changed = {"eventType": "AlarmAttributeValueChangeEvent", "eventTime": now}
    outcome = await _take(request, changed | {"event": {"alarm": body | {"id": alarm_id}}}, caller)
    if outcome.rejected:
        raise HTTPException(400, outcome.rejected[0][1])
    return JSONResponse(_known(request, alarm_id))


@router.get(f"{BASES[0]}/alarm", summary="Alarms in force")
@router.get(f"{BASES[1]}/alarm", summary="Alarms in force")
def get_alarms(
    request: Request,
    caller: Viewer,
    limit: Annotated[int, Query(ge=1, le=views.MOST)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> list[dict[str, Any]]:
    """Answer the alarms in force, the latest first."""
    del caller
    in_force = select(ALARMS).where(ALARMS.c.cleared_at.is_(None))
    asked = in_force.order_by(ALARMS.c.raised_at.desc(), ALARMS.c.alarm_id)
    with server_of(request).ledger.reading() as connection:
        rows = connection.execute(asked.limit(limit).offset(offset)).mappings().all()
    return [kept_alarm(dict(row)) for row in rows]


@router.get(f"{BASES[0]}/alarm/{{alarm_id}}", summary="One alarm")
@router.get(f"{BASES[1]}/alarm/{{alarm_id}}", summary="One alarm")
def get_alarm(request: Request, caller: Viewer, alarm_id: str) -> dict[str, Any]:
    """Answer one alarm, in force or not."""
    del caller
    found = _known(request, alarm_id)
    if found is None:
        raise HTTPException(404, "there is no such alarm")
    return found


def with_id(record: Any) -> Any:
    """Return an alarm with an id: its own, that of its source, else one made of what it says.

    Examples
    --------
    >>> with_id({"externalAlarmId": "7"})["id"], len(with_id({"state": "raised"})["id"])
    ('7', 18)
    """
    if not isinstance(record, dict) or record.get("id") or "event" in record:
        return record
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, default=str)
    made = f"A-{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return record | {"id": str(record.get("externalAlarmId") or made)}


def kept_alarm(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an alarm of the ledger as a resource, with everything that was said of it."""
    said = {
        name: pd.Timestamp(value) if name.endswith("_at") else value
        for name, value in json.loads(row["payload"]).items()
        if value is not None and name != "cleared_at"
    }
    if row["cleared_at"] is not None:
        said["cleared_at"] = pd.Timestamp(row["cleared_at"], unit="s", tz="UTC")
    return alarm_resource(said)


def _known(request: Request, alarm_id: str) -> dict[str, Any] | None:
    """Return an alarm of the ledger as a resource, None where there is none."""
    asked = select(ALARMS).where(ALARMS.c.alarm_id == alarm_id)
    with server_of(request).ledger.reading() as connection:
        row = connection.execute(asked).mappings().first()
    return None if row is None else kept_alarm(dict(row))


async def _take(request: Request, body: Any, caller: Caller) -> Outcome:
    """Return what became of a body."""
    told = read_tmf642(body, zone=server_of(request).settings.zone)
    return (await sent(request, [of_notifications(told, source=caller.name)]))[0]
