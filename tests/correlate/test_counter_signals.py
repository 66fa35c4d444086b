from collections.abc import Callable
from copy import deepcopy

import numpy as np
import pytest

from correlate import counter_signals
from correlate.counter_signals import core_cells, place_object, silence, take_counters
from correlate.episode_arrays import Episodes
from correlate.faults import Fault
from correlate.feed import CounterRows
from correlate.kind_trust import KIND_NAMES, load_kind_trust
from correlate.state import State
from kpi.measures import MEASURES
from tests.correlate.small_network import (
    HOUR,
    NOON,
    cells_of,
    fresh_state,
    make_fault,
    small_knowledge,
    sure_outage,
)

KNOWN = small_knowledge()
SIZE = len(KNOWN.cell_ids)
NONE = np.empty(0, np.int64)
RATES = {"setup_successes": 0.99, "drops": 0.005, "data_successes": 0.99}


def take_hour(
    state: State, hour: int, *, silent: np.ndarray = NONE, blocked: np.ndarray = NONE
) -> None:
    """Let the counters of an hour arrive, those of silent cells zero, a fifth of the calls of blocked cells refused."""
    start = NOON + hour * HOUR
    busy = 50 + 10 * np.sin(start / HOUR % 24 / 24 * 2 * np.pi)
    noise = 1 + 0.05 * np.random.default_rng(start).uniform(-1, 1, (4, SIZE))
    volume = dict(zip(("traffic_erl", "data_mb", "setup_attempts"), busy * noise[:3], strict=True))
    volume["data_attempts"] = busy * 10 * noise[3]
    volume |= {name: volume["setup_attempts"] * rate for name, rate in RATES.items()}
    volume["data_successes"] = volume["data_attempts"] * RATES["data_successes"]
    volume["availability"] = np.ones(SIZE)
    volume["congestion_failures"] = np.zeros(SIZE)
    volume["congestion_failures"][blocked] = 0.2 * volume["setup_attempts"][blocked]
    volume["setup_successes"] = volume["setup_successes"] - volume["congestion_failures"]
    is_silent = np.isin(np.arange(SIZE), silent)
    counters = {n: np.where(is_silent, 0.0, v).astype(np.float32) for n, v in volume.items()}
    rows = CounterRows(np.arange(SIZE), np.full(SIZE, start), np.full(SIZE, 60), counters)
    take_counters(state, KNOWN, rows, now=start + 80 * 60)


@pytest.fixture(scope="module")
def four_days() -> State:
    """Play four ordinary days up to noon, once."""
    state = fresh_state()
    for hour in range(-96, 0):
        take_hour(state, hour)
    return state


@pytest.fixture
def calm(four_days: State) -> Callable[[], State]:
    """Return a state after four ordinary days."""
    return lambda: deepcopy(four_days)


def test_ordinary_days_open_no_fault(calm: Callable[[], State]) -> None:
    assert calm().faults.faults == []


def test_a_site_fallen_silent_without_an_alarm_is_one_outage(calm: Callable[[], State]) -> None:
    state = calm()
    take_hour(state, 0, silent=cells_of("H1"))
    take_hour(state, 1, silent=cells_of("H1"))
    (fault,) = state.faults.faults
    assert (fault.family, fault.object_id) == ("loss", "H1")
    assert fault.cells.tolist() == cells_of("H1").tolist()
    assert abs(fault.started_at - NOON) <= HOUR
    assert fault.counters_open
    assert fault.first_alert.startswith("H1-")
    assert "@2026-03-10T12:00:00+08:00" in fault.first_alert


def test_sites_of_a_hub_silent_at_once_are_one_outage_of_the_hub(
    calm: Callable[[], State],
) -> None:
    state = calm()
    for hour in (0, 1):
        take_hour(state, hour, silent=cells_of("H1", "H2", "H3"))
    (fault,) = state.faults.faults
    assert (fault.object_id, fault.object_kind, fault.extent) == ("HUB", "hub", "node")


def test_far_sites_silent_at_once_are_two_outages(calm: Callable[[], State]) -> None:
    state = calm()
    for hour in (0, 1):
        take_hour(state, hour, silent=cells_of("H1", "V2"))
    assert sorted(f.object_id for f in state.faults.faults) == ["H1", "V2"]


def test_counters_confirm_the_outage_of_an_alarm_and_open_no_second(
    calm: Callable[[], State],
) -> None:
    state = calm()
    fault = sure_outage(state, "H1", started_at=NOON + 60)
    for hour in (0, 1):
        take_hour(state, hour, silent=cells_of("H1"))
    assert state.faults.faults == [fault]
    assert fault.confirmed
    assert state.reliability.chance("Site down", 0.5) > 0.5


def test_counters_in_order_refute_an_alarm_and_cost_it_trust(calm: Callable[[], State]) -> None:
    state = calm()
    fault = sure_outage(state, "H1")
    take_hour(state, 0)
    take_hour(state, 1)
    assert fault.healthy > 0
    assert not fault.confirmed
    assert state.reliability.chance("Site down", 0.5) < 0.5


def test_service_that_returns_closes_the_counters_of_a_fault(calm: Callable[[], State]) -> None:
    state = calm()
    for hour in (0, 1):
        take_hour(state, hour, silent=cells_of("H1"))
    for hour in (2, 3, 4):
        take_hour(state, hour)
    (fault,) = state.faults.faults
    assert not fault.counters_open
    assert abs(fault.last_sign_at - (NOON + 2 * HOUR)) <= HOUR


