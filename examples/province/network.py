"""Build sites and cells where the people are.

Simple so far: a site has one height and all its layers share sectors; no site is shared by makers.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from examples.province.geography import Land, spiral
from examples.province.names import unlike, words_of
from examples.province.settings import Settings, stream

LAYERS = Path(__file__).with_name("layers.csv")
CHANCES = {
    "urban": {"G": 0.9, "U": 0.12, "L": 1.0, "M": 0.45, "N": 0.62},
    "town": {"G": 0.95, "U": 0.06, "A": 0.35, "L": 0.9, "N": 0.25},
    "village": {"G": 0.85, "A": 0.8, "L": 0.3, "N": 0.05},
    "indoor": {"I": 1.0, "J": 0.35, "K": 0.3},
}
"""Chance of a layer at a kind of site."""
HEIGHTS = {"urban": (18, 34), "town": (28, 42), "village": (32, 52), "indoor": (3, 12)}
TILTS = {"urban": (5, 12), "town": (3, 9), "village": (0, 6), "indoor": (0, 0)}
GRADES = {
    "urban": ([0.06, 0.34, 0.6, 0, 0]),
    "town": ([0.01, 0.14, 0.5, 0.35, 0]),
    "village": ([0, 0.01, 0.09, 0.4, 0.5]),
    "indoor": ([0.25, 0.45, 0.3, 0, 0]),
}
INDOORS = ("hospital", "market", "station", "school", "stadium")
KINDS = ("urban", "town", "village", "indoor")
Array = Any


@dataclass(frozen=True)
class Network:
    """What stands on the land; cells know their site by its position.

    Attributes
    ----------
    sites : DataFrame
        `site_id`, `site_name`, `x`, `y`, `county` (position), `town`, `kind`, `grade`, `vendor`,
        `place` (position of the place it was built for).
    cells : DataFrame
        `cell_id`, `cell_name`, `site` (position), `layer` (position in `layers`), `sector`, `rat`,
        `group` (0 GSM and UMTS, 1 LTE, 2 NR), `azimuth`, `tilt`, `height`, `eirp`, `indoor`,
        `bcch_trx`, `ci`; cells of a site stand together.
    layers : DataFrame
    """

    sites: pd.DataFrame
    cells: pd.DataFrame
    layers: pd.DataFrame


def read_layers() -> pd.DataFrame:
    """Return the layers: code, technology, group, carrier, power, floor of service."""
    return pd.read_csv(LAYERS)


def build_network(settings: Settings, land: Land) -> Network:
    """Return sites and cells; whole sites are built until the wished number of cells is reached."""
    rng = stream(settings, "network")
    parts = [_county_sites(land, number, rng) for number in range(len(land.counties))]
    sites = pd.concat(parts, ignore_index=True)
    # Counties are cut alike: the order is by chance, but the first sites of each county stay.
    sites = sites.assign(turn=sites["turn"] / sites.groupby("county")["turn"].transform("max"))
    sites = sites.sort_values("turn", ignore_index=True, kind="stable")
    layers = read_layers()
    cells = _cells(sites, layers, rng)
    last = int(np.searchsorted(np.arange(1, len(cells) + 1), settings.cells))
    kept = int(cells["site"].iloc[min(last, len(cells) - 1)]) + 1
    return _named(settings, land, sites[:kept].copy(), cells[cells["site"] < kept].copy(), layers)


def _county_sites(land: Land, number: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return where the sites of a county stand, and for which place."""
    county = land.counties.iloc[number]
    places = land.places[land.places["county"] == number]
    urban = max(3, round(0.38 * county["sites"]))
    x, y = spiral(urban, 520.0, rng=rng)
    seat = places.index[places["kind"] == "seat"][0]
    in_seat = pd.DataFrame({"x": county["x"] + x, "y": county["y"] + y, "place": seat})
    towns = places.index[places["what"] == "town"].to_numpy()
    villages = rng.permutation(places.index[places["what"] == "village"].to_numpy())
    houses = rng.permutation(places.index[places["what"].isin(INDOORS)].to_numpy())
    wanted = county["sites"] - urban
    parts = [
        in_seat.assign(kind="urban"),
        _beside(land, np.resize(towns, max(2, round(0.42 * wanted))), "town", 350, rng),
        _beside(land, villages[: max(1, round(0.46 * wanted))], "village", 450, rng),
        _beside(land, houses[: max(1, round(0.14 * wanted))], "indoor", 15, rng),
    ]
    sites = pd.concat(parts, ignore_index=True).assign(county=number)
    # One of each kind comes first, so that the smallest province has them all.
    turn = rng.random(len(sites)) + 0.2
    turn[sites.groupby("kind").head(1).index] = 0.01
    return sites.assign(turn=turn)


def _beside(land: Land, at: Array, kind: str, away: float, rng: np.random.Generator) -> Any:
    """Return sites beside places."""
    points = land.places.loc[at, ["x", "y"]].to_numpy()
    shake = rng.normal(0, away, (len(at), 2))
    shaken = points + shake
    return pd.DataFrame({"x": shaken[:, 0], "y": shaken[:, 1], "place": at, "kind": kind})


