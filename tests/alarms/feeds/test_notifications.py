"""Notifications become alarms: in any order, late or twice, and none is lost unsaid."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.feeds.notification_table import Notification, checked_notifications, notification_table
from alarms.feeds.notifications import Folded, alarm_rows
from alarms.x733 import event_type_of, severity_of

DAY = "2026-03-01"


def told(*rows: dict[str, Any]) -> pd.DataFrame:
    """Notifications of one alarm unless a row says otherwise."""
    common = {"source": "ems", "object_id": "S1", "name": "Mains off"}
    return pd.DataFrame([{**common, **row, "at": f"{DAY} {row['at']}"} for row in rows])


def times(folded: Folded) -> list[tuple[str, str]]:
    """When each alarm was raised and cleared, as hours and minutes."""
    columns = folded.alarms["raised_at"], folded.alarms["cleared_at"]
    shown = [["" if pd.isna(at) else f"{at:%H:%M}" for at in column.tolist()] for column in columns]
    return list(zip(*shown, strict=True))


def accounted(table: pd.DataFrame, folded: Folded) -> bool:
    return len(table) == folded.used + len(folded.orphans) + len(folded.rejected)


LIFE = told(
    {"kind": "raise", "at": "08:00", "severity": "Major", "detail": "slot 1"},
    {"kind": "change", "at": "08:10", "severity": "critical"},
    {"kind": "acknowledge", "at": "08:20", "ack_user": "wang"},
    {"kind": "clear", "at": "09:00"},
    {"kind": "raise", "at": "10:00", "severity": "minor"},
)


def test_alarm_lives_from_raising_to_clearing_and_is_raised_again() -> None:
    before = LIFE.copy()
    folded = alarm_rows(LIFE)
    assert times(folded) == [("08:00", "09:00"), ("10:00", "")]
    first = folded.alarms.iloc[0]
    assert first["severity"] == "major"
    assert first["latest_severity"] == "critical"
    assert first["ack_state"] == "acknowledged"
    assert first["ack_user"] == "wang"
    assert first["ack_at"] == pd.Timestamp(f"{DAY} 08:20", tz="UTC")
    assert first["changed_at"] == pd.Timestamp(f"{DAY} 08:10", tz="UTC")
    assert first["notifications"] == 4
    assert folded.alarms["alarm_id"].is_unique
    assert accounted(LIFE, folded)
    pd.testing.assert_frame_equal(LIFE, before)


@settings(max_examples=12, deadline=None)
@given(order=st.permutations(range(len(LIFE))), twice=st.sets(st.integers(0, len(LIFE) - 1)))
def test_order_and_repetition_do_not_matter(order: list[int], twice: set[int]) -> None:
    shuffled = LIFE.iloc[[*order, *twice]].reset_index(drop=True)
    ours, theirs = alarm_rows(LIFE).alarms, alarm_rows(shuffled).alarms
    changed = ["notifications", "row"]
    pd.testing.assert_frame_equal(ours.drop(columns=changed), theirs.drop(columns=changed))


def walked(rows: list[tuple[str, int]]) -> list[tuple[int, int]]:
    """Alarms by walking through notifications one by one: when raised and cleared, 0 for not yet."""
    found: list[list[int]] = []
    for kind, minute in rows:
        is_in_force = bool(found) and found[-1][1] == 0
        if kind == "raise" and not is_in_force:
            found.append([minute, 0])
        elif kind == "clear" and is_in_force:
            found[-1][1] = minute
    return [(begin, end) for begin, end in found]


@settings(max_examples=15, deadline=None)
@given(kinds=st.lists(st.sampled_from(["raise", "clear"]), min_size=1, max_size=12), data=st.data())
def test_folding_is_what_walking_through_in_order_gives(kinds: list[str], data: Any) -> None:
    rows = [(kind, minute) for minute, kind in enumerate(kinds, start=1)]
    again = data.draw(st.lists(st.sampled_from(rows), max_size=4))
    shuffled = data.draw(st.permutations(rows + again))
    table = told(*({"kind": kind, "at": f"08:{minute:02}"} for kind, minute in shuffled))
    expected = [(f"08:{begin:02}", f"08:{end:02}" if end else "") for begin, end in walked(rows)]
    assert times(alarm_rows(table)) == expected


def test_made_ids_stay_the_same_when_more_arrives() -> None:
    ids = alarm_rows(LIFE.iloc[:1]).alarms["alarm_id"].tolist()
    assert ids == alarm_rows(LIFE).alarms["alarm_id"].tolist()[:1]
    assert ids[0].startswith("N")


def test_clearing_and_raising_of_one_instant_leave_the_alarm_as_it_was() -> None:
    both = [{"kind": "raise", "at": "09:00"}, {"kind": "clear", "at": "09:00"}]
    first = {"kind": "raise", "at": "08:00"}
    assert times(alarm_rows(told(*both))) == [("09:00", "09:00")]
    for table in (told(first, *both), told(*reversed(both), first)):
        assert times(alarm_rows(table)) == [("08:00", "09:00"), ("09:00", "")]


def test_sequence_decides_within_one_instant() -> None:
    table = told(
        {"kind": "clear", "at": "09:00", "sequence": 2},
        {"kind": "raise", "at": "09:00", "sequence": 1},
        {"kind": "raise", "at": "08:00", "sequence": 1},
    )
    assert times(alarm_rows(table)) == [("08:00", "09:00")]


def test_acknowledgement_is_not_a_clearing() -> None:
    folded = alarm_rows(LIFE.iloc[:3])
    assert times(folded) == [("08:00", "")]


def test_acknowledgement_can_be_taken_back() -> None:
    more = told({"kind": "unacknowledge", "at": "08:30"})
    folded = alarm_rows(pd.concat([LIFE.iloc[:3], more], ignore_index=True))
    assert folded.alarms["ack_state"].tolist() == ["unacknowledged"]


def test_second_raising_in_force_changes_the_alarm() -> None:
    table = told(
        {"kind": "raise", "at": "08:00", "severity": "minor"},
        {"kind": "raise", "at": "08:30", "severity": "major"},
    )
    folded = alarm_rows(table)
    assert times(folded) == [("08:00", "")]
    assert folded.alarms.loc[0, ["severity", "latest_severity"]].tolist() == ["minor", "major"]


def test_severity_cleared_is_a_clearing() -> None:
    table = told(
        {"kind": "raise", "at": "08:00", "severity": "5"},
        {"kind": "change", "at": "09:00", "severity": "Cleared"},
    )
    folded = alarm_rows(table)
    assert times(folded) == [("08:00", "09:00")]
    assert folded.alarms["severity"].tolist() == ["indeterminate"]


def test_clearing_by_id_alone_finds_its_alarm() -> None:
    table = told(
        {"kind": "raise", "at": "08:00", "alarm_id": "7"},
        {"kind": "clear", "at": "09:00", "alarm_id": "7", "object_id": None, "name": None},
    )
    folded = alarm_rows(table)
    assert times(folded) == [("08:00", "09:00")]
    assert folded.alarms["alarm_id"].tolist() == ["7"]


def test_clearing_under_another_id_clears_by_identity() -> None:
    table = told(
        {"kind": "raise", "at": "08:00", "alarm_id": "7"},
        {"kind": "raise", "at": "08:05", "alarm_id": "8", "object_id": "S2"},
        {"kind": "clear", "at": "09:00", "alarm_id": "9"},
    )
    folded = alarm_rows(table)
    assert times(folded) == [("08:00", "09:00"), ("08:05", "")]
    assert accounted(table, folded)


def test_id_used_for_different_problems_is_none() -> None:
    table = told(
        {"kind": "raise", "at": "08:00", "alarm_id": "1"},
        {"kind": "raise", "at": "08:05", "alarm_id": "1", "name": "Door open"},
        {"kind": "clear", "at": "09:00", "alarm_id": "1", "name": "Door open"},
    )
    folded = alarm_rows(table)
    assert times(folded) == [("08:00", ""), ("08:05", "09:00")]
    assert folded.alarms["alarm_id"].is_unique


def test_ids_count_within_their_source_where_sources_share_them() -> None:
    table = told(
        {"kind": "raise", "at": "08:00", "alarm_id": "1", "source": "a"},
        {"kind": "raise", "at": "08:05", "alarm_id": "1", "source": "b", "object_id": "S2"},
        {"kind": "clear", "at": "09:00", "alarm_id": "1", "source": "b", "object_id": None, "name": None},
    )  # fmt: skip
    folded = alarm_rows(table)
    assert times(folded) == [("08:00", ""), ("08:05", "09:00")]
    assert folded.alarms["alarm_id"].tolist() == ["1", "1@20260301T080500Z"]


def test_ports_of_one_object_are_alarms_of_their_own() -> None:
    table = told(
        {"kind": "raise", "at": "08:00", "part": "port 1"},
        {"kind": "raise", "at": "08:01", "part": "port 2"},
        {"kind": "clear", "at": "09:00", "part": "port 2"},
    )
    assert times(alarm_rows(table)) == [("08:00", ""), ("08:01", "09:00")]


def test_lost_raising_is_told_by_a_clearing_that_knows_when() -> None:
    table = told({"kind": "clear", "at": "09:00", "raised_at": f"{DAY} 07:00"})
    assert times(alarm_rows(table)) == [("07:00", "09:00")]


def test_lost_raising_is_told_by_a_change() -> None:
    table = told({"kind": "change", "at": "08:30"}, {"kind": "clear", "at": "09:00"})
    assert times(alarm_rows(table)) == [("08:30", "09:00")]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("clear", "cleared without having been raised"),
        ("acknowledge", "acknowledged without having been raised"),
    ],
)
def test_orphan_is_kept_with_its_reason(kind: str, reason: str) -> None:
    table = told({"kind": kind, "at": "07:00"}, {"kind": "raise", "at": "08:00"})
    folded = alarm_rows(table)
    assert times(folded) == [("08:00", "")]
    assert folded.orphans[["row", "reason"]].to_numpy().tolist() == [[0, reason]]
    assert accounted(table, folded)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"kind": "shout"}, "kind is not one of"),
        ({"at": "noon"}, "at is not a time"),
        ({"object_id": None}, "neither alarm_id nor object_id"),
        ({"object_id": None, "alarm_id": "1"}, "object_id, or both code and name, are missing"),
        ({"object_id": "4.60E+12"}, "lost digits"),
    ],
    ids=["kind", "time", "nothing", "no object", "digits"],
)
def test_unusable_notification_is_rejected(wrong: dict[str, Any], reason: str) -> None:
    table = told({"kind": "raise", "at": "08:00", **wrong})
    folded = alarm_rows(table)
    assert folded.alarms.empty
    assert reason in folded.rejected["reason"][0]


def test_nothing_gives_nothing() -> None:
    folded = alarm_rows(notification_table([]))
    assert folded.alarms.empty
    assert folded.orphans.empty
    assert folded.rejected.empty


def test_records_become_a_table_with_their_extras() -> None:
    records = [
        Notification("raise", "2026-03-01T08:00:00Z", object_id="S1", name="x", extra=(("grid", "G"),)),
        Notification("clear", "2026-03-01T09:00:00Z", object_id="S1", name="x"),
    ]  # fmt: skip
    folded = alarm_rows(notification_table(records))
    assert folded.alarms["grid"].tolist() == ["G"]


def test_times_without_offset_are_of_the_zone() -> None:
    table, _ = checked_notifications(told({"kind": "raise", "at": "08:00"}), "Asia/Shanghai")
    assert table["at"][0] == pd.Timestamp(f"{DAY} 00:00", tz="UTC")


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("紧急", "critical"),
        ("MAJOR", "major"),
        ("四级", "warning"),
        ("D-", "warning"),
        ("blue", ""),
    ],
)
def test_words_of_severity_are_known(word: str, severity: str) -> None:
    assert severity_of(word) == severity


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("Quality of Service Alarm", "quality_of_service"),
        ("PROCESSING_ERROR_ALARM", "processing_error"),
        ("环境告警", "environmental"),
        ("Security Service or Mechanism Violation", "security_violation"),
    ],
)
def test_types_of_events_are_known(word: str, kind: str) -> None:
    assert event_type_of(word) == kind