def test_load_that_an_alarm_widened_over_its_site_goes_on_where_it_shows(
    calm: Callable[[], State], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limits are set for sites of twelve cells; here a site has two."""
    monkeypatch.setattr(counter_signals, "WIDE", 2)
    monkeypatch.setattr(counter_signals, "LEAST_SHOWING", 0.6)
    state = calm()
    for hour in range(3):
        take_hour(state, hour, blocked=cells_of("H1-L"))
    (fault,) = state.faults.faults
    assert fault.family == "load"
    fault.add_cells(cells_of("H1"), 1.0)
    take_hour(state, 3, blocked=cells_of("H1-L"))
    assert state.faults.faults == [fault]
    assert fault.is_open
    assert fault.cells.tolist() == cells_of("H1-L").tolist()


def placed(*names: str) -> Fault:
    fault = make_fault(fresh_state(), *names)
    place_object(KNOWN, fault, fault.cells)
    return fault


@pytest.mark.parametrize(
    ("names", "object_id", "extent"),
    [
        (("H1-L",), "H1-L", "cell"),
        (("H1",), "H1", "site"),
        (("H1", "H2", "H3"), "HUB", "node"),
    ],
)
def test_the_object_is_what_explains_the_cells(
    names: tuple[str, ...], object_id: str, extent: str
) -> None:
    fault = placed(*names)
    assert (fault.object_id, fault.extent) == (object_id, extent)


def test_far_sites_without_a_node_in_common_are_named_after_one_of_them() -> None:
    assert placed("H1", "V2").object_id in ("H1", "V2")


def test_every_kind_of_episode_has_its_trust() -> None:
    assert len(KIND_NAMES) == len(load_kind_trust().odds)
    assert np.isfinite(load_kind_trust().odds).all()


def noisy(*cells: str, strength: float = 30.0) -> Episodes:
    """Return open episodes of noise at some cells since noon, handovers failing at the first."""
    kinds = [KIND_NAMES.index("interference")] * len(cells) + [KIND_NAMES.index("handover")]
    positions = [*cells, "H2-L"]
    size = len(kinds)
    return Episodes(
        cell=np.array([int(cells_of(name)[0]) for name in positions]),
        kind=np.array(kinds),
        onset=np.full(size, NOON),
        last=np.full(size, NOON + HOUR),
        is_open=np.ones(size, bool),
        confidence=np.full(size, 0.9),
        strength=np.array([strength] * len(cells) + [9.0]),
        first_period=np.full(size, NOON),
        z=np.zeros((size, len(MEASURES))),
        change=np.zeros((size, len(MEASURES))),
    )


def holding(episodes: Episodes, *names: str) -> Fault:
    """Return a fault over some cells that holds the episodes."""
    fault = make_fault(fresh_state(), *names, family="radio")
    pairs = zip(episodes.cell.tolist(), episodes.kind.tolist(), strict=True)
    fault.episodes = dict.fromkeys(pairs, NOON)
    return fault


def test_what_is_broken_is_where_the_leading_kind_shows() -> None:
    episodes = noisy("H1-L")
    fault = holding(episodes, "H1", "H2-L")
    core = core_cells(fault, episodes, np.arange(2))
    assert core.tolist() == cells_of("H1-L").tolist()


def test_an_outage_reaches_the_cells_that_are_down() -> None:
    episodes = noisy("H1-L")
    episodes.kind[0] = KIND_NAMES.index("cell_lost")
    fault = holding(episodes, "H1", "H2-L")
    fault.family = "loss"
    assert core_cells(fault, episodes, np.arange(2)).tolist() == cells_of("H1-L").tolist()


def test_without_a_cell_of_the_leading_kind_all_cells_count() -> None:
    episodes = noisy("H1-L")
    fault = holding(episodes, "V1")
    assert core_cells(fault, episodes, np.arange(2)).tolist() == fault.cells.tolist()


def test_a_cell_dead_under_another_fault_is_no_sign_of_health(calm: Callable[[], State]) -> None:
    state = calm()
    for hour in (0, 1):
        take_hour(state, hour, silent=cells_of("H1"))
    fault = sure_outage(state, "H1")
    for hour in (2, 3):
        take_hour(state, hour, silent=cells_of("H1"))
    assert fault.healthy == 0


def test_health_from_before_the_site_was_lost_does_not_count(calm: Callable[[], State]) -> None:
    state = calm()
    fault = sure_outage(state, "H1")
    fault.lost_at = NOON + 50 * 60
    take_hour(state, 0)
    assert fault.healthy == 0
    take_hour(state, 1)
    assert fault.healthy > 0


def test_customers_who_say_nothing_speak_against_trouble_counters_alone_tell() -> None:
    state = fresh_state()
    fault = make_fault(state, "H1-L", family="radio")
    soon = silence(state, KNOWN, fault, now=NOON + HOUR)
    late = silence(state, KNOWN, fault, now=NOON + 72 * HOUR)
    assert 0 <= soon < late
    fault.tickets = 1.0
    assert silence(state, KNOWN, fault, now=NOON + 72 * HOUR) == 0
    fault.tickets, fault.alarm_open = 0.0, True
    assert silence(state, KNOWN, fault, now=NOON + 72 * HOUR) == 0
