"""Spoil work orders as order systems do: muddled coordinates, misspelt names, late and doubled orders.

Simple so far: an address suffers one slip at a time; the complaint's text stays as written.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from examples.province.dirt_forms import with_blanks, with_mixed_times, with_usual_times
from examples.province.dirt_ledger import chosen, instants, interleaved
from examples.province.dirt_plan import DirtPlan
from examples.province.map_offsets import to_bd09, to_gcj02

_TABLE = "complaints"
_FIELD, _FIELD_ZH = 60, 24
_FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


def dirty_complaints(
    complaints: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the work orders as the order system would hand them over.

    Parameters
    ----------
    complaints : DataFrame
        Needs `ticket_id`, `created_at`, `text`; `lon`, `lat`, `crs`, `channel`, `address`, `county`, `msisdn` are
        dirtied where they are. Times local. Never changed.
    plan : DirtPlan
    rng : Generator

    Returns
    -------
    DataFrame
        With `received_at`; times as text.
    """
    rows = complaints.reset_index(drop=True)
    if {"lon", "lat"} <= set(rows.columns):
        rows = _with_muddled_systems(rows, plan, rng)
        rows = _with_lost_coordinates(rows, plan, rng)
    if "address" in rows:
        rows = _with_slips(rows, plan, rng)
        rows = _with_short_counties(rows, plan, rng)
    rows = _with_arrivals(rows, plan, rng)
    rows = interleaved([rows, *_copies(rows, plan, rng)])
    rows = with_mixed_times(_TABLE, rows, "created_at", plan, rng)
    rows = with_usual_times(rows, ("received_at",))
    return with_blanks(_TABLE, rows, "msisdn", plan, rng) if "msisdn" in rows else rows


