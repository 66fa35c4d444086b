"""Take in what people do to incidents, notices and tickets.

An act is on disk when it is answered: as an arrival that the next step is given, as a row that pages show at once, and
in the audit. Sent again with the same `act_id` it is the same act.

Simple so far: what an act changes in the model shows after the next step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Request

from contract.acts import INCIDENT, NOTICE, TICKET, act_schema, read_act
from contract.errors import InputError
from contract.ledger.accounts import Caller
from contract.ledger.acts import Deed
from correlate.live import views
from correlate.live.acting import is_there, objection
from dashboards.server.access import allowed, server_of
from dashboards.server.order_desk import order_objection
from dashboards.server.sending import json_body, sent
from dashboards.server.view_routes import told

router = APIRouter(tags=["acts"])
Actor = Annotated[Caller, Depends(allowed("act"))]
SubjectId = Annotated[str, Path(max_length=100)]
SEEN_WITH: Mapping[str, str] = {INCIDENT: "incidents", NOTICE: "notices", TICKET: "tickets"}
"""What a role must allow beside `act`, for who may not see a subject may not act on it."""


def _described(subject_kind: str) -> dict[str, Any]:
    """Return what the document of the interface says of a body."""
    schema = act_schema(subject_kind)
    content = {"application/json": {"schema": _inlined(schema, schema.get("$defs", {}))}}
    return {"requestBody": {"required": True, "content": content}}


def _inlined(part: Any, named: Mapping[str, Any]) -> Any:
    """Return a schema whose references are replaced by what they name."""
    if isinstance(part, Mapping):
        if "$ref" in part:
            return _inlined(named[str(part["$ref"]).rpartition("/")[2]], named)
        left = ("$defs", "discriminator")
        return {name: _inlined(one, named) for name, one in part.items() if name not in left}
    return [_inlined(one, named) for one in part] if isinstance(part, list) else part


@router.post(
    "/incidents/{subject_id}/acts",
    summary="Act on an incident",
    openapi_extra=_described(INCIDENT),
)
async def act_on_incident(request: Request, caller: Actor, subject_id: SubjectId) -> dict[str, Any]:
    """Answer the act once it is on disk."""
    return await acted(request, caller, INCIDENT, subject_id)


@router.post(
    "/notices/{subject_id}/acts", summary="Act on a notice", openapi_extra=_described(NOTICE)
)
async def act_on_notice(request: Request, caller: Actor, subject_id: SubjectId) -> dict[str, Any]:
    """Answer the act once it is on disk; the notice is told by its id `NT-...`."""
    return await acted(request, caller, NOTICE, subject_id)


@router.post(
    "/tickets/{subject_id}/acts", summary="Act on a ticket", openapi_extra=_described(TICKET)
)
async def act_on_ticket(request: Request, caller: Actor, subject_id: SubjectId) -> dict[str, Any]:
    """Answer the act once it is on disk."""
    return await acted(request, caller, TICKET, subject_id)


async def acted(
    request: Request, caller: Caller, subject_kind: str, subject_id: str
) -> dict[str, Any]:
    """Return the act of a request once it is on disk, with `is_repeated`.

    Raises
    ------
    HTTPException
        403 where the caller may not see such subjects, 404 where there is none for it, 409 where the id was given to
        another act, 422 where the act can't be used.
    """
    given = await json_body(request)
    deed = await asyncio.to_thread(_deed, request, caller, (subject_kind, subject_id), given)
    outcome = (await sent(request, [deed]))[0]
    if outcome.rejected:
        raise HTTPException(409, outcome.rejected[0][1])
    return await asyncio.to_thread(_answer, request, deed, is_repeated=bool(outcome.repeated))


def _deed(request: Request, caller: Caller, subject: tuple[str, str], given: object) -> Deed:
    """Return what a caller does to a subject, checked against the ledger."""
    (subject_kind, subject_id), server = subject, server_of(request)
    if not caller.may(SEEN_WITH[subject_kind]):
        raise HTTPException(403, f"the role {caller.role} may not: {SEEN_WITH[subject_kind]}")
    try:
        act = read_act(subject_kind, given)
    except InputError as error:
        raise HTTPException(422, str(error)) from None
    kind: str = act.kind  # type: ignore[attr-defined]
    content = act.content(server.settings.zone)
    deed = Deed(act.act_id, caller.name, kind, subject_kind, subject_id, content)
    with server.ledger.reading() as connection:
        if not is_there(connection, subject_kind, subject_id, counties=caller.counties):
            raise HTTPException(404, f"there is no such {subject_kind}")
        known = views.acts(connection, subject_kind, subject_id)
        why = objection(connection, deed, counties=caller.counties)
        if not why and subject_kind == TICKET:
            why = order_objection(request, connection, deed)
    if why and all(one["act_id"] != deed.act_id for one in known):
        raise HTTPException(422, why)
    return deed


def _answer(request: Request, deed: Deed, *, is_repeated: bool) -> dict[str, Any]:
    """Return an act as it is answered."""
    with server_of(request).ledger.reading() as connection:
        rows = views.acts(connection, deed.subject_kind, deed.subject_id)
    row = next(one for one in rows if one["act_id"] == deed.act_id)
    return told(request, row) | {"is_repeated": is_repeated}
