"""What people do is on disk when it is answered, once, for those who may, and pages are told."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, insert, select

from contract.acts import INCIDENT, NOTICE, TICKET, act_schema
from contract.ledger import schema
from contract.ledger.accounts import make_token
from contract.ledger.store import put
from dashboards import server as server_package
from dashboards.server.running import Server
from dashboards.wording import LANGUAGES, load_words

WORDS = Path(str(server_package.__file__)).with_name("act_words.toml")
INCIDENTS = (
    {"incident_id": "INC-A1", "fault": 901, "cells": "H1-G|H1-L", "county": "Hill"},
    {"incident_id": "INC-A2", "fault": 902, "cells": "V1-G", "county": "Vale"},
)


@pytest.fixture(scope="module", autouse=True)
def _subjects(server: Server, client: TestClient) -> None:
    """Two incidents in two counties, a ticket and a notice of the first."""
    del client
    with server.ledger.writing() as connection:
        put(connection, schema.INCIDENTS, INCIDENTS)
        put(connection, schema.FAULT_INCIDENTS, [{"fault": 901, "incident_id": "INC-A1"}])
        put(connection, schema.TICKETS, [{"ticket_id": "T-A1", "county": "Hill", "fault": 901}])
        sheet = {"notice_id": "NT-A1", "incident_id": "INC-A1", "county": "Hill"}
        put(connection, schema.NOTICE_SHEETS, [sheet | {"state": "issued", "content": "{}"}])


@pytest.fixture(scope="module")
def tokens(server: Server, client: TestClient) -> Iterator[dict[str, str]]:
    """Tokens of an engineer, one of Vale alone, an agent and a monitoring hall; taken away again."""
    wanted = {
        "eng": ("engineer", ""), "vale": ("engineer", "Vale"), "agent": ("agent", ""), "noc": ("noc", ""),
    }  # fmt: skip
    del client
    with server.ledger.writing() as connection:
        made = {
            name: make_token(connection, name, role=role, counties=counties)
            for name, (role, counties) in wanted.items()
        }
    yield made
    with server.ledger.writing() as connection:
        connection.execute(delete(schema.TOKENS))


def shown(token: str) -> dict[str, str]:
    """Return the header that shows a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def engineer(client: TestClient, tokens: dict[str, str]) -> Iterator[TestClient]:
    """The engineer, who may act on all."""
    client.headers.update(shown(tokens["eng"]))
    yield client
    del client.headers["Authorization"]


def rows(server: Server, table: Any, **where: str) -> list[dict[str, Any]]:
    """Return the rows of a table with some values."""
    asked = select(table).where(*[table.c[name] == value for name, value in where.items()])
    with server.ledger.reading() as connection:
        return [dict(row) for row in connection.execute(asked).mappings()]


def test_an_act_is_on_disk_once_however_often_it_is_sent(
    engineer: TestClient, server: Server
) -> None:
    act = {"kind": "comment", "act_id": "c-1", "text": "called 15900002291, on site"}
    answers = [engineer.post("/incidents/INC-A1/acts", json=act) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 200]
    assert [one.json()["is_repeated"] for one in answers] == [False, True, True]
    assert answers[0].json()["content"] == {"text": "called 159****2291, on site"}
    assert answers[0].json()["who"] == "eng"
    for table, where in (
        (schema.ACTS, {"act_id": "c-1"}),
        (schema.ARRIVALS, {"stream": "acts", "key": "c-1"}),
        (schema.AUDIT, {"what": "incident comment", "subject": "INC-A1"}),
    ):
        assert len(rows(server, table, **where)) == 1
    assert "1590000" not in json.dumps(rows(server, schema.AUDIT))


