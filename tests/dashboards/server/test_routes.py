"""What is sent is on disk when the answer says so, and each row that can't be used is named with its reason."""

import json
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select
from starlette.websockets import WebSocketDisconnect

from contract.errors import SettingsError
from contract.ledger import schema
from contract.ledger.accounts import close_token, make_token
from contract.ledger.arrivals import head
from contract.settings import Settings
from dashboards.server.known_tokens import KNOWN_FOR_S, KnownTokens
from dashboards.server.running import Server, make_server
from dashboards.server.writing import BehindError
from tests.correlate.live.small_bundle import alarm, complaint
from tests.correlate.small_network import at

ALARMS = "/tmf-api/alarmManagement/v4/alarm"
TICKETS = "/tmf-api/troubleTicket/v5/troubleTicket"
PROBLEMS = "/tmf-api/serviceProblemManagement/v5/serviceProblem"


def streams(server: Server, key: str) -> list[str]:
    """Return the streams in which a key has arrived."""
    asked = select(schema.ARRIVALS.c.stream).where(schema.ARRIVALS.c.key == key)
    with server.ledger.reading() as connection:
        return sorted(connection.execute(asked).scalars())


def tmf_alarm(now: int, **fields: Any) -> dict[str, Any]:
    """Return an alarm of TMF642."""
    return {
        "id": "TMF-1",
        "alarmType": "equipmentAlarm",
        "perceivedSeverity": "critical",
        "probableCause": "powerProblem",
        "specificProblem": "Mains power failure",
        "alarmedObject": {"id": "H2"},
        "sourceSystemId": "EMS",
        "state": "raised",
        "alarmRaisedTime": at(now - 60).isoformat(),
    } | fields


def fault_event(severity: str, now: int, source: str = "H3") -> dict[str, Any]:
    """Return a VES event of version 7."""
    header = {
        "domain": "fault",
        "eventId": "fault-7",
        "eventName": "Fault_Power",
        "lastEpochMicrosec": now * 1_000_000,
        "priority": "High",
        "reportingEntityName": "ems",
        "sequence": 0,
        "sourceName": source,
        "startEpochMicrosec": (now - 60) * 1_000_000,
        "version": "4.1",
        "vesEventListenerVersion": "7.2.1",
    }
    fields = {
        "faultFieldsVersion": "4.0",
        "alarmCondition": "Mains power failure",
        "eventSeverity": severity,
        "eventSourceType": "other",
        "specificProblem": "Mains power failure",
        "vfStatus": "Active",
    }
    return {"event": {"commonEventHeader": header, "faultFields": fields}}


def test_rows_are_answered_one_by_one(client: TestClient, server: Server, now: int) -> None:
    rows = [alarm("J1", "H1", now - 100), alarm("J2", "NOWHERE", now - 100)]
    answer = client.post("/intake/alarms", json=rows)
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 1
    assert answer.json()["rejected"] == [{"row": 2, "reason": "object_id is unknown"}]
    assert streams(server, "J1") == ["alarms"]
    assert streams(server, "J2") == []


def test_what_is_sent_again_does_nothing(client: TestClient, server: Server, now: int) -> None:
    row = complaint("R1", now - 10)
    kpi = {"cell_id": "H1-G", "start": at(now - 3600).isoformat(), "minutes": 60, "drops": 1}
    for table, sent in (("complaints", row), ("kpi", kpi)):
        assert client.post(f"/intake/{table}", json=sent).json()["accepted"] == 1
        with server.ledger.reading() as connection:
            before = head(connection)
        again = client.post(f"/intake/{table}", json={"rows": [sent]}).json()
        assert (again["accepted"], again["repeated"]) == (0, 1)
        with server.ledger.reading() as connection:
            assert head(connection) == before


def test_a_clearing_comes_after_its_alarm(client: TestClient, server: Server, now: int) -> None:
    client.post("/intake/alarms", json=alarm("C1", "H1-G", now - 100))
    client.post("/intake/alarms", json=alarm("C1", "H1-G", now - 100, now - 20))
    assert streams(server, "C1") == ["alarms", "clearings"]
    assert "C1" not in [row["alarm_id"] for row in client.get("/alarms").json()]


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        ("/intake/sites", b"[]", 404),
        ("/intake/alarms", b"{nope", 400),
        ("/intake/alarms", b"[1, 2]", 400),
        ("/intake/alarms", b'[{"alarm_id": NaN}]', 400),
        ("/intake/alarms", b"[" * 20_000, 400),
        ("/intake/alarms", b'{"alarm_id": "X"}', 422),
        ("/intake/alarms", b" " * 60_000, 413),
        ("/eventListener/v7", b'{"event": {}}', 400),
        (ALARMS, b'{"id": "1"}', 400),
        (TICKETS, b'{"description": "no signal"}', 400),
    ],
)
def test_what_is_wrong_is_refused(
    client: TestClient, path: str, content: bytes, status: int
) -> None:
    answer = client.post(path, content=content)
    assert answer.status_code == status
    assert answer.json()


