"""Answer whether the server lives, is ready, and what it has done.

Simple so far: health and readiness are open to all, for they tell nothing of the network.
"""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from contract.ledger.arrivals import head
from dashboards.server.access import ASK, caller_of, server_of
from dashboards.server.descriptions import Responses
from dashboards.server.running import LOCAL, Server

router = APIRouter(tags=["health"])
COUNTERS: Responses = {200: {"content": {CONTENT_TYPE_LATEST: {"schema": {"type": "string"}}}}}


@router.get("/health", summary="Whether the server lives: 200 or 503")
def health(request: Request) -> JSONResponse:
    """Answer 503 when a part that must run does not."""
    parts = _parts(server_of(request))
    return JSONResponse(
        {"alive": all(parts.values()), **parts}, 200 if all(parts.values()) else 503
    )


@router.get("/ready", summary="Whether the server does its work: 200 or 503")
def ready(request: Request) -> JSONResponse:
    """Answer 503 while the ledger does not answer or the steps have not caught up."""
    server = server_of(request)
    told: dict[str, Any] = {"steps": server.steps.is_ready, "step": server.steps.step}
    told["failure"] = server.steps.failure
    try:
        with server.ledger.reading() as connection:
            told["arrivals"], told["ledger"] = head(connection), True
    except SQLAlchemyError:
        told["ledger"] = False
    late_s = time.time() - server.steps.heard_at
    told["heard_s_ago"] = round(late_s, 1)
    is_late = late_s > server.settings.serve_behind_min * 60
    is_ready = all(_parts(server).values()) and told["steps"] and told["ledger"] and not is_late
    return JSONResponse({"ready": is_ready, **told}, 200 if is_ready else 503)


@router.get(
    "/metrics", summary="Counters for Prometheus", response_class=Response, responses=COUNTERS
)
def metrics(request: Request) -> Response:
    """Answer the counters; elsewhere than on this machine to those who may."""
    server = server_of(request)
    is_here = request.client is not None and request.client.host in LOCAL
    caller = None if is_here else caller_of(request)
    if not is_here and caller is None:
        raise HTTPException(401, "who asks is not known here", headers=ASK)
    if caller is not None and not caller.may("run"):
        raise HTTPException(403, f"the role {caller.role} may not: run")
    server.metrics.waiting.set(server.writer.waiting_rows)
    for part, is_alive in _parts(server).items():
        server.metrics.alive.labels(part).set(is_alive)
    return Response(server.metrics.page(), media_type=CONTENT_TYPE_LATEST)


def _parts(server: Server) -> dict[str, bool]:
    """Return which parts run."""
    return {"writer": server.writer.is_alive, "steps": server.steps.is_alive}
