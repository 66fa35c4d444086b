"""Lay out counties, towns, villages and other places, and say how many people live and work there.

Positions are metres east (`x`) and north (`y`) of the middle of the province; `to_degrees` brings
them to the globe.

Simple so far: flat land, round counties, and one daily journey: some villagers go to town.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from examples.province.names import Words, stems, unlike, words_of
from examples.province.settings import Settings, stream

MIDDLE = (107.3, 27.9)
"""Longitude and latitude of the middle of the province; the outline is no real one."""
METRES_PER_DEGREE = 111_320.0
GOLDEN = np.pi * (3 - np.sqrt(5))
CELLS_PER_SITE = 6.6
PEOPLE_PER_CELL = 420
VENDORS = ("Huawei", "ZTE", "Nokia", "Ericsson")
TOWN_POIS = ("town_school", "town_market")
DAY_SHARE = {"seat": 1.15, "town": 1.1, "village": 0.72, "quarter": 0.8}
Array = Any


@dataclass(frozen=True)
class Land:
    """Where people are.

    Attributes
    ----------
    counties : DataFrame
        `name`, `code`, `vendor`, `x`, `y`, `radius` (m), `sites` (how many to build).
    places : DataFrame
        `name`, `kind` (seat, town, village, poi), `what` (finer), `county` (position), `town`,
        `x`, `y`, `spread` (m), `people` (at home), `workers` (by day).
    """

    counties: pd.DataFrame
    places: pd.DataFrame


def lay_out(settings: Settings) -> Land:
    """Return the land of a province, its size after the number of cells."""
    rng = stream(settings, "land")
    words = words_of(settings.language)
    counties = _counties(settings, words, rng)
    parts = [
        _places(number, county, words, rng)
        for number, county in enumerate(counties.itertuples(index=False))
    ]
    return Land(counties, pd.concat(parts, ignore_index=True))


def to_degrees(x: Array, y: Array) -> tuple[Array, Array]:
    """Return longitude and latitude (WGS-84, a sphere) of positions in metres.

    Examples
    --------
    >>> [float(degrees) for degrees in to_degrees(0.0, 0.0)]
    [107.3, 27.9]
    """
    lat = MIDDLE[1] + y / METRES_PER_DEGREE
    return MIDDLE[0] + x / (METRES_PER_DEGREE * np.cos(np.radians(lat))), lat


def spiral(count: int, spacing: float, *, rng: np.random.Generator) -> tuple[Array, Array]:
    """Return positions spread evenly over a disc, a little off the pattern of a sunflower."""
    number = np.arange(count) + 0.5
    angle = GOLDEN * number + rng.uniform(0, 2 * np.pi)
    radius = spacing * np.sqrt(number)
    shake = rng.normal(0, spacing * 0.25, (2, count))
    return radius * np.cos(angle) + shake[0], radius * np.sin(angle) + shake[1]


def _counties(settings: Settings, words: Words, rng: np.random.Generator) -> pd.DataFrame:
    """Return the counties: more of them, and larger ones, the more cells there are."""
    count = int(np.clip(round(settings.cells**0.5 / 6), 1, 300))
    share = rng.dirichlet(np.full(count, 14.0))
    sites = np.maximum(6, np.round(share * settings.cells / CELLS_PER_SITE * 1.12 + 1)).astype(int)
    radius = 2600.0 * np.sqrt(sites)
    x, y = spiral(count, float(radius.max()) * 1.1, rng=rng)
    names = stems(words, count, rng=rng)
    endings = rng.choice(words["county"], count)
    order = np.concatenate([rng.permutation(4) for _ in range(count // 4 + 1)])[:count]
    letters = [chr(65 + k // 24 % 24) + chr(65 + (k * 7 + 5) % 24) for k in range(count)]
    return pd.DataFrame(
        {
            "name": [a + str(b) for a, b in zip(names, endings, strict=True)],
            "stem": names,
            "code": letters,
            "vendor": np.array(VENDORS)[order],
            "x": x,
            "y": y,
            "radius": radius,
            "sites": sites,
        }
    )


def _places(number: int, county: Any, words: Words, rng: np.random.Generator) -> pd.DataFrame:
    """Return the places of one county."""
    people = county.sites * CELLS_PER_SITE * PEOPLE_PER_CELL * rng.uniform(0.85, 1.15)
    seat = _seat(county, words, people * 0.42, rng)
    towns = _towns(county, words, people * 0.26, rng)
    villages = _villages(towns, words, people * 0.32, rng)
    parts = [seat, towns, villages, _town_pois(towns, words, rng)]
    places = pd.concat(parts, ignore_index=True).assign(county=number)
    places["name"] = unlike(places["name"].tolist(), words["number"])
    return places


def _frame(kind: str, what: Any, name: list[str], at: tuple[Array, Array], **more: Any) -> Any:
    """Return places of one kind."""
    columns = {"name": name, "kind": kind, "what": what, "x": at[0], "y": at[1], **more}
    return pd.DataFrame(columns)


def _seat(county: Any, words: Words, people: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return the seat of a county, its quarters and what is built there."""
    urban = max(3, round(0.38 * county.sites))
    extent = 480.0 * np.sqrt(urban)
    name = county.stem + words["seat"]
    quarters = max(4, round(0.9 * urban))
    at = spiral(quarters, extent / np.sqrt(quarters), rng=rng)
    label = [county.stem + words["separator"] + w for w in rng.permutation(words["quarters"])]
    share = rng.dirichlet(np.full(quarters + 1, 5.0)) * people
    whole = _frame("seat", "seat", [name], (np.zeros(1), np.zeros(1)), people=share[:1])
    homes = _frame(
        "poi", "quarter", [label[k % len(label)] for k in range(quarters)], at, people=share[1:]
    )
    built = _seat_pois(county, words, max(6, round(0.5 * urban)), rng)
    seat = pd.concat([whole.assign(spread=extent * 0.5), homes.assign(spread=260.0), built])
    seat["workers"] = seat["people"] * seat["what"].map(DAY_SHARE)
    outing = people * 0.3 * rng.dirichlet(np.full(len(built), 2.0))
    seat.loc[seat["workers"].isna(), "workers"] = outing
    seat[["x", "y"]] += np.array([county.x, county.y])
    return seat.assign(town="")


