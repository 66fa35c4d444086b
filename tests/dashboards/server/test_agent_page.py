"""An agent hears at once what to tell a caller from a place, and who was told is counted."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Table, insert, select, update

from contract.ledger import schema
from contract.ledger.accounts import make_token
from contract.settings import load_settings
from dashboards.server.app import build_app
from dashboards.server.running import Server, make_server

SAID = {
    "agent_zh": "H1 停电，正在抢修。",
    "agent_en": "A power cut at H1 <now>.",
    "sms_en": "H1: power cut.",
    "due_at": 4_000_000_000,
    "since": 1_790_000_000,
    "services": "calls|data",
}


def row(table: Table, **given: Any) -> dict[str, Any]:
    """Return a row of a table, null where nothing is given."""
    return dict.fromkeys(column.name for column in table.columns) | given


@pytest.fixture
def server(home: Path, tmp_path: Path) -> Server:
    """A server, not started, with a notice of Hill and one of Vale."""
    settings = load_settings(home / "settings.toml")
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    server = make_server(settings.model_copy(update={"ledger": ledger}))
    incidents = [
        row(schema.INCIDENTS, incident_id=f"INC-{county}", county=county, area=f"{county} area")
        for county in ("Hill", "Vale")
    ]
    notices = [
        row(schema.NOTICES, interception_id="N-0", incident_id="INC-Hill", cells="H1-G")
        | {"issued_at": 1, "script": "old"},
        row(schema.NOTICES, interception_id="N-1", incident_id="INC-Hill", cells="H1-G|H1-L")
        | {"issued_at": 2, "script": "in short"},
        row(schema.NOTICES, interception_id="N-2", incident_id="INC-Vale", cells="V1-G")
        | {"issued_at": 3, "script": "of Vale"},
    ]
    content = json.dumps(SAID | {"incident_id": "INC-Hill"})
    sheet = row(schema.NOTICE_SHEETS, notice_id="S-1", incident_id="INC-Hill", content=content)
    with server.ledger.writing() as connection:
        connection.execute(insert(schema.INCIDENTS), incidents)
        connection.execute(insert(schema.NOTICES), notices)
        connection.execute(insert(schema.NOTICE_SHEETS), [sheet | {"state": "issued"}])
    return server


@pytest.fixture
def client(server: Server) -> TestClient:
    """Somebody alone on this machine."""
    return TestClient(build_app(server))


def agent_of(server: Server, counties: str) -> dict[str, str]:
    """Return what an agent of some counties shows."""
    with server.ledger.writing() as connection:
        token = make_token(connection, "zhou", role="agent", counties=counties)
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize("asked", ["H1-G", "H1 station", "Hill", "h1 st"])
def test_words_to_say_come_at_once_however_the_place_is_named(
    client: TestClient, asked: str
) -> None:
    html = client.get("/app/agent/answer", params={"q": asked}).text
    assert "H1 停电，正在抢修。" in html
    assert "A power cut at H1 &lt;now&gt;." in html
    assert "of Vale" not in html
    assert "calls · data" in html
    assert html.count("data-told") == 1


def test_without_a_sheet_the_script_is_said(client: TestClient) -> None:
    assert "of Vale" in client.get("/app/agent/answer?q=V1-G").text


def test_where_nothing_is_known_the_agent_is_told_what_to_ask(client: TestClient) -> None:
    html = client.get("/app/agent/answer?q=V2-G").text
    assert "Nothing is known here" in html
    assert html.count("<li>") == 6
    unknown = client.get("/app/agent/answer", params={"q": "<i>nowhere"}).text
    assert "Nothing is called “&lt;i&gt;nowhere”" in unknown


def test_what_is_typed_is_offered(client: TestClient) -> None:
    found = client.get("/places?q=vale").json()
    assert [(one["name"], one["kind"]) for one in found[:2]] == [
        ("Vale", "county"),
        ("Vale town", "place"),
    ]
    again = client.get("/app/agent/answer", params={"q": "vale", "key": found[1]["key"]}).text
    assert "<strong>Vale town</strong>" in again


def test_an_agent_of_a_county_hears_of_no_other(server: Server, client: TestClient) -> None:
    shown = agent_of(server, "Vale")
    assert client.get("/places?q=H1 station", headers=shown).json() == []
    key = "county|Hill|Hill|||"
    html = client.get("/app/agent/answer", params={"q": "Hill", "key": key}, headers=shown).text
    assert "停电" not in html
    told = client.post("/notices/N-1/told", json={"place": "H1"}, headers=shown)
    assert told.status_code == 404


def test_callers_who_were_told_are_counted_and_noted(server: Server, client: TestClient) -> None:
    sent = {"place": "H1 station, call back 15900002291", "cell": "H1-G"}
    for count in (1, 2):
        answer = client.post("/notices/N-1/told", json=sent)
        assert answer.json() == {"incident_id": "INC-Hill", "told": count}
    client.post("/notices/N-1/told", json={"ticket": "T1"})
    with server.ledger.reading() as connection:
        kept = connection.execute(select(schema.TELLINGS)).mappings().all()
        noted = connection.execute(select(schema.AUDIT.c.detail)).scalars().all()
    assert [one["place"] for one in kept[:2]] == ["H1 station, call back 159****2291"] * 2
    assert "15900002291" not in str(noted)
    assert len(noted) == 3
    assert [one["told"] for one in client.get("/notices?cell=H1-G").json()] == [3, 3]
    headline = client.get("/headline").json()
    assert (headline["told_today"], headline["intercepted_today"]) == (2, 2)
    assert client.get("/headline?county=Vale").json()["told_today"] == 0
    assert "3 callers told" in client.get("/app/agent/answer?q=H1-G").text


def test_a_later_complaint_shows_that_callers_were_told(server: Server, client: TestClient) -> None:
    client.post("/notices/N-1/told", json={"place": "H1 station"})
    ticket = row(schema.TICKETS, ticket_id="T9", county="Hill", fault=7, created_at=4_000_000_000)
    with server.ledger.writing() as connection:
        connection.execute(insert(schema.TICKETS), [ticket])
        faults = [{"fault": 7, "incident_id": "INC-Hill"}]
        connection.execute(insert(schema.FAULT_INCIDENTS), faults)
    (told,) = client.get("/tickets/T9").json()["callers_told"]
    assert (told["who"], told["place"]) == ("local", "H1 station")


def test_a_notice_that_is_over_is_not_told(server: Server, client: TestClient) -> None:
    with server.ledger.writing() as connection:
        connection.execute(update(schema.NOTICES).values(valid_until=5))
    assert client.post("/notices/N-1/told", json={}).status_code == 404
    assert "Nothing is known here" in client.get("/app/agent/answer?q=H1-G").text


def test_a_time_that_has_passed_is_not_named(server: Server, client: TestClient) -> None:
    content = json.dumps(SAID | {"due_at": 1_790_000_100})
    with server.ledger.writing() as connection:
        connection.execute(update(schema.NOTICE_SHEETS).values(content=content))
    assert "That time has passed" in client.get("/app/agent/answer?q=H1-G").text


def test_the_page_stands_in_both_languages(client: TestClient) -> None:
    assert "客户在哪里？" in client.get("/app/agent?lang=zh").text
    page = client.get("/app/agent?lang=en&q=H1-G").text
    assert "Where is the caller?" in page
    assert "A power cut at H1 &lt;now&gt;." in page
