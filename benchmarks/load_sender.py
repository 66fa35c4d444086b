"""Send alarms and complaints to a server at a given pace, and note what became of each request.

A process of its own, started by `benchmarks.server_load`. What is due is sent when it is due, whether earlier requests
are answered or not; a request that is told to wait (429) is sent again after that. Each alarm is sent when it is raised
and once more when it is cleared, in the order of a made-up day whose clock runs as fast as the pace demands.

Simple so far: one connection pool, JSON rows through `/intake`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pandas as pd

CONNECTIONS = 512
TICK_S = 0.05
PATIENCE_S = 120.0


@dataclass
class Pace:
    """How much is sent a second, and the span in which it is `storm` times as much."""

    alarms: float
    tickets: float
    seconds: float
    storm: float
    storm_from: float
    storm_s: float

    def due(self, second: float) -> tuple[int, int]:
        """Return how many alarms and tickets must have been sent after so many seconds."""
        inside = min(max(second - self.storm_from, 0.0), self.storm_s)
        weight = second + (self.storm - 1.0) * inside
        return int(self.alarms * weight), int(self.tickets * weight)


@dataclass
class Sent:
    """What became of requests: a row each of what, when due and answered, rows, and how often told to wait."""

    began: float = 0.0
    requests: list[tuple[str, float, float, int, int]] = field(default_factory=list)
    ids: dict[str, list[str]] = field(default_factory=lambda: {"alarms": [], "complaints": []})
    refused: list[str] = field(default_factory=list)


def alarm_rows(bundle: Path) -> Iterator[dict[str, Any]]:
    """Yield alarms as they are sent, without end: raised, and later cleared."""
    alarms = pd.read_parquet(bundle / "alarms.parquet")
    raised = pd.DataFrame({"at": alarms["raised_at"], "row": range(len(alarms)), "over": False})
    cleared = pd.DataFrame({"at": alarms["cleared_at"], "row": range(len(alarms)), "over": True})
    order = pd.concat([raised, cleared.dropna(subset="at")]).sort_values(["at", "row", "over"])
    columns = ["alarm_id", "object_id", "name", "severity", "vendor", "detail"]
    records = alarms[columns].astype("object").to_dict("records")
    steps = list(zip(order["row"].tolist(), order["over"].tolist(), strict=True))
    for turn in count():
        begun: dict[int, str] = {}
        for row, is_over in steps:
            told = records[row] | {"alarm_id": f"{records[row]['alarm_id']}-{turn}"}
            now = datetime.now(UTC).isoformat(timespec="seconds")
            if is_over and row in begun:
                yield told | {"raised_at": begun[row], "cleared_at": now}
            elif not is_over:
                begun[row] = now
                yield told | {"raised_at": now}


def ticket_rows(bundle: Path) -> Iterator[dict[str, Any]]:
    """Yield complaints as they are sent, without end."""
    table = pd.read_parquet(bundle / "complaints.parquet")
    columns = ["text", "msisdn", "address", "county", "lon", "lat", "crs"]
    records = table[columns].astype("object").to_dict("records")
    for number in count():
        told = records[number % len(records)]
        kept = {name: value for name, value in told.items() if pd.notna(value)}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        yield kept | {"ticket_id": f"L{number:07d}", "created_at": now}


async def send_all(address: str, token: str, bundle: Path, pace: Pace, together: int) -> Sent:
    """Send everything and return what became of it."""
    sent, tasks = Sent(), set[asyncio.Task[None]]()
    alarms, tickets = alarm_rows(bundle), ticket_rows(bundle)
    first = [next(alarms), next(tickets)]  # what takes long is done before the clock runs
    del first
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(
        base_url=address, headers=headers, limits=limits, timeout=PATIENCE_S
    ) as client:
        sent.began = time.time()
        done_alarms = done_tickets = 0
        while (second := time.time() - sent.began) < pace.seconds:
            due_alarms, due_tickets = pace.due(second)
            for _ in range((due_alarms - done_alarms) // together):
                rows = [next(alarms) for _ in range(together)]
                tasks.add(asyncio.create_task(send(client, sent, "alarms", rows)))
                done_alarms += together
            for _ in range(due_tickets - done_tickets):
                tasks.add(asyncio.create_task(send(client, sent, "complaints", [next(tickets)])))
                done_tickets += 1
            tasks = {one for one in tasks if not one.done()}
            await asyncio.sleep(TICK_S)
        if tasks:
            await asyncio.wait(tasks)
    return sent


async def send(
    client: httpx2.AsyncClient, sent: Sent, table: str, rows: list[dict[str, Any]]
) -> None:
    """Send one request until it is taken, and note it."""
    due, waits = time.time(), 0
    content = json.dumps(rows).encode()
    while True:
        answer = await client.post(f"/intake/{table}", content=content)
        if answer.status_code != 429:
            break
        waits += 1
        await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
    at, accepted = time.time(), 0
    if answer.status_code == 200:
        told = answer.json()
        accepted = told["accepted"]
        wrong = {one["row"] for one in told["rejected"]}
        key = "alarm_id" if table == "alarms" else "ticket_id"
        sent.ids[table] += [row[key] for n, row in enumerate(rows, 1) if n not in wrong]
        sent.refused += [one["reason"] for one in told["rejected"]]
    else:
        sent.refused.append(f"{answer.status_code}: {answer.text[:200]}")
    sent.requests.append((table, due, at, accepted, waits))


def main() -> None:
    """Send, and write what became of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("address")
    parser.add_argument("token")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("out", type=Path)
    for name in ("alarms", "tickets", "seconds", "storm", "storm-from", "storm-s"):
        parser.add_argument(f"--{name}", type=float, required=True)
    parser.add_argument("--together", type=int, required=True)
    chosen = parser.parse_args()
    names = ("alarms", "tickets", "seconds", "storm", "storm_from", "storm_s")
    pace = Pace(*(getattr(chosen, name) for name in names))
    began = time.time()
    work = send_all(chosen.address, chosen.token, chosen.bundle, pace, chosen.together)
    sent = asyncio.run(work)
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = vars(sent) | {"cpu_s": used.ru_utime + used.ru_stime, "wall_s": time.time() - began}
    chosen.out.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
