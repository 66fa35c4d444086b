"""The life of alarms in a run: work mutes them, service seen ends them, silent feeds raise one."""

import numpy as np
import pandas as pd

from alarms.lifecycle import cleared_columns, raised_columns
from correlate.alarm_life import live_on, write_down
from correlate.alarm_tables import alarm_tables
from correlate.service_seen import NEVER
from correlate.state import Change, State
from tests.correlate.small_network import HOUR, NOON, at, cells_of, fresh_state, small_knowledge

KNOWN = small_knowledge()
STEP = 300


def raised(*rows: tuple[str, str, int], effect: str = "down") -> dict[str, np.ndarray]:
    """Return alarms as columns: id, object, raised."""
    table = pd.DataFrame(
        {
            "alarm_id": [row[0] for row in rows],
            "object_id": [row[1] for row in rows],
            "raised_at": pd.DatetimeIndex([at(row[2]) for row in rows]),
            "name": "Cell Unavailable",
            "vendor": "ZTE",
            "meaning": "cell_down",
            "service_effect": effect,
        }
    )
    return dict(raised_columns(table))


def work_at(name: str, since: int, until: int) -> Change:
    cells = frozenset(cells_of(name).tolist())
    return Change(name, since, until, "work", True, 0.9, "upgrade", cells)


def test_announced_work_mutes_what_it_brings_down_and_no_more_once_it_is_over() -> None:
    state = fresh_state()
    state.changes = [work_at("H1", NOON, NOON + HOUR)]
    assert live_on(state, KNOWN, raised(("A1", "H1-L", NOON + 600)), None, now=NOON + 900)
    assert state.book.alarms["is_muted"].tolist() == [True]
    live_on(state, KNOWN, None, None, now=NOON + 5 * HOUR // 2)
    assert state.book.alarms["is_muted"].tolist() == [False]
    assert len(state.book.in_force()) == 1


def test_service_seen_for_long_enough_ends_an_alarm_whose_clearing_was_lost() -> None:
    state = fresh_state()
    live_on(state, KNOWN, raised(("A1", "H1-L", NOON), ("A2", "H2-L", NOON)), None, now=NOON + STEP)
    cell = KNOWN.network.cell_position["H1-L"]
    state.service.since[cell] = state.service.latest[cell] = NOON + HOUR
    state.has_new_service = True
    assert live_on(state, KNOWN, None, None, now=NOON + 4 * HOUR)
    told = state.book.alarms.set_index("alarm_id")
    assert told.loc["A1", "rule"] == "CLEAR-4"
    assert told["is_inferred"].tolist() == [True, False]


def test_nothing_arriving_changes_nothing() -> None:
    state = fresh_state()
    assert not live_on(state, KNOWN, None, None, now=NOON)
    assert state.service.since.max() == NEVER


def test_a_feed_gone_quiet_raises_an_alarm_and_clears_it_when_it_comes_back() -> None:
    state = fresh_state()
    for number in range(3 * 144):
        moment = NOON + number * 600
        live_on(state, KNOWN, _quiet(number, moment), None, now=moment)
    last = NOON + 3 * 144 * 600
    live_on(state, KNOWN, None, None, now=last + 20 * HOUR)
    assert _silences(state)["ended_at"].isna().tolist() == [True]
    live_on(state, KNOWN, _quiet(9999, last + 21 * HOUR), None, now=last + 21 * HOUR)
    assert _silences(state)["ended_at"].notna().tolist() == [True]


def test_every_change_of_state_is_written_down_with_its_rule() -> None:
    state = fresh_state()
    live_on(state, KNOWN, raised(("A1", "H1-L", NOON)), None, now=NOON + STEP)
    write_down(state, at(NOON + STEP))
    cleared = pd.DataFrame(
        {"alarm_id": ["A1"], "object_id": ["H1-L"], "cleared_at": [at(NOON + 600)]}
    )
    live_on(state, KNOWN, None, cleared_columns(cleared), now=NOON + 900)
    state.now = NOON + 900
    told = alarm_tables(state)["alarm_states"]
    assert told["rule"].tolist() == ["RAISE-1", "CLEAR-1"]
    assert told["to_state"].tolist() == ["raised", "cleared"]


def _quiet(number: int, moment: int) -> dict[str, np.ndarray]:
    return raised((f"Q{number}", f"H{1 + number % 4}", moment), effect="none")


def _silences(state: State) -> pd.DataFrame:
    alarms = state.book.alarms
    return alarms[alarms["object_id"] == "alarm-feed:ZTE"]
