from dataclasses import replace

import numpy as np
import pytest

import correlate.pool_plans
from correlate.closing import close_faults
from correlate.episode_log import close_episodes, episode_table
from correlate.knowledge import Knowledge
from correlate.pool_plans import plan_pools
from correlate.pooled import open_pools, weigh_pools
from correlate.state import State, start_state
from kpi.kinds import KINDS
from kpi.measures import MEASURE_INDEX, MEASURES
from kpi.pools import Pool
from tests.correlate.small_network import HOUR, NOON, make_fault, small_knowledge

LOST = next(i for i, kind in enumerate(KINDS) if kind.name == "data_lost")


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    """The small network, its pools of two cells and more."""
    monkeypatch.setattr(correlate.pool_plans, "LEAST_CELLS", 2)
    knowledge = small_knowledge()
    return replace(knowledge, pools=plan_pools(knowledge.reach))


def group_of(knowledge: Knowledge, node: str, *, cells: int) -> int:
    sizes = np.diff(knowledge.pools.members.indptr)
    return next(
        i for i, name in enumerate(knowledge.pools.nodes) if name == node and sizes[i] == cells
    )


def show(state: State, group: int, *, onset: int = NOON) -> Pool:
    z = np.full(len(MEASURES), np.nan, dtype=np.float32)
    change = z.copy()
    z[MEASURE_INDEX["data_success"]], change[MEASURE_INDEX["data_success"]] = -6.0, -0.5
    z[MEASURE_INDEX["setup_success"]], change[MEASURE_INDEX["setup_success"]] = 0.0, 0.0
    pool = Pool(group, LOST, onset, onset + HOUR, onset + HOUR, 90.0, z, change)
    state.watch.pools.showing[group, LOST] = pool
    return pool


def test_each_node_has_a_pool_of_all_its_cells_and_of_its_gsm_cells(known: Knowledge) -> None:
    sizes = np.diff(known.pools.members.indptr)
    hub = sorted(int(n) for n, name in zip(sizes, known.pools.nodes, strict=True) if name == "HUB")
    assert hub == [4, 4, 8]
    everything = [n for n, name in zip(sizes, known.pools.nodes, strict=True) if name == "BSC"]
    assert max(everything) == 13


def test_trouble_of_a_pool_is_one_fault_of_its_node(known: Knowledge) -> None:
    state = start_state(known)
    show(state, group_of(known, "BSC", cells=6))
    open_pools(state, known, now=NOON + HOUR)
    weigh_pools(state, known, now=NOON + HOUR)
    (fault,) = state.faults.open_ones()
    assert fault.object_id == "BSC"
    assert len(fault.cells) == 6
    assert fault.started_at == NOON
    table = episode_table(state.episode_log, known)
    assert table["kind"].tolist() == ["data_lost"]
    assert table["cause"].tolist() == ["data_core_fault"]
    assert table["confidence"].iat[0] > 0.8
    assert table["closed_at"].isna().all()


def test_pools_within_a_shown_one_open_no_second_fault(known: Knowledge) -> None:
    state = start_state(known)
    show(state, group_of(known, "BSC", cells=13))
    open_pools(state, known, now=NOON + HOUR)
    show(state, group_of(known, "HUB", cells=8), onset=NOON + HOUR)
    open_pools(state, known, now=NOON + 2 * HOUR)
    assert len(state.faults.open_ones()) == 1


def test_old_trouble_of_some_of_the_cells_stays_a_fault_of_its_own(known: Knowledge) -> None:
    state = start_state(known)
    make_fault(state, "HUB", started_at=NOON - 48 * HOUR)
    show(state, group_of(known, "BSC", cells=13))
    open_pools(state, known, now=NOON + HOUR)
    assert len(state.faults.open_ones()) == 2


def test_what_a_pool_no_longer_shows_is_over(known: Knowledge) -> None:
    state = start_state(known)
    group = group_of(known, "BSC", cells=6)
    show(state, group)
    open_pools(state, known, now=NOON + HOUR)
    weigh_pools(state, known, now=NOON + HOUR)
    del state.watch.pools.showing[group, LOST]
    open_pools(state, known, now=NOON + 3 * HOUR)
    close_faults(state.faults, now=NOON + 3 * HOUR)
    close_episodes(state.episode_log, state.faults.numbered, now=NOON + 3 * HOUR)
    assert not state.faults.open_ones()
    assert episode_table(state.episode_log, known)["closed_at"].notna().all()
