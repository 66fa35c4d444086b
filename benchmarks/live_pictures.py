"""Draw the pictures of the live pages: map, incident, queue, work order, agent, hand-over, reports, audit, log-in.

By hand, from the root of the checkout: `python -m benchmarks.live_pictures`. A made-up province is replayed up to
an hour in which much goes on; then Chromium (`--browser`) draws each page, each picture below 300 kB, into
`docs/pictures/live-*.png`.

Simple so far: one size, that of a laptop; each page in one language and one of the two kinds of colours.
"""

import argparse
import io
import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.server_load import serving, wait_for
from examples.live import write_settings

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
PROVINCE = ("--cells", "300", "--days", "10", "--seed", "1")
MOMENT, SPEED = datetime(2026, 3, 3, 13, 50, tzinfo=ZoneInfo("Asia/Shanghai")), 10.0
"""A cable is cut in that province, and its customers call."""
STEP_S = 300
PATIENCE_S = 600.0
SIZE = {"width": 1366, "height": 768}
COLOURS = 200
SETTLE_MS = 1_500


def main() -> None:
    """Draw every picture."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    parser.add_argument("--bundle", type=Path, help="a province, in place of making one up")
    chosen = parser.parse_args()
    with TemporaryDirectory() as name:
        bundle = chosen.bundle or Path(name) / "province"
        if chosen.bundle is None:
            command = [sys.executable, "-m", "examples.province", str(bundle), *PROVINCE]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        home = Path(name) / "live"
        write_settings(home, bundle)
        options = [
            "--replay",
            str(bundle),
            "--from",
            MOMENT.strftime("%Y-%m-%dT%H:%M"),
            "--speed",
            str(SPEED),
        ]
        with serving(home, options) as (process, address):
            wait_for(f"{address}/ready", process)
            wait_for_moment(address)
            draw_all(process, address, chosen.browser)
            draw_login(address, home / "settings.toml", chosen.browser)


def wait_for_moment(address: str) -> None:
    """Wait until the replay has come to the moment that the pictures show."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if asked(f"{address}/ready")["step"] * STEP_S >= MOMENT.timestamp() - STEP_S:
            return
        time.sleep(0.5)
    msg = f"the replay did not come so far: {asked(f'{address}/ready')}"
    raise RuntimeError(msg)


def draw_all(process: subprocess.Popen[str], address: str, browser: str) -> None:
    """Draw each page as it is now."""
    first = asked(f"{address}/incidents")[0]
    told = next(one for one in asked(f"{address}/incidents") if told_of(address, one))
    place = asked(f"{address}/incidents/{told['incident_id']}")["notices"][0]["cells"][0]
    ticket = next(
        (one for one in asked(f"{address}/tickets") if one["diagnosed_at"] and one["fault"]),
        asked(f"{address}/tickets")[0],
    )
    incident = f"/app/incident/{first['incident_id']}"
    be_busy(address, first["incident_id"], ticket["ticket_id"])
    report = f"/app/report/{MOMENT:%Y-%m-%d}"
    wait_for(f"{address}{report}", process)
    pages = (
        ("live-map", "/app/map", "zh", "dark", map_drawn),
        ("live-map-en", "/app/map", "en", "light", map_drawn),
        ("live-incident", incident, "en", "light", settled),
        ("live-queue", "/app/queue", "zh", "light", settled),
        ("live-work-order", f"/app/ticket/{ticket['ticket_id']}", "zh", "light", settled),
        ("live-agent", f"/app/agent?q={place}", "zh", "light", settled),
        ("live-hand-over", "/app/handover", "en", "light", settled),
        ("live-reports", "/app/report", "zh", "light", settled),
        ("live-report", report, "en", "light", settled),
        ("live-audit", "/app/audit", "en", "dark", settled),
    )
    for name, path, language, theme, is_drawn in pages:
        mark = "&" if "?" in path else "?"
        draw(name, f"{address}{path}{mark}lang={language}&theme={theme}", browser, is_drawn)


def draw(name: str, address: str, browser: str, is_drawn: Callable[[Page], None]) -> None:
    """Draw one page."""
    with a_page(browser) as page:
        page.goto(address)
        is_drawn(page)
        keep(name, page.screenshot())


def draw_login(address: str, settings: Path, browser: str) -> None:
    """Draw the log-in, which is there once somebody is known to the server."""
    command = [sys.executable, "-m", "cli", "user", "add", "li", "--role", "engineer"]
    made_up = os.environ | {"PASSWORD": secrets.token_urlsafe()}
    subprocess.run([*command, "--settings", str(settings)], check=True, env=made_up)
    draw("live-login", f"{address}/login?lang=zh&theme=dark", browser, settled)


def be_busy(address: str, incident: str, ticket: str) -> None:
    """Do what a shift does, so that lists of what was done have lines."""
    acts = (
        (f"incidents/{incident}", {"kind": "acknowledge"}),
        (f"incidents/{incident}", {"kind": "comment", "text": "光缆班组 12:40 出发"}),
        (f"tickets/{ticket}", {"kind": "assign", "to": "li"}),
    )
    for number, (subject, act) in enumerate(acts):
        body = json.dumps(act | {"act_id": f"picture-{number}"}).encode()
        form = {"Content-Type": "application/json"}
        with urllib.request.urlopen(
            urllib.request.Request(f"{address}/{subject}/acts", body, form), timeout=30
        ):
            pass


def told_of(address: str, incident: dict[str, Any]) -> bool:
    """Tell whether an incident has a notice that is out."""
    notices = asked(f"{address}/incidents/{incident['incident_id']}")["notices"]
    return any(one["cells"] and not one["valid_until"] for one in notices)


def map_drawn(page: Page) -> None:
    """Wait until the map was drawn."""
    page.wait_for_selector("#map canvas")
    page.wait_for_selector("#faults [data-incident]")
    settled(page)


def settled(page: Page) -> None:
    """Wait until nothing moves any more."""
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(SETTLE_MS)


@contextmanager
def a_page(browser: str) -> Iterator[Page]:
    """Open a browser with one page."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        yield opened.new_page(viewport=SIZE)  # type: ignore[arg-type]
        opened.close()


def asked(address: str) -> Any:
    """Return the JSON of an address."""
    with urllib.request.urlopen(address, timeout=30) as answer:
        return json.load(answer)


def keep(name: str, content: bytes) -> None:
    """Write a picture with few colours."""
    with Image.open(io.BytesIO(content)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    target = PICTURES / f"{name}.png"
    few.save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}  {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
