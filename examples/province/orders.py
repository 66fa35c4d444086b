"""Turn calls into work orders, with who calls, what they mean and when it was closed.

Simple so far: one order a call; a caller who calls again says much the same again.
"""

from typing import Any

import numpy as np
import pandas as pd

from examples.province.callers import read_background
from examples.province.faults import Fault
from examples.province.geography import to_degrees
from examples.province.map_offsets import to_bd09, to_gcj02
from examples.province.settings import instants, stream
from examples.province.wording import complaint_texts
from examples.province.world import World

Array = Any
WRONG_VERDICTS = 0.1
CLOSED = 0.75
SYSTEMS = ("wgs84", "gcj02", "bd09")
SYSTEM_SHARES = (0.3, 0.45, 0.25)
AGAIN = 0.14
PREFIXES = ("134", "137", "138", "150", "158", "159", "182", "187", "188")


def with_repeats(world: World, calls: pd.DataFrame, faults: list[Fault]) -> pd.DataFrame:
    """Return calls and those who call again, each with a number (`caller`) and `is_repeat`."""
    rng = stream(world.settings, "repeats")
    end = np.array([fault.end for fault in faults] + [world.settings.hours])[calls["fault"]]
    again = calls["called"] + rng.uniform(14, 52, len(calls))
    again = np.floor(again / 24) * 24 + rng.uniform(8.5, 21, len(calls))
    is_annoyed = rng.random(len(calls)) < np.where(calls["fault"] < 0, 0.05, AGAIN)
    fits = (
        is_annoyed & (again > calls["called"] + 3) & (again < np.minimum(end, world.settings.hours))
    )
    first = calls.assign(caller=np.arange(len(calls)), is_repeat=False)
    second = first[fits].assign(called=again[fits], is_repeat=True)
    both = pd.concat([first, second], ignore_index=True)
    return both.sort_values(["called", "caller"], ignore_index=True)


