"""Count what the cells count: by period, with the habits of day and week, noise and faults.

Traffic follows the users of a cell and the hour; what is refused follows from the load against
the capacity the cell was built with; faults come in as `strain`.

Simple so far: a cell's habits don't change over the weeks; interference does not follow the load
of other cells.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from examples.province.saving import Saving, awake_share
from examples.province.settings import stream
from examples.province.strain import Load, Strain, strain_of
from examples.province.world import World, at_work

Array = Any
BLOCK = 20_000
"""Cells counted at a time; part of what fixes the bytes of a province."""
ERLANG_PER_USER = 0.011
MB_PER_USER_HOUR = (0.12, 13.0, 27.0)
"""By group: GSM and UMTS, LTE, NR."""
SESSIONS_PER_USER_HOUR = (0.25, 3.0, 4.0)
HOLDING_S = 88.0
MEAN_MBPS = (0.3, 24.0, 160.0)
VOICE = np.array([.12, .06, .04, .03, .04, .1, .3, .7, 1.1, 1.35, 1.4, 1.35, 1.1, 1.0, 1.1, 1.2,
                  1.25, 1.4, 1.5, 1.5, 1.35, 1.0, .55, .25])  # fmt: skip
DATA = np.array([.55, .3, .18, .13, .12, .18, .45, .8, .95, 1.0, 1.0, 1.05, 1.3, 1.2, 1.0, 1.0,
                 1.05, 1.15, 1.3, 1.55, 1.75, 1.8, 1.45, .95])  # fmt: skip
NOISE_FLOOR = (-110.5, -117.2, -115.4)
UNREPORTED = {"Huawei": (), "ZTE": ("ber",), "Nokia": ("active_users",), "Ericsson": ("ber",)}
"""Counters a maker does not have."""
NOT_OF_GROUP = (
    ("prb_utilisation", "cqi", "throughput_mbps"),
    ("sd_attempts", "sd_congestion"),
    ("sd_attempts", "sd_congestion", "setup_attempts", "setup_successes", "congestion_failures",
     "traffic_erl"),
)  # fmt: skip
LOST_PERIODS = 0.003
ROUNDING = {"traffic_erl": 3, "data_mb": 1, "active_users": 2, "prb_utilisation": 4,
            "ul_interference_dbm": 2, "cqi": 2, "throughput_mbps": 2, "vswr": 2,
            "availability": 4}  # fmt: skip


@dataclass(frozen=True)
class Habits:
    """What is usual on each cell, one value a cell.

    Attributes
    ----------
    erlang, megabytes : array of float
        Capacity in a busy hour.
    drop, setup_fail, handover_fail, data_fail : array of float
        Usual share of failures.
    noise, cqi, vswr, ber, handovers, rate : array of float
        Usual levels; handovers a call; Mbit/s of a user on an empty cell.
    """

    erlang: Array
    megabytes: Array
    drop: Array
    setup_fail: Array
    handover_fail: Array
    data_fail: Array
    noise: Array
    cqi: Array
    vswr: Array
    ber: Array
    handovers: Array
    rate: Array


def habits_of(world: World) -> Habits:
    """Return what is usual on each cell."""
    rng = stream(world.settings, "habits")
    group = world.network.cells["group"].to_numpy()
    count = len(group)
    voice = np.maximum(world.home_voice, world.work_voice) * ERLANG_PER_USER * VOICE.max()
    users = np.maximum(world.home, world.work)
    megabytes = users * np.array(MB_PER_USER_HOUR)[group] * DATA.max()
    # Planners keep most cells below three quarters of their capacity, and miss some.
    use = rng.beta(5.0, 6.5, (2, count)).clip(0.12, 0.88)
    small = np.array([0.012, 0.006, 0.006])[group]
    return Habits(
        erlang=np.maximum(voice / use[0], np.array([5.0, 12.0, 12.0])[group]),
        megabytes=np.maximum(megabytes / use[1], np.array([40.0, 4e3, 2e4])[group]),
        drop=small * rng.gamma(5.0, 0.1, count),
        setup_fail=small * rng.gamma(5.0, 0.15, count),
        handover_fail=0.02 * rng.gamma(5.0, 0.16, count),
        data_fail=0.009 * rng.gamma(5.0, 0.16, count),
        noise=np.array(NOISE_FLOOR)[group] + rng.normal(0, 1.3, count),
        cqi=rng.normal(10.2, 0.8, count),
        vswr=rng.normal(1.18, 0.07, count).clip(1.03, 1.45),
        ber=rng.normal(-8.4, 0.5, count),
        handovers=rng.lognormal(0.2, 0.5, count),
        rate=np.array(MEAN_MBPS)[group] * rng.lognormal(0, 0.22, count),
    )


def count_block(
    world: World, habits: Habits, burdens: tuple[list[Load], Saving], day: int, block: int
) -> Any:
    """Return the counters of some cells on a day, periods that got lost left out.

    Parameters
    ----------
    world, habits
    burdens : tuple of (list of Load, Saving)
        The faults, and the carriers that sleep by night.
    day : int
        0 for the first.
    block : int
        Which `BLOCK` of cells.

    Returns
    -------
    DataFrame
        Table `kpi` of the contract, by cell and period.
    """
    rng = stream(world.settings, "counters", day, block)
    minutes = world.settings.kpi_minutes
    cells = range(block * BLOCK, min((block + 1) * BLOCK, len(world.network.cells)))
    hours = 24.0 * day + np.arange(0, 1440, minutes) / 60
    loads, saving = burdens
    strain = strain_of(loads, cells, hours, minutes / 60)
    sleepers, awake = awake_share(saving, cells, hours, minutes / 60)
    strain["availability"][sleepers] *= awake
    counted = _counted(world, habits, strain, cells, hours, rng=rng)
    is_lost = (strain["missing"] > 0) | (rng.random(strain["missing"].shape) < LOST_PERIODS)
    kept = ~is_lost.ravel()
    identifier = world.network.cells["cell_id"].to_numpy()[cells.start : cells.stop]
    start = world.settings.begin + pd.to_timedelta(hours * 60, unit="min")
    table = {
        "cell_id": np.repeat(identifier, len(hours))[kept],
        "start": np.tile(start.to_numpy().astype("datetime64[us]"), len(cells))[kept],
        "minutes": np.full(int(kept.sum()), minutes, dtype=np.int16),
    }
    for name, values in counted.items():
        rounded = np.round(values, ROUNDING[name]) if name in ROUNDING else values
        table[name] = rounded.astype(np.float32).ravel()[kept]
    return pd.DataFrame(table)


def _counted(
    world: World, habits: Habits, strain: Strain, cells: range, hours: Array, *, rng: Any
) -> dict[str, Array]:
    """Return every counter, cells x periods, null where the maker or the technology has none."""
    of = slice(cells.start, cells.stop)
    usual = Habits(**{name: values[of, None] for name, values in vars(habits).items()})
    group = world.network.cells["group"].to_numpy()[of]
    length = world.settings.kpi_minutes / 60
    voice, data = _demand(world, strain, of, hours, rng)
    calls = _calls(usual, strain, voice, group, length, rng=rng)
    packets = _packets(usual, strain, data, group, length, rng=rng)
    lost = strain["drop"] + usual.drop * rng.gamma(20.0, 0.05, voice.shape)
    held: Array = np.where(group[:, None] == 2, packets["data_successes"], calls["setup_successes"])
    counted = {
        **calls,
        "drops": rng.binomial(held.astype(np.int64), lost.clip(0, 1)),
        **_handovers(usual, strain, held, rng),
        **packets,
        **_levels(usual, strain, packets["prb_utilisation"], rng),
    }
    vendor = world.network.sites["vendor"].to_numpy()[world.network.cells["site"].to_numpy()[of]]
    return _as_reported({n: v.astype(np.float32) for n, v in counted.items()}, vendor, group)


def _demand(world: World, strain: Strain, of: slice, hours: Array, rng: Any) -> tuple[Array, Array]:
    """Return the erlangs and users' worth of data that people ask for, cells x periods."""
    work = at_work(world.settings, hours)
    clock = (hours % 24).astype(int)
    is_weekend = (world.settings.begin.day_of_week + int(hours[0] // 24)) % 7 >= 5
    moved = strain["extra_home"] * (1 - work) + strain["extra_work"] * work
    users = world.home[of, None] * (1 - work) + world.work[of, None] * work + moved
    talkers = world.home_voice[of, None] * (1 - work) + world.work_voice[of, None] * work + moved
    shake = rng.lognormal(0, 0.13, (2, *moved.shape)).astype(np.float32)
    voice = talkers * ERLANG_PER_USER * VOICE[clock] * (0.85 if is_weekend else 1.0)
    data = users * DATA[clock] * (1.12 if is_weekend else 1.0)
    return voice * shake[0] * strain["voice_demand"], data * shake[1] * strain["data_demand"]


def _calls(
    usual: Habits, strain: Strain, voice: Array, group: Array, length: float, *, rng: Any
) -> dict[str, Array]:
    """Return what is counted of calls."""
    reach = strain["availability"] * strain["carried"]
    attempts = rng.poisson(voice * reach * length * 3600 / HOLDING_S)
    load = voice * strain["carried"] / (usual.erlang * strain["capacity"])
    # Erlang's loss is all but nothing at half load and a tenth at full load.
    refused = np.clip((load - 0.72) * 0.36, 0, 0.75) ** 1.15
    busy = rng.binomial(attempts, refused)
    failing = 1 - (1 - usual.setup_fail) * (1 - strain["setup_fail"])
    successes = rng.binomial(attempts - busy, 1 - failing)
    signals: Array = rng.poisson(
        voice * reach * length * 2.6 * 3600 / HOLDING_S + 3 * length * reach
    )
    carried = successes * HOLDING_S / 3600 / length * rng.gamma(60, 1 / 60, voice.shape)
    return {
        "setup_attempts": attempts,
        "setup_successes": successes,
        "congestion_failures": busy,
        "sd_attempts": signals,
        "sd_congestion": rng.binomial(signals, np.clip(refused * 0.45 - 0.004, 0, 1)),
        "traffic_erl": np.where(group[:, None] == 2, np.nan, carried),
    }


def _packets(
    usual: Habits, strain: Strain, data: Array, group: Array, length: float, *, rng: Any
) -> dict[str, Array]:
    """Return what is counted of data."""
    reach = strain["availability"] * strain["carried"] * strain["data_carried"]
    wanted = data * reach * np.array(MB_PER_USER_HOUR)[group][:, None]
    load = wanted / usual.megabytes
    use = (1 - np.exp(-1.25 * load - 0.25 * load**2)) * strain["availability"]
    use = (use + rng.normal(0, 0.012, use.shape)).clip(0.0, 0.995)
    attempts = rng.poisson(data * reach * np.array(SESSIONS_PER_USER_HOUR)[group][:, None] * length)
    crowded = np.clip((load - 0.95) * 0.12, 0, 0.5)
    failing: Array = 1 - (1 - usual.data_fail) * (1 - strain["data_fail"]) * (1 - crowded)
    speed = usual.rate * (1.04 - use) ** 1.1 * strain["throughput"]
    speed = speed * 0.93 ** strain["cqi_loss"] * rng.lognormal(0, 0.08, use.shape)
    return {
        "data_attempts": attempts,
        "data_successes": rng.binomial(attempts, 1 - failing),
        "data_mb": np.minimum(wanted, usual.megabytes) * length * (1 - failing * 0.6),
        "active_users": data * reach * 0.032 * (1 + crowded),
        "prb_utilisation": use,
        "throughput_mbps": np.where(attempts > 0, speed, np.nan),
    }


def _handovers(usual: Habits, strain: Strain, held: Array, rng: Any) -> dict[str, Array]:
    """Return handovers tried and completed."""
    attempts = rng.poisson(held * usual.handovers)
    failing = 1 - (1 - usual.handover_fail) * (1 - strain["handover_fail"])
    return {"ho_attempts": attempts, "ho_successes": rng.binomial(attempts, 1 - failing)}


def _levels(usual: Habits, strain: Strain, use: Array, rng: Any) -> dict[str, Array]:
    """Return noise, quality, standing wave, bit errors and availability; null while off."""
    shape = use.shape
    is_off = strain["availability"] < 0.02
    noise = usual.noise + 3.2 * use + rng.normal(0, 0.6, shape) + strain["noise_db"]
    cqi = usual.cqi - 1.1 * use - strain["cqi_loss"] + rng.normal(0, 0.22, shape)
    vswr = np.maximum(
        usual.vswr + rng.normal(0, 0.012, shape), strain["vswr"] * (strain["vswr"] > 0)
    )
    ber = 10 ** (np.maximum(usual.ber, strain["ber"]) + rng.normal(0, 0.12, shape))
    blink = np.where(rng.random(shape) < 0.0012, rng.uniform(0.6, 0.99, shape), 1.0)
    levels = {"ul_interference_dbm": noise, "cqi": cqi.clip(1, 15), "vswr": vswr.clip(1.0, 20)}
    nulled = {name: np.where(is_off, np.nan, values) for name, values in levels.items()}
    return {**nulled, "ber": np.where(is_off, np.nan, ber),
            "availability": strain["availability"] * blink}  # fmt: skip


def _as_reported(counted: dict[str, Array], vendor: Array, group: Array) -> dict[str, Array]:
    """Return the counters with null where a maker or a technology has none."""
    for name, values in counted.items():
        is_none = np.array([name in UNREPORTED[v] for v in vendor]) | np.array(
            [name in NOT_OF_GROUP[g] for g in group]
        )
        values[is_none] = np.nan
    return counted
