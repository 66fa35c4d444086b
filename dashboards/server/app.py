"""Put the routes together into one application.

Simple so far: every route stands in one list.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from dashboards.server import (
    act_routes,
    agent_routes,
    asset_routes,
    audit_routes,
    event_routes,
    handover_routes,
    health_routes,
    incident_routes,
    intake_routes,
    login_routes,
    push_routes,
    queue_routes,
    report_routes,
    reveal_routes,
    sign_on_routes,
    tmf_alarm_routes,
    tmf_problem_routes,
    tmf_ticket_routes,
    view_routes,
    work_order_routes,
)
from dashboards.server.descriptions import refusals
from dashboards.server.limits import Limits
from dashboards.server.live_map import pages as live_map_pages
from dashboards.server.refusals import failed, not_understood, refused
from dashboards.server.running import Server
from dashboards.server.security_headers import SecurityHeaders
from dashboards.server.session_guard import SessionGuard

MIB = 1024 * 1024
ROUTES = (
    health_routes,
    intake_routes,
    event_routes,
    tmf_alarm_routes,
    tmf_ticket_routes,
    tmf_problem_routes,
    view_routes,
    act_routes,
    incident_routes,
    push_routes,
    report_routes,
    asset_routes,
    login_routes,
    sign_on_routes,
    reveal_routes,
    audit_routes,
    queue_routes,
    agent_routes,
    work_order_routes,
    live_map_pages,
    handover_routes,
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
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, not_understood)
    app.add_exception_handler(Exception, failed)
    for module in ROUTES:
        app.include_router(module.router, responses=refusals())
    live_map_pages.mount_live_map(app)
    most = int(server.settings.serve_body_mib * MIB)
    app.add_middleware(SessionGuard)
    app.add_middleware(
        Limits,
        most_bytes=most,
        most_a_minute=server.settings.serve_requests_per_min,
        metrics=server.metrics,
    )
    app.add_middleware(SecurityHeaders)
    return app