def test_refusals_speak_the_language_of_the_interface(client: TestClient) -> None:
    assert client.get(f"{ALARMS}/none").json()["reason"] == "there is no such alarm"
    fault = client.post("/eventListener/v7", json={"event": {}}).json()["requestError"]
    assert fault["serviceException"]["messageId"] == "SVC0002"


@pytest.mark.parametrize("base", [ALARMS, "/tmf-api/alarm/v4/alarm"])
def test_an_alarm_of_tmf642_is_kept_changed_and_told(
    client: TestClient, now: int, base: str
) -> None:
    number = f"TMF-{len(base)}"
    sent = tmf_alarm(now, id=number)
    assert client.post(base, json=sent).status_code == 201
    assert client.post(base, json=sent).status_code == 201
    assert number in [one["id"] for one in client.get(base).json()]
    change = {"state": "cleared", "alarmClearedTime": at(now - 5).isoformat()}
    assert client.patch(f"{base}/{number}", json=change).json()["state"] == "cleared"
    assert client.get(f"{base}/{number}").json()["state"] == "cleared"
    assert client.patch(f"{base}/none", json=change).status_code == 404


def test_ves_raises_and_clears_an_alarm(client: TestClient, now: int) -> None:
    assert client.post("/eventListener/v7", json=fault_event("CRITICAL", now)).status_code == 202
    mine = [row for row in client.get("/alarms").json() if row["object_id"] == "H3"]
    assert [row["name"] for row in mine] == ["Mains power failure"]
    over = fault_event("NORMAL", now + 1)["event"]
    assert (
        client.post("/eventListener/v7/eventBatch", json={"eventList": [over]}).status_code == 202
    )
    assert "H3" not in [row["object_id"] for row in client.get("/alarms").json()]


def test_an_alarm_of_an_unknown_object_is_kept_but_not_used(
    client: TestClient, server: Server, now: int
) -> None:
    event = fault_event("MAJOR", now, source="not in the inventory")
    event["event"]["commonEventHeader"]["eventId"] = "stray-1"
    assert client.post("/eventListener/v7", json=event).status_code == 202
    assert streams(server, "not in the inventory/stray-1") == ["strays"]


def test_a_trouble_ticket_becomes_a_complaint_once(client: TestClient, server: Server) -> None:
    told = [{"name": "msisdn", "value": "15900001111"}, {"name": "county", "value": "Hill"}]
    body: dict[str, Any] = {"description": "no signal", "severity": "Minor"}
    body |= {"ticketType": "complaint", "externalIdentifier": [{"id": "TT-9"}]}
    body["troubleTicketCharacteristic"] = told
    for _ in range(2):
        answer = client.post(TICKETS, json=body)
        assert answer.status_code == 201
        assert answer.json()["id"] == "TT-9"
    assert streams(server, "TT-9") == ["complaints"]


def test_files_are_taken_in_and_moved(client: TestClient, home: Path, now: int) -> None:
    assert client.get("/health").status_code == 200
    folder = home / "watched"
    folder.mkdir(exist_ok=True)
    pd.DataFrame([complaint("F1", now - 5)]).to_csv(folder / "complaints-1.csv", index=False)
    (folder / "unheard-of.csv").write_text("a\n1\n", encoding="utf-8")
    waited = time.monotonic() + 60
    while [p for p in folder.iterdir() if p.is_file()] and time.monotonic() < waited:
        time.sleep(0.2)
    told = json.loads((folder / "done" / "complaints-1.csv.json").read_text(encoding="utf-8"))
    assert told["accepted"] == 1
    assert "error" in json.loads(
        (folder / "rejected" / "unheard-of.csv.json").read_text(encoding="utf-8")
    )


def test_counters_are_told_to_prometheus(client: TestClient, now: int) -> None:
    client.post("/intake/complaints", json=complaint("M1", now - 5))
    page = client.get("/metrics", headers={"x": "y"})
    told = page.text if page.status_code == 200 else ""
    assert page.status_code in (200, 401)
    assert not told or 'cellcause_rows_total{stream="complaints"}' in told


def test_changes_are_pushed(client: TestClient, now: int) -> None:
    with client.websocket_connect("/push") as socket:
        client.post("/intake/complaints", json=complaint("P1", now - 5))
        message = socket.receive_json()
        while message["kind"] != "arrived":
            message = socket.receive_json()
    assert message["counts"] == {"complaints": 1}


def test_a_page_of_another_origin_is_not_heard(client: TestClient) -> None:
    strange = {"origin": "https://elsewhere.example"}
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/push", headers=strange):
        pass


@pytest.mark.parametrize(
    "headers", [{"origin": "https://elsewhere.example"}, {"host": "lured.example"}]
)
def test_pages_of_others_may_not_use_that_a_browser_runs_here(
    client: TestClient, headers: dict[str, str]
) -> None:
    assert client.post("/intake/alarms", json=[], headers=headers).status_code == 401