def _cells(sites: pd.DataFrame, layers: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return the cells of sites: layers by chance, one to three sectors."""
    kind = sites["kind"].to_numpy()
    chance = np.array([[CHANCES[k].get(code, 0.0) for code in layers["code"]] for k in KINDS])
    row = pd.Series(kind).map({k: n for n, k in enumerate(KINDS)}).to_numpy()
    has = rng.random((len(sites), len(layers))) < chance[row]
    # A site without LTE would carry nothing most phones want: it gets 900 MHz.
    has[~has.any(axis=1) | ((row == 2) & ~has[:, 2:5].any(axis=1)), 2] = True
    sectors = np.where(row == 3, 1, np.where(rng.random(len(sites)) < 0.12, 2, 3))
    sectors = np.where((row == 2) & (rng.random(len(sites)) < 0.12), 1, sectors)
    grid = has[:, :, None] & (np.arange(3)[None, None, :] < sectors[:, None, None])
    site, layer, sector = np.nonzero(grid)
    cells = pd.DataFrame({"site": site, "layer": layer, "sector": sector + 1})
    return _antennas(cells, layers, sites, sectors, rng)


def _antennas(
    cells: pd.DataFrame, layers: pd.DataFrame, sites: Any, sectors: Array, rng: np.random.Generator
) -> pd.DataFrame:
    """Return cells with antennas: where they look, how high, how strong."""
    site, layer = cells["site"].to_numpy(), cells["layer"].to_numpy()
    kind = sites["kind"].to_numpy()
    low, high = (np.array([HEIGHTS[k][n] for k in kind]) for n in (0, 1))
    height = np.round(rng.uniform(low, high), 1)
    first = rng.uniform(0, 360, len(sites))
    bend = rng.normal(0, 9, (len(sites), 3))
    azimuth = first[site] + (cells["sector"] - 1) * 360 / sectors[site]
    azimuth = np.round((azimuth + bend[site, cells["sector"] - 1]) % 360) % 360
    tilts = np.array([TILTS[k] for k in kind], dtype=float)[site]
    is_omni = (sectors[site] == 1) | (layers["indoor"].to_numpy()[layer] == 1)
    return cells.assign(
        rat=layers["rat"].to_numpy()[layer],
        group=layers["group"].to_numpy()[layer],
        indoor=layers["indoor"].to_numpy()[layer],
        azimuth=azimuth.mask(is_omni),
        tilt=np.round(rng.uniform(tilts[:, 0], tilts[:, 1] + 0.01)).clip(0),
        height=height[site],
        eirp=layers["eirp_dbm"].to_numpy()[layer]
        + rng.integers(-1, 2, len(cells))
        - 7 * is_omni
        + 7 * layers["indoor"].to_numpy()[layer],
    )


def _named(settings: Settings, land: Land, sites: Any, cells: Any, layers: Any) -> Network:
    """Return the network with identifiers and names."""
    rng = stream(settings, "labels")
    words = words_of(settings.language)
    county = land.counties.iloc[sites["county"]]
    serial = sites.groupby("county").cumcount() + 101
    sites["site_id"] = county["code"].to_numpy() + serial.astype(str).str.zfill(5)
    sites["vendor"] = county["vendor"].to_numpy()
    sites["town"] = land.places["town"].to_numpy()[sites["place"]]
    sites["site_name"] = _site_names(land, sites, words, rng)
    steps = np.cumsum([GRADES[k] for k in KINDS], axis=1)
    row = sites["kind"].map({k: n for n, k in enumerate(KINDS)}).to_numpy()
    grade = (rng.random(len(sites))[:, None] > steps[row]).sum(axis=1)
    sites["grade"] = np.array(["VIP", "A", "B", "C", "D"])[grade.clip(0, 4)]
    cells = cells.reset_index(drop=True)
    code = layers["code"].to_numpy()[cells["layer"]]
    tail = pd.Series(code + cells["sector"].astype(str).to_numpy())
    cells["cell_id"] = sites["site_id"].to_numpy()[cells["site"]] + "-" + tail
    cells["cell_name"] = sites["site_name"].to_numpy()[cells["site"]] + "_" + tail
    cells["ci"] = (10_000 + rng.permutation(len(cells))).astype(str)
    carrier = rng.integers(1, 4, len(cells))
    cells["bcch_trx"] = pd.Series(carrier.astype(str)).where(cells["rat"] == "GSM", "")
    return Network(_plain(sites.reset_index(drop=True)), _plain(cells), layers)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its texts as Python objects: read thousands of times as arrays."""
    return table.astype(dict.fromkeys(table.columns[table.dtypes == "str"], object))


def _site_names(land: Land, sites: Any, words: Any, rng: np.random.Generator) -> list[str]:
    """Return names of sites: a road in the seat, else the place they were built for."""
    stem = land.counties["stem"].to_numpy()[sites["county"]]
    place = land.places["name"].to_numpy()[sites["place"]]
    road = rng.choice(words["roads"], len(sites))
    ground = rng.choice(words["grounds"], len(sites))
    gap = words["separator"]
    forms = {
        "urban": lambda k: stem[k] + gap + road[k],
        "town": lambda k: place[k] + gap + ground[k],
        "village": lambda k: place[k],
        "indoor": lambda k: place[k] + gap + ("室分" if gap == "" else "Indoor"),
    }
    names = [str(forms[kind](k)) for k, kind in enumerate(sites["kind"])]
    return unlike(names, words["number"])
