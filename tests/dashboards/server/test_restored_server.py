"""A copy made while the server runs is put back after all is lost, and a server started on it is as it was."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import select

from contract.ledger import schema
from contract.ledger.accounts import make_token, make_user
from contract.ledger.store import open_ledger
from tests.correlate.live.small_bundle import write_bundle

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 120.0
PASSWORD = "a long enough password"
SETTINGS = 'ledger = "sqlite:///ledger.db"\nhistory = "history"\ninventory = "bundle"\n'


def command(home: Path, *words: str) -> list[str]:
    """Return a command of ours."""
    return [sys.executable, "-m", "cli", *words, "--settings", str(home / "settings.toml")]


def run(home: Path, *words: str) -> str:
    """Run a command of ours and return what it prints."""
    done = subprocess.run(
        command(home, *words), cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def served(home: Path, options: Sequence[str] = ()) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the server and give its address."""
    log = home / "log.jsonl"
    with log.open("w", encoding="utf-8") as lines:
        process = subprocess.Popen(
            command(home, "serve", "--port", "0", *options), cwd=ROOT, stderr=lines, text=True
        )
    try:
        marks = ("serving at ", '"')
        wait_until(lambda: marks[0] in log.read_text(encoding="utf-8"), process)
        yield log.read_text(encoding="utf-8").split(marks[0])[1].split(marks[1])[0], process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def wait_until(is_so: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something is so; fail when the server ends or patience does."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert process.poll() is None, "the server ended by itself"
        assert time.monotonic() < until, "the server did not come so far"
        time.sleep(0.1)


def contents(home: Path, *tables: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of tables of the ledger."""
    ledger = open_ledger(f"sqlite:///{home}/ledger.db")
    with ledger.reading() as connection:
        found = {
            one.name: sorted((dict(r) for r in connection.execute(select(one)).mappings()), key=str)
            for one in tables
        }
    ledger.close()
    return found


def logged_in(address: str) -> httpx2.Client:
    """Return a browser that is logged in."""
    browser = httpx2.Client(base_url=address, headers={"Origin": address})
    sent = {"name": "li", "password": PASSWORD, "next": "/app/queue"}
    assert browser.post("/login", data=sent).status_code == 303
    assert browser.get("/app/queue").status_code == 200
    return browser


def test_a_server_on_what_was_put_back_is_as_it_was(tmp_path: Path) -> None:
    bundle, copy = write_bundle(tmp_path / "bundle"), tmp_path / "copy"
    (tmp_path / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    with ledger.writing() as connection:
        token = make_token(connection, "desk", role="engineer", counties="")
        make_user(connection, "li", PASSWORD, role="engineer", counties="")
    ledger.close()
    shown = {"Authorization": f"Bearer {token}"}
    held = (schema.ACTS, schema.ACT_OUTCOMES, schema.INCIDENTS, schema.TICKETS, schema.DIAGNOSES)
    with served(tmp_path, ["--replay", str(bundle), "--speed", "1e9"]) as (address, process):
        incidents = f"{address}/incidents"
        wait_until(lambda: bool(httpx2.get(incidents, headers=shown).json()), process)
        name = httpx2.get(incidents, headers=shown).json()[0]["incident_id"]
        act = {"act_id": "A-1", "kind": "repair_time", "due_at": "2099-03-10T12:00:00Z"}
        told = httpx2.post(f"{incidents}/{name}/acts", json=act, headers=shown)
        assert told.status_code == 200, told.text
        outcomes = schema.ACT_OUTCOMES
        wait_until(lambda: bool(contents(tmp_path, outcomes)["act_outcomes"]), process)
        browser = logged_in(address)
        run(tmp_path, "backup", "--to", str(copy))
        later = logged_in(address)
    before = read_copy(copy, tmp_path, held)
    (tmp_path / "ledger.db").write_bytes(b"wrecked" * 1000)
    shutil.rmtree(tmp_path / "history")
    run(tmp_path, "restore", str(copy), "--force")
    assert contents(tmp_path, *held) == before
    with served(tmp_path) as (address, process):
        wait_until(lambda: httpx2.get(f"{address}/ready").status_code == 200, process)
        assert contents(tmp_path, schema.ACTS)["acts"] == before["acts"]
        again = httpx2.get(f"{address}/incidents/{name}", headers=shown).json()
        assert again["incident_id"] == name
        assert {r["incident_id"] for r in contents(tmp_path, schema.INCIDENTS)["incidents"]} >= {
            r["incident_id"] for r in before["incidents"]
        }
        repeated = httpx2.post(f"{address}/incidents/{name}/acts", json=act, headers=shown)
        assert repeated.json()["is_repeated"] is True
        for one, status in ((browser, 200), (later, 303)):
            page = httpx2.get(f"{address}/app/queue", cookies=one.cookies)
            assert page.status_code == status, "only sessions of the copy go on"
            one.close()


def read_copy(copy: Path, home: Path, tables: Sequence[Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of tables of a copied ledger, read aside so that the copy stays as it is."""
    aside = home / "aside"
    aside.mkdir()
    listed = json.loads((copy / "backup.json").read_text(encoding="utf-8"))
    assert "ledger.sqlite" in listed["files"]
    shutil.copyfile(copy / "ledger.sqlite", aside / "ledger.db")
    return contents(aside, *tables)
