"""Claims about the record of hidden faults that counters told of."""

from typing import Any

import numpy as np
import pytest

from contract.daybook import DAYBOOK
from correlate.episode_log import EpisodeLog, close_episodes, episode_table, note_episode
from correlate.faults import Fault
from correlate.kind_trust import KIND_NAMES
from kpi.measures import MEASURE_INDEX, MEASURES
from tests.correlate.small_network import (
    HOUR,
    NOON,
    at,
    cells_of,
    fresh_state,
    make_fault,
    small_knowledge,
)

KNOWN = small_knowledge()


def noted(fault: Fault, *steps: tuple[float, dict[str, float]]) -> EpisodeLog:
    """Return the record after a fault was noted some hours after noon, with the kinds shown then."""
    log = EpisodeLog()
    for hours, shown in steps:
        note_episode(log, KNOWN, fault, shown, now=NOON + round(hours * HOUR))
    return log


def ill(**fields: Any) -> Fault:
    """Return a fault whose antenna line is bad, as counters show it."""
    log = np.zeros(len(KNOWN.signatures.causes))
    log[KNOWN.signatures.position("antenna_fault")] = 6.0
    z, change = np.full(len(MEASURES), np.nan), np.full(len(MEASURES), np.nan)
    z[MEASURE_INDEX["vswr"]], change[MEASURE_INDEX["vswr"]] = 9.04, 1.333
    z[MEASURE_INDEX["drop_rate"]], change[MEASURE_INDEX["drop_rate"]] = -2.0, -0.01
    z[MEASURE_INDEX["cqi"]], change[MEASURE_INDEX["cqi"]] = 0.9, 0.1
    given: dict[str, Any] = {
        "family": "radio",
        "object_id": "H1-L",
        "counter_log": log,
        "episodes": {(int(cells_of("H1-L")[0]), KIND_NAMES.index("vswr")): NOON},
        "counters_exist": 4.0,
        "counters_open": True,
        "counters_began": NOON - HOUR,
        "last_sign_at": NOON,
        "z": z,
        "change": change,
    }
    return make_fault(fresh_state(), "H1-L", **(given | fields))


def test_a_row_tells_what_counters_show_of_a_fault() -> None:
    (row,) = episode_table(noted(ill(), (0.5, {"vswr": 14.256})), KNOWN).to_dict("records")
    assert (row["episode_id"], row["kind"], row["cause"]) == ("EP-000001", "vswr", "antenna_fault")
    assert (row["object_id"], row["cells"], row["strength"]) == ("H1-L", "H1-L", 14.26)
    assert (row["onset_at"], row["opened_at"]) == (at(NOON - HOUR), at(NOON + HOUR // 2))
    assert row["confidence"] > 0.5
    assert row["evidence"] == "vswr +9.0 (+1.33); drop_rate -2.0 (-0.01)"


def test_what_is_not_known_is_null_and_the_columns_are_those_declared() -> None:
    table = episode_table(noted(ill(object_id=""), (0, {"vswr": 5.0})), KNOWN)
    assert list(table) == list(DAYBOOK["episodes"].column_names)
    assert table[["object_id", "explained_by", "closed_at"]].isna().all(axis=None)


def test_a_record_of_nothing_has_the_same_columns() -> None:
    table = episode_table(EpisodeLog(), KNOWN)
    assert len(table) == 0
    assert list(table) == list(DAYBOOK["episodes"].column_names)
    assert str(table["opened_at"].dtype).endswith("UTC]")


@pytest.mark.parametrize(
    ("later", "kind", "strength"),
    [
        ({"vswr": 3.0, "quality": 8.0}, "vswr", 10.0),
        ({"vswr": 3.0, "quality": 12.0}, "quality", 12.0),
        ({"quality": 10.0}, "quality", 10.0),
        ({"quality": 11.0, "access": 11.0}, "access", 11.0),
    ],
    ids=["weaker", "stronger", "as strong", "two alike, by name"],
)
def test_the_strongest_kind_ever_shown_names_an_episode(
    later: dict[str, float], kind: str, strength: float
) -> None:
    log = noted(ill(), (0, {"vswr": 10.0}), (2, later))
    (row,) = log.rows.values()
    assert (row.kind, row.strength) == (kind, strength)
    assert row.opened == NOON


def test_an_alarm_or_announced_work_explains_an_episode_away_and_makes_it_no_surer() -> None:
    (alone,) = noted(ill(), (0, {"vswr": 5.0})).rows.values()
    (told,) = noted(
        ill(alarm_ids={"B2", "B1"}, alarm_exists=9.0, tickets=5.0), (0, {"vswr": 5.0})
    ).rows.values()
    (work,) = noted(ill(family="work"), (0, {"vswr": 5.0})).rows.values()
    assert (alone.explained_by, told.explained_by, work.explained_by) == ("", "B1", "work")
    (minor,) = noted(ill(alarm_ids={"B1"}, alarm_exists=-1.0), (0, {"vswr": 5.0})).rows.values()
    assert minor.explained_by == ""
    assert told.confidence == alone.confidence


def test_noting_leaves_the_fault_as_it_is() -> None:
    fault = ill(alarm_ids={"B1"}, tickets=2.0)
    before = (
        fault.alarm_ids.copy(),
        fault.tickets,
        fault.alarm_log.copy(),
        fault.ticket_log.copy(),
    )
    noted(fault, (0, {"vswr": 5.0}))
    assert (fault.alarm_ids, fault.tickets) == before[:2]
    np.testing.assert_array_equal(fault.alarm_log, before[2])
    np.testing.assert_array_equal(fault.ticket_log, before[3])


def test_an_episode_closes_once_its_counters_are_in_order() -> None:
    fault = ill()
    log = noted(fault, (0, {"vswr": 5.0}))
    close_episodes(log, {1: fault}, now=NOON + HOUR)
    assert log.rows[1].closed is None
    fault.counters_open = False
    for hours in (2, 5):
        close_episodes(log, {1: fault}, now=NOON + hours * HOUR)
    assert episode_table(log, KNOWN)["closed_at"].tolist() == [at(NOON + 2 * HOUR)]
    assert not log.open


def test_an_episode_lasts_while_a_pool_shows_it_and_ends_with_a_fault_that_is_gone() -> None:
    fault = ill(counters_open=False, pools_open=1)
    log = noted(fault, (0, {"vswr": 5.0}))
    close_episodes(log, {1: fault}, now=NOON + HOUR)
    assert log.open == {1}
    close_episodes(log, {}, now=NOON + 2 * HOUR)
    assert log.rows[1].closed == NOON + 2 * HOUR


def test_an_episode_that_shows_again_is_open_again_since_it_was_first_known() -> None:
    fault = ill(counters_open=False)
    log = noted(fault, (0, {"vswr": 5.0}))
    close_episodes(log, {1: fault}, now=NOON + HOUR)
    note_episode(log, KNOWN, fault, {"vswr": 6.0}, now=NOON + 3 * HOUR)
    assert (log.rows[1].opened, log.rows[1].closed) == (NOON, None)


def test_a_fault_without_a_dated_counter_begins_when_the_fault_does() -> None:
    fault = ill(counters_began=None)
    (row,) = noted(fault, (0, {"vswr": 5.0})).rows.values()
    assert row.onset == fault.started_at
    assert row.cells.tolist() == cells_of("H1-L").tolist()


def test_what_is_hardly_likely_is_not_told_yet() -> None:
    fault = ill(counters_exist=-1.0)
    log = noted(fault, (0, {"vswr": 5.0}))
    assert log.rows == {}