def _with_muddled_systems(
    rows: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the rows, one channel's coordinates in a map's system without label or with a wrong one."""
    label = rows["crs"].fillna("") if "crs" in rows else pd.Series("", index=rows.index)
    named = rows["channel"].eq(plan.channel) if "channel" in rows else rows["lon"].isna()
    ours = (named & rows["lon"].notna()).fillna(False).to_numpy(dtype=bool)
    plain = ours & label.isin(["", "wgs84"]).to_numpy()
    draw = rng.random(len(rows))
    lon, lat = (rows[name].astype("float64").to_numpy(copy=True) for name in ("lon", "lat"))
    for flags, shift in ((plain & (draw < 0.5), to_gcj02), (plain & (draw >= 0.5), to_bd09)):
        lon[flags], lat[flags] = shift(lon[flags], lat[flags])
    unlabelled = ours & (rng.random(len(rows)) < 0.6)
    wrong = ours & ~unlabelled
    crs = label.mask(unlabelled, "").mask(wrong, "wgs84")
    note = "in gcj02 or bd09"
    plan.ledger.enter("crs_unlabelled", _TABLE, unlabelled.sum(), object_id=plan.channel, note=note)
    plan.ledger.enter("crs_mislabelled", _TABLE, wrong.sum(), object_id=plan.channel, note=note)
    return rows.assign(lon=lon, lat=lat, crs=crs)


def _with_lost_coordinates(
    rows: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the rows, some with longitude and latitude swapped, some at zero."""
    rules = plan.rules["complaints"]
    given = rows["lon"].notna().to_numpy()
    swapped = chosen(given, rules["swapped"], rng)
    zero = chosen(given & ~swapped, rules["zero"], rng)
    lon = rows["lon"].mask(swapped, rows["lat"]).mask(zero, 0.0)
    lat = rows["lat"].mask(swapped, rows["lon"]).mask(zero, 0.0)
    plan.ledger.enter("coordinates_swapped", _TABLE, swapped.sum())
    plan.ledger.enter("coordinates_zero", _TABLE, zero.sum())
    return rows.assign(lon=lon, lat=lat)


def _with_slips(rows: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows, some addresses misspelt, in other characters or with wide digits."""
    rules = plan.rules["complaints"]
    address = rows["address"].fillna("").astype("str")
    long_enough = (address.str.len() >= 4).to_numpy()
    old_script = str.maketrans(plan.rules["traditional"])
    manners: dict[str, tuple[float, Callable[[str], str]]] = {
        "misspelt_name": (rules["misspelt"], lambda text: _misspelt(text, plan, rng)),
        "traditional": (rules["traditional"], lambda text: text.translate(old_script)),
        "full_width": (rules["full_width"], lambda text: text.translate(_FULL_WIDTH)),
    }
    for kind, (share, manner) in manners.items():
        flags = chosen(long_enough, share, rng)
        written = address.where(~flags, address[flags].map(manner).reindex(address.index))
        plan.ledger.enter(kind, _TABLE, int((written != address).sum()), note="address")
        address = written
    return rows.assign(address=address)


def _misspelt(text: str, plan: DirtPlan, rng: np.random.Generator) -> str:
    """Return an address with one sound misheard, or one character dropped or doubled."""
    sounds = [sound for sound in plan.rules["homophones"] if sound in text]
    if sounds and rng.random() < 0.5:
        sound = sounds[rng.integers(len(sounds))]
        return text.replace(sound, plan.rules["homophones"][sound], 1)
    letters = [place for place, letter in enumerate(text) if letter.isalpha()]
    if not letters:
        return text
    place = letters[rng.integers(len(letters))]
    again = text[place] if rng.random() < 0.2 else ""
    return text[:place] + again * 2 + text[place + 1 :]


def _with_short_counties(
    rows: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator
) -> pd.DataFrame:
    """Return the rows, some with the county written short in the address and in its own column."""
    address = rows["address"].astype("str")
    county = rows["county"].astype("str") if "county" in rows else address.mask(address.notna())
    flags = chosen(np.ones(len(rows), dtype=bool), plan.rules["complaints"]["short_county"], rng)
    short_address, short_county = address, county
    for name in plan.counties:
        short = _short(name, plan.rules["forms"]["county_endings"])
        short_address = short_address.str.replace(name, short, regex=False)
        short_county = short_county.mask(county == name, short)
    address = address.mask(flags, short_address)
    changed = (address != rows["address"]) | (flags & (short_county != county))
    plan.ledger.enter("short_county", _TABLE, int(changed.sum()))
    done = rows.assign(address=address)
    return done.assign(county=county.mask(flags, short_county)) if "county" in rows else done


def _short(county: str, endings: list[str]) -> str:
    """Return a county without its ending, where two characters are left."""
    for ending in endings:
        if county.endswith(ending) and len(county) >= len(ending) + 2:
            return county.removesuffix(ending)
    return county


def _with_arrivals(rows: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows with `received_at` where the order system was slow."""
    rules = plan.rules["late"]
    created = instants(rows["created_at"])
    late = chosen(np.ones(len(rows), dtype=bool), rules["complaints"], rng)
    seconds: npt.NDArray[np.float64] = rng.uniform(60, 60 * rules["complaints_minutes"], len(rows))
    received = created + pd.Series(pd.to_timedelta(seconds.round(), unit="s"))
    plan.ledger.enter("late", _TABLE, late.sum(), note="received_at minutes after created_at")
    return rows.assign(
        created_at=created, received_at=received.where(late).astype("datetime64[us]")
    )


def _copies(
    rows: pd.DataFrame, plan: DirtPlan, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows to add: exact copies, and copies cut short by a narrow field."""
    rules, everything = plan.rules["duplicates"], np.ones(len(rows), dtype=bool)
    exact = chosen(everything, rules["exact"][_TABLE], rng)
    same_key = chosen(everything & ~exact, rules["same_key"][_TABLE], rng)
    short = rows[same_key]
    short = short.assign(
        text=short["text"].astype("str").str.slice(0, _FIELD_ZH if plan.is_chinese else _FIELD)
    )
    plan.ledger.enter("exact_duplicate", _TABLE, exact.sum())
    plan.ledger.enter("key_duplicate", _TABLE, same_key.sum(), note="text cut short")
    return rows[exact], short
