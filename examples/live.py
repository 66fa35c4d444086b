"""Open the live map on a made-up province, replayed 600 times as fast from a busy day on.

By `make live`, from the root of the checkout: `python -m examples.live BUNDLE FOLDER`. The folder is made anew; what
the server logs is kept there.

Simple so far: the days before the first shown are sent first, as fast as the steps follow.
"""

import argparse
import shutil
import socket
import subprocess
import sys
from pathlib import Path

DAY = "2026-03-03"
SPEED = 600
PORT = 8080
HOST = "127.0.0.1"
SETTINGS = """# Made by `make live`.
ledger = "sqlite:///ledger.db"
history = "history"
inventory = "{inventory}"
"""
TOLD = """
  live map      http://{host}:{port}/app/map        (?lang=en, ?theme=dark)
  the rest      http://{host}:{port}/

{day} and the days after it are replayed {speed} times as fast, once those before are taken in.
It logs to {log}. Ctrl-C ends it.
"""


def main(arguments: list[str] | None = None) -> int:
    """Write settings, tell where to look, and serve until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m examples.live", description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--day", default=DAY)
    parser.add_argument("--speed", type=float, default=SPEED)
    parser.add_argument("--port", type=int, help=f"default: {PORT}, or a free one")
    chosen = parser.parse_args(arguments)
    settings = write_settings(chosen.folder, chosen.bundle)
    port = chosen.port if chosen.port is not None else free_port(PORT)
    log = chosen.folder / "log.jsonl"
    told = TOLD.format(host=HOST, port=port, day=chosen.day, speed=f"{chosen.speed:g}", log=log)
    print(told, flush=True)
    command = [sys.executable, "-m", "cli", "serve", "--settings", str(settings)]
    command += ["--port", str(port), "--replay", str(chosen.bundle), "--from", chosen.day]
    with log.open("w", encoding="utf-8") as lines:
        try:
            ended = subprocess.run(
                [*command, "--speed", str(chosen.speed)], stderr=lines, check=False
            )
        except KeyboardInterrupt:
            return 0
    if ended.returncode:
        print(log.read_text(encoding="utf-8")[-2000:], file=sys.stderr)
    return ended.returncode


def write_settings(folder: Path, bundle: Path) -> Path:
    """Make a folder anew and return the settings of a server written there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = folder / "settings.toml"
    settings.write_text(SETTINGS.format(inventory=bundle.resolve().as_posix()), encoding="utf-8")
    return settings


def free_port(wanted: int) -> int:
    """Return a port: the one wanted, or another where something listens there."""
    for port in (wanted, 0):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((HOST, port))
            except OSError:
                continue
            return int(tried.getsockname()[1])
    msg = "no port is free"
    raise OSError(msg)


if __name__ == "__main__":
    raise SystemExit(main())
