from typing import Any

import numpy as np
import pytest

from correlate.notices.batteries import Batteries, weigh_threats
from correlate.reporting import report
from tests.correlate.small_network import HOUR, NOON, fresh_state, make_fault, small_knowledge

KNOWN = small_knowledge()
RISKY = Batteries(falls=[2.0] * 40, backs=[0.2] * 9)


def test_a_site_lasts_as_long_as_its_grade_until_its_own_falls_tell() -> None:
    batteries = Batteries()
    assert (batteries.hours(0, "VIP"), batteries.hours(0, "")) == (8.0, 3.0)
    batteries.note([0], 1.0, fell=True)
    assert (batteries.hours(0, "C"), batteries.hours(1, "C")) == (2.0, 3.0)


@pytest.mark.parametrize(("lasted", "least", "most"), [(0.0, 0.7, 0.9), (1.5, 0.9, 1.0)])
def test_what_has_lasted_long_falls_as_often_as_others_did_that_lasted_so_long(
    lasted: float, least: float, most: float
) -> None:
    assert least < RISKY.chance(lasted) < most


def test_a_loss_of_mains_is_weighed_in_the_last_battery_hour() -> None:
    state = fresh_state()
    fault = make_fault(state, "H1", family="radio")
    state.batteries = Batteries({fault.number: NOON}, list(RISKY.falls), list(RISKY.backs))
    weigh_threats(state.batteries, state.faults, KNOWN, now=NOON + HOUR)
    assert fault.alarm_exists < 0
    weigh_threats(state.batteries, state.faults, KNOWN, now=NOON + int(2.0 * HOUR))
    assert fault.alarm_exists > 2


@pytest.mark.parametrize(
    ("changes", "falls", "backs"),
    [
        ({"family": "loss", "out_since": NOON + 3 * HOUR}, [3.0], []),
        ({"family": "radio", "ended_at": NOON + HOUR}, [], [1.0]),
        ({"family": "radio"}, [], []),
    ],
    ids=["fell", "mains back", "not over"],
)
def test_what_became_of_a_loss_of_mains_is_learned_once(
    changes: dict[str, Any], falls: list[float], backs: list[float]
) -> None:
    state = fresh_state()
    fault = make_fault(state, "H1", **changes)
    state.batteries.lost_at[fault.number] = NOON
    for now in (NOON + 4 * HOUR, NOON + 5 * HOUR):
        weigh_threats(state.batteries, state.faults, KNOWN, now=now)
    assert (state.batteries.falls, state.batteries.backs) == (falls, backs)


def test_a_threatened_site_is_told_before_it_falls_and_told_anew_when_it_has() -> None:
    state = fresh_state()
    log = np.zeros(len(KNOWN.signatures.causes))
    log[KNOWN.signatures.position("power_failure")] = 6.0
    fault = make_fault(
        state, "H1", family="radio", object_id="H1", object_kind="site", extent="site",
        alarm_ids={"A1"}, alarm_open=True, is_settled=True, first_alert="A1", alarm_log=log,
    )  # fmt: skip
    state.batteries = Batteries({fault.number: NOON}, list(RISKY.falls), list(RISKY.backs))
    report(state, KNOWN, now=NOON + 2 * HOUR)
    (row,) = state.notices
    assert "电池" in row.script
    fault.family, fault.out_since = "loss", NOON + 3 * HOUR
    fault.touch()
    report(state, KNOWN, now=NOON + 3 * HOUR)
    assert ["电池" in n.script for n in state.notices] == [True, False]
    (notice,) = state.notice_book.notices.values()
    assert [c.why for c in notice.changes] == ["threat", "threat", "fallen"]
