"""Draw settings of made-up alarm histories at random, from ranges as wide as networks differ.

These are the networks on which the learning of relations is fitted. Those of `alarm_histories.toml`
are written out by hand and take no part in that.

Simple so far: the settings are drawn one by one; real networks have some that go together.
"""

from functools import partial

import numpy as np

from examples.province.alarm_histories import HistorySettings

FIRST_SEED = 1000
STREAM = 77


def drawn_history(number: int) -> HistorySettings:
    """Return the settings of a history, the same for the same number.

    Parameters
    ----------
    number : int
        0 or more.

    Examples
    --------
    >>> drawn_history(3) == drawn_history(3)
    True
    """
    rng = np.random.default_rng([STREAM, number])
    even, scaled, one_of = rng.uniform, partial(_scaled, rng), partial(_one_of, rng)
    return HistorySettings(
        name=f"drawn-{number}",
        seed=FIRST_SEED + number,
        types=int(rng.integers(10, 41)),
        devices=int(scaled(30, 500)),
        days=int(scaled(14, 250)),
        alarms=int(scaled(5000, 100_000)),
        topology=str(rng.choice(["tree", "ring", "mesh", "none"])),
        density=float(even(0.05, 0.45)),
        closure=float(even(0.3, 1.0)),
        cycles=int(one_of(0, 0, 0, 0, 6)),
        strength=scaled(0.04, 0.5),
        strength_spread=float(even(0.4, 1.6)),
        spread=float(even(0.0, 0.6)),
        lag_s=scaled(5.0, 3000.0),
        lag_spread=float(even(0.5, 1.8)),
        lag_jitter=float(even(0.3, 1.2)),
        rate_spread=float(even(0.6, 2.0)),
        device_spread=float(even(0.3, 1.2)),
        presence=float(even(0.15, 0.9)),
        season=float(even(0.0, 0.9)),
        bad_days=float(even(0.0, 1.5)),
        flapping=float(even(0.0, 0.5)),
        storms=one_of(0.0, 0.05, 0.2, 0.5),
        hidden=float(even(0.0, 0.25)),
        clock_s=scaled(0.1, 20.0),
        tick_s=one_of(1, 1, 10, 60),
        report_s=one_of(0, 0, 20, 100),
        missing=float(even(0.0, 0.3)),
        duration_s=scaled(30.0, 3600.0),
        clears_with_cause=float(even(0.0, 0.8)),
    )


def _scaled(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a number between two, orders of magnitude alike."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _one_of(rng: np.random.Generator, *choices: float) -> float:
    """Return one of some numbers."""
    return float(rng.choice(choices))
