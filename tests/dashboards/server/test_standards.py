"""What we answer is what TMF642, TMF621 and TMF656 describe, and what VES shows as valid is taken in."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from fastapi.testclient import TestClient
from sqlalchemy import insert

from contract.ledger import schema
from dashboards.server.running import Server
from tests.correlate.small_network import at
from tests.dashboards.server.test_routes import ALARMS, PROBLEMS, TICKETS, incident, tmf_alarm

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
TMF642 = SHARED / "tmf" / "TMF642-Alarm-v4.0.0.swagger.json"
TMF621 = SHARED / "tmf" / "TMF621-Trouble_Ticket-v5.0.1.oas.yaml"
TMF656 = SHARED / "tmf" / "TMF656-Service_Problem_Management-v5.0.0.oas.yaml"
VES = SHARED / "ves"
needs_samples = pytest.mark.skipif(not SHARED.is_dir(), reason="no shared/data beside the checkout")
pytestmark = needs_samples


def judge(file: Path, name: str) -> jsonschema_rs.Validator:
    """Return what judges a resource by the description of a standard.

    JSON Schema knows no discriminator: one of several told apart by `@type` becomes any of them. TMF642 4.0.0 calls an
    alarm's id an integer where it is described, and a text in its path, in references and in its examples.
    """
    text = file.read_text(encoding="utf-8")
    described = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    described = _without_discriminators(described)
    if file == TMF642:
        described["definitions"]["Alarm"]["properties"]["id"] = {"type": "string"}
    where = "definitions" if "definitions" in described else "components/schemas"
    kept = {key: described[key] for key in ("definitions", "components") if key in described}
    whole = {"$schema": "http://json-schema.org/draft-04/schema#", "$ref": f"#/{where}/{name}"}
    return jsonschema_rs.validator_for(whole | kept, validate_formats=True)


def _without_discriminators(part: Any) -> Any:
    """Return a description in which one of several told apart by `@type` is any of them."""
    if isinstance(part, list):
        return [_without_discriminators(one) for one in part]
    if not isinstance(part, dict):
        return part
    plain = {key: _without_discriminators(value) for key, value in part.items()}
    if "discriminator" in plain and "oneOf" in plain:
        plain["anyOf"] = plain.pop("oneOf")
    return plain


def problems(judged: jsonschema_rs.Validator, resource: Any) -> list[str]:
    """Return what is wrong with a resource."""
    return [f"{list(e.instance_path)}: {e.message[:200]}" for e in judged.iter_errors(resource)]


@pytest.fixture(scope="module")
def filled(server: Server, client: TestClient) -> Iterator[TestClient]:
    """A server that knows of an incident and a diagnosed ticket."""
    open_one = incident("INC-STANDARD", "Hill", 4.0) | {
        "object_id": "H1",
        "area": "Hill",
        "first_alert": "ALM-1",
    }
    over = incident("INC-OVER", "Hill", 0.0) | {"ended_at": 1_800_003_600}
    ticket = dict.fromkeys(column.name for column in schema.TICKETS.columns) | {
        "ticket_id": "T-STANDARD",
        "created_at": 1_800_000_000,
        "diagnosed_at": 1_800_001_800,
        "county": "Hill",
        "symptom": "no_signal",
        "place": "H1 station",
    }
    with server.ledger.writing() as connection:
        connection.execute(insert(schema.INCIDENTS), [open_one, over])
        connection.execute(insert(schema.TICKETS), [ticket])
    yield client
    with server.ledger.writing() as connection:
        for table, key in ((schema.INCIDENTS, "incident_id"), (schema.TICKETS, "ticket_id")):
            own = table.c[key].in_(["INC-STANDARD", "INC-OVER", "T-STANDARD"])
            connection.execute(table.delete().where(own))


def test_alarms_are_answered_as_tmf642_describes_them(filled: TestClient) -> None:
    judged, now = judge(TMF642, "Alarm"), int(time.time())
    sent = tmf_alarm(now, id="STANDARD-1", alarmDetails="rectifier 2", isRootCause=True)
    assert (
        problems(judge(TMF642, "Alarm_Create"), {k: v for k, v in sent.items() if k != "id"}) == []
    )
    answers = [filled.post(ALARMS, json=sent).json(), filled.get(f"{ALARMS}/STANDARD-1").json()]
    assert answers[1]["alarmDetails"] == "rectifier 2"
    assert answers[1]["isRootCause"] is True
    acked = {"ackState": "acknowledged", "ackUserId": "li", "ackSystemId": "ems"}
    answers.append(filled.patch(f"{ALARMS}/STANDARD-1", json=acked).json())
    assert answers[-1]["ackState"] == "acknowledged"
    over = {"state": "cleared", "alarmClearedTime": at(now - 5).isoformat()}
    answers.append(filled.patch(f"{ALARMS}/STANDARD-1", json=over).json())
    assert answers[-1]["perceivedSeverity"] == "cleared"
    for resource in [*answers, *filled.get(ALARMS).json()]:
        assert problems(judged, resource) == []
        assert judge_required(resource) == []


def judge_required(resource: dict[str, Any]) -> list[str]:
    """Return what the standard demands of an alarm and this lacks."""
    needed = json.loads(TMF642.read_text(encoding="utf-8"))["definitions"]["Alarm_Create"]
    return [name for name in needed["required"] if not resource.get(name)]


def test_tickets_are_answered_as_tmf621_describes_them(filled: TestClient) -> None:
    judged = judge(TMF621, "TroubleTicket")
    told = [{"@type": "StringCharacteristic", "name": "msisdn", "value": "15900001112"}]
    sent = {
        "@type": "TroubleTicket",
        "description": "no signal",
        "severity": "Minor",
        "ticketType": "complaint",
        "externalIdentifier": [{"@type": "ExternalIdentifier", "id": "STANDARD-9"}],
        "troubleTicketCharacteristic": told,
    }
    assert problems(judge(TMF621, "TroubleTicket_FVO"), sent) == []
    made = filled.post(TICKETS, json=sent)
    assert made.status_code == 201
    found = filled.get(f"{TICKETS}/T-STANDARD").json()
    assert found["status"] == "inProgress"
    for resource in (made.json(), found, *filled.get(TICKETS).json()):
        assert problems(judged, resource) == []


def test_incidents_are_answered_as_tmf656_describes_them(filled: TestClient) -> None:
    judged = judge(TMF656, "ServiceProblem")
    listed = filled.get(PROBLEMS).json()
    assert {"INC-STANDARD", "INC-OVER"} <= {one["id"] for one in listed}
    for resource in (*listed, filled.get(f"{PROBLEMS}/INC-OVER").json()):
        assert problems(judged, resource) == []


def test_refusals_are_those_of_tm_forum(filled: TestClient) -> None:
    judged = judge(TMF621, "Error")
    refused = [
        filled.get(f"{TICKETS}/none"),
        filled.get(TICKETS, params={"limit": "many"}),
        filled.post(TICKETS, json={"description": "no signal"}),
        filled.get(f"{PROBLEMS}/none"),
    ]
    assert [one.status_code for one in refused] == [404, 400, 400, 404]
    for one in refused:
        assert problems(judged, one.json()) == []
    assert "limit: " in refused[1].json()["reason"]


SAMPLES = sorted(VES.glob("ves*.json"))
BAD_FOR_US = {"ves4_invalid", "ves7_batch_stdnDefined_withDifferentStndDefinedNamespace"}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_samples_of_ves_are_taken_in_or_refused_as_they_are_named(
    filled: TestClient, sample: Path
) -> None:
    body = json.loads(sample.read_text(encoding="utf-8"))
    batch = "/eventBatch" if "eventList" in body else ""
    answer = filled.post(f"/eventListener/v7{batch}", json=body)
    is_bad = "invalid" in sample.stem or sample.stem in BAD_FOR_US
    assert answer.status_code == (400 if is_bad else 202), answer.text
    if is_bad:
        told = answer.json()["requestError"]["serviceException"]
        assert set(told) == {"messageId", "text", "variables"}
        assert told["messageId"].startswith(("SVC", "POL"))
        assert told["text"].count("%") <= len(told["variables"])
