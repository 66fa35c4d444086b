"""Every change of state is told with the number of a rule that exists."""

from collections.abc import Callable

import pandas as pd
import pytest

from alarms.book import AlarmBook
from alarms.episodes import RULES
from alarms.lifecycle import update_book
from alarms.lifecycle_rules import default_rules, load_lifecycle_rules
from alarms.lost_clearings import with_service_seen
from alarms.muting import with_works
from alarms.transitions import STATES, transitions
from contract.errors import InputError

START = pd.Timestamp("2026-03-02 10:00", tz="UTC")
Step = Callable[[AlarmBook], AlarmBook]


def at(minutes: float) -> pd.Timestamp:
    return (START + pd.Timedelta(minutes=minutes)).as_unit("us")


def raise_(alarm_id: str, minutes: float, **other: object) -> Step:
    row = {"alarm_id": alarm_id, "object_id": "S1", "name": "Fan", "raised_at": at(minutes)}
    table = pd.DataFrame([row | {"service_effect": "down"} | other])
    return lambda book: update_book(book, table, None, at(minutes))


def clear(alarm_id: str, minutes: float) -> Step:
    table = pd.DataFrame({"alarm_id": [alarm_id], "cleared_at": [at(minutes)]})
    return lambda book: update_book(book, None, table, at(minutes))


def serve(minutes: float) -> Step:
    table = pd.DataFrame({"object_id": ["C1"], "site_id": ["S1"], "since": [at(minutes)]})
    return lambda book: with_service_seen(book, table, at(minutes + 60))


def work(minutes: float, *, until: float) -> Step:
    table = pd.DataFrame({"object_id": ["S1"], "since": [at(0)], "until": [at(until)]})
    return lambda book: with_works(book, table, at(minutes))


def log(*steps: Step) -> list[tuple[str, str, str]]:
    """Return the changes of one alarm after another, step by step."""
    book, found = AlarmBook(), []
    for step in steps:
        after = step(book)
        table = transitions(book, after, at(999))
        found += list(zip(table["from_state"], table["to_state"], table["rule"], strict=True))
        book = after
    return found


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([raise_("A", 0)], [("", "raised", "RAISE-1")]),
        (
            [raise_("A", 0), raise_("A", 0, severity="critical")],
            [("", "raised", "RAISE-1"), ("raised", "changed", "CHANGE-1")],
        ),
        (
            [raise_("A", 0), clear("A", 5)],
            [("", "raised", "RAISE-1"), ("raised", "cleared", "CLEAR-1")],
        ),
        (
            [clear("A", 5), raise_("A", 0)],
            [
                ("", "orphan", "ORPHAN-1"),
                ("orphan", "raised", "RAISE-1"),
                ("raised", "cleared", "CLEAR-1"),
            ],
        ),
        (
            [raise_("A", 0), clear("A", 5), raise_("B", 7)],
            [
                ("", "raised", "RAISE-1"),
                ("raised", "cleared", "CLEAR-1"),
                ("", "flapping", "FLAP-1"),
            ],
        ),
        (
            [raise_("A", 0), serve(20), clear("A", 15)],
            [
                ("", "raised", "RAISE-1"),
                ("raised", "clear_inferred", "CLEAR-4"),
                ("clear_inferred", "cleared", "CLEAR-1"),
            ],
        ),
        (
            [raise_("A", 0), clear("A", 5), raise_("A", 60)],
            [
                ("", "raised", "RAISE-1"),
                ("raised", "cleared", "CLEAR-1"),
                ("cleared", "raised", "RAISE-3"),
                ("raised", "changed", "CHANGE-1"),
            ],
        ),
        (
            [raise_("A", 0), work(1, until=30), work(90, until=30), clear("A", 99)],
            [
                ("", "raised", "RAISE-1"),
                ("raised", "muted", "MUTE-1"),
                ("muted", "raised", "MUTE-2"),
                ("raised", "cleared", "CLEAR-1"),
            ],
        ),
        (
            [raise_("A", 0), raise_("A", 0, ack_state="acknowledged", ack_at=at(3))],
            [("", "raised", "RAISE-1"), ("raised", "raised", "ACK-1")],
        ),
    ],
    ids=["raise", "change", "clear", "orphan", "flap", "inferred", "reopened", "muted", "acked"],
)
def test_each_step_is_told(steps: list[Step], expected: list[tuple[str, str, str]]) -> None:
    assert log(*steps) == expected


def test_a_change_of_severity_is_told_in_the_detail() -> None:
    before = raise_("A", 0, severity="minor")(AlarmBook())
    after = raise_("A", 0, severity="major")(before)
    table = transitions(before, after, at(9))
    assert table["detail"].tolist() == ["minor > major"]
    assert table["known_at"].tolist() == [at(9)]


def test_nothing_new_tells_nothing_and_any_span_of_steps_may_be_asked() -> None:
    book = raise_("A", 0)(AlarmBook())
    assert transitions(book, book, at(1)).empty
    assert transitions(AlarmBook(), clear("A", 5)(book), at(9))["to_state"].tolist() == [
        "raised",
        "cleared",
    ]
    assert list(transitions(book, book, at(1)).columns) == list(
        transitions(AlarmBook(), book, at(1)).columns
    )


def test_every_rule_has_its_words_source_and_state() -> None:
    rules = default_rules().rules
    assert set(RULES) - {""} <= set(rules)
    for rule in ("ORPHAN-1", "ACK-1", "ACK-2", "FEED-1", "FEED-2"):
        assert rule in rules
    assert all(rule.zh and rule.en and rule.source for rule in rules.values())
    assert len(STATES) == len(set(STATES))


def test_a_rule_that_lacks_a_word_is_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "rules.toml"
    path.write_text('[rules.RAISE-1]\nzh = "a"\nsource = "x"\nverified = "u"\n', encoding="utf-8")
    with pytest.raises(InputError, match="`RAISE-1` in rules.toml must have"):
        load_lifecycle_rules(path)