def test_an_id_belongs_to_one_act(engineer: TestClient, server: Server) -> None:
    address = "/tickets/T-A1/acts"
    first = {"kind": "assign", "act_id": "a-1", "to": "Li"}
    assert engineer.post(address, json=first).status_code == 200
    answer = engineer.post(address, json=first | {"to": "Wang"})
    assert answer.status_code == 409
    assert "act_id" in answer.json()["detail"]
    assert [json.loads(r["content"])["to"] for r in rows(server, schema.ACTS, act_id="a-1")] == [
        "Li"
    ]


def test_pages_are_told_of_an_act_but_not_what_it_says(engineer: TestClient) -> None:
    act = {"kind": "comment", "act_id": "c-2", "text": "secret"}
    with engineer.websocket_connect("/push") as socket:
        engineer.post("/notices/NT-A1/acts", json=act)
        told = socket.receive_json()
        while told["kind"] != "act":
            told = socket.receive_json()
    assert told == {
        "kind": "act",
        "act": "comment",
        "act_id": "c-2",
        "subject_kind": "notice",
        "subject_id": "NT-A1",
    }


@pytest.mark.parametrize(
    ("who", "subject", "is_named"),
    [
        ("eng", "incidents/INC-A1", True),
        ("vale", "incidents/INC-A2", True),
        ("vale", "incidents/INC-A1", False),
        ("vale", "tickets/T-A1", False),
        ("vale", "notices/NT-A1", False),
        ("agent", "notices/NT-A1", True),
        ("agent", "tickets/T-A1", True),
        ("noc", "tickets/T-A1", False),
    ],
)
def test_an_act_is_named_only_to_who_may_see_what_it_was_done_to(
    engineer: TestClient, tokens: dict[str, str], who: str, subject: str, *, is_named: bool
) -> None:
    act = {"kind": "comment", "act_id": f"h-{who}-{subject.partition('/')[2]}", "text": "on site"}
    listener = TestClient(engineer.app)
    with listener.websocket_connect("/push", headers=shown(tokens[who])) as socket:
        assert engineer.post(f"/{subject}/acts", json=act).status_code == 200
        told = socket.receive_json()
        while told["kind"] != "act":
            told = socket.receive_json()
    assert set(told) == (
        {"kind", "act", "act_id", "subject_kind", "subject_id"} if is_named else {"kind"}
    )


@pytest.mark.parametrize(
    ("who", "address", "status"),
    [
        ("eng", "/incidents/INC-A1/acts", 200),
        ("eng", "/incidents/INC-NONE/acts", 404),
        ("vale", "/incidents/INC-A1/acts", 404),
        ("vale", "/notices/NT-A1/acts", 404),
        ("vale", "/tickets/T-A1/acts", 404),
        ("agent", "/tickets/T-A1/acts", 403),
        ("noc", "/incidents/INC-A1/acts", 200),
        ("noc", "/tickets/T-A1/acts", 403),
        ("", "/incidents/INC-A1/acts", 401),
    ],
)
def test_acts_are_for_those_who_may_and_see_the_subject(
    client: TestClient, tokens: dict[str, str], who: str, address: str, status: int
) -> None:
    headers = shown(tokens[who]) if who else {}
    act = {"kind": "comment", "act_id": f"{who or 'nobody'}-1", "text": "seen"}
    assert client.post(address, json=act, headers=headers).status_code == status


@pytest.mark.parametrize(
    ("act", "why"),
    [
        ({"kind": "merge", "into": "INC-NONE"}, "no such incident"),
        ({"kind": "merge", "into": "INC-A1"}, "another incident"),
        ({"kind": "split", "cells": ["V1-G", "H1-G"]}, "V1-G are no part of"),
        ({"kind": "split", "sites": ["H9"]}, "H9 are no part of"),
        ({"kind": "split", "cells": ["H1-G", "H1-L"]}, "nothing would be left"),
        ({"kind": "split"}, "needs `sites` or `cells`"),
        ({"kind": "split", "cells": [""]}, "cells.0"),
        ({"kind": "undo", "undoes": "none"}, "no such act"),
        ({"kind": "dance"}, "dance"),
        ([], "dictionary"),
    ],
    ids=str,
)
def test_what_can_not_be_meant_is_refused_with_the_reason(
    engineer: TestClient, act: Any, why: str
) -> None:
    given = act | {"act_id": "bad-1"} if isinstance(act, dict) else act
    answer = engineer.post("/incidents/INC-A1/acts", json=given)
    assert answer.status_code == 422
    assert why in answer.json()["detail"]


