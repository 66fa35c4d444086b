import numpy as np
import pytest
from scipy.sparse import csr_array

from kpi.kinds import KINDS
from kpi.measures import MEASURES
from kpi.pools import Judged, Pools, observe_pools, start_pools

CELLS = 120
ACCESS = next(i for i, kind in enumerate(KINDS) if kind.name == "access")
QUIET = next(i for i, kind in enumerate(KINDS) if not kind.is_pooled)


def pools_of_halves() -> Pools:
    """All cells, the first half and the second half."""
    members = np.zeros((3, CELLS), dtype=np.float32)
    members[0] = 1
    members[1, : CELLS // 2] = 1
    members[2, CELLS // 2 :] = 1
    return start_pools(csr_array(members), len(KINDS))


def period(number: int, score: np.ndarray, *, kind: int = ACCESS, minutes: int = 15) -> Judged:
    scores = np.zeros((len(score), len(KINDS)), dtype=np.float32)
    scores[:, kind] = score
    start = number * minutes * 60
    end = start + minutes * 60
    z = np.full((len(score), len(MEASURES)), -2.0, dtype=np.float32)
    change = z.copy()
    return Judged(np.arange(len(score)), scores, z, change, start, end, end + 1200)


def calm_day(pools: Pools, rng: np.random.Generator) -> int:
    for number in range(96):
        observe_pools(pools, KINDS, period(number, rng.normal(0, 1, CELLS)))
    return 96


def test_what_each_cell_shows_too_little_is_seen_over_all_at_once() -> None:
    rng = np.random.default_rng(1)
    pools = pools_of_halves()
    now = calm_day(pools, rng)
    assert not pools.showing
    observe_pools(pools, KINDS, period(now, rng.normal(2, 1, CELLS)))
    assert list(pools.showing) == [(0, ACCESS)]
    shown = pools.showing[0, ACCESS]
    assert shown.onset == now * 900
    assert shown.z.tolist() == pytest.approx([-2.0] * len(MEASURES))


def test_the_half_that_deviates_is_meant_and_not_the_whole() -> None:
    rng = np.random.default_rng(2)
    pools = pools_of_halves()
    now = calm_day(pools, rng)
    shift = np.where(np.arange(CELLS) < CELLS // 2, 3.0, 0.0)
    observe_pools(pools, KINDS, period(now, rng.normal(shift, 1)))
    assert list(pools.showing) == [(1, ACCESS)]


def test_it_is_over_once_the_cells_are_as_usual_again() -> None:
    rng = np.random.default_rng(3)
    pools = pools_of_halves()
    now = calm_day(pools, rng)
    for number in range(now, now + 4):
        observe_pools(pools, KINDS, period(number, rng.normal(3, 1, CELLS)))
    for number in range(now + 4, now + 8):
        observe_pools(pools, KINDS, period(number, rng.normal(0, 1, CELLS)))
    assert not pools.showing


def test_a_kind_that_is_not_pooled_is_left_out() -> None:
    pools = pools_of_halves()
    observe_pools(pools, KINDS, period(0, np.full(CELLS, 9.0), kind=QUIET))
    assert not pools.showing


def test_few_reports_say_nothing() -> None:
    pools = pools_of_halves()
    observe_pools(pools, KINDS, period(0, np.full(20, 9.0)))
    assert not pools.showing


def test_no_pools_are_fine() -> None:
    pools = start_pools(csr_array((0, CELLS)), len(KINDS))
    assert observe_pools(pools, KINDS, period(0, np.full(CELLS, 9.0))) is pools