def order_tables(
    world: World, calls: pd.DataFrame, faults: list[Fault]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return table `complaints` of the contract, and `truth/complaints`, row by row the same.

    Parameters
    ----------
    world : World
    calls : DataFrame
        As from `with_repeats`, with `msisdn`.
    faults : list of Fault
    """
    rng = stream(world.settings, "orders")
    created = instants(world.settings, calls["called"])
    intents = _intents(world, calls, faults, created)
    texts = complaint_texts(
        intents, language=world.settings.language, rng=stream(world.settings, "texts")
    )
    lon, lat, crs = _coordinates(world, calls, rng)
    serial = pd.Series(np.arange(1, len(calls) + 1)).astype(str).str.zfill(6)
    ticket = "GD" + created.dt.strftime("%Y%m%d") + serial
    county = intents["county"].mask(rng.random(len(calls)) < 0.05, "")
    orders = pd.DataFrame(
        {"ticket_id": ticket, "created_at": created, "msisdn": calls["msisdn"],
         "text": texts["text"], "address": texts["address"], "county": county,
         "lon": lon, "lat": lat, "crs": crs, "channel": texts["channel"],
         "previous_opinion": texts["previous_opinion"], "category": texts["category"]}
    )  # fmt: skip
    identifier = np.append(world.network.cells["cell_id"].to_numpy(), "")
    broken = np.array([fault.object_id for fault in faults] + [""], dtype=object)
    names = np.array([fault.fault_id for fault in faults] + [""], dtype=object)
    truth = pd.DataFrame(
        {"ticket_id": ticket, "cause": calls["cause"], "fault_id": names[calls["fault"]],
         "object_id": broken[calls["fault"]], "cell_id": identifier[calls["cell"]]}
    )  # fmt: skip
    return orders, truth


def numbers(count: int, *, rng: np.random.Generator) -> Array:
    """Return telephone numbers of eleven digits, all different.

    Examples
    --------
    >>> len(set(numbers(1000, rng=np.random.default_rng(1))))
    1000
    """
    step = 100_000_000 // max(count, 1)
    tails = np.arange(count) * step + rng.integers(0, max(step, 1), count)
    prefix = rng.choice(PREFIXES, count)
    tail = pd.Series(rng.permutation(tails)).astype(str).str.zfill(8)
    return (pd.Series(prefix) + tail).to_numpy()


def verdict_table(world: World, orders: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Return table `verdicts` of the contract: what those who closed the orders wrote, by time."""
    rng = stream(world.settings, "verdicts")
    count = len(orders)
    later = pd.to_timedelta(np.round(rng.lognormal(np.log(11), 0.9, count) * 3600), unit="s")
    closed = orders["created_at"] + later
    is_wrong = rng.random(count) < WRONG_VERDICTS
    # A wrong verdict is one that is often given.
    other = truth["cause"].to_numpy()[rng.permutation(count)]
    named = truth["object_id"].mask(rng.random(count) < 0.3, "").mask(is_wrong, "")
    table = pd.DataFrame(
        {
            "ticket_id": orders["ticket_id"],
            "cause": np.where(is_wrong, other, truth["cause"]),
            "object_id": named,
            "closed_at": closed.astype("datetime64[us]"),
            "satisfied": (rng.random(count) < np.where(is_wrong, 0.4, 0.8)).astype(int),
        }
    )
    last = world.settings.begin + pd.Timedelta(hours=world.settings.hours)
    kept = (rng.random(count) < CLOSED) & (closed < last)
    return table[kept].sort_values(["closed_at", "ticket_id"], ignore_index=True)


def _intents(world: World, calls: pd.DataFrame, faults: list[Fault], created: Any) -> pd.DataFrame:
    """Return what each caller means to say."""
    rng = stream(world.settings, "intents")
    spot = calls["spot"].to_numpy()
    place = world.land.places.iloc[world.air.spots["place"].to_numpy()[spot]]
    cell = calls["cell"].to_numpy()
    site = world.network.cells["site"].to_numpy()[cell]
    is_named = (rng.random(len(calls)) < 0.08) & (cell >= 0)
    inside = world.air.spots["is_inside"].to_numpy()[spot]
    is_indoor = inside & (rng.random(len(calls)) < 0.6) | (calls["cause"] == "indoor_coverage")
    chance = np.where(calls["symptom"] == "DROP", 0.3, 0.04)
    onset, is_chronic = _onsets(world, calls, faults, rng)
    second = numbers(len(calls), rng=rng)
    group = _with_others(calls, rng)
    has_others = np.array([said is True for said in group], dtype=bool)
    return pd.DataFrame(
        {
            "created_at": created,
            "cause": calls["cause"],
            "symptom": calls["symptom"].astype(str),
            "place_name": place["name"].to_numpy(),
            "place_kind": place["kind"].to_numpy(),
            "town": place["town"].to_numpy(),
            "county": world.land.counties["name"].to_numpy()[place["county"]],
            "site_name": np.where(is_named, world.network.sites["site_name"].to_numpy()[site], ""),
            "is_indoor": is_indoor.to_numpy(bool),
            "group": group,
            "onset_at": onset,
            "is_chronic": is_chronic,
            "is_moving": (rng.random(len(calls)) < chance) & ~is_indoor.to_numpy(bool),
            "is_repeat": calls["is_repeat"],
            "msisdn": calls["msisdn"],
            "second_msisdn": np.where(has_others & (rng.random(len(calls)) < 0.2), second, ""),
            "knows_address": rng.beta(3.0, 1.4, len(calls)),
        }
    )


def _onsets(
    world: World, calls: pd.DataFrame, faults: list[Fault], rng: np.random.Generator
) -> tuple[pd.Series, Array]:
    """Return since when callers say it is so (null where they don't), and whether always."""
    count = len(calls)
    begin = np.array([fault.start for fault in faults] + [np.nan])[calls["fault"]]
    is_background = calls["fault"].to_numpy() < 0
    draw = rng.random(count)
    told = np.where(is_background | (draw < 0.2), calls["felt"], begin)
    told = np.minimum(told + rng.normal(0, 0.25, count), calls["called"] - 0.05)
    is_silent = rng.random(count) < np.where(is_background, 0.5, 0.3)
    chronic = calls["cause"].map({c: row["chronic"] for c, row in read_background().items()})
    long_ago = np.where(calls["called"] - begin > 96, 0.25, 0.02)
    is_chronic = rng.random(count) < chronic.fillna(pd.Series(long_ago, index=calls.index))
    onset = instants(world.settings, pd.Series(told, index=calls.index))
    return onset.mask(is_silent | is_chronic), is_chronic.to_numpy(bool)


def _with_others(calls: pd.DataFrame, rng: np.random.Generator) -> Array:
    """Return whether callers say others suffer too: True, False, or None for not said."""
    rows = read_background()
    yes = calls["cause"].map({cause: row["group"][0] for cause, row in rows.items()}).fillna(0.42)
    no = calls["cause"].map({cause: row["group"][1] for cause, row in rows.items()}).fillna(0.05)
    draw = rng.random(len(calls))
    said = np.full(len(calls), None, dtype=object)
    said[draw < yes] = True
    said[(draw >= yes) & (draw < yes + no)] = False
    return said


def _coordinates(
    world: World, calls: pd.DataFrame, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Return the coordinates of a third of the orders, each in its system."""
    count = len(calls)
    spots = world.air.spots.iloc[calls["spot"]]
    x, y = (spots[axis].to_numpy() + rng.normal(0, 90, count) for axis in ("x", "y"))
    lon, lat = to_degrees(x, y)
    system = rng.choice(len(SYSTEMS), count, p=SYSTEM_SHARES)
    shifted = [(lon, lat), to_gcj02(lon, lat), to_bd09(lon, lat)]
    has = rng.random(count) < 0.34
    result = [
        np.where(has, np.round(np.choose(system, [pair[k] for pair in shifted]), 6), np.nan)
        for k in (0, 1)
    ]
    return result[0], result[1], np.where(has, np.array(SYSTEMS)[system], "")
