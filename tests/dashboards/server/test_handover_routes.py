"""The hand-over list: what is due, who has what, what was done, for whom."""

import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from contract.ledger.accounts import make_token
from contract.ledger.schema import INCIDENTS
from contract.ledger.store import put
from contract.settings import load_settings
from dashboards.server.app import build_app
from dashboards.server.running import Server, make_server
from tests.correlate.live.small_bundle import write_inventory
from tests.dashboards.server.ledger_rows import acted, complained

SETTINGS = 'ledger = "sqlite:///l.db"\nhistory = "h"\ninventory = "i"\nlanguage = "en"\nprocess = "p.toml"\n'


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that takes no steps, whose shifts have just begun, with tickets and an incident."""
    from correlate.work_order_process import PROCESS_FILE

    home = tmp_path_factory.mktemp("handover")
    write_inventory(home / "i")
    text = PROCESS_FILE.read_text(encoding="utf-8")
    text = text.replace('"00:00", "08:00", "16:00"', '"00:00"')
    Path(home / "p.toml").write_text(text, encoding="utf-8")
    Path(home / "s.toml").write_text(SETTINGS, encoding="utf-8")
    server = make_server(load_settings(home / "s.toml"))
    ledger = server.ledger
    complained(ledger, "T1", "no signal", minutes_ago=10)
    complained(ledger, "T2", "no signal", minutes_ago=300)
    complained(ledger, "T3", "no signal", minutes_ago=100, county="Vale")
    acted(ledger, "T3", "acknowledge", who="wang")
    acted(ledger, "T3", "reply_sent", who="wang", reply="repaired", channel="phone")
    acted(ledger, "T2", "comment", text="key is with the village <chief>")
    incident = dict.fromkeys(column.name for column in INCIDENTS.columns)
    incident |= {"incident_id": "INC-1", "county": "Hill", "cause": "power_failure", "users": 120.0}
    incident |= {"started_at": int(time.time()), "detected_at": int(time.time())}
    with ledger.writing() as connection:
        put(connection, INCIDENTS, [incident])
    return server


def looks(server: Server, role: str, counties: str = "", name: str = "") -> TestClient:
    """Return somebody who looks at it."""
    with server.ledger.writing() as connection:
        token = make_token(connection, name or f"{role}{counties}", role=role, counties=counties)
    return TestClient(build_app(server), headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def engineer(quiet: Server) -> TestClient:
    """Somebody who sees all."""
    return looks(quiet, "engineer")


def test_list_tells_what_is_due_and_what_was_done(engineer: TestClient) -> None:
    told = engineer.get("/handover").json()
    assert [row["ticket_id"] for row in told["pressing"]] == ["T2"]
    assert [row["ticket_id"] for row in told["call_backs"]] == ["T3"]
    assert [row["incident_id"] for row in told["incidents"]] == ["INC-1"]
    assert told["incidents"][0]["acknowledged_by"] == ""
    assert [(act["kind"], act["who"]) for act in told["acts"]] == [
        ("acknowledge", "wang"),
        ("reply_sent", "wang"),
        ("comment", "li"),
    ]
    assert told["people"] == [{"name": "", "open": 3, "over": 1}]


@pytest.mark.parametrize(("lang", "word"), [("zh", "交接班清单"), ("en", "Call-backs due")])
def test_page_tells_the_same_escaped(engineer: TestClient, lang: str, word: str) -> None:
    page = engineer.get(f"/app/handover?lang={lang}").text
    assert word in page
    assert "&lt;chief&gt;" in page
    assert "<chief>" not in page


def test_counties_are_kept(quiet: Server) -> None:
    told = looks(quiet, "engineer", "Vale").get("/handover").json()
    assert [row["ticket_id"] for row in told["call_backs"]] == ["T3"]
    assert (told["pressing"], told["incidents"]) == ([], [])
    assert {act["subject_id"] for act in told["acts"]} == {"T3"}


def test_agent_is_told_of_own_alone(quiet: Server) -> None:
    told = looks(quiet, "agent", name="wang").get("/handover").json()
    assert (told["pressing"], told["incidents"]) == ([], [])
    assert {act["subject_id"] for act in told["acts"]} == {"T3"}
