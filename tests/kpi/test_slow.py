import numpy as np

from kpi.evidence import start_evidence
from kpi.kinds import KINDS
from kpi.measures import MEASURE_INDEX, MEASURES, Floats
from kpi.run_moves import mean_moves
from kpi.slow import Day, Slow, observe_slow, open_slow, start_slow

CELLS = 40
QUALITY = next(i for i, kind in enumerate(KINDS) if kind.name == "quality")
DROPS = MEASURE_INDEX["drop_rate"]
SETUP = MEASURE_INDEX["setup_success"]


def hour_of(rng: np.random.Generator, *, ill: float = 0.0) -> Floats:
    z = rng.normal(0, 1, (CELLS, len(MEASURES))).astype(np.float32)
    z[0, DROPS] += ill
    z[0, SETUP] -= ill
    return z


def judge(slow: Slow, number: int, z: Floats) -> Day:
    change = z * np.float32(0.01)
    hour = np.zeros((CELLS, len(KINDS)), dtype=np.float32)
    weights = np.array([kind.signature for kind in KINDS], dtype=np.float32)
    hour += z @ weights.T / np.sqrt((weights**2).sum(axis=1))
    span = (number * 3600, number * 3600 + 3600, number * 3600 + 4800)
    layers = np.zeros(CELLS, dtype=np.intp)
    values = np.full(z.shape, np.nan, dtype=np.float32)
    return observe_slow(
        slow, KINDS, np.arange(CELLS), (z, change, values, hour), layers=layers, span=span
    )


def days(seed: int, ill: list[float]) -> tuple[Slow, list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    slow = start_slow(CELLS, 1, len(KINDS))
    return slow, [judge(slow, n, hour_of(rng, ill=level))[1] for n, level in enumerate(ill)]


def test_trouble_no_hour_shows_opens_within_a_day_and_a_half() -> None:
    _, opens = days(4, [0.0] * 72 + [1.2] * 36)
    assert not np.array(opens[:72])[:, :, QUALITY].any()
    assert np.array(opens[72:])[:, 0, QUALITY].any()
    assert not np.array(opens)[:, 1:, QUALITY].any()


def test_two_calm_weeks_open_nothing() -> None:
    _, opens = days(5, [0.0] * 336)
    assert not np.array(opens).any()


def test_what_is_mended_is_let_go_long_before_the_day_has_faded() -> None:
    slow, opens = days(6, [0.0] * 48 + [2.5] * 30)
    assert slow.held[0, QUALITY]
    rng = np.random.default_rng(7)
    for number in range(78, 86):
        judge(slow, number, hour_of(rng))
    assert not slow.held[0, QUALITY]
    assert np.array(opens[48:])[:, 0, QUALITY].any()


def test_an_episode_opens_with_the_begin_of_the_trouble() -> None:
    slow, opens = days(8, [0.0] * 48 + [1.5] * 30)
    evidence = start_evidence(CELLS, len(KINDS))
    cells = np.arange(CELLS)
    span = (77 * 3600, 78 * 3600, 79 * 3600)
    level = np.full((CELLS, len(MEASURES)), 3.0, dtype=np.float32)
    found = Day(level, np.logical_or.reduce(opens[48:]), level, level * np.float32(0.01))
    open_slow(slow, evidence, KINDS, cells, found, span=span)
    means, moves = mean_moves(evidence.moves, np.array([0]), np.array([QUALITY]))
    assert (means == 3.0).all()
    assert np.allclose(moves, 0.03)
    assert evidence.is_open[0, QUALITY]
    assert evidence.opened[0, QUALITY] == 79 * 3600
    assert evidence.last[0, QUALITY] == 78 * 3600
    assert abs(evidence.onset[0, QUALITY] / 3600 - 48) <= 12


def test_hours_without_counters_add_nothing() -> None:
    slow = start_slow(CELLS, 1, len(KINDS))
    day = judge(slow, 0, np.full((CELLS, len(MEASURES)), np.nan, dtype=np.float32))
    assert not np.isfinite(day.scores).any()
    assert not day.opens.any()
