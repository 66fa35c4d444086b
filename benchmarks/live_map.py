"""Measure the live map: what one look costs the server at 500,000 cells, and what a browser waits for.

The country is made up (`benchmarks.big_country`), with open incidents and complaints put into a ledger of its own.
Looks go from the whole country to one street. With `--browser`, a real Chromium opens the page of a server of this
process, and incidents are put into the ledger with the message of a step: the time until the list shows each, and until
the map has drawn it (a frame in which nothing is left to load).

Simple so far: one look after the other; the browser draws without a graphics card, which a control room has.
"""

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Table, insert

from benchmarks.big_country import Country, make_country
from contract.ledger import schema
from contract.ledger.accounts import Caller
from contract.ledger.store import Ledger
from contract.settings import Settings

TIMES = 5
SHOWN_MS = 60_000
NEW_FAULTS = 10
ZOOMS = {"country": 4.6, "province": 7.0, "county": 9.5, "town": 12.0, "street": 14.5}
SCREEN_PX = (1920.0, 1080.0)
WATCHED = """() => {
  window.seen = { name: "", listed: 0, drawn: 0 };
  new MutationObserver(() => {
    if (!seen.listed && document.querySelector(`[data-incident="${seen.name}"]`)) seen.listed = Date.now();
  }).observe(document.getElementById("faults"), { childList: true, subtree: true, attributes: true });
  document.addEventListener("cellcause:map-drawn", () => {
    if (!seen.listed || seen.drawn) return;
    seen.drawn = Date.now();
    document.body.dataset.seen = seen.name;
  });
}"""
"""Notes when the page first lists an incident, and when its map has drawn what was answered with it."""
CAUSES = ("power_failure", "trx_fault", "data_link_fault", "planned_work", "overshoot")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures and return 0."""
    parser = argparse.ArgumentParser(description="Measure the live map over a made-up country.")
    parser.add_argument("--cells", type=int, default=500_000)
    parser.add_argument("--faults", type=int, default=2_000)
    parser.add_argument("--complaints", type=int, default=20_000)
    parser.add_argument("--browser", action="store_true", help="open the page in Chromium as well")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args(arguments)
    country = make_country(options.cells, options.cells // 15, seed=1)
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder), country) as server:
        fill(server.ledger, country, faults=options.faults, complaints=options.complaints)
        print(f"{len(country.cells):,} cells, {len(country.sites):,} sites")
        for line in server_lines(server, country):
            print(line)
        if options.browser:
            for line in browser_lines(server, country, chromium=options.chromium):
                print(line)
    return 0


def server_lines(server: Any, country: Country) -> Iterator[str]:
    """Give the lines of what looks cost the server."""
    from dashboards.server.live_map.grounds import ground_of
    from dashboards.server.live_map.scenes import standing

    began = time.perf_counter()
    ground = ground_of(server.intake.inventory)
    yield f"ground, once: {time.perf_counter() - began:.2f} s"
    took = _times(lambda: standing(server, ground, frozenset(), None))
    yield f"ledger, once for all pages after each change: {statistics.median(took) * 1e3:.0f} ms"
    stood = standing(server, ground, frozenset(), None)
    yield "| look | zoom | sites in it | marks | left out | median ms | KiB |"
    yield "|---|---|---|---|---|---|---|"
    busiest = country.sites["county"].value_counts().index[0]
    middle = ground.sites[ground.sites["county"] == busiest][["lon", "lat"]].median()
    for name, zoom in ZOOMS.items():
        yield _look_line(name, view_at(middle["lon"], middle["lat"], zoom), ground, stood)


def _look_line(name: str, view: Any, ground: Any, stood: Any) -> str:
    """Return the line of one look."""
    from plotly.io.json import to_json_plotly

    from dashboards.server.live_map.layout import LAYERS
    from dashboards.server.live_map.scenes import marks_of
    from dashboards.server.live_map.traces import Look, traces
    from dashboards.server.live_map.wordings import map_words

    caller, look = Caller("bench", "system"), Look("dark", 1.0, "zh", map_words("zh"))

    def answer() -> tuple[Any, str]:
        """Return the marks and the answer as it is sent."""
        marks = marks_of(stood, ground, view, caller=caller, layers=LAYERS)
        return marks, str(
            to_json_plotly(traces(marks, stood.rates, "land", layers=LAYERS, look=look))
        )

    took = statistics.median(_times(answer)) * 1e3
    marks, sent = answer()
    inside = int(view.holds(ground.sites["lon"], ground.sites["lat"]).sum())
    size = len(sent.encode()) / 1024
    return f"| {name} | {view.zoom:g} | {inside:,} | {len(marks):,} | {marks.cut:,} | {took:.0f} | {size:,.0f} |"


def browser_lines(server: Any, country: Country, *, chromium: str) -> Iterator[str]:
    """Give the lines of what a browser waits for."""
    from playwright.sync_api import sync_playwright

    with _serving(server) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--enable-unsafe-swiftshader"]
        )
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        for visit in ("first", "second"):
            began = time.perf_counter()
            page.goto(f"{address}/app/map", wait_until="commit")
            page.wait_for_selector("body[data-map-shown]", timeout=SHOWN_MS)
            yield f"page ready, {visit} visit: {time.perf_counter() - began:.2f} s"
        page.wait_for_timeout(2_000)
        page.evaluate(WATCHED)
        shown = [_until_shown(server, page, country, n) for n in range(NEW_FAULTS)]
        for what, took in zip(("the list", "the map"), zip(*shown, strict=True), strict=True):
            middle, worst = statistics.median(took), max(took)
            yield f"from a step's message to {what}: median {middle:.0f} ms, worst {worst:.0f} ms"
        browser.close()


def _until_shown(server: Any, page: Any, country: Country, number: int) -> tuple[float, float]:
    """Return the milliseconds from the message of a step until its new incident is listed, and until it is drawn."""
    name = f"INC-NEW-{number}"
    rows = incident_rows(country, np.array([number]), now=int(time.time()), prefix="INC-NEW-")
    with server.ledger.writing() as connection:
        for table, listed in rows.items():
            connection.execute(insert(table), listed)
    page.evaluate("name => { window.seen = { name, listed: 0, drawn: 0 }; }", name)
    began = time.time() * 1e3
    server.hub.tell({"kind": "step", "step": number, "at": int(time.time()), "changed": {}})
    page.wait_for_selector(f'body[data-seen="{name}"]', timeout=SHOWN_MS)
    seen = page.evaluate("seen")
    page.wait_for_timeout(1_000)
    return seen["listed"] - began, seen["drawn"] - began


def fill(ledger: Ledger, country: Country, *, faults: int, complaints: int) -> None:
    """Put open incidents and the complaints of the last hours into a ledger."""
    now, rng = int(time.time()), np.random.default_rng(1)
    rows = incident_rows(
        country, rng.integers(0, len(country.sites), faults), now=now, prefix="INC-"
    )
    at = country.sites.iloc[rng.integers(0, len(country.sites), complaints)]
    told = [
        _row(
            schema.TICKETS, ticket_id=f"T{n}", created_at=now - int(age), county=county, lon=lon, lat=lat,
            fault=n % max(faults, 1), cause="trx_fault",
        )
        for n, (age, county, lon, lat) in enumerate(
            zip(rng.uniform(0, 21_000, complaints), at["county"], at["lon"], at["lat"], strict=True)
        )
    ]  # fmt: skip
    with ledger.writing() as connection:
        for table, listed in (rows | {schema.TICKETS: told}).items():
            connection.execute(insert(table), listed)


def incident_rows(
    country: Country, places: Any, *, now: int, prefix: str
) -> dict[Table, list[dict[str, Any]]]:
    """Return rows of open incidents, each at a site."""
    out: dict[Table, list[dict[str, Any]]] = {schema.INCIDENTS: [], schema.VERSIONS: []}
    for number, place in enumerate(places.tolist()):
        site = country.sites.iloc[place]
        name = f"{prefix}{place if prefix != 'INC-' else number}"
        users = float(50 * (1 + place % 90))
        shared = {
            "incident_id": name,
            "county": site["county"],
            "area": site["site_name"],
            "users": users,
        }
        shared |= {"cause": CAUSES[place % len(CAUSES)], "started_at": now - 3600}
        row = _row(schema.INCIDENTS, **shared, detected_at=now - 3000, complaints=1)
        out[schema.INCIDENTS].append(
            row | {"expected_complaints": 1e6 if "NEW" in prefix else users / 100}
        )
        told = {
            "number": 1,
            "at": now - 3000,
            "grade": "C",
            "site_ids": site["site_id"],
            "sites": 1,
            "cells": 3,
        }
        out[schema.VERSIONS].append(_row(schema.VERSIONS, **shared, **told))
    return out


def view_at(lon: float, lat: float, zoom: float) -> Any:
    """Return the view of a large screen around a place."""
    from dashboards.server.live_map.views import TILE_PX, View, mercator, unprojected

    x, y = mercator(np.array([lon]), np.array([lat]))
    wide, high = (side / 2 / (TILE_PX * 2**zoom) for side in SCREEN_PX)
    west, north = unprojected(float(x[0]) - wide, float(y[0]) - high)
    east, south = unprojected(float(x[0]) + wide, float(y[0]) + high)
    return View(west, south, east, north, zoom)


@contextmanager
def _server(folder: Path, country: Country) -> Iterator[Any]:
    """Make a server over a country, its steps and its writer not started."""
    from dashboards.server.running import make_server

    inventory = folder / "inventory"
    inventory.mkdir()
    for name, table in vars(country).items():
        table.to_csv(inventory / f"{name}.csv", index=False)
    users = country.cells.groupby(
        country.sites.set_index("site_id")["county"].reindex(country.cells["site_id"]).to_numpy()
    )
    month = (
        users["users"]
        .sum()
        .rename("users")
        .rename_axis("county")
        .reset_index()
        .assign(month="2026-03")
    )
    month.to_csv(inventory / "subscribers.csv", index=False)
    pd.DataFrame(columns=["node", "parent", "kind"]).to_csv(inventory / "links.csv", index=False)
    settings = Settings(
        ledger=f"sqlite:///{folder}/l.db", history=folder / "h", inventory=inventory
    )
    server = make_server(settings)
    try:
        yield server
    finally:
        server.ledger.close()


@contextmanager
def _serving(server: Any) -> Iterator[str]:
    """Answer over HTTP from a thread, without the parts that take steps."""
    import uvicorn

    from dashboards.server.app import build_app

    app = build_app(server)
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="off")
    serving = uvicorn.Server(config)
    thread = threading.Thread(target=serving.run, daemon=True)
    thread.start()
    while not serving.started:
        time.sleep(0.05)
    port = serving.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        serving.should_exit = True
        thread.join(timeout=10)


def _row(table: Table, **told: Any) -> dict[str, Any]:
    """Return a row of the ledger, empty but for what is told."""
    return dict.fromkeys(column.name for column in table.columns) | told


def _times(work: Any) -> list[float]:
    """Return the seconds that some work takes, a few times over."""
    out = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        out.append(time.perf_counter() - began)
    return out


if __name__ == "__main__":
    raise SystemExit(main())
