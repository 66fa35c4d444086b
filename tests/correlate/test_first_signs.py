from typing import Any

import numpy as np
import pytest

from correlate.faults import Fault, cause_log_weights
from correlate.first_signs import LOSSES, SiteDiary, weigh_first_signs, write_diary
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
MINUTE = 60
DAY = 24 * HOUR
Row = tuple[str, str, int]


def diary_of(*rows: Row, since: int = NOON - 10 * DAY) -> SiteDiary:
    """Write alarms down: object, meaning, raised."""
    diary = SiteDiary(since=since)
    raised = {
        "object_id": np.array([name for name, _, _ in rows], dtype=object),
        "meaning": np.array([meaning for _, meaning, _ in rows], dtype=object),
        "raised_at": np.array([when * 1_000_000 for _, _, when in rows], dtype=np.int64),
    }
    write_diary(diary, KNOWN, raised, now=max(when for _, _, when in rows))
    return diary


def lost(*rows: Row, site: str = "H1", **fields: Any) -> Fault:
    fault = sure_outage(fresh_state(), site, **({"out_since": NOON} | fields))
    weigh_first_signs(diary_of(*rows), KNOWN, fault, now=NOON)
    return fault


def says(fault: Fault, cause: str) -> float:
    return float(fault.order_log[KNOWN.signatures.position(cause)])


@pytest.mark.parametrize(
    ("meaning", "ahead", "cause"),
    [
        ("mains_off", 3 * HOUR, "power_failure"),
        ("power_module", 5 * HOUR, "power_equipment"),
        ("transport_degraded", 10 * MINUTE, "last_mile_transmission"),
        ("board_fault", 2 * MINUTE, "site_outage"),
    ],
)
def test_what_came_first_names_the_cause(meaning: str, ahead: int, cause: str) -> None:
    fault = lost(("H1", meaning, NOON - ahead))
    assert says(fault, cause) > 2
    assert KNOWN.signatures.causes[int(np.argmax(fault.order_log))] == cause


@pytest.mark.parametrize(
    "row",
    [
        ("H1", "transport_degraded", NOON - 3 * HOUR),
        ("H1", "transport_degraded", NOON + MINUTE),
        ("V1", "transport_degraded", NOON - 10 * MINUTE),
    ],
    ids=["long before", "after", "elsewhere"],
)
def test_what_came_too_early_too_late_or_elsewhere_names_nothing(row: Row) -> None:
    assert says(lost(row), "last_mile_transmission") < 0.1


def test_losing_service_again_and_again_is_the_power_equipment() -> None:
    mains = ("H1", "mains_off", NOON - HOUR)
    losses = [("H1", "site_disconnected", NOON + n * 2 * HOUR) for n in range(4)]
    once, often = lost(mains), lost(mains, *losses)
    assert says(once, "power_failure") > says(once, "power_equipment")
    assert says(often, "power_equipment") > says(often, "power_failure")


def test_errors_on_the_hop_tell_no_last_mile_where_other_sites_are_lost_as_well() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", "H2", out_since=NOON)
    weigh_first_signs(diary_of(("H1", "transport_degraded", NOON - 600)), KNOWN, fault, now=NOON)
    assert says(fault, "last_mile_transmission") == 0


def test_an_alarm_that_a_site_raises_every_day_says_little() -> None:
    habit = [("H1", "mains_off", NOON - n * DAY // 2 - HOUR) for n in range(19)]
    assert says(lost(*habit), "power_failure") < 1 < says(lost(habit[0]), "power_failure")


def test_a_sign_that_nobody_on_the_network_raises_is_not_missed() -> None:
    assert says(lost(("H1", "board_fault", NOON)), "power_failure") == 0
    assert says(lost(("V2", "mains_off", NOON)), "power_failure") < 0


def test_counters_that_see_a_loss_tell_when_it_was() -> None:
    kind = min(LOSSES)
    fault = make_fault(fresh_state(), "H1", episodes={(int(cells_of("H1-L")[0]), kind): NOON})
    weigh_first_signs(diary_of(("H1", "transport_degraded", NOON)), KNOWN, fault, now=NOON)
    assert says(fault, "last_mile_transmission") > 2


@pytest.mark.parametrize(
    ("age", "least"),
    [(HOUR, 0.0), (13 * HOUR, 1.5), (25 * HOUR, 3.5)],
)
def test_the_longer_a_site_is_lost_the_likelier_it_was_taken_down(age: int, least: float) -> None:
    fault = sure_outage(fresh_state(), "H1", out_since=NOON, extent="site")
    weigh_first_signs(SiteDiary(), KNOWN, fault, now=NOON + age)
    assert least <= says(fault, "site_removed") < least + 1.5


def test_a_cell_that_is_lost_for_days_was_not_taken_down() -> None:
    fault = sure_outage(fresh_state(), "H1-L", out_since=NOON, extent="cell")
    weigh_first_signs(SiteDiary(), KNOWN, fault, now=NOON + 3 * DAY)
    assert says(fault, "site_removed") == 0


def test_what_is_no_outage_is_left_alone() -> None:
    fault = lost(("H1", "transport_degraded", NOON - 600), family="radio")
    assert not fault.order_log.any()


def test_what_came_first_counts_among_the_causes_of_a_fault() -> None:
    fault = lost(("H1", "mains_off", NOON - HOUR))
    at = KNOWN.signatures.position("power_failure")
    whole = cause_log_weights(fault, KNOWN.signatures, gsm=0.0, indoor=False)[at]
    fault.order_log = np.zeros_like(fault.order_log)
    rest = cause_log_weights(fault, KNOWN.signatures, gsm=0.0, indoor=False)[at]
    assert whole - rest > 2
