"""Listen to a server as many pages would, and note when each was told what.

A process of its own, started by `benchmarks.server_load`; it ends when its standard input does.

Simple so far: listeners hear and parse; they ask for nothing in return.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PROTOCOL = "cellcause"
ROWS = ("alarms", "clearings", "complaints")
Heard = list[tuple[float, str, int, int]]
"""When, which kind of message, and how many rows of alarms and of complaints it tells of."""


async def listen(address: str, token: str, heard: Heard) -> None:
    """Note every message until the server ends."""
    spoken = [Subprotocol(PROTOCOL), Subprotocol(token)]
    async with connect(address, subprotocols=spoken, max_queue=None) as socket:
        try:
            async for text in socket:
                told = json.loads(text)
                counts = told.get("counts", {})
                alarms = counts.get("alarms", 0) + counts.get("clearings", 0)
                heard.append((time.time(), told["kind"], alarms, counts.get("complaints", 0)))
        except ConnectionClosed:
            return


async def listen_all(address: str, token: str, listeners: int) -> list[Heard]:
    """Listen with many until standard input ends."""
    heard: list[Heard] = [[] for _ in range(listeners)]
    tasks = [asyncio.create_task(listen(address, token, one)) for one in heard]
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return heard


def main() -> None:
    """Listen, and write what was heard."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("address")
    parser.add_argument("token")
    parser.add_argument("out", type=Path)
    parser.add_argument("--listeners", type=int, required=True)
    chosen = parser.parse_args()
    heard = asyncio.run(listen_all(chosen.address, chosen.token, chosen.listeners))
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {"heard": heard, "cpu_s": used.ru_utime + used.ru_stime}
    chosen.out.write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
