"""Claims about which episodes of counters are one fault."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from correlate.crowding import WITHIN_S
from correlate.episode_arrays import Episodes, episode_arrays
from correlate.episode_joining import (
    EVENT_RISE,
    fresh_episodes,
    join_known,
    open_new,
)
from correlate.faults import Fault
from correlate.kind_trust import KIND_NAMES
from correlate.state import State
from kpi.measures import MEASURE_INDEX, MEASURES
from tests.correlate.small_network import (
    HOUR,
    NOON,
    SITES,
    at,
    cells_of,
    fresh_state,
    make_fault,
    small_knowledge,
    sure_outage,
)

KNOWN = small_knowledge()
DAY = 24 * HOUR


def shown(*rows: tuple[str, str, float], rise: float = 0.0, is_open: bool = True) -> Episodes:
    """Return episodes: cell, kind and hours after noon of their begin; users rise alike in all."""
    onsets = [NOON + round(hours * HOUR) for *_, hours in rows]
    table = pd.DataFrame(
        {
            "cell": [int(cells_of(cell)[0]) for cell, *_ in rows],
            "kind": [kind for _, kind, _ in rows],
            "onset_at": pd.Series([at(onset) for onset in onsets]),
            "first_period_at": pd.Series([at(onset) for onset in onsets]),
            "last_at": pd.Series([at(onset + HOUR) for onset in onsets]),
            "closed_at": pd.Series(
                [pd.NaT if is_open else at(onset + HOUR) for onset in onsets],
                dtype="datetime64[us, UTC]",
            ),
            "strength": 12.0,
            "confidence": 0.9,
        }
    )
    moves = {f"{what}_{m.name}": np.nan for what in ("z", "change") for m in MEASURES}
    table = table.assign(**moves)
    return episode_arrays(table.assign(change_active_users=rise))


def opened(state: State, episodes: Episodes, *, now: int = NOON + DAY) -> list[Fault]:
    """Return all faults after fresh episodes were brought to them."""
    fresh = fresh_episodes(state, episodes)
    left = join_known(state, KNOWN, episodes, fresh)
    open_new(state, KNOWN, episodes, left, now=now)
    return state.faults.faults


def sure_of(cause: str) -> np.ndarray:
    """Return the log weights of a cause beyond doubt."""
    log = np.zeros(len(KNOWN.signatures.causes))
    log[KNOWN.signatures.position(cause)] = 9.0
    return log


def held(fault: Fault) -> set[tuple[str, str]]:
    """Return cells and kinds of the episodes of a fault."""
    return {(str(KNOWN.cell_ids[cell]), KIND_NAMES[kind]) for cell, kind in fault.episodes}


def test_the_table_of_episodes_comes_as_arrays_and_is_left_as_it_was() -> None:
    episodes = shown(("H1-L", "vswr", 0), ("H2-L", "crowding", 1.5), rise=0.7)
    assert episodes.onset.tolist() == [NOON, NOON + 5400]
    assert [KIND_NAMES[kind] for kind in episodes.kind] == ["vswr", "crowding"]
    assert episodes.change[:, MEASURE_INDEX["active_users"]].tolist() == [0.7, 0.7]
    assert episodes.is_open.all()
    assert not shown(("H1-L", "vswr", 0), is_open=False).is_open.any()


def test_an_episode_a_fault_holds_is_not_fresh_and_a_closed_one_neither() -> None:
    state, episodes = fresh_state(), shown(("H1-L", "vswr", 0))
    assert fresh_episodes(state, episodes).tolist() == [0]
    assert fresh_episodes(state, shown(("H1-L", "vswr", 0), is_open=False)).tolist() == []
    opened(state, episodes)
    assert fresh_episodes(state, episodes).tolist() == []


def test_a_new_fault_says_which_counters_gave_it_away() -> None:
    (fault,) = opened(fresh_state(), shown(("H1-L", "vswr", 0)))
    assert fault.first_alert == "H1-L@2026-03-10T12:00:00+08:00"
    assert (fault.family, fault.started_at) == ("radio", NOON)
    assert fault.cells.tolist() == cells_of("H1-L").tolist()


@pytest.mark.parametrize(
    ("cause", "kind", "hours", "is_joined"),
    [
        pytest.param("antenna_fault", "vswr", 20, True, id="its cause shows so"),
        pytest.param("antenna_fault", "interference", 20, False, id="its cause does not"),
        pytest.param("antenna_fault", "interference", 3, True, id="but begun together"),
        pytest.param("antenna_fault", "interference", -8, False, id="long before it"),
    ],
)
def test_a_fault_takes_what_began_with_it_or_what_its_cause_shows(
    cause: str, kind: str, hours: float, is_joined: bool
) -> None:
    state = fresh_state()
    fault = make_fault(state, "H1", family="radio", counter_log=sure_of(cause))
    found = opened(state, shown(("H1-L", kind, hours)), now=NOON + 2 * DAY)
    assert (len(found) == 1) is is_joined
    assert held(fault) == ({("H1-L", kind)} if is_joined else set())


def test_a_kind_a_fault_shows_already_belongs_to_it_whatever_its_cause() -> None:
    state = fresh_state()
    kind = KIND_NAMES.index("interference")
    fault = make_fault(state, "H1", family="radio", counter_log=sure_of("antenna_fault"))
    fault.episodes[int(cells_of("H1-G")[0]), kind] = NOON
    assert opened(state, shown(("H1-L", "interference", 20))) == [fault]


def test_of_two_faults_of_a_cell_the_one_begun_last_takes_an_episode() -> None:
    state = fresh_state()
    old, new = (
        make_fault(state, "H1", family="radio", started_at=NOON - hours * HOUR) for hours in (3, 1)
    )
    opened(state, shown(("H1-L", "vswr", 0)))
    assert (held(old), held(new)) == (set(), {("H1-L", "vswr")})


def test_a_cell_lost_long_after_mild_trouble_is_a_fault_of_its_own() -> None:
    state = fresh_state()
    make_fault(state, "H1", family="radio", counter_log=sure_of("cell_outage"))
    assert len(opened(state, shown(("H1-L", "cell_lost", 9)))) == 2


def test_a_cell_lost_never_belongs_to_a_crowd() -> None:
    state = fresh_state()
    make_fault(state, "H1", family="load")
    assert [f.family for f in opened(state, shown(("H1-L", "cell_lost", 1)))] == ["load", "loss"]


def test_a_fault_just_over_that_shows_again_lasts() -> None:
    state = fresh_state()
    fault = make_fault(state, "H1", family="radio", ended_at=NOON + HOUR)
    opened(state, shown(("H1-L", "vswr", 1)), now=NOON + 3 * HOUR)
    assert held(fault) == {("H1-L", "vswr")}
    assert fault.ended_at == NOON + HOUR
    again = shown(("H1-G", "vswr", 1))
    again.last[:] = NOON + 4 * HOUR
    assert opened(state, again) == [fault]
    assert fault.is_open


@pytest.mark.parametrize(
    ("kind", "rise", "faults"),
    [
        pytest.param("congestion_data", 0.3, 2, id="busy hour"),
        pytest.param("congestion_data", EVENT_RISE + 0.1, 1, id="event"),
        pytest.param("interference", 0.0, 1, id="noise spreads over land"),
    ],
)
def test_adjoining_sites_are_one_fault_by_kind_and_rise(
    kind: str, rise: float, faults: int
) -> None:
    episodes = shown(("H1-L", kind, 0), ("H2-L", kind, 0.25), rise=rise)
    assert len(opened(fresh_state(), episodes)) == faults


def test_a_site_is_one_fault_however_little_load_rose() -> None:
    episodes = shown(("H1-L", "congestion_data", 0), ("H1-G", "congestion_voice", 0.5))
    (fault,) = opened(fresh_state(), episodes)
    assert held(fault) == {("H1-L", "congestion_data"), ("H1-G", "congestion_voice")}


def test_slow_data_on_a_site_with_errors_is_of_the_same_fault() -> None:
    state = fresh_state()
    opened(state, shown(("H1-L", "transport_errors", 0)))
    (fault,) = opened(state, shown(("H1-G", "data_degraded", 0.5)))
    assert {kind for _, kind in held(fault)} == {"transport_errors", "data_degraded"}
    other = fresh_state()
    opened(other, shown(("H1-L", "interference", 0)))
    assert len(opened(other, shown(("H1-G", "data_degraded", 0.5)))) == 2


def test_a_crowd_spreads_over_the_next_site_but_one_and_noise_does_not() -> None:
    """H1 and H3 adjoin over H2 alone."""
    near = np.zeros((len(SITES), len(SITES)), bool)
    for a, b in (("H1", "H2"), ("H2", "H3")):
        near[SITES.index(a), SITES.index(b)] = near[SITES.index(b), SITES.index(a)] = True
    known = replace(KNOWN, reach=replace(KNOWN.reach, near=csr_array(near)))
    for kind, faults in (("crowding", 1), ("interference", 2)):
        state = fresh_state()
        for cell, hour in (("H1-L", 0.0), ("H3-L", 0.5)):
            episodes = shown((cell, kind, hour), rise=2 * EVENT_RISE)
            left = join_known(state, known, episodes, fresh_episodes(state, episodes))
            open_new(state, known, episodes, left, now=NOON + DAY)
        assert len(state.faults.faults) == faults


def test_sites_that_do_not_adjoin_or_did_not_begin_together_are_apart() -> None:
    assert (
        len(opened(fresh_state(), shown(("H1-L", "interference", 0), ("V1-L", "interference", 0))))
        == 2
    )
    assert (
        len(opened(fresh_state(), shown(("H1-L", "interference", 0), ("H2-L", "interference", 9))))
        == 2
    )


def test_families_of_trouble_do_not_mix_in_one_fault_but_a_crowd_on_a_lost_site_is_its_own() -> (
    None
):
    episodes = shown(("H1-L", "cell_lost", 0), ("H1-G", "vswr", 0), ("H1-G", "crowding", 0))
    lost, line = opened(fresh_state(), episodes)
    assert (lost.family, line.family) == ("loss", "radio")
    assert lost.crowded == set(cells_of("H1-G").tolist())


@pytest.mark.parametrize(
    ("hours", "faults"),
    [
        pytest.param(5, 1, id="within what the kind lasts"),
        pytest.param(23.5, 1, id="same hour next day"),
        pytest.param(20, 2, id="another hour of the next day"),
        pytest.param(48, 2, id="same hour, two days on"),
    ],
)
def test_a_crowd_that_was_over_is_the_same_when_it_comes_soon_or_at_its_hour(
    hours: float, faults: int
) -> None:
    state = fresh_state()
    cell, kind = int(cells_of("H1-L")[0]), KIND_NAMES.index("crowding")
    ended = make_fault(state, "H1-L", family="load", ended_at=NOON + HOUR)
    ended.episodes[cell, kind] = NOON
    found = opened(state, shown(("H1-L", "crowding", hours)), now=NOON + 3 * DAY)
    assert len(found) == faults
    assert ended.is_open is (faults == 1)


def test_what_was_over_does_not_come_again_as_another_kind_or_on_other_cells() -> None:
    for cell, kind in (("H1-L", "congestion_data"), ("V2-L", "crowding")):
        state = fresh_state()
        ended = make_fault(state, "H1-L", family="load", ended_at=NOON + HOUR)
        ended.episodes[int(cells_of("H1-L")[0]), KIND_NAMES.index("crowding")] = NOON
        opened(state, shown((cell, kind, 5)), now=NOON + DAY)
        assert not ended.is_open


@pytest.mark.parametrize(
    ("crowd", "hours", "fields", "is_its"),
    [
        pytest.param("H2-L", 3, {}, True, id="next to it, soon after"),
        pytest.param("V1-L", 3, {}, False, id="far away"),
        pytest.param("H2-L", -3, {}, False, id="before it"),
        pytest.param("H2-L", 13, {}, False, id="half a day after"),
        pytest.param("H2-L", 13, {"crowded": ["H2-L"]}, True, id="crowded already"),
        pytest.param("H2-L", 3, {"ended_at": NOON + HOUR}, False, id="it is over"),
        pytest.param(
            "H2-L",
            3,
            {"ended_at": NOON + 4 * HOUR, "crowded": ["H2-L"]},
            True,
            id="its crowd to the end",
        ),
        pytest.param("H2-L", 3, {"alarm_exists": -9.0}, False, id="hardly real"),
        pytest.param("H2-L", 3, {"degree": np.array([0.05, 0.05])}, False, id="few users lost"),
    ],
)
def test_a_crowd_beside_an_outage_is_its_users(
    crowd: str, hours: float, fields: dict[str, Any], is_its: bool
) -> None:
    state = fresh_state()
    known = {int(cells_of(name)[0]) for name in fields.pop("crowded", [])}
    outage = sure_outage(state, "H1", **fields, crowded=known)
    found = opened(state, shown((crowd, "crowding", hours)), now=NOON + DAY)
    assert (len(found) == 1) is is_its
    assert (int(cells_of(crowd)[0]) in outage.crowded) is is_its
    assert outage.cells.tolist() == cells_of("H1").tolist()
    assert hours * HOUR <= WITHIN_S or bool(known) or not is_its


def test_other_trouble_beside_an_outage_is_none_of_its_users() -> None:
    state = fresh_state()
    outage = sure_outage(state, "H1")
    assert len(opened(state, shown(("H2-L", "vswr", 3)))) == 2
    assert not outage.crowded


def test_an_open_fault_of_the_family_on_the_site_takes_what_began_with_it() -> None:
    state = fresh_state()
    fault = make_fault(state, "H1-G", family="radio")
    assert opened(state, shown(("H1-L", "vswr", 1))) == [fault]
    assert fault.cells.tolist() == cells_of("H1").tolist()
    assert len(opened(state, shown(("H1-L", "interference", 30)))) == 2
