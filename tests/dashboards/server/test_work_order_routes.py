"""The page of a work order: with and without its case, who sees what of it."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from contract.ledger.accounts import make_token
from contract.settings import Settings, load_settings
from correlate.case.investigation import investigate
from correlate.live import desk
from dashboards.server.app import build_app
from dashboards.server.running import Server, make_server
from tests.correlate.live.small_bundle import write_bundle, write_inventory
from tests.dashboards.server.ledger_rows import acted, complained

SETTINGS = 'ledger = "sqlite:///l.db"\nhistory = "h"\ninventory = "i"\nlanguage = "en"\n'


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server that takes no steps, with two tickets."""
    home = tmp_path_factory.mktemp("ticket")
    write_inventory(home / "i")
    Path(home / "s.toml").write_text(SETTINGS, encoding="utf-8")
    server = make_server(load_settings(home / "s.toml"))
    complained(server.ledger, "T1", "no signal", minutes_ago=10)
    complained(server.ledger, "T2", "no signal", minutes_ago=10, county="Vale")
    acted(server.ledger, "T1", "acknowledge")
    acted(server.ledger, "T1", "comment", text="call 15900001234 <b>now</b>")
    return server


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A case as the steps tell it."""
    folder = write_bundle(tmp_path_factory.mktemp("bundle"))
    return investigate(folder, "T1", Settings(), at="2026-12-01 00:00:00")


def looks(server: Server, role: str, counties: str = "", name: str = "") -> TestClient:
    """Return somebody who looks at pages."""
    with server.ledger.writing() as connection:
        token = make_token(connection, name or f"{role}{counties}", role=role, counties=counties)
    return TestClient(build_app(server), headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def engineer(quiet: Server) -> TestClient:
    """Somebody who may act."""
    return looks(quiet, "engineer")


def test_page_is_there_while_nobody_tells_of_the_case(engineer: TestClient) -> None:
    page = engineer.get("/app/ticket/T1?lang=en")
    assert page.status_code == 200
    assert "The analysis is not there yet" in page.text
    assert "159****0001" in page.text


@pytest.mark.parametrize(("lang", "word"), [("zh", "可能原因"), ("en", "Likely causes")])
def test_page_shows_the_case(
    engineer: TestClient,
    case: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    lang: str,
    word: str,
) -> None:
    monkeypatch.setattr(desk, "ask", lambda *_, **__: {"case": case, "is_final": True})
    for address in ("/app/ticket/T1", "/app/ticket/T1/case"):
        text = engineer.get(f"{address}?lang={lang}").text
        assert word in text
        assert '<figure class="map">' in text
        assert re.findall(r"\b1[3-9]\d{9}\b", text) == []


def test_what_was_done_is_told_masked_and_escaped(engineer: TestClient) -> None:
    text = engineer.get("/app/ticket/T1/standing?lang=en").text
    assert "call 159****1234 &lt;b&gt;now&lt;/b&gt;" in text
    assert "<strong>accepted</strong>" in text


def test_moves_are_those_that_a_way_leads_to(engineer: TestClient) -> None:
    text = engineer.get("/app/ticket/T1/standing?lang=en").text
    moves = re.findall(r'<option value="(\w+)">', text)
    assert "asleep" in moves
    assert "archived" not in moves
    assert 'data-act="close"' not in text


@pytest.mark.parametrize("part", ["", "/standing", "/case"])
def test_ticket_of_another_county_is_not_there(quiet: Server, part: str) -> None:
    vale = looks(quiet, "engineer", "Vale", name=f"vale{len(part)}")
    assert vale.get(f"/app/ticket/T1{part}").status_code == 404
    assert vale.get(f"/app/ticket/T2{part}").status_code == 200
    assert vale.get(f"/app/ticket/none{part}").status_code == 404


def test_agent_sees_standing_of_own_alone_and_no_case(
    quiet: Server, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "ask", lambda *_, **__: {"case": case, "is_final": True})
    agent = looks(quiet, "agent", name="li")
    page = agent.get("/app/ticket/T1?lang=en").text
    assert "Likely causes" not in page
    assert "Power failure" not in page
    assert "<form data-act" not in page
    assert agent.get("/app/ticket/T2").status_code == 404


def test_no_script_stands_in_the_page(engineer: TestClient) -> None:
    page = engineer.get("/app/ticket/T1").text
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert " onclick" not in page


def test_act_that_no_way_leads_to_is_refused(engineer: TestClient) -> None:
    closing = {"act_id": "d-close", "kind": "close"}
    answer = engineer.post("/tickets/T1/acts", json=closing)
    assert answer.status_code == 422
    assert "archived" in answer.json()["detail"]
    sleeping = {"act_id": "d-sleep", "kind": "state", "state": "asleep"}
    assert "reason" in engineer.post("/tickets/T1/acts", json=sleeping).json()["detail"]
    strange = {"act_id": "d-fly", "kind": "state", "state": "flying"}
    assert "flying" in engineer.post("/tickets/T1/acts", json=strange).json()["detail"]
