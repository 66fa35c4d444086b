"""Measure loading and locating over a whole country: seconds, memory, growth, one complaint.

The country is made up (`benchmarks.big_country`). Loading, locating and the peers (what a plain
nearest-cell search costs) are a process each, so that memory is their own; sizes are located in
growing order in one process, so that the peak after each is its own or that of a smaller one.

Simple so far: one made-up country; symptoms are given, so reading texts for them is not counted.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KIB_PER_MIB = 2**10
SIZES = (10_000, 30_000, 100_000)
ASKED_ALONE = 50
LIMITS = {"load": 10.0, "one_ms": 20.0, "wall_s": 60.0, "peak_mib": 6 * KIB_PER_MIB}
"""Seconds to load 500,000 cells; milliseconds for one complaint; seconds and MiB for 100,000."""
LOADED = ("build_network", "radio", "gazetteer")
LARGEST = 100_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return 0, or 1 if one is beyond its limit."""
    parser = argparse.ArgumentParser(description="Measure locating over a made-up country.")
    parser.add_argument("--cells", type=int, default=500_000)
    parser.add_argument("--places", type=int, default=30_000)
    parser.add_argument("--complaints", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--only", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.only:
        print(json.dumps(CHILDREN[options.only](options.cells, options.places, options.complaints)))
        return 0
    print(f"{options.cells:,} cells, {options.places:,} named places")
    (loaded,) = child("load", options.cells, options.places, [0])
    print(load_lines(loaded))
    located = child("locate", options.cells, options.places, sorted(options.complaints))
    print(f"\n{'complaints':>11}{'wall s':>9}{'ms each':>9}{'peak MiB':>10}")
    print("\n".join(locate_line(each) for each in located))
    middle, most = located[-1]["one_ms"], located[-1]["one_most_ms"]
    print(f"one complaint, once loaded: {middle:.1f} ms in the middle, {most:.1f} at most\n")
    (peers,) = child("peers", options.cells, options.places, [max(options.complaints)])
    print("\n".join(f"{name:34}{value:9.2f} s" for name, value in peers.items()))
    beyond = exceeded(loaded, located)
    print("within every limit" if not beyond else f"beyond its limit: {', '.join(beyond)}")
    return int(bool(beyond))


def child(role: str, cells: int, places: int, complaints: Sequence[int]) -> list[dict[str, float]]:
    """Return the figures of one part, measured in a process of its own.

    Parameters
    ----------
    role : str
        load, locate or peers.
    cells, places : int
        The size of the country.
    complaints : sequence of int

    Raises
    ------
    subprocess.CalledProcessError
        If the process does not end well.
    """
    command = [sys.executable, "-m", "benchmarks.locating_scale", "--only", role]
    command += ["--cells", str(cells), "--places", str(places)]
    command += ["--complaints", *(str(count) for count in complaints)]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)
    figures: list[dict[str, float]] = json.loads(done.stdout)
    return figures


def load_lines(loaded: Mapping[str, float]) -> str:
    """Return what loading costs, a line a step.

    Examples
    --------
    >>> print(load_lines({"build_network": 1.5, "radio": 2.0, "gazetteer": 3.0, "peak_mib": 900.0}))
    build_network                          1.50 s
    radio                                  2.00 s
    gazetteer                              3.00 s
    loaded (network, radio, gazetteer)     6.50 s
    peak                                    900 MiB
    """
    lines = [f"{name:34}{s:9.2f} s" for name, s in loaded.items() if name != "peak_mib"]
    lines.append(f"{'loaded (network, radio, gazetteer)':34}{_load_s(loaded):9.2f} s")
    return "\n".join([*lines, f"{'peak':34}{loaded['peak_mib']:9,.0f} MiB"])


def locate_line(located: Mapping[str, float]) -> str:
    """Return what locating so many complaints costs, as a line.

    Examples
    --------
    >>> locate_line({"complaints": 10000, "wall_s": 5.0, "peak_mib": 900.0})
    '     10,000      5.0    0.500       900'
    """
    count, wall_s = located["complaints"], located["wall_s"]
    return f"{count:11,.0f}{wall_s:9.1f}{1e3 * wall_s / count:9.3f}{located['peak_mib']:10,.0f}"


def exceeded(loaded: Mapping[str, float], located: Sequence[Mapping[str, float]]) -> list[str]:
    """Return the limits that were not kept; those of 100,000 hold for fewer in proportion.

    Examples
    --------
    >>> loaded = {"build_network": 1.0, "radio": 2.0, "gazetteer": 3.0}
    >>> located = [{"complaints": 1000, "wall_s": 0.9, "peak_mib": 900.0, "one_ms": 30.0}]
    >>> exceeded(loaded, located)
    ['wall_s of 1000', 'one_ms']
    """
    beyond = ["load"] if _load_s(loaded) > LIMITS["load"] else []
    for each in located:
        share = min(1.0, each["complaints"] / LARGEST)
        beyond += [f"wall_s of {each['complaints']}"] * (each["wall_s"] > LIMITS["wall_s"] * share)
        beyond += [f"peak_mib of {each['complaints']}"] * (each["peak_mib"] > LIMITS["peak_mib"])
    return beyond + ["one_ms"] * any(each["one_ms"] > LIMITS["one_ms"] for each in located)


