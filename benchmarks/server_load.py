"""Load a server as a province would: alarms and complaints at a pace, a storm within, pages listening.

    python -m benchmarks.server_load [--minutes 10] [--sites 5000] [--browser chromium]

A network is made up (`benchmarks.model_day`), `cellcause serve` started on it with an empty ledger, and three processes
beside it: one sends, one listens with many websockets, and, where asked for, a real browser shows the map. Told are how
long until a row is acknowledged (on disk), until every listener was told of it, what was told to wait, what was
lost, and the memory of the server; then it is ended and started again with what it has.

Simple so far: all runs on one machine, so what the sender and the listeners cost is stated, not taken away.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from benchmarks.load_browser import MapInBrowser
from benchmarks.model_day import make_day, write_day
from contract.ledger.accounts import make_token
from contract.ledger.schema import ARRIVALS
from contract.ledger.store import Ledger, open_ledger

SITES = 100_000
"""Sites of the whole made-up day, of which a share is taken."""
STORM_TIMES = 10.0
PATIENCE_S = 300.0
LOOK_EVERY_S = 5.0
SETTLE_S = 15.0
SETTINGS = """ledger = "sqlite:///ledger.db"
history = "history"
inventory = "network"
"""


@dataclass
class Look:
    """A look at a process: when, its memory and what it used of the processors."""

    at: float
    mib: float
    cpu_s: float


def main() -> None:
    """Load a server and tell how it fared."""
    chosen = _options()
    with tempfile.TemporaryDirectory() as name:
        home = chosen.keep or Path(name)
        home.mkdir(parents=True, exist_ok=True)
        day = make_day(chosen.sites / SITES)
        write_day(day, home / "day")
        network = home / "network"
        network.mkdir(exist_ok=True)
        for table in ("sites", "cells", "links", "places"):
            (home / "day" / f"{table}.parquet").replace(network / f"{table}.parquet")
        (home / "settings.toml").write_text(SETTINGS, encoding="utf-8")
        print(f"{len(day.sites):,} sites, {len(day.place.network.cells):,} cells")
        tell_load(home, chosen)
        tell_start(home)


def _options() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--storm-s", type=float, default=60.0, help="seconds of ten times as much")
    parser.add_argument("--alarms", type=float, default=200.0, help="alarms a second")
    parser.add_argument("--tickets", type=float, default=2.0, help="complaints a second")
    parser.add_argument("--together", type=int, default=10, help="alarms in a request")
    parser.add_argument("--listeners", type=int, default=20)
    parser.add_argument("--sites", type=int, default=5_000)
    parser.add_argument("--browser", help="path of Chromium, to watch the map with")
    parser.add_argument("--keep", type=Path, help="folder in which all is kept")
    return parser.parse_args()


def tell_load(home: Path, chosen: argparse.Namespace) -> None:
    """Load the server and print what came of it."""
    ledger = open_ledger(f"sqlite:///{home}/ledger.db")
    with ledger.writing() as connection:
        feed = make_token(connection, "feed", role="feed", counties="")
        viewer = make_token(connection, "viewer", role="system", counties="")
    with serving(home) as (process, address):
        wait_for(f"{address}/ready", process)
        pids = {"server": process.pid, "steps": _child_of(process.pid)}
        listener = _beside(
            "load_listener",
            [address.replace("http", "ws") + "/push", viewer, str(home / "heard.json")],
            ["--listeners", str(chosen.listeners)],
        )
        browser = MapInBrowser(address, viewer, chosen.browser) if chosen.browser else None
        sender = _beside(
            "load_sender",
            [address, feed, str(home / "day"), str(home / "sent.json")],
            _pace(chosen),
        )
        looks: dict[str, list[Look]] = {name: [] for name in pids}
        while sender.poll() is None:
            for part, pid in pids.items():
                looks[part].append(look_at(pid))
            if browser is not None:
                browser.look(LOOK_EVERY_S)
            else:
                time.sleep(LOOK_EVERY_S)
        time.sleep(SETTLE_S)
        shown = browser.end() if browser is not None else None
        listener.communicate(timeout=PATIENCE_S)
    sent = json.loads((home / "sent.json").read_text(encoding="utf-8"))
    heard = json.loads((home / "heard.json").read_text(encoding="utf-8"))
    tell_sent(sent, heard, chosen)
    if shown is not None:
        tell_latency("alarm to map", _until_told(sent, shown), sent, chosen)
    tell_lost(ledger, sent)
    ledger.close()
    tell_looks(looks)


def _pace(chosen: argparse.Namespace) -> list[str]:
    """Return how the sender is told what to send."""
    seconds = chosen.minutes * 60.0
    given = {
        "alarms": chosen.alarms,
        "tickets": chosen.tickets,
        "seconds": seconds,
        "storm": STORM_TIMES,
        "storm-from": _storm_from(chosen),
        "storm-s": chosen.storm_s,
        "together": chosen.together,
    }
    return [part for name, value in given.items() for part in (f"--{name}", str(value))]


def _storm_from(chosen: argparse.Namespace) -> float:
    """Return when the storm begins, seconds after all begins."""
    return float(max(0.0, (chosen.minutes * 60.0 - chosen.storm_s) / 2.0))


def _beside(name: str, given: Sequence[str], options: Sequence[str]) -> subprocess.Popen[str]:
    """Start a process beside."""
    command = [
        sys.executable,
        "-m",
        f"benchmarks.{name}",
        *options,
        "--",
        *given,
    ]  # a token may begin with -
    return subprocess.Popen(command, stdin=subprocess.PIPE, text=True)


@contextmanager
def serving(home: Path, options: Sequence[str] = ()) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the server; give its process and address once it listens."""
    command = [sys.executable, "-m", "cli", "serve", "--settings", str(home / "settings.toml")]
    log = home / "log.jsonl"
    with log.open("w", encoding="utf-8") as lines:
        process = subprocess.Popen([*command, "--port", "0", *options], stderr=lines, text=True)
    try:
        yield process, _address(log, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def _address(log: Path, process: subprocess.Popen[str]) -> str:
    """Return where a server serves, as it logs it."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        for line in log.read_text(encoding="utf-8").splitlines():
            if "serving at " in line:
                return str(json.loads(line)["message"]).removeprefix("serving at ")
        time.sleep(0.05)
    msg = f"the server did not begin: {log.read_text(encoding='utf-8')[-500:]}"
    raise RuntimeError(msg)


def wait_for(address: str, process: subprocess.Popen[str]) -> None:
    """Wait until an address answers 200."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    msg = f"{address} did not come to answer"
    raise RuntimeError(msg)


def _child_of(pid: int) -> int:
    """Return the process of the steps: the child of the server that holds most memory."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    for task in Path(f"/proc/{pid}/task").iterdir():
        listed += (task / "children").read_text(encoding="utf-8").split()
    return max((int(one) for one in listed), key=lambda one: look_at(one).mib)


def look_at(pid: int) -> Look:
    """Return the memory that a process holds and the processor seconds it used."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    mib = int(status.split("VmRSS:")[1].split()[0]) / 1024.0
    used = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return Look(time.time(), mib, (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK"))


def tell_sent(sent: dict[str, Any], heard: dict[str, Any], chosen: argparse.Namespace) -> None:
    """Print how long acknowledging and telling took, and what the sender and the listeners cost."""
    requests = sent["requests"]
    rows = sum(r[3] for r in requests)
    waits = sum(r[4] for r in requests)
    print(f"{len(requests):,} requests, {rows:,} rows accepted, told to wait {waits:,} times")
    if sent["refused"]:
        print(f"refused: {len(sent['refused'])}, such as {sent['refused'][:3]}")
    tell_latency("acknowledged", [r[2] - r[1] for r in requests], sent, chosen)
    for number in (0, len(heard["heard"]) - 1):
        told = _until_told(sent, heard["heard"][number])
        tell_latency(f"told, listener {number + 1}", told, sent, chosen)
    missed = sum(kind == "missed" for one in heard["heard"] for _, kind, *_ in one)
    print(f"listeners: {len(heard['heard'])}, missed messages told {missed} times")
    for name, used in (("sender", sent["cpu_s"]), ("listeners", heard["cpu_s"])):
        print(f"{name}: {used / sent['wall_s']:.0%} of a core")


def _until_told(sent: dict[str, Any], heard: Sequence[Sequence[Any]]) -> list[float]:
    """Return how long after each request was due a listener was told of its rows, NaN where it was not.

    Messages tell how many rows came, in the order in which requests are answered: a request is told when as many rows
    were told of as had been accepted with it.
    """
    out = [float("nan")] * len(sent["requests"])
    for table, column in (("alarms", 2), ("complaints", 3)):
        at = np.array([one[0] for one in heard if one[column]])
        counted = np.cumsum([one[column] for one in heard if one[column]])
        own = [n for n, r in enumerate(sent["requests"]) if r[0] == table]
        own.sort(key=lambda n: sent["requests"][n][2])
        wanted = np.cumsum([sent["requests"][n][3] for n in own])
        place = np.searchsorted(counted, np.minimum(wanted, counted[-1]) if len(counted) else [])
        for n, where in zip(own, place.tolist(), strict=False):
            out[n] = float(at[where]) - sent["requests"][n][1]
    return out


def tell_latency(
    name: str, seconds: Sequence[float], sent: dict[str, Any], chosen: argparse.Namespace
) -> None:
    """Print percentiles outside the storm and within."""
    begin = sent["began"] + _storm_from(chosen)
    due = np.array([r[1] for r in sent["requests"]])
    inside = (due >= begin) & (due < begin + chosen.storm_s)
    values = np.array(seconds) * 1000.0
    for span, meant in (("calm", ~inside), ("storm", inside)):
        own = values[meant & np.isfinite(values)]
        if len(own):
            p50, p95, p99 = np.percentile(own, [50, 95, 99])
            print(
                f"{name:<20} {span:<6} {len(own):>7,}  p50 {p50:7.0f}  p95 {p95:7.0f}  "
                f"p99 {p99:7.0f}  max {own.max():7.0f} ms"
            )


def tell_lost(ledger: Ledger, sent: dict[str, Any]) -> None:
    """Print how much of what was acknowledged does not stand in the ledger."""
    for stream, ids in sent["ids"].items():
        with ledger.reading() as connection:
            asked = select(ARRIVALS.c.key).where(ARRIVALS.c.stream == stream)
            kept = set(connection.execute(asked).scalars())
        lost = set(ids) - kept
        print(f"{stream}: {len(set(ids)):,} ids acknowledged, {len(lost)} of them lost")


def tell_looks(looks: dict[str, list[Look]]) -> None:
    """Print the memory of each process minute by minute, and its share of a core."""
    for name, own in looks.items():
        first, last = own[0], own[-1]
        marks = np.arange(first.at, last.at + 1.0, 60.0)
        mib = np.interp(marks, [one.at for one in own], [one.mib for one in own])
        share = (last.cpu_s - first.cpu_s) / max(last.at - first.at, 1e-9)
        told = " ".join(f"{value:.0f}" for value in [*mib, last.mib])
        print(f"{name}: {share:.0%} of a core; MiB at each minute: {told}")


def tell_start(home: Path) -> None:
    """Print how long the server takes to start with what it has."""
    with open_ledger(f"sqlite:///{home}/ledger.db").reading() as connection:
        rows = connection.execute(select(func.count()).select_from(ARRIVALS)).scalar()
    began = time.monotonic()
    with serving(home) as (process, address):
        wait_for(f"{address}/health", process)
        lives = time.monotonic() - began
        wait_for(f"{address}/ready", process)
        ready = time.monotonic() - began
    print(
        f"start with {rows:,} arrivals: answers after {lives:.1f} s, caught up after {ready:.1f} s"
    )


if __name__ == "__main__":
    main()
