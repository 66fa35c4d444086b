"""Measure how long a server takes to start with the ledger of a province.

    python -m benchmarks.server_start [--share 1] [--hours 6] [--keep FOLDER] [--cold] [--times 3]

The first hours of a made-up province day (`benchmarks.model_day`) are sent through the intake of a server and played as
its steps would; earlier alarms and complaints, accounts of three weeks and sessions are put beside them. A saved state
stands two steps before the end, as a kill leaves it, and one step more has arrived. Then `cellcause serve` is started,
and told is when it first answers anything, is ready, answers each page, takes a row, and has given all that had arrived
to the steps.

Simple so far: the state is of hours, not of weeks: most of it is the memory of the counters, which is as large from the
beginning. Counters were scored elsewhere, so none are read after the start.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import delete, func, select

from benchmarks.server_load import look_at, serving, wait_for
from contract.ledger.schema import ARRIVALS, INCIDENTS, STEPS, TICKETS
from contract.ledger.store import open_ledger

LIMIT_S = 30.0
PATIENCE_S = 300.0
PAGES = ("/app/queue", "/app/map", "/app/handover", "/app/agent", "/app/report", "/incidents")
FILLED = "filled.json"


@dataclass
class Start:
    """When things happened, seconds after the process was started, and the memory of its processes at the end."""

    seconds: dict[str, float] = field(default_factory=dict)
    mib: dict[str, float] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how long it takes; return 1 where that is more than the limit."""
    parser = argparse.ArgumentParser(description="Measure the start of a server.")
    parser.add_argument("--share", type=float, default=0.05, help="of the province, 1.0 for all")
    parser.add_argument("--hours", type=float, default=6.0, help="that are played")
    parser.add_argument("--keep", type=Path, help="folder in which all is kept, and used again")
    parser.add_argument("--cold", action="store_true", help="let the system forget the files first")
    parser.add_argument("--times", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="cellcause-") as name:
        home = options.keep or Path(name)
        if not (home / FILLED).exists():
            _fill(home, options.share, options.hours)
        filled = json.loads((home / FILLED).read_text(encoding="utf-8"))
        print(", ".join(f"{count:,} {what}" for what, count in filled["holds"].items()))
        starts = []
        for _ in range(options.times):
            set_back(home, filled["step"])
            if options.cold:
                forget_files(home)
            starts.append(started(home, filled["token"]))
    print("\n".join(lines(starts)))
    slow = [n for n, s in _medians(starts).items() if s > LIMIT_S]
    print("within 30 s" if not slow else f"beyond 30 s: {', '.join(slow)}")
    return int(bool(slow))


def _fill(home: Path, share: float, hours: float) -> None:
    """Fill a ledger in a process of its own, so that its memory is gone after."""
    command = [sys.executable, "-m", "benchmarks.province_ledger", str(home)]
    command += ["--share", str(share), "--hours", str(hours)]
    subprocess.run(command, check=True, cwd=Path(__file__).resolve().parents[1])


def set_back(home: Path, step: int) -> None:
    """Take back the steps that an earlier start took."""
    ledger = open_ledger(f"sqlite:///{home}/ledger.db")
    with ledger.writing() as connection:
        connection.execute(delete(STEPS).where(STEPS.c.number > step))
    ledger.close()


def forget_files(home: Path) -> None:
    """Let the system forget what it read of the files of a folder."""
    for path in home.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def started(home: Path, token: str) -> Start:
    """Return how a start went; the server is ended after."""
    asked = _asked(home)
    found, began = Start(), time.monotonic()
    with serving(home) as (process, address):
        found.seconds["listens"] = time.monotonic() - began
        watches = [
            threading.Thread(target=_time_get, args=(found, began, name, f"{address}{path}", token))
            for name, path in asked.items()
        ]
        watches.append(threading.Thread(target=_time_row, args=(found, began, address, token)))
        watches.append(threading.Thread(target=_time_steps, args=(found, began, home)))
        for watch in watches:
            watch.start()
        for watch in watches:
            watch.join()
        wait_for(f"{address}/health", process)
        found.mib["server"] = look_at(process.pid).mib
        found.mib["steps"] = max(look_at(pid).mib for pid in _children(process.pid))
    return found