def _seat_pois(county: Any, words: Words, count: int, rng: np.random.Generator) -> Any:
    """Return schools, hospitals, a stadium and so on around the middle of a seat."""
    pairs = [(what, w) for what in words["poi"] for w in words["poi"][what]]
    pairs = [pair for pair in pairs if pair[0] not in TOWN_POIS]
    first = [pairs.index(("stadium", words["poi"]["stadium"][0]))]
    others = [k for k in rng.permutation(len(pairs)) if k not in first]
    chosen = [pairs[([*first, *others])[k % len(pairs)]] for k in range(count)]
    names = [county.stem + words["separator"] + w for _, w in chosen]
    at = spiral(count, 520.0, rng=rng)
    return _frame("poi", [p[0] for p in chosen], names, at, people=40.0, spread=120.0)


def _towns(county: Any, words: Words, people: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return the towns of a county, around its seat."""
    count = max(2, round(county.sites / 6))
    x, y = spiral(count, county.radius * 0.72 / np.sqrt(count), rng=rng)
    stretch = 1 + 0.3 * county.radius / np.maximum(np.hypot(x, y), 1.0)
    names = [
        s + str(e)
        for s, e in zip(stems(words, count, rng=rng), rng.choice(words["town"], count), strict=True)
    ]
    share = rng.dirichlet(np.full(count, 6.0)) * people
    towns = _frame("town", "town", names, (county.x + x * stretch, county.y + y * stretch))
    names = unlike(names, words["number"])
    return towns.assign(
        name=names, town=names, people=share, workers=share * DAY_SHARE["town"], spread=420.0
    )


def _villages(towns: Any, words: Words, people: float, rng: np.random.Generator) -> pd.DataFrame:
    """Return the villages of the towns of a county, a few kilometres out."""
    of = np.repeat(np.arange(len(towns)), rng.integers(4, 8, len(towns)))
    angle = rng.uniform(0, 2 * np.pi, len(of))
    away = 1500 + 3600 * np.sqrt(rng.random(len(of)))
    x = towns["x"].to_numpy()[of] + away * np.cos(angle)
    y = towns["y"].to_numpy()[of] + away * np.sin(angle)
    names = [stem + words["village"] for stem in stems(words, len(of), rng=rng)]
    share = rng.dirichlet(np.full(len(of), 4.0)) * people
    villages = _frame("village", "village", names, (x, y), people=share, spread=320.0)
    return villages.assign(town=towns["town"].to_numpy()[of], workers=share * DAY_SHARE["village"])


def _town_pois(towns: Any, words: Words, rng: np.random.Generator) -> pd.DataFrame:
    """Return a school and a market for each town."""
    of = np.repeat(np.arange(len(towns)), len(TOWN_POIS))
    what = list(TOWN_POIS) * len(towns)
    label = [words["separator"] + words["poi"][w][0] for w in what]
    names = [towns["name"].iloc[k] + suffix for k, suffix in zip(of, label, strict=True)]
    x, y = (towns[c].to_numpy()[of] + rng.normal(0, 300, len(of)) for c in ("x", "y"))
    workers = towns["people"].to_numpy()[of] * rng.uniform(0.05, 0.2, len(of))
    frame = _frame("poi", what, names, (x, y), people=20.0, spread=90.0)
    return frame.assign(town=towns["town"].to_numpy()[of], workers=workers)
