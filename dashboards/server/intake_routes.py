"""Take in rows of the tables of the contract as JSON.

Simple so far: JSON only; files go through the watched folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import JSONResponse

from contract.ledger.accounts import Caller
from correlate.live.intake import ARRIVING
from correlate.live.submissions import ROWS_AT_MOST, of_records
from dashboards.server.access import allowed
from dashboards.server.descriptions import (
    REASONS,
    ROWS,
    TABLE,
    Refusal,
    RowsOutcome,
    answers,
    body,
)
from dashboards.server.sending import json_body, sent, status_of

router = APIRouter(tags=["intake"])
Sender = Annotated[Caller, Depends(allowed("send"))]
NONE_USED = answers(RowsOutcome | Refusal, status=422, description=REASONS[422])


@router.post(
    "/intake/{table}",
    summary="Send rows of a table: a list of objects, or one",
    responses=answers(RowsOutcome, description="what became of each row") | NONE_USED,
    openapi_extra=body(ROWS, example=[{"alarm_id": "A1", "object_id": "S1", "name": "Mains off"}]),
)
async def take_rows(
    request: Request,
    caller: Sender,
    table: Annotated[str, Path(max_length=40, json_schema_extra=TABLE)],
) -> JSONResponse:
    """Answer what became of each row; a row is on disk when it is called accepted."""
    if table not in ARRIVING:
        raise HTTPException(
            404, f"`{table}` is not a table of arrivals; these are: {', '.join(ARRIVING)}"
        )
    rows = rows_of(await json_body(request))
    outcome = (await sent(request, [of_records(table, rows, source=caller.name)]))[0]
    return JSONResponse(outcome.as_json(), status_of(outcome))


def rows_of(body: Any) -> list[Mapping[str, object]]:
    """Return the rows of a body: a list of objects, one object, or `{"rows": [...]}`.

    Examples
    --------
    >>> rows_of({"rows": [{"a": 1}]}), rows_of({"a": 1})
    ([{'a': 1}], [{'a': 1}])
    """
    listed = body.get("rows", [body]) if isinstance(body, Mapping) else body
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise HTTPException(400, "the body must be a list of objects")
    if len(listed) > ROWS_AT_MOST:
        raise HTTPException(413, f"a request may have {ROWS_AT_MOST} rows at most")
    return listed