def _asked(home: Path) -> dict[str, str]:
    """Return the addresses that are asked for, by the name they have in the table."""
    with open_ledger(f"sqlite:///{home}/ledger.db").reading() as connection:
        ticket = connection.execute(select(func.max(TICKETS.c.ticket_id))).scalar()
        incident = connection.execute(select(func.max(INCIDENTS.c.incident_id))).scalar()
    named = {"first answer": "/health", "ready": "/ready"} | {page: page for page in PAGES}
    named |= {"a work order": f"/app/ticket/{ticket}"} if ticket else {}
    return named | ({"an incident": f"/app/incident/{incident}"} if incident else {})


def _time_get(found: Start, began: float, name: str, address: str, token: str) -> None:
    """Note when an address first answers 200."""
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
    while time.monotonic() - began < PATIENCE_S:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S):
                found.seconds[name] = time.monotonic() - began
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)


def _time_row(found: Start, began: float, address: str, token: str) -> None:
    """Note when a row is acknowledged, be it used or not."""
    body = json.dumps([{"msisdn": "13900000000", "seen_at": "2026-01-01T00:00:00Z"}]).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/intake/locations", data=body, headers=headers)
    while time.monotonic() - began < PATIENCE_S:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S):
                break
        except urllib.error.HTTPError as error:
            if error.code == 422:
                break
            time.sleep(0.05)
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    found.seconds["a row judged"] = time.monotonic() - began


def _time_steps(found: Start, began: float, home: Path) -> None:
    """Note when the steps were given all that had arrived."""
    ledger = open_ledger(f"sqlite:///{home}/ledger.db")
    with ledger.reading() as connection:
        last = int(connection.execute(select(func.max(ARRIVALS.c.seq))).scalar() or 0)
    while time.monotonic() - began < PATIENCE_S:
        with ledger.reading() as connection:
            given = connection.execute(select(func.max(STEPS.c.upto_seq))).scalar()
        if int(given or 0) >= last:
            found.seconds["caught up"] = time.monotonic() - began
            break
        time.sleep(0.1)
    ledger.close()


def _children(pid: int) -> list[int]:
    """Return the processes that the threads of a process began."""
    found = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(one) for path in found for one in path.read_text(encoding="utf-8").split()]


def _medians(starts: Sequence[Start]) -> dict[str, float]:
    """Return the median of each figure."""
    return {name: statistics.median(s.seconds[name] for s in starts) for name in starts[0].seconds}


def lines(starts: Sequence[Start]) -> list[str]:
    r"""Return what was measured, a line each.

    Examples
    --------
    >>> slow = Start({"ready": 9.0, "listens": 2.0}, {"server": 300.0, "steps": 4000.0})
    >>> fast = Start({"ready": 7.0, "listens": 1.0}, {"server": 310.0, "steps": 4000.0})
    >>> print("\n".join(lines([slow, fast])))
    until              median s   most s
    listens                 1.5      2.0
    ready                   8.0      9.0
    memory: server 310 MiB, steps 4,000 MiB
    """
    most = {name: max(s.seconds[name] for s in starts) for name in starts[0].seconds}
    middle = sorted(_medians(starts).items(), key=lambda one: one[1])
    mib = {name: max(s.mib[name] for s in starts) for name in starts[0].mib}
    return [
        f"{'until':18}{'median s':>9}{'most s':>9}",
        *(f"{name:18}{seconds:>9.1f}{most[name]:>9.1f}" for name, seconds in middle),
        "memory: " + ", ".join(f"{name} {value:,.0f} MiB" for name, value in mib.items()),
    ]


if __name__ == "__main__":
    sys.exit(main())
