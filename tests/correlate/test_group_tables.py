"""The daybook tells of every group of alarms and of every change."""

import pandas as pd
import pytest

from contract.daybook import DAYBOOK
from contract.outputs import output_table
from correlate.alarm_signals import take_alarms
from correlate.feed import build_feed
from correlate.group_tables import NAMED, final_group, group_tables, grouped_alarms
from correlate.reporting import report
from correlate.state import State
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    bundle_tables,
    fresh_state,
    knowledge_with,
)

KNOWN = knowledge_with(notice_min_complaints=0.01)
OUTAGE, DOOR = "NE Is Disconnected", "门磁告警"


def alarms() -> pd.DataFrame:
    """Return the four sites of a hub gone within ten minutes, back after two hours, and a door opened at another."""
    began = [NOON, NOON + 60, NOON + 120, NOON + 600, NOON + 60]
    return arriving(
        "alarms",
        began,
        alarm_id=[f"A{n}" for n in range(5)],
        object_id=["H1", "H2", "H3", "H4", "V1"],
        name=[OUTAGE, OUTAGE, OUTAGE, OUTAGE, DOOR],
        severity=["major", "critical", "major", "major", "critical"],
        raised_at=[at(second) for second in began],
        cleared_at=[at(NOON + 2 * HOUR)] * 5,
    )


@pytest.fixture(scope="module")
def state() -> State:
    feed = build_feed(bundle_tables(alarms=alarms()), KNOWN)
    state = fresh_state()
    for step in range(feed.first, feed.last + 1):
        take_alarms(state, KNOWN, feed.at(step), now=step * feed.step_s)
        report(state, KNOWN, now=step * feed.step_s)
    return state


@pytest.fixture(scope="module")
def told(state: State) -> dict[str, pd.DataFrame]:
    return group_tables(state, KNOWN, alarms())


def test_every_table_fits_its_declaration(told: dict[str, pd.DataFrame]) -> None:
    assert tuple(told) == NAMED
    for name, frame in told.items():
        written = output_table(frame, DAYBOOK[name], "Asia/Shanghai")
        assert list(written.columns) == list(DAYBOOK[name].column_names)


def test_a_group_says_what_broke_and_what_shows_it(told: dict[str, pd.DataFrame]) -> None:
    groups = told["alarm_groups"]
    (group,) = groups[groups["merged_into"].isna()].to_dict("records")
    assert (group["object_id"], group["kind"], group["cause"]) == (
        "HUB",
        "hub",
        "transmission_break",
    )
    assert (group["site_ids"], group["sites"], group["alarms"]) == ("H1|H2|H3|H4", 4, 4)
    assert (group["severity"], group["names"]) == ("critical", OUTAGE)
    assert group["started_at"] <= at(NOON)
    assert group["ended_at"] == at(NOON + 2 * HOUR)
    assert group["rule"].startswith("PARENT-")
    assert group["change_rule"] == "END-1"


def test_a_group_has_the_incident_of_its_alarms(
    state: State, told: dict[str, pd.DataFrame]
) -> None:
    ids = {incident.incident_id for incident in state.incidents.values()}
    standing = told["alarm_groups"][told["alarm_groups"]["merged_into"].isna()]
    assert standing["incident_id"].tolist() == sorted(ids)


def test_every_alarm_is_listed_and_only_those_of_service_have_a_group(
    told: dict[str, pd.DataFrame],
) -> None:
    found = told["grouped_alarms"].set_index("alarm_id")["group_id"]
    assert list(found.index) == ["A0", "A1", "A2", "A3", "A4"]
    assert found["A0":"A3"].nunique() == 1
    assert pd.isna(found["A4"])


def test_changes_stand_in_the_order_they_were_made(told: dict[str, pd.DataFrame]) -> None:
    changes = told["group_changes"]
    assert changes["at"].is_monotonic_increasing
    assert changes["rule"].iat[0] == "OPEN-1"
    assert changes["rule"].iat[-1] == "END-1"


def test_a_group_that_ended_in_another_leads_to_the_last(state: State) -> None:
    book = state.groups
    assert {final_group(book, name) for name in book.groups} == set(
        grouped_alarms(book, alarms())["group_id"].dropna()
    )


def test_a_run_without_alarms_has_empty_tables() -> None:
    told = group_tables(fresh_state(), KNOWN, arriving("alarms", []))
    assert [len(told[name]) for name in NAMED] == [0, 0, 0]
