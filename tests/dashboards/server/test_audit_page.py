"""The audit is read by who may, found by who, what, subject and day, and taken away as a file without formulas."""

import csv
import io
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert, select

from contract.ledger.accounts import make_token
from contract.ledger.schema import AUDIT
from contract.settings import load_settings
from dashboards.server.app import build_app
from dashboards.server.running import Server, make_server
from tests.correlate.small_network import at

NOON = int(at(1_800_000_000).timestamp())
DAY = 86_400
LINES = [
    (NOON - DAY, "li", "number revealed", "T1", "the customer asked for it"),
    (NOON, "wang", "log-in", "wang", "from 10.0.0.1 by local"),
    (NOON + 1, "wang", "number revealed", "T_2", "=HYPERLINK(1)"),
    (NOON + 2, "<b>zhou</b>", "log-in", "zhou", "from 10.0.0.2 by local"),
]


@pytest.fixture
def audited(home: Path, tmp_path: Path) -> Server:
    """A server, not started, whose audit has some lines."""
    settings = load_settings(home / "settings.toml")
    ledger = f"sqlite:///{tmp_path}/ledger.db"
    server = make_server(settings.model_copy(update={"ledger": ledger}))
    names = ("at", "who", "what", "subject", "detail")
    with server.ledger.writing() as connection:
        rows = [dict(zip(names, line, strict=True)) for line in LINES]
        connection.execute(insert(AUDIT), rows)
    return server


@pytest.fixture
def client(audited: Server) -> TestClient:
    """Somebody alone on this machine, who may read the audit."""
    return TestClient(build_app(audited))


def subjects(client: TestClient, **asked: str) -> list[str]:
    """Return the subjects of the lines that the file has, without what reading it adds."""
    text = client.get("/app/audit.csv", params=asked).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    return [row["subject"] for row in rows if row["subject"] != "audit"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ["zhou", "T_2", "wang", "T1"]),
        ({"who": "LI"}, ["T1"]),
        ({"what": "number revealed"}, ["T_2", "T1"]),
        ({"subject": "_"}, ["T_2"]),
        ({"who": "nobody"}, []),
        ({"first": "2027-01-15"}, ["zhou", "T_2", "wang"]),
        ({"last": "2027-01-14"}, ["T1"]),
        ({"first": "2027-01-14", "last": "2027-01-14"}, ["T1"]),
        ({"first": "no day"}, ["zhou", "T_2", "wang", "T1"]),
    ],
    ids=["all", "who", "what", "letter", "nobody", "from", "to", "a day", "no day"],
)
def test_lines_are_found_by_what_is_asked(
    client: TestClient, asked: dict[str, str], expected: list[str]
) -> None:
    assert subjects(client, **asked) == expected


def test_a_file_has_no_formulas(client: TestClient) -> None:
    answer = client.get("/app/audit.csv")
    assert "'=HYPERLINK(1)" in answer.text
    assert answer.content.startswith("\ufeff".encode())
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert answer.headers["cache-control"] == "no-store"


def test_names_are_shown_as_text(client: TestClient) -> None:
    page = client.get("/app/audit").text
    assert "&lt;b&gt;zhou&lt;/b&gt;" in page
    assert "<b>zhou" not in page


def test_pages_lead_to_older_lines_and_lose_none(
    client: TestClient, audited: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.server.audit_routes.ON_A_PAGE", 2)
    client.get("/app/audit")
    first = client.get("/app/audit", params={"what": "log-in"}).text
    assert "before=" not in first
    page = client.get("/app/audit", params={"first": "2027-01-01", "last": "2027-02-01"}).text
    assert "zhou" in page
    assert "T1" not in page
    assert "before=3" in page
    older = client.get("/app/audit?before=3&first=2027-01-01").text
    assert ">T1<" in older
    del audited


def test_who_looks_is_noted_once_and_who_takes_each_time(
    client: TestClient, audited: Server
) -> None:
    for _ in range(2):
        client.get("/app/audit")
        client.get("/app/audit.csv", params={"who": "li"})
    asked = select(AUDIT.c.what, AUDIT.c.detail).where(AUDIT.c.who == "local")
    with audited.ledger.reading() as connection:
        told = [tuple(row) for row in connection.execute(asked.order_by(AUDIT.c.number))]
    assert told == [
        ("audit read", ""),
        ("audit downloaded", "who=li"),
        ("audit downloaded", "who=li"),
    ]


def test_only_who_may_reads_it(client: TestClient, audited: Server) -> None:
    with audited.ledger.writing() as connection:
        tokens = {role: make_token(connection, role, role=role) for role in ("auditor", "noc")}
    status = {
        role: client.get("/app/audit", headers={"authorization": f"Bearer {token}"}).status_code
        for role, token in tokens.items()
    }
    assert status == {"auditor": 200, "noc": 403}
    assert client.get("/app/audit", follow_redirects=False).status_code == 303
