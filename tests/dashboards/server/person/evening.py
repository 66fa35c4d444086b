"""Serve an evening of the small network to people: time runs by a replay, and what breaks is sent when a test wants it.

The replay is of sightings, one every five minutes, so that a step is taken each second; alarms and complaints come from
a feed of the test, dated by the step reached.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tests.correlate.live.small_bundle import alarm, write_inventory
from tests.correlate.small_network import HOUR, NOON, at

ROOT = Path(__file__).resolve().parents[4]
STEP_S = 300
HOURS = 40
SPEED = 300
PATIENCE_S = 90.0
NAME, SECRET = "li", "a good long secret"
SETTINGS = """
ledger = "sqlite:///ledger.db"
history = "history"
inventory = "bundle"
notice_approval = "all"
hold_min = 5
"""


@dataclass(frozen=True)
class Evening:
    """A server at work: where it is, and the token of a feed."""

    address: str
    token: str

    def get(self, path: str) -> Any:
        """Return what a path answers."""
        return self._asked(urllib.request.Request(f"{self.address}{path}"))

    def send(self, table: str, rows: list[dict[str, object]]) -> None:
        """Send rows, all of which must be taken."""
        body = json.dumps(rows).encode()
        asked = urllib.request.Request(f"{self.address}/intake/{table}", data=body)
        told = self._asked(asked)
        assert told["accepted"] == len(rows), told

    def now(self) -> int:
        """Return the step reached, seconds since 1970."""
        return int(self.get("/ready")["step"]) * STEP_S

    def _asked(self, asked: urllib.request.Request) -> Any:
        """Return the JSON of an answer."""
        asked.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)


def write_evening(home: Path) -> Path:
    """Write the inventory and the sightings that let time run, and return the settings."""
    bundle = write_inventory(home / "bundle")
    first = alarm("A0", "V2-I", NOON, NOON + 60)
    pd.DataFrame([first]).to_csv(bundle / "alarms.csv", index=False)
    seen = [
        {"msisdn": "15900009999", "seen_at": at(NOON + n * STEP_S).isoformat(), "cell_id": "V2-G"}
        for n in range(1, HOURS * HOUR // STEP_S)
    ]
    pd.DataFrame(seen).to_csv(bundle / "locations.csv", index=False)
    settings = home / "settings.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    return settings


@contextmanager
def an_evening(home: Path) -> Iterator[Evening]:
    """Serve an evening, once a step was taken."""
    settings = write_evening(home)
    token = _cli("token", "add", "feed", "--role", "system", "--settings", str(settings)).strip()
    _cli("user", "add", NAME, "--role", "engineer", "--settings", str(settings))
    command = [sys.executable, "-m", "cli", "serve", "--settings", str(settings), "--port", "0"]
    command += ["--replay", str(home / "bundle"), "--speed", str(SPEED)]
    log = home / "log.jsonl"
    with log.open("w", encoding="utf-8") as lines:
        process = subprocess.Popen(command, cwd=ROOT, stderr=lines, start_new_session=True)
    try:
        evening = Evening(_address(log, process), token)
        wait_until(lambda: evening.get("/ready")["step"], "no step was taken")
        yield evening
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_S)


def wait_until(is_so: Any, why: str) -> Any:
    """Return what is asked for once it is there; fail when patience ends."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            found = is_so()
        except urllib.error.HTTPError as refusal:
            if refusal.code != 503:
                raise
            found = None
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(why)


def _cli(*arguments: str) -> str:
    """Return what a command prints."""
    command = [sys.executable, "-m", "cli", *arguments]
    known = os.environ | {"PASSWORD": SECRET}
    done = subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True, check=True)
    return done.stdout


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Return where a server serves, as it logs it."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        for line in log.read_text(encoding="utf-8").splitlines():
            if "serving at " in line:
                return str(json.loads(line)["message"]).removeprefix("serving at ")
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8")[-1000:])
