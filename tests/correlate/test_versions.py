from typing import Any

import pytest

from correlate.incidents import Version
from correlate.reporting import report
from correlate.versions import NOTED_EVERY_S, top_grade
from tests.correlate.small_network import (
    HOUR,
    NOON,
    cells_of,
    fresh_state,
    knowledge_with,
    sure_outage,
)

KNOWN = knowledge_with(notice_min_complaints=0.01)


def history_of(*moments: int, names: tuple[str, ...] = ("H1",)) -> list[Version]:
    """Return the versions of an outage reported at these moments after noon."""
    state = fresh_state()
    fault = sure_outage(state, *names)
    for moment in moments:
        fault.touch()
        report(state, KNOWN, now=NOON + moment)
    return state.versions[fault.number]


def test_an_incident_has_a_version_from_its_detection() -> None:
    (version,) = history_of(600)
    assert version.at == version.detected_at == NOON + 600
    assert (version.cause, version.county, version.area) == ("site_outage", "Hill", "H1 station")
    assert (version.n_sites, version.n_cells, version.first_sign) == (1, 2, "alarm")
    assert version.reached == 1000.0


def test_nothing_new_is_not_noted_again() -> None:
    assert [v.at - NOON for v in history_of(600, 1200, 1800)] == [600]


def test_an_old_version_is_noted_anew() -> None:
    later = 600 + NOTED_EVERY_S + 300
    assert [v.at - NOON for v in history_of(600, later)] == [600, later]


def test_wider_reach_and_the_end_are_noted() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    report(state, KNOWN, now=NOON + 600)
    fault.add_cells(cells_of("H2"), 1.0)
    fault.touch()
    report(state, KNOWN, now=NOON + 1200)
    fault.ended_at = NOON + HOUR
    fault.touch()
    report(state, KNOWN, now=NOON + HOUR + 300)
    history = state.versions[fault.number]
    assert [v.n_sites for v in history] == [1, 2, 2]
    assert [v.ended_at for v in history] == [None, None, NOON + HOUR]


def test_the_limit_is_that_of_the_most_important_site() -> None:
    ordinary, important = history_of(600)[0], history_of(600, names=("H1", "H3"))[0]
    assert (ordinary.repair_class, ordinary.grade, ordinary.limit_h) == ("D2", "C", 8.0)
    assert (important.grade, important.limit_h) == ("A", 4.0)
    assert important.due_at == NOON + 600 + 4 * HOUR


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "alarm"),
        ({"first_alert": "H1-L@2026-03-10T12:00:00+08:00"}, "counters"),
        ({"first_alert": "T1", "family": "tickets"}, "complaint"),
        ({"family": "work", "work_until": NOON + 5 * HOUR}, "work"),
        ({"first_alert": "door@gate"}, "alarm"),
    ],
    ids=["alarm", "counters", "complaint", "work", "alarm with an at sign"],
)
def test_what_was_seen_first_is_told(fields: dict[str, Any], expected: str) -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", **({"cluster_odds": 4.0} | fields))
    report(state, KNOWN, now=NOON + 600)
    (version,) = state.versions[fault.number]
    assert version.first_sign == expected
    if expected == "work":
        assert version.due_at == NOON + 5 * HOUR


def test_a_site_without_grade_counts_as_ordinary() -> None:
    assert top_grade([]) == "C"
    assert top_grade(["D", "VIP"]) == "VIP"
