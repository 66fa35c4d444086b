"""The queue of work orders: order, filters, who sees what."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from contract.ledger.accounts import make_token
from contract.settings import load_settings
from dashboards.server.app import build_app
from dashboards.server.running import Server, make_server
from tests.correlate.live.small_bundle import write_inventory
from tests.dashboards.server.ledger_rows import acted, arrived, complained

SETTINGS = 'ledger = "sqlite:///l.db"\nhistory = "h"\ninventory = "i"\nlanguage = "en"\n'


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that takes no steps, with five tickets of which one is closed."""
    home = tmp_path_factory.mktemp("queue")
    write_inventory(home / "i")
    Path(home / "s.toml").write_text(SETTINGS, encoding="utf-8")
    server = make_server(load_settings(home / "s.toml"))
    ledger = server.ledger
    complained(ledger, "T1", "no signal", minutes_ago=10)
    complained(ledger, "T2", "I will tell the regulator", minutes_ago=12)
    complained(ledger, "T3", "no signal", minutes_ago=300, county="Vale", cause="weak_coverage")
    complained(ledger, "T4", "no signal", minutes_ago=100, diagnosed_at=1)
    complained(ledger, "T5", "no signal", minutes_ago=200)
    arrived(ledger, "verdicts", "T5", ticket_id="T5", closed_at="2026-03-02T10:00:00Z")
    acted(ledger, "T4", "acknowledge")
    acted(ledger, "T4", "assign", to="wang")
    return server


@pytest.fixture(scope="module")
def looker(quiet: Server) -> TestClient:
    """Somebody who may see everything."""
    with quiet.ledger.writing() as connection:
        token = make_token(connection, "program", role="system")
    return TestClient(build_app(quiet), headers={"Authorization": f"Bearer {token}"})


def listed(client: TestClient, query: str = "") -> list[str]:
    """Return the tickets that the queue answers."""
    answer = client.get(f"/queue?{query}")
    assert answer.status_code == 200
    return [row["ticket_id"] for row in answer.json()["rows"]]


def test_what_is_due_first_is_first_and_closed_is_gone(looker: TestClient) -> None:
    assert listed(looker) == ["T3", "T2", "T1", "T4"]


def test_ticket_older_than_a_year_is_in_no_queue(quiet: Server, looker: TestClient) -> None:
    complained(quiet.ledger, "T0", "no signal", minutes_ago=366 * 24 * 60)
    assert "T0" not in listed(looker)


def test_counts_are_of_all(looker: TestClient) -> None:
    told = looker.get("/queue?q=T1").json()
    assert (told["found"], told["open"], told["over"], told["near"]) == (1, 4, 1, 1)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("county=Vale", ["T3"]),
        ("state=assigned", ["T4"]),
        ("escalation=regulator", ["T2"]),
        ("overdue=true", ["T3"]),
        ("cause=weak_coverage", ["T3"]),
        ("q=wang", ["T4"]),
        ("q=hill regulator", ["T2"]),
        ("q=nobody", []),
        ("sort=ticket", ["T1", "T2", "T3", "T4"]),
        ("sort=age&down=true", ["T1", "T2", "T4", "T3"]),
        ("mine=true", []),
    ],
)
def test_filter_and_order(looker: TestClient, query: str, found: list[str]) -> None:
    assert listed(looker, query) == found


@pytest.mark.parametrize("query", ["sort=shoe", "page=0", "q=" + "a" * 101])
def test_question_that_is_none_is_refused(looker: TestClient, query: str) -> None:
    assert looker.get(f"/queue?{query}").status_code == 422


def test_diagnosis_is_told_as_provisional_or_final(looker: TestClient) -> None:
    rows = {row["ticket_id"]: row for row in looker.get("/queue").json()["rows"]}
    assert (rows["T1"]["belief"], rows["T4"]["belief"]) == ("provisional", "final")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_and_its_rows_tell_the_same(looker: TestClient, lang: str) -> None:
    page = looker.get(f"/app/queue?lang={lang}").text
    rows = looker.get(f"/app/queue/rows?lang={lang}").text
    assert all(f'data-row="{ticket}"' in text for ticket in ("T1", "T4") for text in (page, rows))
    assert ("overdue by" in rows) == (lang == "en")


def test_agent_sees_own_tickets_without_causes(quiet: Server) -> None:
    with quiet.ledger.writing() as connection:
        token = make_token(connection, "wang", role="agent")
    agent = TestClient(build_app(quiet), headers={"Authorization": f"Bearer {token}"})
    rows = agent.get("/queue").json()["rows"]
    assert [(row["ticket_id"], row["cause"], row["incident_id"]) for row in rows] == [
        ("T4", "", "")
    ]
    assert "Power failure" not in agent.get("/app/queue").text
    assert agent.get("/queue?cause=power_failure").json()["rows"] == []


def test_counties_are_kept(quiet: Server) -> None:
    with quiet.ledger.writing() as connection:
        token = make_token(connection, "vale", role="engineer", counties="Vale")
    engineer = TestClient(build_app(quiet), headers={"Authorization": f"Bearer {token}"})
    assert listed(engineer) == ["T3"]


def test_manager_may_not_see_tickets(quiet: Server) -> None:
    with quiet.ledger.writing() as connection:
        token = make_token(connection, "boss", role="manager")
    manager = TestClient(build_app(quiet), headers={"Authorization": f"Bearer {token}"})
    assert manager.get("/queue").status_code == 403


def test_text_of_a_ticket_is_escaped(quiet: Server, looker: TestClient) -> None:
    complained(quiet.ledger, "T6", "x", minutes_ago=1, place="<script>alert(1)</script>")
    assert "<script>alert" not in looker.get("/app/queue").text
