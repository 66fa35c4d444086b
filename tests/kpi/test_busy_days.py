"""Tests of cells that lack capacity by the rule book."""

import numpy as np
import pytest

from kpi.busy_days import BusyDays, observe_busy_days, open_busy, start_busy_days
from kpi.evidence import NEVER, Evidence, start_evidence
from kpi.kinds import KINDS
from kpi.measures import MEASURE_INDEX, MEASURES

DATA = next(i for i, kind in enumerate(KINDS) if kind.name == "congestion_data")
VOICE = next(i for i, kind in enumerate(KINDS) if kind.name == "congestion_voice")
PRB, BLOCKED = MEASURE_INDEX["prb_utilisation"], MEASURE_INDEX["congestion_rate"]
SPEED = MEASURE_INDEX["throughput_mbps"]
DAY, HOUR = 86400, 3600
CELLS = np.array([0, 1])


def fresh() -> tuple[BusyDays, Evidence]:
    return start_busy_days(np.array([False, True]), len(KINDS)), start_evidence(2, len(KINDS))


def play(
    held: tuple[BusyDays, Evidence],
    day: int,
    *,
    hours: int,
    prb: float = 0.95,
    felt: tuple[float, float] = (np.nan, np.nan),
    attempts: float = 100.0,
) -> None:
    """Let so many evening hours of a day be as full, blocked and slow (`felt`) as said, the one after calm."""
    busy, evidence = held
    for hour in range(hours + 1):
        start = day * DAY + (18 + hour) * HOUR
        values = np.full((2, len(MEASURES)), np.nan, dtype=np.float32)
        is_full = hour < hours
        values[:, PRB] = prb if is_full else 0.3
        values[:, BLOCKED] = felt[0] if is_full else 0.0
        values[:, SPEED] = felt[1] if is_full else 20.0
        tries = np.full_like(values, attempts)
        span = (start, start + HOUR, start + HOUR + 1200)
        found = observe_busy_days(busy, KINDS, CELLS, (values, tries), span=span, utc_offset=0)
        open_busy(busy, evidence, KINDS, CELLS, found, span=span)


def test_the_third_full_evening_of_a_week_opens_an_episode_begun_at_the_first() -> None:
    held = fresh()
    for day in (0, 2):
        play(held, day, hours=3)
    assert not held[1].is_open.any()
    play(held, 5, hours=3)
    assert np.argwhere(held[1].is_open).tolist() == [[0, DATA]]
    assert held[1].onset[0, DATA] == 18 * HOUR
    assert held[1].opened[0, DATA] == 5 * DAY + 20 * HOUR + 1200


def test_full_evenings_over_a_week_apart_open_nothing() -> None:
    held = fresh()
    for day in (0, 5, 10, 15):
        play(held, day, hours=4)
    assert not held[1].is_open.any()


def test_one_full_hour_a_day_is_a_peak_not_a_lack() -> None:
    held = fresh()
    for day in range(7):
        play(held, day, hours=1)
    assert not held[1].is_open.any()
    assert not held[0].days.any()


@pytest.mark.parametrize(
    ("blocked", "speed", "opens"),
    [(0.0, 15.0, False), (0.0, 1.0, True), (0.03, 15.0, True), (0.0, np.nan, False)],
    ids=["full but fast", "slow", "calls refused", "nobody refused, speed unknown"],
)
def test_a_full_cell_lacks_capacity_where_customers_can_feel_it(
    blocked: float, speed: float, *, opens: bool
) -> None:
    held = fresh()
    for day in range(3):
        play(held, day, hours=3, felt=(blocked, speed))
    assert bool(held[1].is_open[0, DATA]) == opens


def test_gsm_has_no_resource_blocks_but_channels() -> None:
    held = fresh()
    for day in range(3):
        play(held, day, hours=3, prb=1.0, felt=(0.05, np.nan))
    assert np.argwhere(held[1].is_open).tolist() == sorted([[0, DATA], [0, VOICE], [1, VOICE]])


def test_a_few_attempts_prove_no_blocking() -> None:
    held = fresh()
    for day in range(4):
        play(held, day, hours=3, prb=0.1, felt=(0.3, np.nan), attempts=5.0)
    assert not held[1].is_open.any()


def test_calm_hours_between_do_not_count_as_quiet() -> None:
    held = fresh()
    for day in range(3):
        play(held, day, hours=3)
    held[1].quiet[0, DATA] = 500.0
    play(held, 3, hours=0)
    assert held[1].quiet[0, DATA] == 0


@pytest.mark.parametrize("days", [8, 30], ids=["a week", "a month"])
def test_a_week_without_is_forgotten(days: int) -> None:
    held = fresh()
    play(held, 0, hours=3)
    play(held, days, hours=0)
    assert held[0].since[0, DATA] == NEVER
    assert held[0].days[0, DATA] == 0


def test_two_days_without_end_it() -> None:
    held = fresh()
    for day in range(3):
        play(held, day, hours=3)
    held[1].quiet[0, DATA] = 500.0
    play(held, 4, hours=0)
    assert held[1].quiet[0, DATA] == 500.0
