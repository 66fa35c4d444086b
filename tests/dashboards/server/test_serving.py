"""The command serves, replays, and after `kill -9` of the whole server comes back where it was."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from contract.ledger import schema
from contract.ledger.store import Ledger, open_ledger
from contract.settings import Settings
from correlate.live.views import diagnoses
from correlate.run import run_bundle
from tests.correlate.live.small_bundle import write_bundle

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 240.0


@contextmanager
def serving(home: Path, bundle: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the command, in a group of its own."""
    command = [sys.executable, "-m", "cli", "serve", "--settings", str(home / "settings.toml")]
    command += ["--port", "0", "--replay", str(bundle), "--speed", "1e9"]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def address_of(process: subprocess.Popen[str]) -> str:
    """Return where a server serves, as it logs it."""
    assert process.stderr is not None
    for line in process.stderr:
        told = json.loads(line)["message"] if line.startswith("{") else line
        if told.startswith("serving at "):
            return str(told).removeprefix("serving at ")
    raise AssertionError("the server ended before it served")


def steps_in(ledger: Ledger) -> int:
    """Return how many steps were taken."""
    with ledger.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(schema.STEPS)).scalar() or 0)


def told_of(ledger: Ledger) -> tuple[set[Any], set[Any]]:
    """Return what stands in the ledger of diagnoses and incidents."""
    with ledger.reading() as connection:
        rows = {(r["ticket_id"], r["rank"], r["cause"]) for r in diagnoses(connection)}
        asked = select(schema.INCIDENTS.c.incident_id, schema.INCIDENTS.c.cells)
        return rows, {tuple(row) for row in connection.execute(asked)}


def wait_until(is_so: object, process: subprocess.Popen[str]) -> None:
    """Wait until something is so; fail when the server ends or patience does."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():  # type: ignore[operator]
        assert process.poll() is None, "the server ended by itself"
        assert time.monotonic() < until, "the server did not come so far"
        time.sleep(0.05)


def test_a_server_killed_twice_ends_where_a_run_does(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle")
    settings = 'ledger = "sqlite:///ledger.db"\nhistory = "history"\ninventory = "bundle"\n'
    (tmp_path / "settings.toml").write_text(settings, encoding="utf-8")
    expected = run_bundle(bundle, Settings()).tables
    names = ["ticket_id", "rank", "cause"]
    wanted = set(expected["diagnoses"][names].itertuples(index=False, name=None))
    incidents = set(
        zip(expected["incidents"]["incident_id"], expected["incidents"]["cells"], strict=True)
    )
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    for _ in range(2):
        with serving(tmp_path, bundle) as process:
            address_of(process)
            before = steps_in(ledger)
            wait_until(lambda: steps_in(ledger) > before + 2, process)  # noqa: B023
            os.kill(process.pid, signal.SIGKILL)
    with serving(tmp_path, bundle) as process:
        address = address_of(process)
        wait_until(lambda: told_of(ledger) == (wanted, incidents), process)
        with urllib.request.urlopen(f"{address}/health", timeout=30) as answer:
            assert json.load(answer)["alive"] is True
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in (0, -signal.SIGTERM)
    ledger.close()
