"""Make a country-wide inventory and its complaints in seconds, to see how locating grows.

Counties lie on a loose grid; towns scatter around their seats, villages around towns, and sites
stand in seats (dense), towns and villages (sparse), with one to three carriers of three sectors.
Names are drawn from common characters, so that villages of one name are as frequent as they are.

Simple so far: flat country, no coast; a complaint comes from about its site, and its words name
the nearest place.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

CENTRE = (104.0, 30.0)
METRES_PER_DEGREE = 111_320.0
EXTENT_M = (1_200_000.0, 900_000.0)
STEMS = (
    "东西南北上下大小龙凤山水河江湖石林田家陈王李张刘杨赵黄周吴徐孙马朱胡高何郭罗梁"
    "宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪任姜范方"
)
PLACES_PER_COUNTY = 50
TOWNS_PER_COUNTY = 10
SITES_IN = (0.45, 0.35, 0.20)
SPREAD_M = {"town": 12_000.0, "village": 3_000.0}
SITE_SPREAD_M = (2_500.0, 1_200.0, 800.0)
CARRIERS = (("LTE", 1800.0), ("LTE", 900.0), ("NR", 2600.0))
CARRIER_SHARES = (0.3, 0.35, 0.35)
SECTORS = 3
FIRST_DAY = pd.Timestamp("2026-03-01", tz="UTC")
DAYS = 30
PHONE_M = 400.0
SHARE_COORDINATES, SHARE_ADDRESS, SHARE_SEEN = 0.4, 0.8, 0.5


@dataclass(frozen=True)
class Country:
    """The inventory tables of a made-up country, as the contract has them."""

    sites: pd.DataFrame
    cells: pd.DataFrame
    places: pd.DataFrame


def make_country(cells: int, places: int, *, seed: int) -> Country:
    """Return a country of so many cells and named places.

    Parameters
    ----------
    cells, places : int
        Places are rounded to whole counties of fifty.
    seed : int

    Returns
    -------
    Country

    Examples
    --------
    >>> country = make_country(300, 100, seed=1)
    >>> len(country.cells), len(country.places)
    (300, 100)
    """
    rng = np.random.default_rng(seed)
    named = _places(max(1, round(places / PLACES_PER_COUNTY)), rng)
    carriers = rng.choice([1, 2, 3], size=cells // SECTORS + 1, p=CARRIER_SHARES)
    sites = int(np.searchsorted(np.cumsum(carriers * SECTORS), cells)) + 1
    masts = _sites(named, sites, rng)
    return Country(masts, _cells(masts, carriers[:sites], rng).iloc[:cells], named)


def make_complaints(country: Country, count: int, *, seed: int) -> tuple[Any, Any, Any]:
    """Return complaints, sightings and symptoms, in the columns that locating reads.

    Two fifths have coordinates (400 m off the site in the middle), two fifths more an address, the
    rest a county; every other number was seen, one to three times.

    Parameters
    ----------
    country : Country
    count : int
    seed : int

    Returns
    -------
    tuple of DataFrame
        `complaints` as in the contract; `sightings` with `msisdn`, `seen_at`, `cell_id`;
        `symptoms` with `service`, `is_indoor`.
    """
    rng = np.random.default_rng(seed)
    cell = rng.integers(0, len(country.cells), count)
    site_ids = country.cells["site_id"].to_numpy(object)[cell]
    at = country.sites.set_index("site_id").loc[site_ids, ["lon", "lat"]].to_numpy(float)
    east, north = _metres(at[:, 0], at[:, 1])
    east, north = east + rng.normal(0, PHONE_M, count), north + rng.normal(0, PHONE_M, count)
    lon, lat = _degrees(east, north)
    place = country.places.iloc[_nearest(country.places, east, north)]
    kind = rng.random(count)
    address = place["county"] + place["town"] + place["name"].where(place["kind"] == "village", "")
    address = np.where(kind < SHARE_ADDRESS, address.to_numpy(object), None)
    created = FIRST_DAY + pd.to_timedelta(np.sort(rng.random(count)) * DAYS * 86_400, unit="s")
    complaints = pd.DataFrame(
        {
            "ticket_id": [f"T{number}" for number in range(count)],
            "created_at": created.astype("datetime64[us, UTC]"),
            "msisdn": [f"139{number:08d}" for number in range(count)],
            "text": [f"客户反映{words or ''}手机信号弱,打不通电话" for words in address],
            "address": address,
            "county": place["county"].to_numpy(object),
            "lon": np.where(kind < SHARE_COORDINATES, lon, np.nan),
            "lat": np.where(kind < SHARE_COORDINATES, lat, np.nan),
            "crs": "wgs84",
        }
    )
    return complaints, _sightings(complaints, country, cell, rng), _symptoms(count, rng)


def write_country(country: Country, folder: Path) -> None:
    """Write the tables as the CSV files of a bundle, with an empty table of complaints."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in vars(country).items():
        table.to_csv(folder / f"{name}.csv", index=False)


