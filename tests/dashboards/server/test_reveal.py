"""A full number is shown to who may see it, with a reason, and that stands in the audit."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from contract.ledger import schema
from contract.ledger.accounts import make_token
from contract.ledger.arrivals import Entry, append, digest_of
from contract.settings import load_settings
from dashboards.server.app import build_app
from dashboards.server.reveal_routes import MOST_AN_HOUR
from dashboards.server.running import Server, make_server

NUMBER = "15900002291"
REASON = {"reason": f"call back about the repair, asked by {NUMBER}"}


@pytest.fixture(scope="module")
def known(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server, not started, with a ticket of Hill and one of Vale."""
    settings = load_settings(home / "settings.toml")
    ledger = f"sqlite:///{tmp_path_factory.mktemp('reveal')}/ledger.db"
    server = make_server(settings.model_copy(update={"ledger": ledger}))
    rows = [
        dict.fromkeys((c.name for c in schema.TICKETS.columns), None)
        | {"ticket_id": number, "county": county, "number": "159****2291", "created_at": 1}
        for number, county in (("T1", "Hill"), ("T2", "Vale"), ("T3", "Hill"))
    ]
    entries = [
        Entry("complaints", key, digest_of(text), text, place, "test")
        for place, (key, text) in enumerate(
            [
                ("T1", '{"msisdn": "13800001111", "ticket_id": "T1"}'),
                ("T1", f'{{"msisdn": "{NUMBER}", "ticket_id": "T1"}}'),
                ("T2", f'{{"msisdn": "{NUMBER}", "ticket_id": "T2"}}'),
                ("T3", '{"ticket_id": "T3"}'),
            ]
        )
    ]
    with server.ledger.writing() as connection:
        connection.execute(insert(schema.TICKETS), rows)
        append(connection, entries)
    return server


@pytest.fixture(scope="module")
def shown(known: Server) -> dict[str, dict[str, str]]:
    """What an engineer of Hill, one who looks often, and an agent show."""
    with known.ledger.writing() as connection:
        tokens = {
            name: make_token(connection, name, role=role, counties="Hill")
            for name, role in (("li", "engineer"), ("wu", "engineer"), ("zhou", "agent"))
        }
    return {name: {"authorization": f"Bearer {token}"} for name, token in tokens.items()}


@pytest.fixture
def asked(known: Server, shown: dict[str, dict[str, str]]) -> TestClient:
    """A client of a server that is not started."""
    del shown
    return TestClient(build_app(known))


def revealed(server: Server) -> list[tuple[str, str, str]]:
    """Return who saw which number and why, as the audit has it."""
    asked = select(schema.AUDIT).where(schema.AUDIT.c.what == "number revealed")
    with server.ledger.reading() as connection:
        rows = connection.execute(asked).mappings()
        return [(row["who"], row["subject"], row["detail"]) for row in rows]


def test_a_number_is_shown_with_a_reason_and_noted(
    asked: TestClient, known: Server, shown: dict[str, dict[str, str]]
) -> None:
    answer = asked.post("/tickets/T1/reveal", json=REASON, headers=shown["li"])
    assert answer.json() == {"ticket_id": "T1", "numbers": [NUMBER, "13800001111"]}
    assert answer.headers["cache-control"] == "no-store"
    assert revealed(known) == [
        ("li", "T1", "call back about the repair, asked by 159****2291"),
    ]


@pytest.mark.parametrize(
    ("asker", "reason", "status"),
    [
        ("zhou of T1", "a reason long enough", 403),
        ("li of T2", "a reason long enough", 404),
        ("li of T3", "a reason long enough", 404),
        ("li of none", "a reason long enough", 404),
        ("li of T1", "  short      ", 422),
        ("li of T1", "x" * 501, 422),
    ],
    ids=["role", "county", "no number", "no ticket", "short reason", "long reason"],
)
def test_whoever_may_not_sees_nothing(
    asked: TestClient,
    known: Server,
    shown: dict[str, dict[str, str]],
    asker: str,
    reason: str,
    status: int,
) -> None:
    who, _, ticket = asker.split()
    before = revealed(known)
    answer = asked.post(f"/tickets/{ticket}/reveal", json={"reason": reason}, headers=shown[who])
    assert answer.status_code == status
    assert NUMBER not in answer.text
    assert revealed(known) == before


def test_numbers_are_not_collected(asked: TestClient, shown: dict[str, dict[str, str]]) -> None:
    path = "/tickets/T1/reveal"
    seen = [
        asked.post(path, json=REASON, headers=shown["wu"]).status_code
        for _ in range(MOST_AN_HOUR + 1)
    ]
    assert seen == [200] * MOST_AN_HOUR + [429]


def test_the_form_asks_for_the_reason(asked: TestClient, shown: dict[str, dict[str, str]]) -> None:
    form = asked.get("/app/reveal/T1", headers=shown["li"])
    assert 'name="reason"' in form.text
    assert asked.get("/app/reveal/T1", headers=shown["zhou"]).status_code == 403
