"""Put the routes together into one application.

Simple so far: programs' interfaces only; the pages will be laid beside them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from dashboards.server import (
    asset_routes,
    event_routes,
    health_routes,
    intake_routes,
    push_routes,
    tmf_alarm_routes,
    tmf_problem_routes,
    tmf_ticket_routes,
    view_routes,
)
from dashboards.server.limits import Limits
from dashboards.server.running import Server

MIB = 1024 * 1024
ROUTES = (
    health_routes,
    intake_routes,
    event_routes,
    tmf_alarm_routes,
    tmf_ticket_routes,
    tmf_problem_routes,
    view_routes,
    push_routes,
    asset_routes,
)


def build_app(server: Server) -> FastAPI:
    """Return the application of a server; its parts are started and ended with it."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        """Run the parts of the server for as long as the application does."""
        del app
        server.start()
        try:
            yield
        finally:
            server.stop()

    app = FastAPI(
        title="cellcause",
        version=version("cellcause"),
        summary="Complaints, their causes and what to tell the next caller.",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
    )
    app.state.server = server
    app.add_exception_handler(HTTPException, _refusal)
    for module in ROUTES:
        app.include_router(module.router)
    most = int(server.settings.serve_body_mib * MIB)
    app.add_middleware(Limits, most_bytes=most, metrics=server.metrics)
    return app


def _refusal(request: Request, error: Exception) -> JSONResponse:
    """Answer a refusal, to those who speak TM Forum in its form."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    reason = error.detail if isinstance(error, HTTPException) else "a fault of the server"
    headers = error.headers if isinstance(error, HTTPException) else None
    told: dict[str, object] = {"detail": reason}
    if request.url.path.startswith("/tmf-api/"):
        told = {"@type": "Error", "code": str(status), "reason": reason, "status": str(status)}
    return JSONResponse(told, status, headers)
