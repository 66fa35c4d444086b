"""Claims about a watch in its first days: what it already sees, and how seldom it is wrong."""

import numpy as np
import pandas as pd
import pytest

from kpi.episodes import Watch, observe, open_episodes, start_watch

CELLS = 120
START = pd.Timestamp("2026-03-01 16:00", tz="UTC")  # Monday, midnight of the network
ILL = {7: "sleeping", 31: "interference", 55: "access", 90: "vswr"}
ILL_FROM = 3 * 24 + 9  # hours; the morning of the fourth day


def counters_of(step: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return the counters of all cells in an hour; four of them fall ill on the fourth day."""
    size = 0.6 + 0.8 * (np.arange(CELLS) * 37 % 100) / 100
    load = (
        250 * size * (1.2 + np.sin((step % 24 - 9) / 24 * 2 * np.pi)) * rng.lognormal(0, 0.1, CELLS)
    )
    fail, noise = np.full(CELLS, 0.01), -112 + 3 * np.sin(np.arange(CELLS))
    vswr = 1.2 + 0.05 * np.cos(np.arange(CELLS))
    if step >= ILL_FROM:
        for cell, kind in ILL.items():
            load[cell] *= 0.0 if kind == "sleeping" else 1.0
            noise[cell] += 12.0 * (kind == "interference")
            fail[cell] += 0.25 * (kind == "access")
            vswr[cell] += 1.6 * (kind == "vswr")
    attempts = rng.poisson(load)
    return {
        "setup_attempts": attempts.astype(float),
        "setup_successes": rng.binomial(attempts, 1 - fail).astype(float),
        "drops": rng.binomial(attempts, 0.005).astype(float),
        "data_attempts": rng.poisson(6 * load).astype(float),
        "traffic_erl": attempts / 40 * rng.normal(1, 0.03, CELLS),
        "data_mb": 5 * load * rng.lognormal(0, 0.1, CELLS),
        "ul_interference_dbm": noise + rng.normal(0, 0.6, CELLS),
        "vswr": vswr + rng.normal(0, 0.01, CELLS),
        "availability": np.ones(CELLS),
    }


@pytest.fixture(scope="module")
def opened() -> pd.DataFrame:
    """Return every episode that opened in five days, with the hour in which it did."""
    cells = pd.DataFrame(
        {
            "rat": "LTE",
            "freq_mhz": np.where(np.arange(CELLS) % 2, 1800.0, 900.0),
            "site": np.arange(CELLS) // 3,
        }
    )
    watch: Watch = start_watch(cells)
    rng = np.random.default_rng(11)
    found = []
    for step in range(5 * 24):
        at = START + pd.Timedelta(hours=step)
        now = at + pd.Timedelta("80min")
        start = np.datetime64(at.tz_localize(None), "us")
        rows = counters_of(step, rng)
        watch = observe(watch, np.arange(CELLS), start, np.full(CELLS, 60), rows, now)
        episodes = open_episodes(watch, now, keep_hours=0.0)
        found.append(episodes[episodes["opened_at"] == now].assign(step=step))
    return pd.concat(found, ignore_index=True)


@pytest.mark.parametrize("cell", list(ILL), ids=list(ILL.values()))
def test_a_fault_of_the_fourth_day_is_seen(opened: pd.DataFrame, cell: int) -> None:
    steps = opened.loc[(opened["cell"] == cell) & (opened["step"] >= ILL_FROM), "step"]
    assert steps.min() <= ILL_FROM + 3


def test_what_is_seen_from_the_third_day_on_is_hardly_ever_nothing(opened: pd.DataFrame) -> None:
    late = opened[opened["step"] >= 48]
    false = late[~late["cell"].isin(list(ILL)) | (late["step"] < ILL_FROM)]
    assert len(false) <= 5 * CELLS * 3 / 1000