def test_merging_into_what_one_may_not_see_is_as_if_it_were_not_there(
    client: TestClient, tokens: dict[str, str]
) -> None:
    act = {"kind": "merge", "act_id": "m-1", "into": "INC-A1"}
    answer = client.post("/incidents/INC-A2/acts", json=act, headers=shown(tokens["vale"]))
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "`into`: there is no such incident",
    )


def test_parts_are_split_off_by_name(engineer: TestClient, server: Server) -> None:
    act = {"kind": "split", "act_id": "s-1", "cells": ["H1-L", "H1-L"], "text": "own feeder"}
    answer = engineer.post("/incidents/INC-A1/acts", json=act)
    assert answer.status_code == 200
    assert answer.json()["content"] == {"sites": [], "cells": ["H1-L"], "text": "own feeder"}
    assert len(rows(server, schema.AUDIT, what="incident split", subject="INC-A1")) == 1


def test_a_merge_is_taken_back_by_who_sees_both(
    engineer: TestClient, client: TestClient, server: Server, tokens: dict[str, str]
) -> None:
    merge = {"kind": "merge", "act_id": "m-2", "into": "INC-A1"}
    assert engineer.post("/incidents/INC-A2/acts", json=merge).status_code == 200
    with server.ledger.writing() as connection:
        outcome = {"act_id": "m-2", "outcome": "done", "detail": None, "at": 1}
        connection.execute(insert(schema.ACT_OUTCOMES), [outcome])
    undo = {"kind": "undo", "act_id": "m-3", "undoes": "m-2"}
    vale = shown(tokens["vale"])
    refused = client.post("/incidents/INC-A2/acts", json=undo, headers=vale)
    assert (refused.status_code, "not yours to see" in refused.text) == (422, True)
    assert engineer.post("/incidents/INC-A2/acts", json=undo).status_code == 200


def test_words_are_not_taken_back_and_what_was_undone_not_twice(
    engineer: TestClient, server: Server
) -> None:
    address = "/incidents/INC-A1/acts"
    engineer.post(address, json={"kind": "comment", "act_id": "w-1", "text": "a"})
    engineer.post(address, json={"kind": "close", "act_id": "w-2", "cause": "power_failure"})
    refused = engineer.post(address, json={"kind": "undo", "act_id": "w-3", "undoes": "w-1"})
    assert "comment can't be taken back" in refused.json()["detail"]
    with server.ledger.writing() as connection:
        outcome = {"act_id": "w-2", "outcome": "undone", "detail": None, "at": 1}
        connection.execute(insert(schema.ACT_OUTCOMES), [outcome])
    refused = engineer.post(address, json={"kind": "undo", "act_id": "w-4", "undoes": "w-2"})
    assert "it was undone" in refused.json()["detail"]


def test_the_interface_describes_what_may_be_done(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for name in ("incidents", "notices", "tickets"):
        body = paths[f"/{name}/{{subject_id}}/acts"]["post"]["requestBody"]
        assert len(body["content"]["application/json"]["schema"]["oneOf"]) > 3
    assert "$ref" not in json.dumps(paths["/incidents/{subject_id}/acts"]["post"]["requestBody"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("subject", [INCIDENT, NOTICE, TICKET])
def test_each_kind_has_its_word(subject: str, language: str) -> None:
    assert set(act_schema(subject)["discriminator"]["mapping"]) == set(
        load_words(WORDS, language)[subject]
    )