def test_too_much_waiting_is_told_with_when_to_come_again(
    client: TestClient, server: Server, now: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(sent: object) -> None:
        """Turn everything away."""
        del sent
        raise BehindError

    monkeypatch.setattr(server.writer, "submit", full)
    answer = client.post("/intake/alarms", json=alarm("B1", "H1", now))
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_answers_are_kept_from_other_sites(client: TestClient) -> None:
    headers = client.get("/health").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


def test_every_route_is_described(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/intake/{table}", "/incidents", "/tickets/{ticket_id}", "/notices", ALARMS} <= set(
        paths
    )


def incident(number: str, county: str, to_come: float) -> dict[str, Any]:
    """Return an incident as the step writes it."""
    given: dict[str, Any] = {
        "incident_id": number,
        "county": county,
        "cause": "power_failure",
        "cells": "H1-G|H1-L",
        "detected_at": 1_800_000_000,
        "expected_complaints": to_come,
        "complaints": 0,
        "users": 10.0,
    }
    return dict.fromkeys(column.name for column in schema.INCIDENTS.columns) | given


def test_views_are_ordered_by_worth_and_bounded_by_county(
    client: TestClient, server: Server
) -> None:
    notice: dict[str, Any] = dict.fromkeys(column.name for column in schema.NOTICES.columns)
    notice |= {
        "interception_id": "N-1",
        "incident_id": "INC-A",
        "cells": "H1-G|H1-L",
        "script": "wait",
    }
    with server.ledger.writing() as connection:
        rows = [incident("INC-A", "Hill", 2.0), incident("INC-B", "Vale", 5.0)]
        connection.execute(insert(schema.INCIDENTS), rows)
        connection.execute(insert(schema.NOTICES), [notice])
    assert [r["incident_id"] for r in client.get("/incidents").json()] == ["INC-B", "INC-A"]
    assert [r["id"] for r in client.get(PROBLEMS).json()] == ["INC-B", "INC-A"]
    for place in ({"cell": "H1-G"}, {"place": "H1 station"}, {"county": "Hill"}):
        assert [r["script"] for r in client.get("/notices", params=place).json()] == ["wait"]
    for place in ({"cell": "V1-G"}, {"place": "Vale town"}, {"county": "Vale"}, {"place": "?"}):
        assert client.get("/notices", params=place).json() == []
    assert client.get("/headline").json()["open_incidents"] == 2


def test_once_somebody_is_known_all_must_be(client: TestClient, server: Server) -> None:
    with server.ledger.writing() as connection:
        tokens = {
            role: {
                "authorization": f"Bearer {make_token(connection, role, role=role, counties=county)}"
            }
            for role, county in (("feed", ""), ("agent", ""), ("noc", "Hill"))
        }
    assert client.get("/incidents").status_code == 401
    assert client.get("/incidents", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert client.get("/incidents", headers=tokens["feed"]).status_code == 403
    assert client.post("/intake/alarms", json=[], headers=tokens["agent"]).status_code == 403
    assert client.post("/intake/alarms", json=[], headers=tokens["feed"]).status_code == 200
    shown = client.get("/incidents", headers=tokens["noc"]).json()
    assert [row["county"] for row in shown] == ["Hill"]
    assert client.get("/incidents/INC-B", headers=tokens["noc"]).status_code == 404
    asked = client.get("/incidents", params={"county": "Vale"}, headers=tokens["noc"])
    assert asked.status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/push"):
        pass
    token = tokens["agent"]["authorization"].removeprefix("Bearer ")
    with client.websocket_connect("/push", subprotocols=["cellcause", token]) as socket:
        assert socket.accepted_subprotocol == "cellcause"


def test_a_closed_token_is_refused_after_some_seconds_and_a_new_one_holds_at_once(
    client: TestClient, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = [0.0]
    monkeypatch.setattr(server, "tokens", KnownTokens(clock=lambda: second[0]))
    with server.ledger.writing() as connection:
        shown = {"authorization": f"Bearer {make_token(connection, 'nms', role='feed')}"}
    assert client.post("/intake/alarms", json=[], headers=shown).status_code == 200
    with server.ledger.writing() as connection:
        close_token(connection, "nms")
    second[0] = KNOWN_FOR_S + 1.0
    assert client.post("/intake/alarms", json=[], headers=shown).status_code == 401
    with server.ledger.writing() as connection:
        again = {"authorization": f"Bearer {make_token(connection, 'nms2', role='agent')}"}
    assert client.get("/notices", params={"county": "Hill"}, headers=again).status_code == 200
    refused = client.post("/intake/alarms", json=[], headers=again)
    assert refused.status_code == 403, "a token that is remembered may do no more than its role"


def test_settings_of_a_server_must_be_there() -> None:
    with pytest.raises(SettingsError, match="`ledger`, `history`, `inventory` for a server"):
        make_server(Settings())


def test_others_are_not_listened_to_before_anybody_is_known(home: Path, tmp_path: Path) -> None:
    settings = Settings(
        ledger=f"sqlite:///{tmp_path}/l.db",
        history=tmp_path,
        inventory=home / "inventory",
        serve_host="0.0.0.0",
    )
    with pytest.raises(SettingsError, match="`serve_host`"):
        make_server(settings)
