"""The page of an incident shows what its caller may see, and forms for who may act."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete

from contract.ledger import schema
from contract.ledger.accounts import make_token
from contract.ledger.store import put
from dashboards.server.running import Server
from tests.correlate.small_network import HOUR, NOON

INCIDENT = "INC-P1"
PAGE = f"/app/incident/{INCIDENT}"
EVIDENCE = {
    "real": 0.93,
    "causes": [["power_failure", 0.8], ["site_outage", 0.2]],
    "for_fault": {"alarms": 4.0, "healthy": -1.0},
    "for_cause": {"alarms": 2.0, "frequency": -0.5},
    "counters": [{"kind": "cell_lost", "cells": ["H1-G"], "began_at": NOON, "ended_at": None}],
    "changes": [],
    "complaints": 1.0,
}
SHEET = {
    "notice_id": "NT-P1", "incident_id": INCIDENT, "state": "drafted", "drafted_at": NOON + 600,
    "over_at": None, "issued_at": None, "due_at": NOON + 5 * HOUR, "level": "province", "revision": 0,
    "agent_zh": "抢修中", "agent_en": "Under repair", "sms_en": "Under <b>repair</b>", "unit": "power",
}  # fmt: skip


def _rows() -> dict[Any, list[dict[str, Any]]]:
    """Return the rows of an incident with a version, an alarm, a ticket, a notice and evidence."""
    of = {"incident_id": INCIDENT}
    believed = {"cause": "power_failure", "object_id": "H1", "started_at": NOON}
    version = {
        **of, **believed, "number": 1, "at": NOON + 600, "ended_at": None, "due_at": NOON + 4 * HOUR,
        "county": "Hill", "area": "H1", "grade": "C", "site_ids": "H1", "sites": 1, "cells": 2,
        "users": 800.0, "reached": 900.0, "probability": 0.8, "real": 0.93, "limit_h": 4.0,
    }  # fmt: skip
    incident = {
        **of, **believed, "fault": 950, "detected_at": NOON + 600, "cells": "H1-G|H1-L",
        "first_alert": "A-P1", "county": "Hill", "area": "H1", "users": 800.0, "complaints": 1,
        "expected_complaints": 3.0, "probability": 0.8,
    }  # fmt: skip
    change = {
        **of, "number": 1, "at": NOON + 600, "rule": "OPEN-1", "detail": "H1: power_failure",
        "evidence": "alarms:1 Mains power failure", "other": 0,
    }  # fmt: skip
    alarm = {
        "alarm_id": "A-P1", "object_id": "H1", "name": "Mains power failure", "raised_at": NOON,
        "severity": "critical", "payload": "{}", "seq": 1,
    }  # fmt: skip
    ticket = {
        "ticket_id": "GD-P1", "county": "Hill", "fault": 950, "created_at": NOON + HOUR,
        "symptom": "NOSIG", "place": "H1", "cause": "power_failure", "probability": 0.9,
    }  # fmt: skip
    return {
        schema.INCIDENTS: [incident],
        schema.VERSIONS: [version],
        schema.CHANGES: [change],
        schema.FAULT_INCIDENTS: [{"fault": 950, **of}],
        schema.INCIDENT_STATES: [{**of, "state": "open", "first_sign": "alarm", "impact": 8.0}],
        schema.INCIDENT_EVIDENCE: [{**of, "content": json.dumps(EVIDENCE)}],
        schema.ALARMS: [alarm],
        schema.INCIDENT_ALARMS: [{"alarm_id": "A-P1", **of}],
        schema.TICKETS: [ticket],
        schema.NOTICE_SHEETS: [
            {"notice_id": "NT-P1", **of, "state": "drafted", "county": "Hill", "content": json.dumps(SHEET)}
        ],
    }  # fmt: skip


@pytest.fixture(scope="module")
def callers(server: Server, client: TestClient) -> Iterator[dict[str, dict[str, str]]]:
    """What some callers show, by name; the incident is there."""
    del client
    wanted = {
        "eng": ("engineer", ""), "vale": ("engineer", "Vale"), "agent": ("agent", ""),
        "noc": ("noc", ""), "manager": ("manager", ""), "province": ("province", ""),
    }  # fmt: skip
    with server.ledger.writing() as connection:
        for table, rows in _rows().items():
            put(connection, table, rows)
        made = {
            name: make_token(connection, f"page-{name}", role=role, counties=counties)
            for name, (role, counties) in wanted.items()
        }
    yield {name: {"Authorization": f"Bearer {token}"} for name, token in made.items()}
    with server.ledger.writing() as connection:
        connection.execute(delete(schema.TOKENS))


def shown(client: TestClient, headers: dict[str, str], address: str = PAGE) -> str:
    """Return a page."""
    answer = client.get(f"{address}?lang=en", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_an_engineer_sees_all_of_it_and_may_act(
    client: TestClient, callers: dict[str, dict[str, str]]
) -> None:
    page = shown(client, callers["eng"])
    for told in (
        "Power failure, site down", "Mains power failure", "GD-P1", "NT-P1", "Under repair",
        "cells lost", "counters look healthy", "It hangs on", "Why Power failure, site down rather",
        'data-act="close"', 'data-act="approve"', 'data-act="edit"',
    ):  # fmt: skip
        assert told in page
    assert page.count("<svg") >= 3
    assert "<b>repair" not in page


def test_who_may_not_act_has_no_buttons(
    client: TestClient, callers: dict[str, dict[str, str]]
) -> None:
    page = shown(client, callers["manager"])
    assert "data-act" not in page
    assert "NT-P1" in page
    assert client.get(f"{PAGE}/forms", headers=callers["manager"]).status_code == 404


@pytest.mark.parametrize(
    ("who", "tickets", "notices"),
    [("noc", False, True), ("province", False, False), ("eng", True, True)],
)
def test_tickets_and_notices_are_for_who_may_see_them(
    client: TestClient, callers: dict[str, dict[str, str]], who: str, tickets: bool, notices: bool
) -> None:
    page = shown(client, callers[who])
    assert ("GD-P1" in page) == tickets
    assert ("NT-P1" in page) == notices


@pytest.mark.parametrize(("who", "status"), [("vale", 404), ("agent", 403), ("", 303)])
def test_others_do_not_see_it(
    client: TestClient, callers: dict[str, dict[str, str]], who: str, status: int
) -> None:
    headers = callers[who] if who else {}
    answer = client.get(PAGE, headers=headers, follow_redirects=False)
    assert answer.status_code == status
    assert "Mains power failure" not in answer.text


def test_parts_of_an_incident_can_be_ticked_with_what_is_seen_there(
    client: TestClient, callers: dict[str, dict[str, str]]
) -> None:
    forms = shown(client, callers["eng"], f"{PAGE}/forms")
    form = forms[forms.index('data-act="split"') :].partition("</form>")[0]
    assert 'name="sites"' not in form  # one site is all of it
    for cell, seen in (("H1-G", "seen by counters"), ("H1-L", "nothing seen of its own")):
        assert f'name="cells" value="{cell}"' in form
        assert seen in form[form.index(f'value="{cell}"') :].partition("</label>")[0]
    assert "Split off</button>" in form


def test_a_merge_is_taken_back_on_the_page_of_either_incident(
    client: TestClient, server: Server, callers: dict[str, dict[str, str]]
) -> None:
    gone = "INC-P2"
    rows = _rows()
    row = rows[schema.INCIDENTS][0] | {"incident_id": gone, "fault": 951}
    stands = rows[schema.INCIDENT_STATES][0] | {"incident_id": gone, "state": "merged"}
    version = rows[schema.VERSIONS][0] | {"incident_id": gone}
    with server.ledger.writing() as connection:
        put(connection, schema.INCIDENTS, [row])
        put(connection, schema.VERSIONS, [version])
        put(connection, schema.INCIDENT_STATES, [stands | {"merged_into": INCIDENT}])
    act = {"kind": "merge", "act_id": "page-m", "into": INCIDENT}
    answer = client.post(f"/incidents/{gone}/acts", json=act, headers=callers["eng"])
    assert answer.status_code == 200
    for incident in (gone, INCIDENT):
        log = shown(client, callers["eng"], f"/app/incident/{incident}/log")
        assert 'value="page-m"' in log
        assert f'action="/incidents/{gone}/acts"' in log
    assert f"{gone} Merge" in shown(client, callers["eng"], f"{PAGE}/log")
    story = shown(client, callers["eng"], f"{PAGE}/story")
    assert f'<a href="/app/incident/{gone}">{gone}</a>' in story


def test_an_act_stands_in_the_log_and_can_be_taken_back_until_a_step_took_it(
    client: TestClient, callers: dict[str, dict[str, str]]
) -> None:
    headers = callers["eng"]
    act = {
        "kind": "close",
        "act_id": "page-1",
        "cause": "power_failure",
        "text": "call 15900002291",
    }
    assert client.post(f"/incidents/{INCIDENT}/acts", json=act, headers=headers).status_code == 200
    log = shown(client, headers, f"{PAGE}/log")
    for told in ("Close with verdict", "page-eng", "159****2291", 'value="page-1"'):
        assert told in log
    assert "15900002291" not in log


@pytest.mark.parametrize("part", ["story", "forms", "notices", "log"])
def test_parts_are_parts_of_the_page(
    client: TestClient, callers: dict[str, dict[str, str]], part: str
) -> None:
    told = shown(client, callers["eng"], f"{PAGE}/{part}")
    assert "<html" not in told
    assert client.get(f"{PAGE}/none", headers=callers["eng"]).status_code == 404


def test_the_page_is_told_in_chinese_too(
    client: TestClient, callers: dict[str, dict[str, str]]
) -> None:
    page = client.get(f"{PAGE}?lang=zh", headers=callers["eng"]).text
    for told in ("时间轴", "支持与反对的证据", "停电掉站", "结案定责", "小区退服"):
        assert told in page