def _metres(lon: Any, lat: Any) -> tuple[Any, Any]:
    """Return metres east and north of the centre, as on a flat country."""
    scale = METRES_PER_DEGREE * np.cos(np.radians(CENTRE[1]))
    return (lon - CENTRE[0]) * scale, (lat - CENTRE[1]) * METRES_PER_DEGREE


def _degrees(east: Any, north: Any) -> tuple[Any, Any]:
    """Return degrees for metres east and north of the centre."""
    scale = METRES_PER_DEGREE * np.cos(np.radians(CENTRE[1]))
    return CENTRE[0] + east / scale, CENTRE[1] + north / METRES_PER_DEGREE


def _names(count: int, ending: str, rng: np.random.Generator) -> Any:
    """Return names of two common characters and an ending."""
    letters = np.array(list(STEMS), dtype=object)
    drawn = letters[rng.integers(0, len(letters), (count, 2))]
    return drawn[:, 0] + drawn[:, 1] + ending


def _places(counties: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return seats, towns and villages; counties and towns of one county have their own names."""
    columns = int(np.ceil(np.sqrt(counties * EXTENT_M[0] / EXTENT_M[1])))
    rows = int(np.ceil(counties / columns))
    at = np.arange(counties)
    east = ((at % columns) + 0.5 + rng.uniform(-0.2, 0.2, counties)) / columns - 0.5
    north = ((at // columns) + 0.5 + rng.uniform(-0.2, 0.2, counties)) / rows - 0.5
    seat = pd.DataFrame({"kind": "seat", "east": east * EXTENT_M[0], "north": north * EXTENT_M[1]})
    letters = len(STEMS)
    pairs = rng.permutation(letters * letters)[:counties]
    county = np.array([STEMS[p // letters] + STEMS[p % letters] + "县" for p in pairs], object)
    seat = seat.assign(county=county, town="", name=county)
    town = _around(seat, TOWNS_PER_COUNTY, "town", rng)
    town = town.assign(name=_names(len(town), "镇", rng))
    town = town.assign(town=town["name"])
    villages = PLACES_PER_COUNTY - 1 - TOWNS_PER_COUNTY
    village = _around(town, villages / TOWNS_PER_COUNTY, "village", rng)
    village = village.assign(name=_names(len(village), "村", rng))
    table = pd.concat([seat, town, village], ignore_index=True)
    lon, lat = _degrees(table["east"].to_numpy(), table["north"].to_numpy())
    return table.assign(lon=lon, lat=lat)[["name", "kind", "county", "town", "lon", "lat"]]


def _around(outer: pd.DataFrame, each: float, kind: str, rng: np.random.Generator) -> pd.DataFrame:
    """Return places scattered around outer ones, so many of each in the mean."""
    of = np.arange(round(len(outer) * each)) % len(outer)
    scattered = rng.normal(0.0, SPREAD_M[kind], (len(of), 2))
    inner = outer.iloc[of].reset_index(drop=True).assign(kind=kind)
    return inner.assign(
        east=inner["east"] + scattered[:, 0], north=inner["north"] + scattered[:, 1]
    )


def _sites(places: pd.DataFrame, count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return sites in seats, towns and villages, named after them."""
    level = rng.choice(len(SITES_IN), size=count, p=SITES_IN)
    of = np.zeros(count, dtype=np.int64)
    for number, kind in enumerate(("seat", "town", "village")):
        known = np.flatnonzero(places["kind"].to_numpy(object) == kind)
        of[level == number] = known[rng.integers(0, len(known), int((level == number).sum()))]
    place = places.iloc[of].reset_index(drop=True)
    east, north = _metres(place["lon"].to_numpy(float), place["lat"].to_numpy(float))
    spread = np.array(SITE_SPREAD_M)[level]
    east, north = east + rng.normal(0.0, spread), north + rng.normal(0.0, spread)
    lon, lat = _degrees(east, north)
    serial = place.groupby("name").cumcount() + 1
    return pd.DataFrame(
        {
            "site_id": [f"S{number:06d}" for number in range(count)],
            "site_name": place["town"] + place["name"] + serial.astype("str") + "基站",
            "lon": lon.round(6),
            "lat": lat.round(6),
            "county": place["county"],
            "town": place["town"],
            "grade": "C",
            "vendor": "Nokia",
            "status": "live",
        }
    )


def _cells(sites: pd.DataFrame, carriers: Any, rng: np.random.Generator) -> pd.DataFrame:
    """Return the cells of sites: carriers times sectors."""
    each = carriers * SECTORS
    site = np.repeat(np.arange(len(sites)), each)
    within = np.arange(len(site)) - np.repeat(np.cumsum(each) - each, each)
    technology, frequency = (np.array(column, object) for column in zip(*CARRIERS, strict=True))
    site_ids = sites["site_id"].to_numpy(object)[site]
    turn = rng.integers(0, 120, len(sites))[site]
    size = len(site)
    return pd.DataFrame(
        {
            "cell_id": site_ids + np.array([f"-{w}" for w in range(9)], object)[within],
            "site_id": site_ids,
            "rat": technology[within // SECTORS],
            "freq_mhz": frequency[within // SECTORS].astype(float),
            "azimuth_deg": (turn + 120.0 * (within % SECTORS)) % 360.0,
            "beamwidth_deg": 65.0,
            "downtilt_deg": rng.integers(2, 9, size).astype(float),
            "height_m": rng.integers(18, 45, len(sites)).astype(float)[site],
            "eirp_dbm": 58.0,
            "indoor": 0,
            "users": np.exp(rng.normal(4.5, 0.6, size)).round(),
        }
    )


def _nearest(places: pd.DataFrame, east: Any, north: Any) -> Any:
    """Return the position of the named place nearest to each point."""
    known = np.column_stack(_metres(places["lon"].to_numpy(float), places["lat"].to_numpy(float)))
    return cKDTree(known).query(np.column_stack([east, north]))[1]


def _sightings(
    complaints: pd.DataFrame, country: Country, cell: Any, rng: np.random.Generator
) -> pd.DataFrame:
    """Return when and where every other number was seen: mostly on the site complained of."""
    size = len(complaints)
    times = np.where(rng.random(size) < SHARE_SEEN, rng.integers(1, 4, size), 0)
    row = np.repeat(np.arange(size), times)
    is_home = rng.random(len(row)) < 0.7
    seen = np.where(is_home, cell[row], rng.integers(0, len(country.cells), len(row)))
    ago = pd.to_timedelta(rng.exponential(48 * 3600.0, len(row)), unit="s")
    seen_at = pd.DatetimeIndex(complaints["created_at"].iloc[row]) - ago
    return pd.DataFrame(
        {
            "msisdn": complaints["msisdn"].to_numpy(object)[row],
            "seen_at": seen_at.astype("datetime64[us, UTC]"),
            "cell_id": country.cells["cell_id"].to_numpy(object)[seen],
            "source": "mme",
        }
    )


def _symptoms(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """Return what the words say of service and surroundings."""
    service = np.array(["voice", "data", ""], dtype=object)[rng.integers(0, 3, count)]
    return pd.DataFrame({"service": service, "is_indoor": (rng.random(count) < 0.2).astype(float)})
