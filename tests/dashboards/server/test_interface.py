"""Whatever is sent to the routes, they answer as `/openapi.json` says, and never with a fault of the server."""

import contextlib
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import func, select

from contract.ledger import schema
from contract.ledger.accounts import make_token
from contract.settings import load_settings
from dashboards.server.app import build_app
from dashboards.server.replaying import Pace
from dashboards.server.running import Server, make_server
from tests.correlate.live.small_bundle import write_bundle

EXAMPLES = 6
PATIENCE_S = 120.0
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
NOT_READY = "/ready"
"""Answers 503 by design while steps lag behind a replay that is over."""
KNOWN = {
    "incident_id": schema.INCIDENTS.c.incident_id,
    "ticket_id": schema.TICKETS.c.ticket_id,
    "alarm_id": schema.ALARMS.c.alarm_id,
}
"""Where real values of a parameter of the path stand."""
SETTINGS = """
ledger = "sqlite:///ledger.db"
history = "history"
inventory = "bundle"
serve_requests_per_min = 1000000
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that replays an afternoon."""
    home = tmp_path_factory.mktemp("interface")
    bundle = write_bundle(home / "bundle")
    (home / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    server = make_server(load_settings(home / "settings.toml"))
    server.replay_from = Pace(bundle, 1e9)
    return server


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[TestClient]:
    """Somebody on this machine, once the afternoon has been replayed."""
    with TestClient(build_app(server), follow_redirects=False) as client:
        until = time.monotonic() + PATIENCE_S
        while not _has_told(server):
            assert time.monotonic() < until, server.steps.failure or "the steps told of nothing"
            time.sleep(0.1)
        yield client


def _has_told(server: Server) -> bool:
    """Tell whether an incident, a notice and a diagnosis stand in the ledger."""
    with server.ledger.reading() as connection:
        return all(
            connection.execute(select(func.count()).select_from(table)).scalar()
            for table in (schema.INCIDENTS, schema.NOTICES, schema.DIAGNOSES)
        )


def operations(client: TestClient) -> list[Any]:
    """Return what may be asked, in order."""
    described = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    found = [one.ok() for one in described.get_all_operations() if isinstance(one, Ok)]
    assert len(found) == described.statistic.operations.total
    return sorted(found, key=lambda one: str(one.label))


def known_as(server: Server, name: str, role: str) -> dict[str, str]:
    """Return what shows that somebody has a role."""
    with server.ledger.writing() as connection:
        token = make_token(connection, name, role=role, counties="")
    return {"Authorization": f"Bearer {token}"}


def ask(client: TestClient, case: Any, headers: dict[str, str]) -> Any:
    """Send what a case says and judge the answer."""
    sent = case.as_transport_kwargs(base_url="http://testserver", headers=headers)
    if isinstance(sent.get("data"), bytes):
        sent["content"] = sent.pop("data")
    cookies = sent.pop("cookies", None) or {}
    if cookies:
        sent["headers"]["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    answer = client.request(**sent)
    excused = [status_code_conformance, not_a_server_error] if case.path == NOT_READY else []
    case.validate_response(answer, checks=[one for one in CHECKS if one not in excused])
    return answer


@pytest.mark.parametrize("role", [None, "system", "engineer", "admin"])
def test_no_request_breaks_the_server_nor_the_description(
    client: TestClient, server: Server, role: str | None
) -> None:
    headers = {} if role is None else known_as(server, f"many-{role}", role)
    for operation in operations(client):
        _try(client, operation, GenerationMode.POSITIVE, headers)
        if role in (None, "system"):
            with contextlib.suppress(Unsatisfiable):  # nothing can be said wrongly
                _try(client, operation, GenerationMode.NEGATIVE, headers)


def _try(client: TestClient, operation: Any, mode: GenerationMode, headers: dict[str, str]) -> None:
    """Ask one thing in many ways."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    def each(case: Any) -> None:
        ask(client, case, headers)

    each()


def test_what_is_there_is_answered_as_described(client: TestClient, server: Server) -> None:
    headers, told = known_as(server, "reader", "system"), dict[str, int]()
    for operation in operations(client):
        names = [one.name for one in operation.iter_parameters() if one.location == "path"]
        if operation.method.upper() != "GET" or not set(names) <= set(KNOWN):
            continue
        case = operation.Case(path_parameters={name: _one(server, name) for name in names})
        told[operation.label] = ask(client, case, headers).status_code
    assert told.pop(f"GET {NOT_READY}", 200) in (200, 503)
    assert len(told) > 15
    assert set(told.values()) == {200}, told


def _one(server: Server, name: str) -> str:
    """Return something that stands in the ledger."""
    with server.ledger.reading() as connection:
        found = connection.execute(select(KNOWN[name]).order_by(KNOWN[name])).scalars()
        return next(str(one) for one in found if re.fullmatch(r"[A-Za-z0-9-]+", one))
