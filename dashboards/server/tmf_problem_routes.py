"""Tell incidents as service problems of TMF656 version 5.

Simple so far: they are read only; acknowledging and grouping are not taken in here.

References
----------
.. [1] TM Forum TMF656 Service Problem Management 5.0.0.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request

from contract.ledger.accounts import Caller
from correlate.live import views
from correlate.live.tmf_resources import PROBLEMS, problem_resource
from dashboards.server.access import allowed, server_of
from dashboards.server.descriptions import refusals
from dashboards.server.view_routes import told

router = APIRouter(tags=["TMF656"], responses=refusals(tmf=True))
Viewer = Annotated[Caller, Depends(allowed("incidents"))]


@router.get(PROBLEMS, summary="Incidents as service problems")
def get_problems(
    request: Request,
    caller: Viewer,
    limit: Annotated[int, Query(ge=1, le=views.MOST)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> list[dict[str, Any]]:
    """Answer incidents, those that last first."""
    with server_of(request).ledger.reading() as connection:
        rows = views.incidents(connection, counties=caller.counties, limit=limit, offset=offset)
    return [problem_resource(told(request, row)) for row in rows]


@router.get(f"{PROBLEMS}/{{incident_id}}", summary="One incident as a service problem")
def get_problem(request: Request, caller: Viewer, incident_id: str) -> dict[str, Any]:
    """Answer one incident."""
    with server_of(request).ledger.reading() as connection:
        row = views.incident(connection, incident_id, counties=caller.counties)
    if row is None:
        raise HTTPException(404, "there is no such incident")
    return problem_resource(told(request, row))
