"""Measure how fast an agent is answered over the inventory of a province: 500,000 cells, some hundred open notices.

Asked are `GET /notices` by place, cell and county, the names offered while typing, and the answer of the page, through
the application as a browser would. Names are drawn from the inventory; a third are parts of names, a tenth are called
like nothing.

Simple so far: one agent asks at a time; the network between is not counted.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from fastapi.testclient import TestClient
from sqlalchemy import insert

from benchmarks.big_country import Country, make_country
from contract.ledger import schema
from contract.settings import load_settings
from dashboards.server.app import build_app
from dashboards.server.running import Server, make_server

LIMIT_MS = 200.0
LARGEST = 3_000
"""Cells of the largest notice, a controller's."""
SETTINGS = 'ledger = "sqlite:///ledger.db"\nhistory = "history"\ninventory = "inventory"\n'


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return 0, or 1 if one is beyond its limit."""
    parser = argparse.ArgumentParser(description="Measure how fast an agent is answered.")
    parser.add_argument("--cells", type=int, default=500_000)
    parser.add_argument("--places", type=int, default=30_000)
    parser.add_argument("--notices", type=int, default=300)
    parser.add_argument("--asked", type=int, default=300)
    options = parser.parse_args(arguments)
    country = make_country(options.cells, options.places, seed=1)
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        server = _server(Path(folder), country, options.notices, rng)
        began = time.perf_counter()
        known = server.whereabouts()
        laid_s = time.perf_counter() - began
        print(
            f"{options.cells:,} cells, {len(known.spots):,} names, {options.notices} open notices"
        )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"names laid out in {laid_s:.1f} s; {peak:,.0f} MiB at most\n")
        client = TestClient(build_app(server))
        worst = [_measured(*one) for one in _questions(client, country, options.asked, rng)]
        server.ledger.close()
    is_within = max(worst) <= LIMIT_MS
    print(f"\n95 % within {LIMIT_MS:.0f} ms: {'yes' if is_within else 'no'}")
    return int(not is_within)


def _server(folder: Path, country: Country, count: int, rng: np.random.Generator) -> Server:
    """Return a server, not started, over the country, with so many open notices."""
    inventory = folder / "inventory"
    inventory.mkdir()
    for name in ("sites", "cells", "places"):
        getattr(country, name).head(10).to_csv(inventory / f"{name}.csv", index=False)
    (folder / "server.toml").write_text(SETTINGS, encoding="utf-8")
    server = make_server(load_settings(folder / "server.toml"))
    tables = {name: getattr(country, name) for name in ("sites", "cells", "places")}
    server.intake.inventory = dict(server.intake.inventory) | tables
    cells = country.cells["cell_id"].to_numpy(object)
    counties = country.sites.set_index("site_id")["county"]
    sizes = np.minimum(3 * rng.pareto(0.7, count) + 1, LARGEST).astype(int)
    incidents, notices = [], []
    for number, size in enumerate(sizes.tolist()):
        first = int(rng.integers(0, len(cells) - size))
        county = str(counties[country.cells["site_id"].iloc[first]])
        incidents.append(_row(schema.INCIDENTS, incident_id=f"I{number}", county=county))
        told = {"interception_id": f"N{number}", "incident_id": f"I{number}", "issued_at": number}
        told |= {"cells": "|".join(cells[first : first + size]), "script": "words to say"}
        notices.append(_row(schema.NOTICES, **told))
    with server.ledger.writing() as connection:
        connection.execute(insert(schema.INCIDENTS), incidents)
        connection.execute(insert(schema.NOTICES), notices)
    return server


def _row(table: Any, **given: Any) -> dict[str, Any]:
    """Return a row of a table, null where nothing is given."""
    return dict.fromkeys(column.name for column in table.columns) | given


def _questions(
    client: TestClient, country: Country, count: int, rng: np.random.Generator
) -> list[tuple[str, Callable[[str], Any], list[str]]]:
    """Return what is measured: its name, what asks, and what is asked."""
    pool = [country.places["name"], country.sites["site_name"], country.sites["town"]]
    names = [name for name in pd.concat(pool).dropna().astype(str).unique() if name]
    asked = [str(name) for name in rng.choice(names, count)]
    asked = [name[: max(1, len(name) - 1)] if n % 3 == 0 else name for n, name in enumerate(asked)]
    asked = ["called like nothing" if n % 10 == 9 else name for n, name in enumerate(asked)]
    cells = [str(cell) for cell in rng.choice(country.cells["cell_id"].to_numpy(object), count)]
    counties = [str(one) for one in rng.choice(country.sites["county"].dropna().unique(), count)]
    typed = [name[:length] for name in asked for length in (1, 2)][:count]

    def by(path: str, field: str) -> Callable[[str], Any]:
        """Return what asks an address for a value of a field."""
        return lambda value: client.get(path, params={field: value})

    return [
        ("notices by place", by("/notices", "place"), asked),
        ("notices by cell", by("/notices", "cell"), cells),
        ("notices by county", by("/notices", "county"), counties),
        ("names while typing", by("/places", "q"), typed),
        ("answer of the page", by("/app/agent/answer", "q"), asked),
    ]


def _measured(name: str, ask: Callable[[str], Any], asked: Sequence[str]) -> float:
    """Print what a question costs in milliseconds and return the 95th percentile."""
    ask(asked[0])
    taken = []
    for value in asked:
        began = time.perf_counter()
        answer = ask(value)
        taken.append((time.perf_counter() - began) * 1e3)
        if answer.status_code != 200:
            msg = f"{name} of {value!r} was answered with {answer.status_code}"
            raise RuntimeError(msg)
    middle, high, most = np.percentile(taken, [50, 95, 100])
    print(f"{name:22} p50 {middle:7.1f} ms   p95 {high:7.1f} ms   most {most:7.1f} ms")
    return float(high)


if __name__ == "__main__":
    raise SystemExit(main())