def measured_load(cells: int, places: int, _: Sequence[int]) -> list[dict[str, float]]:
    """Return the seconds of each step of loading, from the CSV files on."""
    from benchmarks.big_country import make_country, write_country
    from contract.bundles import read_bundle
    from contract.settings import load_settings
    from sites.doubts import mended_inventory

    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="cellcause-") as folder:
        write_country(make_country(cells, places, seed=1), Path(folder))
        bundle = timed(seconds, "read CSV", lambda: read_bundle(Path(folder), load_settings(None)))
    tables = dict(bundle.tables)
    timed(seconds, "doubts", lambda: mended_inventory(tables))
    _loaded(tables, seconds)
    return [seconds | {"peak_mib": peak_mib()}]


def measured_locate(cells: int, places: int, complaints: Sequence[int]) -> list[dict[str, float]]:
    """Return for each size the seconds of locating together, and of some asked for alone."""
    from benchmarks.big_country import make_complaints, make_country

    country = make_country(cells, places, seed=1)
    network, gazetteer = _loaded(vars(country), {})
    figures = []
    for count in complaints:
        orders, seen, symptoms = make_complaints(country, count, seed=2)
        seen = seen.assign(cell=seen["cell_id"].map(network.cell_position))
        asked = Asked(orders, seen, symptoms)
        began = time.perf_counter()
        asked.locate(gazetteer, network)
        found = {"complaints": count, "wall_s": time.perf_counter() - began}
        found["peak_mib"] = peak_mib()
        figures.append(found | waits_alone(asked, gazetteer, network))
    return figures


def waits_alone(asked: "Asked", gazetteer: Any, network: Any) -> dict[str, float]:
    """Return how long complaints asked for one at a time take, milliseconds."""
    waits = []
    for number in range(min(ASKED_ALONE, len(asked.orders))):
        one = asked.alone(number)
        began = time.perf_counter()
        one.locate(gazetteer, network)
        waits.append(1e3 * (time.perf_counter() - began))
    return {"one_ms": statistics.median(waits), "one_most_ms": max(waits)}


@dataclass(frozen=True)
class Asked:
    """Complaints with what is known of them, as locating takes them."""

    orders: Any
    seen: Any
    symptoms: Any

    def alone(self, number: int) -> "Asked":
        """Return one of the complaints with its own sightings."""
        one = self.orders.iloc[[number]]
        mine = self.seen[self.seen["msisdn"] == one["msisdn"].iloc[0]]
        return Asked(one, mine, self.symptoms.iloc[[number]])

    def locate(self, gazetteer: Any, network: Any) -> Any:
        """Return where the complaints are."""
        from correlate.locating import locate

        return locate(self.orders, gazetteer, network, self.seen, symptoms=self.symptoms)


def measured_peers(cells: int, places: int, complaints: Sequence[int]) -> list[dict[str, float]]:
    """Return the seconds of two plain searches for the nearest cell of as many points."""
    import geopandas as gpd
    import numpy as np
    from scipy.spatial import cKDTree

    from benchmarks.big_country import make_country
    from sites.inventory import build_network

    network = build_network(vars(make_country(cells, places, seed=1)))
    known = network.cells[["x_m", "y_m"]].to_numpy(float)
    rng = np.random.default_rng(3)
    points = known[rng.integers(0, len(known), complaints[0])] + rng.normal(
        0, 400, (complaints[0], 2)
    )
    seconds: dict[str, float] = {}
    tree = timed(seconds, "cKDTree of the cells", lambda: cKDTree(known))
    timed(seconds, "cKDTree nearest cell", lambda: tree.query(points))
    left = gpd.GeoDataFrame(geometry=gpd.points_from_xy(points[:, 0], points[:, 1]))
    at = network.sites
    right = gpd.GeoDataFrame(at[["site_id"]], geometry=gpd.points_from_xy(at["x_m"], at["y_m"]))
    timed(seconds, "geopandas sjoin_nearest site", lambda: gpd.sjoin_nearest(left, right))
    return [seconds]


def timed(seconds: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    """Do some work, note its seconds under a name and return what it gave."""
    began = time.perf_counter()
    result = work()
    seconds[name] = time.perf_counter() - began
    return result


def peak_mib() -> float:
    """Return the most memory this process held, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB


def _loaded(tables: Mapping[str, Any], seconds: dict[str, float]) -> tuple[Any, Any]:
    """Return the network and the gazetteer, everything built that locating asks for."""
    from sites.coverage import serving_probabilities
    from sites.inventory import build_network
    from sites.places import build_gazetteer

    network = timed(seconds, "build_network", lambda: build_network(tables))
    # The first question makes and keeps the radio values and the preferences.
    timed(seconds, "radio", lambda: serving_probabilities(network, [0.0], [0.0]))
    gazetteer = timed(seconds, "gazetteer", lambda: build_gazetteer(tables["places"], network))
    return network, gazetteer


def _load_s(loaded: Mapping[str, float]) -> float:
    """Return the seconds of loading, files and doubts apart."""
    return sum(loaded[name] for name in LOADED)


CHILDREN = {"load": measured_load, "locate": measured_locate, "peers": measured_peers}


if __name__ == "__main__":
    sys.exit(main())
