"""Take in VES events, bodies of versions 4 to 7, one or a batch.

Answers are those of the VES Event Listener: 202 once all is on disk, else `requestError` with an id of the standard.

Simple so far: events that tell of no alarm are acknowledged and not kept.

References
----------
.. [1] ONAP VES Event Listener 7.2.1, 6: publishEvent and publishEventBatch, service exceptions.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from alarms.feeds.ves import read_ves
from contract.ledger.accounts import Caller
from correlate.live.submissions import of_notifications
from dashboards.server.access import allowed, server_of
from dashboards.server.descriptions import (
    EVENTS,
    ONE_EVENT,
    REASONS,
    Refusal,
    VesRefusal,
    answers,
    body,
)
from dashboards.server.sending import json_body, sent

router = APIRouter(tags=["VES"])
Sender = Annotated[Caller, Depends(allowed("send"))]
DEFAULT_ID = "SVC0002"
WRONG = answers(VesRefusal | Refusal, status=400, description=REASONS[400])


@router.post(
    "/eventListener/v7",
    summary="Send one VES event",
    status_code=202,
    responses=WRONG,
    openapi_extra=body(ONE_EVENT, example={"event": {"commonEventHeader": {}}}),
)
@router.post(
    "/eventListener/v7/eventBatch",
    summary="Send a batch of VES events",
    status_code=202,
    responses=WRONG,
    openapi_extra=body(EVENTS, example={"eventList": []}),
)
async def take_events(request: Request, caller: Sender) -> Response:
    """Answer 202 when everything that tells of an alarm is on disk."""
    body = await json_body(request)
    told = read_ves(body, zone=server_of(request).settings.zone)
    outcome = (await sent(request, [of_notifications(told, source=caller.name)]))[0]
    if outcome.rejected and not (outcome.accepted or outcome.repeated):
        return _refusal([reason for _, reason in outcome.rejected])
    return Response(status_code=202)


def _refusal(reasons: list[str]) -> JSONResponse:
    """Return an answer that says what is wrong as the standard has it."""
    first = reasons[0]
    number, separator, text = first.partition(": ")
    is_numbered = bool(separator) and number.startswith(("SVC", "POL"))
    told = {
        "messageId": number if is_numbered else DEFAULT_ID,
        "text": "Bad parameter: %1" if not is_numbered else text,
        "variables": [first] if not is_numbered else reasons[1:10],
    }
    return JSONResponse({"requestError": {"serviceException": told}}, 400)
